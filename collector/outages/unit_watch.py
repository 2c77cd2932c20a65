"""Watches units as a whole: cut off, partly silent, or rightly dark after their hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.fleet import Excuse
from collector.liveness import HEARD, MISSED, Liveness, silent_at
from collector.metrics.own import UNIT_CUT_HOSTS, UNIT_SILENT_HOSTS
from collector.outages.topology import LONGEST_AGENT_WAIT_SECONDS
from collector.rollup import UNIT_HOSTS, Member, UnitState, fell_together, unit_state
from collector.targets.targets import unit_node
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from collector.fleet import Fleet, Host
    from collector.judge import Judge
    from collector.outages.graph import Graph

    # A unit's code and now → how many of its hosts are heard at this hour of former days.
    Usual = Callable[[str, datetime], int | None]


@dataclass(slots=True)
class Watch:
    """What is remembered of one unit.

    Attributes:
        since: When it came into its state (Unix seconds).
        agents: Those that fell silent together before the rest, while the unit is not back.
        down_seconds: How long it was cut off before it came back at `since`.
    """

    state: UnitState = UnitState.QUIET
    since: float = 0.0
    agents: frozenset[str] = frozenset()
    down_seconds: float = 0.0


class UnitWatch:
    """The units of a fleet; feeds what it finds to the rules.

    Args:
        is_told: Says whether the silence of a node has become an incident of its own.
    """

    def __init__(
        self,
        fleet: Fleet,
        judge: Judge,
        graph: Graph,
        *,
        usual: Usual,
        is_told: Callable[[str], bool],
    ) -> None:
        self._fleet, self._judge, self._graph = fleet, judge, graph
        self._usual, self._is_told = usual, is_told
        self._watches: dict[str, Watch] = {}

    def watch(self, code: str) -> Watch:
        """Return what is remembered of a unit."""
        return self._watches.setdefault(code, Watch())

    def members(self, code: str, now: datetime) -> list[Member]:
        """Return the hosts of a unit that are expected and were heard."""
        hosts = self._graph.members.get(code, ())
        return [member for host in hosts if (member := self.member(host, now)) is not None]

    def member(self, host: Host, now: datetime) -> Member | None:
        """Return a host as one that counts; None for one that nobody misses."""
        heard_at = host.last_report_at
        if not host.is_approved or heard_at is None or host.liveness not in HEARD | MISSED:
            return None
        fell_at = None
        if host.liveness in MISSED:
            if not host.is_always and not self._has_fallen(host, heard_at, now):
                return None
            fell_at = silent_at(host.contact).timestamp()
        return Member(
            host.agent, host.interval_seconds, heard_at.timestamp(), fell_at, host.is_always
        )

    def look(self, code: str, now: datetime) -> bool:
        """Find out how a unit is and tell the rules; return whether its state is another."""
        watch, members = self.watch(code), self.members(code, now)
        state = self._state(code, watch, members, now)
        is_other = state is not watch.state
        if is_other:
            seconds = now.timestamp()
            was_cut = watch.state is UnitState.CUT
            watch.down_seconds = seconds - watch.since if was_cut else 0.0
            watch.state, watch.since = state, seconds
            if state is UnitState.PARTLY:
                fallen = fell_together([m for m in members if m.fell_at is not None])
                watch.agents = frozenset(member.agent for member in fallen)
            elif state is not UnitState.CUT or not self._is_told(unit_node(code)):
                watch.agents = frozenset()
        self._feed(code, watch, members, now)
        return is_other

    def is_returning(self, code: str, now: datetime) -> bool:
        """Say whether a unit's line has just come back: its agents may still be in a pause."""
        watch = self.watch(code)
        pause_seconds = min(watch.down_seconds, LONGEST_AGENT_WAIT_SECONDS)
        return now.timestamp() - watch.since < pause_seconds

    def restore(self, code: str, state: UnitState, since: float, agents: Iterable[str]) -> None:
        """Go on with a unit that had an open alert when this process began."""
        self._watches[code] = Watch(state, since, frozenset(agents))

    def _state(
        self, code: str, watch: Watch, members: Sequence[Member], now: datetime
    ) -> UnitState:
        hosts = self._graph.members.get(code, ())
        is_back = any(host.liveness is Liveness.ON_TIME for host in hosts)
        if watch.state is UnitState.CUT and hosts and not is_back:
            return UnitState.CUT  # that nobody is expected any more is no recovery
        if not is_back and self._is_closed(code, members, now):
            self._excuse(code, now)
            return UnitState.QUIET
        state = unit_state(members, usual_present=self._usual(code, now))
        if watch.state is UnitState.PARTLY and state is not UnitState.CUT:
            still = sum(self._is_away(agent) for agent in watch.agents)
            return UnitState.PARTLY if still >= UNIT_HOSTS else UnitState.HEARD
        is_back_now = watch.state is UnitState.CUT
        if state is UnitState.PARTLY and (is_back_now or self.is_returning(code, now)):
            return UnitState.HEARD  # the others of a unit that returns are on their way
        return state

    def _is_away(self, agent: str) -> bool:
        """After our own start a host that was away is late until it is silent again."""
        host = self._fleet.hosts.get(agent)
        return host is not None and host.liveness in MISSED | {Liveness.LATE}

    def _is_closed(self, code: str, members: Sequence[Member], now: datetime) -> bool:
        """Say whether a unit is dark because its hours are over, or as good as over."""
        expected = self._fleet.expected_of_unit(code)
        is_dark = all(member.fell_at is not None for member in members)
        return is_dark and not expected.is_always and expected.is_closing(now.astimezone(ZONE))

    def _excuse(self, code: str, now: datetime) -> None:
        """Miss nobody who went with the unit until it is expected again."""
        until = self._fleet.expected_of_unit(code).next_opening(now.astimezone(ZONE))
        for host in self._graph.members.get(code, ()):
            if until and host.liveness in MISSED and not self._is_told(host.agent):
                host.excused = Excuse(now, until)
                self._judge.look(host, now)

    def _has_fallen(self, host: Host, heard_at: datetime, now: datetime) -> bool:
        """Say whether a host that people switch on and off was on in this stretch of its hours."""
        if host.liveness is Liveness.LOST:
            return False
        expected = self._fleet.expected_of(host)
        began_at = expected.stretch_started_at(now.astimezone(ZONE))
        return expected.is_always or (began_at is not None and heard_at >= began_at)

    def _feed(self, code: str, watch: Watch, members: Sequence[Member], now: datetime) -> None:
        fallen = sum(member.fell_at is not None for member in members)
        cut = fallen if watch.state is UnitState.CUT else 0
        partly = sum(map(self._is_away, watch.agents))
        place = self._fleet.places.known(unit_node(code))
        if place is None and not (cut or partly):
            return
        place = place or self._fleet.places.unit(code)
        for name, value in ((UNIT_CUT_HOSTS, cut), (UNIT_SILENT_HOSTS, partly)):
            if watch.state is not UnitState.CUT or name is UNIT_SILENT_HOSTS or value:
                self._judge.feed(place, name, float(value), now)
