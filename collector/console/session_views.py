"""What the pages of sessions show of points, plans and the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from incidents.sessions.log import LogEntry
    from incidents.sessions.model import Point, Session
    from incidents.sessions.policy import SessionPolicy

_FIELDS = ("name", "session_class", "kind", "chair", "bridge", "conference")
# A line of the form: name | technician | telephone | second | their telephone.
_PARTS = ("name", "technician", "phone", "second", "second_phone")


@dataclass(frozen=True, slots=True)
class LogRow:
    """One entry with the name of its point."""

    entry: LogEntry
    point: str


def rows_of(session: Session, log: Iterable[LogEntry]) -> list[LogRow]:
    """Return the log, the last entry first."""
    names = {point.order: point.name for point in session.points}
    rows = [LogRow(entry, names.get(entry.point, "")) for entry in log]
    return rows[::-1]


def names_of(policy: SessionPolicy, language: str) -> dict[str, str]:
    """Return the symptoms in one language by code."""
    return {one.code: one.vi if language == "vi" else one.en for one in policy.file.symptoms}


def point_lines(text: str) -> list[dict[str, str] | str]:
    """Return the points of the form: one a line, what follows the name between bars."""
    found: list[dict[str, str] | str] = []
    for line in text.splitlines():
        parts = [part.strip() for part in line.split("|")]
        if parts[0]:
            named = {k: v for k, v in zip(_PARTS, parts, strict=False) if v}
            found.append(named if len(named) > 1 else parts[0])
    return found


def values_of(session: Session | None, *, is_copy: bool) -> dict[str, str]:
    """Return the fields of the form: empty, or those of a session; a copy has no times."""
    if session is None:
        return {}
    values = {name: str(getattr(session, name)) for name in _FIELDS}
    main = next((point.name for point in session.points if point.is_main), "")
    values |= {"main": main, "points": "\n".join(_line(point) for point in session.points)}
    if not is_copy:
        values |= {"starts": _local(session.starts_at), "ends": _local(session.ends_at)}
    return values


def _line(point: Point) -> str:
    parts = [str(getattr(point, name)) for name in _PARTS]
    while parts and not parts[-1]:
        parts.pop()
    return " | ".join(parts)


def _local(at: datetime) -> str:
    return at.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")
