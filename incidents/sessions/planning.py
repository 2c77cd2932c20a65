"""What may be planned: names, times, points; what changes between a plan and the one after it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from incidents.conditions import Refused
from incidents.sessions.log import LogEntry, LogKind
from incidents.sessions.model import Point, Session, Stage
from incidents.timeline import microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from incidents.sessions.names import Book

LONGEST = timedelta(days=3)
MOST_POINTS = 500
# What a change of them concerns nobody at a point.
_FIELDS = ("name", "session_class", "kind", "chair", "bridge", "conference")


def check(session: Session, now: datetime) -> None:
    """Refuse a plan that cannot be held.

    Raises:
        Refused: Naming the fields.
    """
    if not session.name.strip():
        raise Refused("Cần tên phiên.", "The session needs a name.", ["name"])
    if not session.starts_at < session.ends_at <= session.starts_at + LONGEST:
        raise Refused(
            "Phiên phải kết thúc sau khi bắt đầu và không quá 3 ngày.",
            "It must end after it starts, and within 3 days.",
            ["ends_at"],
        )
    if session.ends_at <= now:
        raise Refused(
            "Phiên đã qua; chỉ lên lịch phiên chưa kết thúc.",
            "It lies in the past; only what has not ended is planned.",
            ["ends_at"],
        )
    if not 0 < len(session.points) <= MOST_POINTS:
        raise Refused(
            f"Cần từ 1 đến {MOST_POINTS} điểm cầu.",
            f"It needs 1 to {MOST_POINTS} points.",
            ["points"],
        )
    _check_points(session.points)


def _check_points(points: Sequence[Point]) -> None:
    names = [point.name for point in points]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Refused(
            f"Điểm cầu {', '.join(twice)} bị trùng; mỗi điểm một tên riêng.",
            f"Points {', '.join(twice)} are there twice; each has a name of its own.",
            ["points"],
        )
    mains = [point.name for point in points if point.is_main]
    if len(mains) > 1:
        raise Refused(
            f"Chỉ một điểm cầu chính: {', '.join(mains)}.",
            f"Only one point is the main one: {', '.join(mains)}.",
            ["main"],
        )


def numbered(points: Iterable[Point], before: Sequence[Point] = ()) -> tuple[Point, ...]:
    """Return points in calling order, each with its place; one that was there keeps its own.

    Args:
        before: The points of the session as it was: its log names them by their places.
    """
    kept = {(point.unit, point.name): point for point in before}
    highest = max((point.order for point in before), default=0)
    out = []
    for point in points:
        known = kept.get((point.unit, point.name))
        if known is not None:
            is_same = known.technician == point.technician
            out.append(
                replace(
                    point,
                    order=known.order,
                    is_confirmed=point.is_confirmed or (known.is_confirmed and is_same),
                )
            )
        else:
            highest += 1
            out.append(replace(point, order=highest))
    return tuple(sorted(out, key=lambda point: point.order))


def resolve(book: Book, names: Iterable[str], main: str = "") -> tuple[Point, ...]:
    """Return the points that names of the office mean, each once, the main one marked.

    Raises:
        Refused: A name means nothing, or more than one point.
    """
    found: dict[tuple[str, str], Point] = {}
    for name in names:
        point = _one(book, name)
        found.setdefault((point.unit, point.name), point)
    if main:
        chair = _one(book, main)
        key = chair.unit, chair.name
        found = {key: replace(chair, is_main=True)} | {k: p for k, p in found.items() if k != key}
    return tuple(found.values())


def _one(book: Book, name: str) -> Point:
    found = book.find(name)
    if len(found) == 1:
        return found[0]
    if not found:
        raise Refused(
            f"Không có điểm cầu hay đơn vị nào tên “{name}”; thêm tên này vào sessions.yaml.",
            f"No point or unit is called {name!r}; add the name to sessions.yaml as an alias.",
            ["points"],
        )
    listed = ", ".join(f"{point.name} ({point.unit})" for point in found[:10])
    raise Refused(
        f"“{name}” có thể là: {listed}; cần ghi mã đơn vị.",
        f"{name!r} may be: {listed}; write the code of the unit.",
        ["points"],
    )


@dataclass(frozen=True, slots=True)
class Change:
    """A plan after a change: its log entry, and whether people at the points must hear of it."""

    session: Session
    entry: LogEntry | None
    is_moved: bool = False


def changed(before: Session, after: Session, actor: str, now: datetime) -> Change:
    """Return the change from one plan to another; no entry: nothing is different.

    Raises:
        Refused: The session is over, or goes on and would be moved.
    """
    after = replace(
        after, id=before.id, stage=before.stage, began_at=before.began_at, over_at=before.over_at,
        closed_at=before.closed_at, points=numbered(after.points, before.points),
    )  # fmt: skip
    fields = [name for name in _FIELDS if getattr(before, name) != getattr(after, name)]
    is_moved = (before.starts_at, before.ends_at) != (after.starts_at, after.ends_at)
    if before.points != after.points:
        fields.append("points")
    if not fields and not is_moved:
        return Change(replace(before, series=after.series, occurrence=after.occurrence), None)
    _may_change(before, is_moved=before.starts_at != after.starts_at)
    data: dict[str, object] = {"fields": fields}
    if is_moved:
        data |= {
            "from": microseconds(before.starts_at), "until": microseconds(before.ends_at),
            "to_from": microseconds(after.starts_at), "to_until": microseconds(after.ends_at),
        }  # fmt: skip
    kind = LogKind.MOVED if is_moved else LogKind.CHANGED
    return Change(after, LogEntry(now, actor, kind, data=data), is_moved)


def _may_change(session: Session, *, is_moved: bool) -> None:
    if session.is_over:
        raise Refused(
            f"Phiên “{session.name}” đã kết thúc hoặc đã hủy, không sửa được nữa.",
            f"The session {session.name!r} is over or cancelled; it changes no more.",
            ["stage"],
        )
    if is_moved and session.stage is Stage.LIVE:
        raise Refused(
            f"Phiên “{session.name}” đang họp, không dời giờ bắt đầu được.",
            f"The session {session.name!r} goes on; its beginning cannot be moved.",
            ["starts_at"],
        )


def copy_of(session: Session, starts_at: datetime, name: str = "") -> Session:
    """Return a new plan with the points of a former session, nobody confirmed."""
    length = session.ends_at - session.starts_at
    points = tuple(replace(point, is_confirmed=False) for point in session.points)
    return replace(
        session, id=0, name=name or session.name, starts_at=starts_at, ends_at=starts_at + length,
        began_at=None, over_at=None, closed_at=None, stage=Stage.PLANNED, occurrence="",
        points=points,
    )  # fmt: skip
