"""What is measured more often while sessions go on: which targets, by whom, until when."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from agents.probe_plan import Ask, Hurry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from collector.targets import Targets
    from incidents.sessions.model import Session

REPORT_SECONDS = 1.0
# Makers' own figures of a call are new every five seconds, and small devices refuse a second
# question while they answer one: calls are asked every ten, who is there every five.
LIVE_SECONDS: Mapping[str, float] = {
    "icmp": 5.0, "sip": 5.0, "tcp": 5.0, "h323": 10.0, "stamp": 5.0,
    "snmp": 10.0, "cisco_xapi": 10.0, "huawei_te": 10.0, "poly_rest": 10.0, "poly_trio": 10.0,
    "expressway": 10.0,
}  # fmt: skip
# The same stream as ever without a pause, told as often.
STREAM = "stamp"
NOTHING_SOONER: Mapping[str, Ask] = MappingProxyType({})
# A session that goes on past its planned end is given this much more at a time, so that a plan
# is another one seldom.
STEP = timedelta(minutes=30)


class Rush(NamedTuple):
    """Whose values are needed at once.

    Attributes:
        hosts: UNIT/HOST of those that take part themselves.
        ends_at: By our monotonic clock; `tag` names the instant, the same for as long as it is.
    """

    targets: frozenset[str]
    hosts: frozenset[str]
    ends_at: float = 0.0
    tag: str = ""

    def __eq__(self, other: object) -> bool:
        """Say whether it asks for the same: the clocks drift, the instant is named by its tag."""
        return isinstance(other, Rush) and self[:2] == other[:2] and self.tag == other.tag

    def __ne__(self, other: object) -> bool:
        """Say whether it asks for something else."""
        return not self == other

    def __hash__(self) -> int:
        """Go with `__eq__`."""
        return hash((self.targets, self.hosts, self.tag))

    def hurry_of(
        self, asks: Iterable[Ask], sooner: Mapping[str, Ask], *, is_point: bool
    ) -> Hurry | None:
        """Return the hurry of an agent's plan; None where nothing of it is needed at once.

        Args:
            sooner: What is asked of paths under a budget, by the names of asks.
        """
        wanted = [ask for ask in asks if ask.params.get("target") in self.targets]
        if not wanted and not is_point:
            return None
        found = (sooner.get(ask.name) or _sooner(ask) for ask in wanted)
        return Hurry(REPORT_SECONDS, 1.0, tuple(ask for ask in found if ask is not None))


NO_RUSH = Rush(frozenset(), frozenset())


def _sooner(ask: Ask) -> Ask | None:
    every_seconds = LIVE_SECONDS.get(ask.probe)
    if every_seconds is None or ask.every_seconds <= every_seconds:
        return None
    if ask.probe != STREAM:
        return ask._replace(every_seconds=every_seconds)
    params = {**ask.params, "continuous": True, "seconds": every_seconds}
    return ask._replace(every_seconds=every_seconds, params=params)


def rush_of(sessions: Iterable[Session], targets: Targets, now: datetime, monotonic: float) -> Rush:
    """Return what the sessions that go on need."""
    live = [session for session in sessions if session.is_live]
    if not live:
        return NO_RUSH
    names = {one for s in live for p in s.points for one in (p.target, p.path) if one}
    names |= {session.bridge for session in live if session.bridge}
    known = [targets.by_name[name] for name in names if name in targets.by_name]
    hosts = frozenset(f"{one.unit}/{one.host}" for one in known if one.host)
    until = max(_end(session, now) for session in live)
    ends_at = monotonic + (until - now).total_seconds()
    return Rush(frozenset(names), hosts, ends_at, until.isoformat())


def _end(session: Session, now: datetime) -> datetime:
    """Return until when a session is reckoned with: its plan's end, then step by step."""
    until = session.ends_at
    if until <= now:
        until += STEP * ((now - until) // STEP + 1)
    return until
