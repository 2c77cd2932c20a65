"""What takes long and must not stand in the event loop: verifying everything, writing an export.

Called in a process of its own: by a command, or by `wanwatch job` as a child of the collector.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nacl.signing import SigningKey

from collector import starter
from collector.evidence_files import EvidenceFiles
from collector.export.archive import write_archive
from collector.export.dossier import write_dossier
from collector.export.gather import gather
from collector.identity import keys
from collector.sessions import samples as around
from collector.storage import sessions
from collector.storage.audit import Audit, Finding, Known, audit
from collector.storage.database import make_engine
from collector.storage.reports import of_family
from collector.storage.sealer import ORIGIN
from incidents.checkpoint import BadNote, split_notes, verify
from incidents.reports.document_json import loaded
from incidents.reports.render import to_docx, to_pdf

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Engine

    from collector.settings import Settings

    Told = Callable[[int, int], None]


def signing_key(settings: Settings) -> SigningKey:
    """Return the key that signs checkpoints.

    Raises:
        StartError: There is none: no collector ever ran on this data directory.
    """
    path = settings.data / "keys" / "seal"
    if not path.exists():
        raise starter.StartError(f"{path}: there is no such key; is --data the collector's?")
    try:
        return SigningKey(keys.read_or_make(path, random_bytes=lambda _: b""))
    except (keys.KeyFileError, OSError) as error:
        raise starter.StartError(str(error)) from error


def verify_everything(settings: Settings, kept: Mapping[str, str], told: Told) -> Audit:
    """Verify all chains, the tree and the evidence.

    Args:
        kept: Notes that were kept elsewhere, by the name of their file.

    Raises:
        StartError: The key or the database cannot be used.
    """
    public_key = bytes(signing_key(settings).verify_key)
    known, problems = _known(kept, public_key)
    engine = _engine(settings)
    try:
        with engine.connect() as connection, connection.begin():
            found = audit(
                connection,
                origin=ORIGIN,
                public_key=public_key,
                known=known,
                damaged=EvidenceFiles(settings.evidence_directory).damage,
                told=told,
            )
    finally:
        engine.dispose()
    found.findings = problems + found.findings
    return found


def export(
    settings: Settings, code: str, target: Path, *, by: str, now: datetime, told: Told
) -> bool:
    """Write an incident's file as a zip; false when there is no such incident.

    Raises:
        StartError: The key or the database cannot be used.
        OSError: Evidence is missing, or the disk refused.
    """
    key, files = signing_key(settings), EvidenceFiles(settings.evidence_directory)
    engine = _engine(settings)
    try:
        with engine.connect() as connection, connection.begin():
            found = gather(connection, code, told=told)
    finally:
        engine.dispose()
    if found is None:
        return False
    write_archive(
        target,
        found,
        key=key,
        origin=ORIGIN,
        path_of=files.path_of,
        exported_at=now,
        exported_by=by,
    )
    return True


def session_samples(
    settings: Settings, number: int, agents: Collection[str], target: Path, told: Told
) -> dict[str, Any] | None:
    """Write the samples around the events of a session, and return what its points came to.

    None when there is no such session.

    Raises:
        OSError: The disk refused.
    """
    engine = _engine(settings)
    try:
        with engine.connect() as connection, connection.begin():
            session = sessions.find(connection, number)
            if session is None:
                return None
            events = around.events_of(connection, session)
    finally:
        engine.dispose()
    found = around.collect(settings.data / "journal", session, agents, events, target, told)
    return {
        "points": {str(place): one.data() for place, one in found.measured.items()},
        "samples": found.raw,
        "events": len(events),
        "whole": found.is_whole,
        "since": None if found.since is None else found.since.isoformat(),
    }


def dossier(settings: Settings, family: int, target: Path, *, by: str, now: datetime) -> bool:
    """Write the dossier of a report as a zip; false when nothing of it was ever put up.

    Raises:
        StartError: The key or the database cannot be used.
        OSError: The disk refused.
    """
    key, engine = signing_key(settings), _engine(settings)
    try:
        with engine.connect() as connection, connection.begin():
            versions = of_family(connection, family)
    finally:
        engine.dispose()
    if not versions:
        return False
    return write_dossier(target, versions, key=key, origin=ORIGIN, exported_at=now, exported_by=by)


def printed(text: str, form: str) -> bytes:
    """Return a document, given as JSON, as PDF or docx."""
    document = loaded(text)
    return to_docx(document) if form == "docx" else to_pdf(document)


def _engine(settings: Settings) -> Engine:
    """Return an engine whose transactions see one state of all tables."""
    engine = make_engine(settings.database)
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ")
    return engine


def _known(kept: Mapping[str, str], public_key: bytes) -> tuple[list[Known], list[Finding]]:
    known: list[Known] = []
    problems: list[Finding] = []
    for name, text in kept.items():
        notes = split_notes(text)
        if not notes:
            problems.append(Finding("", 0, f"{name}: holds no checkpoint"))
        for note in notes:
            try:
                checkpoint = verify(note, ORIGIN, public_key)
            except BadNote as error:
                why = f"{name}: {error}; the note was changed, or the collector's key is another"
                problems.append(Finding("", 0, why))
                continue
            known.append(Known(checkpoint, f"the checkpoint kept in {name}"))
    return known, problems
