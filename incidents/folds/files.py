"""Evidence that is taken in and changes hands, and what was removed from the file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from incidents.piece import Piece
from incidents.state import Kind

if TYPE_CHECKING:
    from incidents.folds.change import Change
    from incidents.state import Incident
    from incidents.timeline import Entry

# What a custody event makes of a piece; one that is opened or handed over stays held.
_HOLDINGS = {"returned": "returned", "destroyed": "destroyed"}


def _evidence(incident: Incident, entry: Entry) -> Incident:
    data, texts = entry.data, entry.texts or {}
    piece = Piece(
        seq=entry.seq,
        kind=data["kind"],
        sha256=data["sha256"],
        size=data["bytes"],
        media_type=data["media_type"],
        taken_at=entry.at,
        taken_by=entry.actor,
        name=texts.get("name", ""),
        holder=texts.get("holder", ""),
        place=texts.get("place", ""),
    )
    return replace(incident, evidence={**incident.evidence, entry.seq: piece})


def _custody(incident: Incident, entry: Entry) -> Incident:
    data, texts = entry.data, entry.texts or {}
    piece = incident.evidence.get(data["evidence"])
    if piece is None:
        return incident
    after = replace(
        piece,
        holder=texts.get("holder", ""),
        place=texts.get("place", ""),
        holding=_HOLDINGS.get(data["event"], piece.holding),  # type: ignore[arg-type]
    )
    return replace(incident, evidence={**incident.evidence, piece.seq: after})


def _waived(incident: Incident, entry: Entry) -> Incident:
    return replace(incident, waived=incident.waived | {entry.data["kind"]})


def _seal_asked(incident: Incident, entry: Entry) -> Incident:
    asked = {**incident.seal_asked, entry.data["entry"]: (entry.actor, entry.seq)}
    return replace(incident, seal_asked=asked)


def _removed(incident: Incident, entry: Entry) -> Incident:
    """Entries that have no words any more, and evidence that has no content."""
    seqs, digests = set(entry.data["entries"]), set(entry.data["evidence"])
    evidence = {
        seq: replace(piece, holding="removed") if piece.sha256 in digests else piece
        for seq, piece in incident.evidence.items()
    }
    asked = {seq: who for seq, who in incident.seal_asked.items() if seq not in seqs}
    return replace(incident, holes=incident.holes | seqs, evidence=evidence, seal_asked=asked)


def _content_removed(incident: Incident, entry: Entry) -> Incident:
    return replace(_removed(incident, entry), is_emptied=True)


CHANGES: dict[str, Change] = {
    Kind.EVIDENCE: _evidence,
    Kind.CUSTODY: _custody,
    Kind.EVIDENCE_WAIVED: _waived,
    Kind.SEAL_ASKED: _seal_asked,
    Kind.SEALED: _removed,
    Kind.CONTENT_REMOVED: _content_removed,
}
