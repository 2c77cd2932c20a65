"""What the live board shows of a point: small JSON, for the first page and every update alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.console.readiness_views import value_text
from incidents.sessions.at_board import ANSWER_WITHIN
from incidents.sessions.cells import Cell, Verdict
from incidents.sessions.live import FIELDS
from incidents.state import PERSON
from incidents.vietnamese import search_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from collector.console.texts import Texts
    from incidents.sessions.live import Alarm, Tile

# A tile without the ages of its values: these change with every poll.
Face = dict[str, Any]
Ages = list[int]


def face_of(tile: Tile, symptoms: Mapping[str, str], t: Texts) -> Face:
    """Return a tile as it is shown, without ages.

    Args:
        symptoms: Names by code.
    """
    point = tile.point
    return {
        "o": point.order,
        "v": tile.verdict.value,
        "c": {name: _cell(tile.cells[name], symptoms, t) for name in FIELDS},
        "s": [
            {"code": one.code, "name": symptoms.get(one.code, one.code), "at": one.at.timestamp()}
            for one in tile.symptoms
        ],
    }


def alarm_of(alarm: Alarm, t: Texts) -> dict[str, Any]:
    """Return an open incident as the board shows it, with the instants that it counts from."""
    until = None if alarm.acknowledged_at else (alarm.detected_at + ANSWER_WITHIN).timestamp()
    return {
        "code": alarm.code,
        "sev": alarm.severity,
        "title": alarm.title_vi if t.language == "vi" else alarm.title_en,
        "at": alarm.detected_at.timestamp(),
        "until": until,
    }


def changed(face: Face, former: Face) -> Face:
    """Return what of a tile is other than before: its place, and of its cells those that are."""
    found = {name: value for name, value in face.items() if value != former[name]}
    if "c" in found:
        found["c"] = {name: cell for name, cell in face["c"].items() if cell != former["c"][name]}
    return {"o": face["o"], **found}


def ages_of(tile: Tile, now: datetime) -> Ages:
    """Return the age of each field's value in whole seconds; -1 where there is no value."""
    since = (now - tile.at).total_seconds()
    return [_age(tile.cells[name], now, since) for name in FIELDS]


def point_of(tile: Tile, *, is_wall: bool) -> dict[str, Any]:
    """Return what does not change of a point: who it is, and whom to ring; a wall rings nobody."""
    point = tile.point
    people = {} if is_wall else {"technician": point.technician, "phone": point.phone}
    return people | {
        "o": point.order, "name": point.name, "key": search_key(point.name),
        "way": point.way, "main": point.is_main,
    }  # fmt: skip


def _cell(cell: Cell, symptoms: Mapping[str, str], t: Texts) -> dict[str, str]:
    if cell.reason == "symptom":
        text = symptoms.get(cell.text, cell.text)
    else:
        reason = t.known(f"ready.reason.{cell.reason}", cell.reason) if cell.reason else ""
        measure = t(f"ready.short.{cell.check}") if cell.check and cell.value is not None else ""
        parts = (measure, value_text(cell, t.language), reason)
        text = " ".join(part for part in parts if part)
    if not text:
        text = t(f"ready.verdict.{cell.verdict.value}")
    who = cell.source.removeprefix(PERSON) if cell.said_at is not None else ""
    return {"v": cell.verdict.value, "t": text, "w": who}


def _age(cell: Cell, now: datetime, since: float) -> int:
    if cell.said_at is not None:
        return max(0, int((now - cell.said_at).total_seconds()))
    if cell.age_seconds is None or cell.verdict is Verdict.NOT_APPLICABLE:
        return -1
    return int(cell.age_seconds + since)
