"""Watches everybody: many units silent at once, nobody heard at all, or we ourselves behind."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from collector.liveness import HEARD, MISSED, Liveness
from collector.metrics.own import COLLECTOR_BEHIND, COLLECTOR_HEARS, MASS_SILENT_HOSTS
from collector.outages.places import Names
from collector.rollup import BLIND_HOSTS, TOGETHER_SECONDS, Member, fell_together, is_blind, is_mass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from collector.fleet import Fleet, Host
    from collector.judge import Judge

# The collector is behind for this long after it last had to refuse for its own sake: well below
# what its alert waits for, so that one stumble is none.
SHED_SECONDS = 20.0
# Reports that wait this long to be judged, or a loop this late, are its own fault, too.
BEHIND_SECONDS = 10.0
HALF = 0.5


class MassWatch:
    """What falls silent across units; feeds what it finds to the rules about the collector.

    Attributes:
        agents: Those whose silence is told as one; empty while there is no mass silence.
        is_blind: The collector hears nobody. Attribute `is_behind`: it cannot keep up.
        blind_since: When it last became blind or behind (Unix seconds).
    """

    def __init__(
        self,
        fleet: Fleet,
        judge: Judge,
        *,
        member: Callable[[Host, datetime], Member | None],
        may_count: Callable[[Host, float], bool],
    ) -> None:
        self._fleet, self._judge = fleet, judge
        self._member, self._may_count = member, may_count
        self.agents: set[str] = set()
        self.is_blind = self.is_behind = False
        self.blind_since = 0.0
        self._last_heard_at = 0.0
        self._unheard: set[str] = set()
        self._behind_since: float | None = None
        self._shed_at: float | None = None
        self._shed_count = 0

    @property
    def units(self) -> set[str]:
        """Return the units of the hosts whose silence is told as one."""
        hosts = (self._fleet.hosts.get(agent) for agent in self.agents)
        return {host.unit for host in hosts if host is not None}

    @property
    def is_half_of_all(self) -> bool:
        """Say whether at least half of all units that have hosts are silent as one."""
        all_units = {host.unit for host in self._fleet.approved()}
        return len(self.units) >= HALF * len(all_units)

    def look(self, missed: Iterable[Host], now: datetime) -> None:
        """Find out who fell silent together, of those that are missed now."""
        fallen = [m for host in missed if (m := self._member(host, now)) is not None]
        self._look_blind(fell_together(fallen), now)
        self._look_mass(fallen, now)

    def note_load(self, waited_seconds: float, shed_count: int, now: datetime) -> None:
        """Take note of how long reports wait, and how many were refused for our own sake."""
        seconds = now.timestamp()
        if shed_count != self._shed_count:
            self._shed_count, self._shed_at = shed_count, seconds
        is_shedding = self._shed_at is not None and seconds - self._shed_at < SHED_SECONDS
        was_behind, self.is_behind = self.is_behind, is_shedding or waited_seconds > BEHIND_SECONDS
        if self.is_behind and not was_behind:
            self.blind_since = self._behind_since = seconds
        if self.is_behind or was_behind:
            since = seconds if self._behind_since is None else self._behind_since
            behind_seconds = seconds - since + 1.0 if self.is_behind else 0.0
            self._judge.feed(self._fleet.own, COLLECTOR_BEHIND, behind_seconds, now)

    def _look_blind(self, together: list[Member], now: datetime) -> None:
        hosts = self._fleet.hosts
        self._unheard = {
            agent
            for agent in self._unheard
            if agent in hosts and hosts[agent].liveness in MISSED | {Liveness.LATE}
        }
        fallen = self._unheard | {member.agent for member in together}
        if len(fallen) < BLIND_HOSTS and not self.is_blind:
            return
        heard = sum(map(_is_heard, self._fleet.approved()))
        units = {hosts[agent].unit for agent in fallen}
        was_blind = self.is_blind
        self.is_blind = is_blind(heard=heard, fallen=len(fallen), fallen_units=len(units))
        self._unheard = fallen if self.is_blind else set()
        if self.is_blind and not was_blind:
            self.blind_since = now.timestamp()
        if self.is_blind or was_blind:
            self._judge.feed(self._fleet.own, COLLECTOR_HEARS, float(not self.is_blind), now)

    def _look_mass(self, fallen: list[Member], now: datetime) -> None:
        hosts = self._fleet.hosts
        had_any = bool(self.agents)
        kept = {
            agent
            for agent in self.agents
            if agent in hosts and hosts[agent].liveness in MISSED | {Liveness.LATE}
        }
        seconds = now.timestamp()
        counted = [m for m in fallen if self._may_count(hosts[m.agent], seconds)]
        counted = [m for m in counted if self._is_near(m)] if had_any else fell_together(counted)
        agents = kept | {member.agent for member in counted}
        is_on = is_mass(list(Counter(hosts[agent].unit for agent in agents).values()))
        self.agents = agents if is_on else set()
        if is_on:
            latest = max((member.heard_at for member in counted), default=0.0)
            self._last_heard_at = max(latest, self._last_heard_at if had_any else 0.0)
        if is_on or had_any:
            own = self._fleet.own
            own.words = {**own.words, "units": Names(*[str(len(self.units))] * 2)}
            self._judge.feed(own, MASS_SILENT_HOSTS, float(len(self.agents)), now)

    def restore(self, rules_metrics: Iterable[str], agents: Iterable[str], now: datetime) -> None:
        """Go on with what was told about everybody when this process began.

        Args:
            rules_metrics: What the rules of the open alerts look at.
            agents: Those whose silence was told as one.
        """
        metrics = set(rules_metrics)
        self.agents = set(agents)
        if COLLECTOR_HEARS in metrics:
            self.is_blind, self._unheard = True, set(self._fleet.hosts)
        if COLLECTOR_BEHIND in metrics:
            self.is_behind, self._behind_since = True, now.timestamp()
        self.blind_since = now.timestamp()

    def _is_near(self, member: Member) -> bool:
        patience = TOGETHER_SECONDS + member.interval_seconds
        return abs(member.heard_at - self._last_heard_at) <= patience


def _is_heard(host: Host) -> bool:
    """Say whether a host was heard lately; before our own start is not."""
    last = host.last_report_at
    return host.liveness in HEARD and last is not None and last >= host.watched_since
