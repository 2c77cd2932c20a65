"""What is measured more often for sessions: while they go on, and anew before them."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from agents.probe_plan import Ask, Hurry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from collector.targets.targets import Targets
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
# Asked anew: so often until the answer came, and told within so much more.
ANEW_SECONDS, ANEW_REPORT_SECONDS = 10.0, 5.0
# A stream of this length says enough of a path, within its budget of the line.
ANEW_STREAM_SECONDS = 8.0
# What changes over days stands as it was measured: it is not asked anew.
ONLY_SELDOM = frozenset({"path_mtu", "tls", "trace"})
# An agent that lost its collector goes on with it no longer than this, by our clock.
ANEW_LASTS_SECONDS = 60.0
# Devices that say outside of a call that it is too early to be asked again.
IDLE = frozenset({"cisco_xapi", "codian", "expressway", "huawei_te", "poly_rest", "poly_trio"})
NOTHING_SOONER: Mapping[str, Ask] = MappingProxyType({})
NOT_ANEW: Mapping[str, float] = MappingProxyType({})
# A session that goes on past its planned end is given this much more at a time, so that a plan
# is another one seldom.
STEP = timedelta(minutes=30)


class Rush(NamedTuple):
    """Whose values are needed at once.

    Attributes:
        hosts: UNIT/HOST of those that take part themselves.
        anew: What is asked anew before a session, with the bits per second that its stream may
            send.
        at, ends_at: By our monotonic clock; `tag` names the end, the same for as long as it is.
    """

    targets: frozenset[str]
    hosts: frozenset[str]
    anew: Mapping[str, float] = NOT_ANEW
    at: float = 0.0
    ends_at: float = 0.0
    tag: str = ""

    def __eq__(self, other: object) -> bool:
        """Say whether it asks for the same: the clocks drift, the instant is named by its tag."""
        return isinstance(other, Rush) and self[:3] == other[:3] and self.tag == other.tag

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
        asked = list(asks)
        wanted = [ask for ask in asked if ask.params.get("target") in self.targets]
        again = [ask for ask in asked if _target(ask) in self.anew.keys() - self.targets]
        if not wanted and not again and not is_point:
            return None
        found = [sooner.get(ask.name) or _sooner(ask) for ask in wanted]
        found += [_anew(ask, self.anew[_target(ask)]) for ask in again]
        report_seconds = REPORT_SECONDS if wanted or is_point else ANEW_REPORT_SECONDS
        return Hurry(report_seconds, 1.0, tuple(ask for ask in found if ask is not None))

    def left_seconds(self, hurry: Hurry, monotonic: float) -> float:
        """Return for how long a hurry lasts from now on."""
        is_anew = hurry.report_seconds == ANEW_REPORT_SECONDS
        return (self.at + ANEW_LASTS_SECONDS if is_anew else self.ends_at) - monotonic


NO_RUSH = Rush(frozenset(), frozenset())


def _sooner(ask: Ask) -> Ask | None:
    every_seconds = LIVE_SECONDS.get(ask.probe)
    if every_seconds is None or ask.every_seconds <= every_seconds:
        return None
    if ask.probe != STREAM:
        return ask._replace(every_seconds=every_seconds)
    params = {**ask.params, "continuous": True, "seconds": every_seconds}
    return ask._replace(every_seconds=every_seconds, params=params)


def _target(ask: Ask) -> str:
    return str(ask.params.get("target", ""))


def _anew(ask: Ask, stream_bits: float) -> Ask | None:
    """Return what is asked in place of a probe until it answered, under the same name."""
    if ask.probe in ONLY_SELDOM:
        return None
    params = dict(ask.params)
    if ask.probe == STREAM:
        params |= {"continuous": False, "seconds": ANEW_STREAM_SECONDS}
        # A live session may have left its path less.
        left_bits = float(params.get("most_bits_per_second", stream_bits))
        params["most_bits_per_second"] = round(min(left_bits, stream_bits), 1)
    elif ask.probe in IDLE:
        params["idle_seconds"] = ANEW_SECONDS
    return ask._replace(every_seconds=min(ask.every_seconds, ANEW_SECONDS), params=params)


def rush_of(
    sessions: Iterable[Session],
    targets: Targets,
    now: datetime,
    monotonic: float,
    anew: Mapping[str, float] = NOT_ANEW,
) -> Rush:
    """Return what the sessions that go on need, and those that come near.

    Args:
        anew: As in `Rush`.
    """
    live = [session for session in sessions if session.is_live]
    if not live:
        return Rush(frozenset(), frozenset(), anew, monotonic) if anew else NO_RUSH
    names = {one for s in live for p in s.points for one in (p.target, p.path) if one}
    names |= {session.bridge for session in live if session.bridge}
    known = [targets.by_name[name] for name in names if name in targets.by_name]
    hosts = frozenset(f"{one.unit}/{one.host}" for one in known if one.host)
    until = max(_end(session, now) for session in live)
    ends_at = monotonic + (until - now).total_seconds()
    return Rush(frozenset(names), hosts, anew, monotonic, ends_at, until.isoformat())


def _end(session: Session, now: datetime) -> datetime:
    """Return until when a session is reckoned with: its plan's end, then step by step."""
    until = session.ends_at
    if until <= now:
        until += STEP * ((now - until) // STEP + 1)
    return until
