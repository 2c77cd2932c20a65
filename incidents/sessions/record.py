"""A go/no-go board as it is kept and signed: one JSON text, and the board out of it again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from incidents.sessions.cells import Cell, Verdict
from incidents.sessions.model import Point
from incidents.sessions.moments import Moment
from incidents.sessions.readiness import Board, PointReadiness
from incidents.timeline import instant, microseconds

if TYPE_CHECKING:
    from datetime import datetime

VERSION = 1


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed a record, and when."""

    actor: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """One run of all checks, as kept.

    Attributes:
        actor: Who asked for it; a machine where the clock did.
        digest: SHA-256 of its text: what a signature covers.
    """

    id: int
    session: int
    board: Board
    actor: str
    digest: str
    signatures: tuple[Signature, ...] = ()


def write(board: Board) -> str:
    """Return a board as one text; the same board is the same text."""
    rows = [
        {"point": asdict(row.point), "cells": [_cell(cell) for cell in row.cells]}
        for row in board.rows
    ]
    body = {
        "v": VERSION,
        "at": microseconds(board.at),
        "moment": board.moment.value,
        "rows": rows,
    }
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(document: str) -> str:
    """Return what a signature covers."""
    return hashlib.sha256(document.encode()).hexdigest()


def read(document: str) -> Board:
    """Return the board of a text; what a newer version added is left out."""
    body = json.loads(document)
    rows = tuple(
        PointReadiness(
            Point(**_known(Point, row["point"])), tuple(_read_cell(c) for c in row["cells"])
        )
        for row in body["rows"]
    )
    return Board(instant(body["at"]), Moment(body["moment"]), rows)


def _cell(cell: Cell) -> dict[str, Any]:
    """Return what differs from an empty cell: most of a board is."""
    said_at = None if cell.said_at is None else microseconds(cell.said_at)
    whole = asdict(cell) | {"verdict": cell.verdict.value, "said_at": said_at}
    empty = {one.name: one.default for one in fields(Cell)}
    return {name: value for name, value in whole.items() if value != empty[name]}


def _read_cell(given: dict[str, Any]) -> Cell:
    known = _known(Cell, given)
    said_at = known.get("said_at")
    known["verdict"] = Verdict(known["verdict"])
    return Cell(**known | {"said_at": None if said_at is None else instant(said_at)})


def _known(kind: type, given: dict[str, Any]) -> dict[str, Any]:
    names = {one.name for one in fields(kind)}
    return {name: value for name, value in given.items() if name in names}
