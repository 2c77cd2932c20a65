"""A document as one JSON text, for the archive: what was signed is printed again as it was."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import date
from typing import Any

from incidents.reports.document import Annex, Block, Document, Heading, Paragraph, Signer, Table
from incidents.timeline import canonical_json

_BLOCKS: dict[str, type[Heading | Paragraph | Table | Annex]] = {
    "heading": Heading,
    "paragraph": Paragraph,
    "table": Table,
    "annex": Annex,
}
_NAMES = {kind: name for name, kind in _BLOCKS.items()}


def dumped(document: Document) -> str:
    """Return the canonical JSON of a document; the same document gives the same bytes."""
    whole = asdict(document)
    whole["day"] = document.day.isoformat()
    whole["blocks"] = [_block(block) for block in document.blocks]
    return canonical_json(whole)


def digest_of(text: str) -> str:
    """Return what a signature covers: SHA-256 of the JSON."""
    return hashlib.sha256(text.encode()).hexdigest()


def loaded(text: str) -> Document:
    """Return the document of `dumped`."""
    whole: dict[str, Any] = json.loads(text)
    whole["day"] = date.fromisoformat(whole["day"])
    whole["blocks"] = tuple(_read(block) for block in whole["blocks"])
    whole["signers"] = tuple(Signer(**signer) for signer in whole["signers"])
    whole["recipients"] = tuple(whole["recipients"])
    return Document(**whole)


def _block(block: Block) -> dict[str, Any]:
    values = asdict(block)
    if isinstance(block, Table):
        values["shares"] = [f"{share:g}" for share in block.shares]
    return {"block": _NAMES[type(block)], **values}


def _read(values: dict[str, Any]) -> Block:
    kind = _BLOCKS[values.pop("block")]
    if kind is Table:
        values = {
            **{
                name: tuple(value) if isinstance(value, list) else value
                for name, value in values.items()
            },
            "rows": tuple(tuple(row) for row in values["rows"]),
            "shares": tuple(float(share) for share in values["shares"]),
        }
    return kind(**values)
