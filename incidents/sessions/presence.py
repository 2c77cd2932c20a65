"""Whether something lies in the path of a live session or its pre-check, and of which class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.in_session import Around, InSession
from incidents.sessions.model import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from incidents.in_session import Where
    from incidents.sessions.model import Point, Session
    from incidents.sessions.policy import SessionPolicy

TARGET, UNIT = "target:", "unit:"
_ORDER = {"A": 0, "B": 1, "C": 2}
_LEAST = "C"


class Presence:
    """Answers for one policy and one graph.

    Args:
        uplinks: Through what each node of the graph is reached, `target:NAME` and `unit:CODE`.
        hosts: The host that a target is, by the target's name: its unit and its name there.
    """

    def __init__(
        self,
        policy: SessionPolicy,
        uplinks: Mapping[str, Sequence[str]],
        hosts: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        self._policy, self._uplinks, self._hosts = policy, uplinks, hosts or {}

    def around(self, sessions: Iterable[Session], where: Where, now: datetime) -> Around:
        """Return what goes on where something breaks: the gravest session, and peak periods."""
        found = [one for session in sessions if (one := self._in(session, where, now)) is not None]
        found.sort(key=lambda one: (not one.is_live, _ORDER[one.session_class], one.session))
        percent = min([100, *(peak.clock_percent for peak in self._policy.peaks_at(now))])
        return Around(found[0] if found else None, percent)

    def points_at(self, session: Session, where: Where) -> list[Point]:
        """Return the points that something hits: all of them, for what all lies behind."""
        if where.session:
            named = [p for p in session.points if p.order in where.points or not where.points]
            return named if where.session == session.id else []
        if where.is_by_hand:
            is_about = where.class_code in self._policy.of_conferences
            return [p for p in session.points if is_about and p.unit == where.unit]
        if session.bridge and where.node in self._upward(TARGET + session.bridge):
            return list(session.points)
        return [point for point in session.points if self._is_in_path(point, where)]

    def nodes_of(self, session: Session) -> frozenset[str]:
        """Return everything in the path of a session, by its node."""
        nodes = {TARGET + session.bridge} if session.bridge else set()
        nodes |= {node for point in session.points for node in _own(point)}
        return frozenset(one for node in nodes for one in self._upward(node))

    def _in(self, session: Session, where: Where, now: datetime) -> InSession | None:
        file = self._policy.file
        if not session.is_in_the_way(now, file.pre_check):
            return None
        points = self.points_at(session, where)
        if not points:
            return None
        is_live = session.stage is Stage.LIVE
        weighs = _LEAST if session.kind == "rehearsal" else session.session_class
        return InSession(
            session=session.id,
            name=session.name,
            session_class=weighs,
            is_live=is_live,
            is_cut_off=where.class_code in file.cuts_off,
            points=tuple(point.order for point in points),
            point_names=tuple(point.name for point in points),
            clock_percent=self._policy.clock_percent(session.session_class, now),
        )

    def _is_in_path(self, point: Point, where: Where) -> bool:
        if any(where.node in self._upward(node) for node in _own(point)):
            return True
        host = self._hosts.get(point.target)
        return host is not None and host == (where.unit, where.host)

    def _upward(self, node: str) -> set[str]:
        seen, waiting = set[str](), [node]
        while waiting:
            here = waiting.pop()
            if here not in seen:
                seen.add(here)
                waiting += self._uplinks.get(here, ())
        return seen


def _own(point: Point) -> list[str]:
    """Return the nodes that a point is itself; one that nobody measures is its unit."""
    own = [TARGET + name for name in (point.target, point.path) if name]
    return [*own, *([UNIT + point.unit] if point.unit else [])]
