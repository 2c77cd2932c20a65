"""Holds the alerts of silence until what explains them is known; one is told for all.

Between judging and the tables: an alert about a silent host, unit or target waits here, then
becomes a child of what explains it, or is told. Nothing else is held, and no end of an alert is.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from collector.alerts import Ended, Firing, Suppression
from collector.liveness import MISSED
from collector.metrics.own import (
    AGENT_UP,
    OUTSIDE_DOWN,
    TARGET_UP,
    UNIT_CUT_HOSTS,
    UNIT_SILENT_HOSTS,
    is_silence,
)
from collector.mutes.muting import MutedAlerts, Muting
from collector.outages.graph import Graph
from collector.outages.mass_watch import MassWatch
from collector.outages.place_keeper import PlaceKeeper
from collector.outages.restart import restore_outside, restore_silences
from collector.outages.silence_facts import SilenceFacts
from collector.outages.silence_index import SilenceIndex, hangs_under, silence_of
from collector.outages.target_watch import TargetWatch
from collector.outages.topology import (
    AGAIN_SECONDS,
    OUTSIDE_SECONDS,
    UNIT_PREFIX,
    Keep,
    Wait,
    Why,
    decide,
    return_hold_seconds,
)
from collector.outages.unit_watch import UnitWatch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from collector.alerts import Change, OpenAlert
    from collector.fleet import Fleet, Host
    from collector.judge import Judge
    from collector.outages.silence_index import Silence
    from collector.outages.unit_watch import Usual
    from collector.probing.probes import Probes
    from incidents.procedure import Procedure

    Said = Callable[[str, str, str], Firing | None]

# Many hosts fall silent one after the other; they are looked at together.
LOOK_SECONDS = 0.5
# What is usual at this hour may not be at the next.
USUAL_AGAIN_SECONDS = 60.0
# A province that falls silent at once is decided on in pieces: the loop has other work, too.
MAX_DECISIONS_A_TURN = 300
MAX_UNITS_A_LOOK = 50
MISSED_A_LOOK = 1_000
MUTES = frozenset({Why.SILENCE.value, Why.MAINTENANCE.value})


class Outages:
    """The stage between the judge and the tables; one object, on the event loop.

    Args:
        usual: A unit's code and now → how many of its hosts are heard at this hour of former
            days; None: too few days are known.
        procedure: What alerts weigh: the worst is never silenced.

    Attributes:
        muting: The silences and windows that hold now; they concern all alerts.
        places: Looks after what agents measure.
    """

    def __init__(
        self,
        fleet: Fleet,
        judge: Judge,
        probes: Probes,
        *,
        usual: Usual,
        procedure: Procedure,
    ) -> None:
        self._fleet, self._judge = fleet, judge
        self.graph = Graph(fleet)
        self.index = SilenceIndex()
        self.muting = Muting(self.graph, procedure)
        self._others = MutedAlerts(judge, self.muting)
        self.units = UnitWatch(fleet, judge, self.graph, usual=usual, is_told=self.index.is_told)
        self._targets = TargetWatch(fleet, judge, probes, self.graph)
        self.places = PlaceKeeper(fleet, judge)
        self._facts = SilenceFacts(
            fleet, self.graph, self.index, self.units, self._targets, usual=usual
        )
        self.everybody = MassWatch(
            fleet, judge, member=self.units.member, may_count=self._facts.may_count_as_mass
        )
        self._facts.everybody = self.everybody
        self._missed: dict[str, Host] = {}
        self._dirty: set[str] = set()
        self._is_changed = False
        self._looked_at = self._counted_at = self._turned_at = 0.0
        self._was_deaf = False
        self._heap: list[tuple[float, int, str]] = []
        self._order = itertools.count()
        self._roll: deque[str] = deque()
        self._said: Said = judge.firing_of
        judge.tell, judge.on_liveness = self.tell, self.note_liveness

    @property
    def is_deaf(self) -> bool:
        """Say whether the collector hears nobody or cannot keep up: silence means nothing then."""
        return self.everybody.is_blind or self.everybody.is_behind

    def tell(self, change: Change) -> None:
        """Take a change of an alert; what is no silence goes on at once."""
        known = self.index.get(change.fingerprint)
        if isinstance(change, Ended):
            self._end(change, known)
        elif not is_silence(change.agent, change.metric):
            self._others.tell(change)
        elif known is None:
            self._hold(change)
        elif known.is_stored:
            self._judge.pending.add(self._dressed(known, change))
        else:
            known.change = change

    def remute(self, now: datetime) -> None:
        """Other silences or windows hold now: tell what they no longer cover."""
        self._others.recheck()
        for silence in self.index:
            why = silence.suppression
            if why is not None and why.why in MUTES:
                self._decide(silence, now)

    def note_liveness(self, host: Host) -> None:
        """Take note of a host that is another way than it was."""
        if host.liveness in MISSED:
            self._missed[host.agent] = host
        else:
            self._missed.pop(host.agent, None)
        self._dirty.add(host.unit)
        self._is_changed = True

    def turn(self, now: datetime) -> None:
        """Look at what changed and decide on what is due."""
        seconds = self._turned_at = now.timestamp()
        self.places.turn(now)
        if self.graph.refresh():
            self._follow_inventory()
        if self._targets.turn(now):
            self._is_changed = True
        if (self._is_changed or self._dirty) and abs(seconds - self._looked_at) >= LOOK_SECONDS:
            self._looked_at, self._is_changed = seconds, False
            self._look(now)
        self._release_what_is_back(seconds)
        self._watch_ourselves(seconds)
        self._facts.forget_members()
        for _ in range(min(len(self._roll), MAX_DECISIONS_A_TURN)):
            self._list(self._roll.popleft(), now)
        for _ in range(MAX_DECISIONS_A_TURN):
            if not self._heap or self._heap[0][0] > seconds:
                break
            due_at, _, fingerprint = heapq.heappop(self._heap)
            silence = self.index.get(fingerprint)
            if silence is not None and silence.due_at == due_at:
                silence.due_at = None
                self._decide(silence, now)

    def next_due_at(self) -> datetime | None:
        """Return when there is something to decide, if nothing happens before."""
        return datetime.fromtimestamp(self._heap[0][0], UTC) if self._heap else None

    def restore(self, stored: Sequence[tuple[str, OpenAlert]], now: datetime) -> None:
        """Go on with the alerts that were open when this process began."""
        self.graph.refresh()
        rules = {rule.name: rule.value.metric for rule in self._judge.rulebook.rules}
        known = [
            (agent, alert, rules[alert.rule])
            for agent, alert in stored
            if alert.rule in rules and self._fleet.find(agent) is not None
        ]
        self._others.restore(known)
        restore_silences(self.index, self.units, self.everybody, known, now)
        for silence in self.index:
            if not silence.is_told and not silence.root:
                self._hold_again(silence, now.timestamp(), 0.0)

    def hear(self, said: Said) -> None:
        """Let alerts be told, too, that no rule of ours raised."""
        self._said = self._others.said = said

    def restore_outside(
        self, known: Sequence[tuple[Firing, Suppression | None]], now: datetime
    ) -> None:
        """Go on with the alerts from outside that were open when this process began."""
        for silence in restore_outside(self.index, known):
            if not silence.is_told and not silence.root:
                self._hold_again(silence, now.timestamp(), 0.0)
        for change, why in known:
            if why is not None and not is_silence(change.agent, change.metric):
                self._others.note(change, why)

    def note_load(self, waited_seconds: float, shed_count: int, now: datetime) -> None:
        """Take note of how long reports wait here, and how many were refused for our own sake."""
        self.everybody.note_load(waited_seconds, shed_count, now)

    def shift(self, seconds: float) -> None:
        """Our own clock was set: what was waited for has been waited for as long."""
        for silence in self.index:
            silence.since += seconds
            silence.started_at += seconds
            if silence.due_at is not None:
                silence.due_at += seconds
        self._heap = [(at + seconds, order, name) for at, order, name in self._heap]
        self._looked_at += seconds
        self._counted_at += seconds
        self._turned_at += seconds

    def _hold(self, change: Firing) -> None:
        """Let a new silence wait for what may explain it."""
        silence = silence_of(change)
        if silence.metric == TARGET_UP:  # it was asked about because something below is silent
            below = (s for node in self.graph.below(silence.node) for s in self.index.of_node(node))
            silence.since = min((s.since for s in below), default=silence.since)
        self.index.add(silence)
        self._targets.ask_about(hangs_under(silence.node), silence.started_at)
        self._put_off(silence, silence.since + silence.hold_seconds)

    def _end(self, change: Ended, silence: Silence | None) -> None:
        """Nothing holds back the end of an alert; what it explained is looked at again."""
        self.index.remove(change.fingerprint)
        self._others.forget(change.fingerprint)
        if silence is None or silence.is_stored:
            self._judge.pending.add(change)
        elif self._facts.is_history(silence):
            self._judge.pending.add(Ended(change.fingerprint, change.at, silence.change))
        if silence is not None and not self.index.of_node(silence.node):
            # Whoever tells from outside may tell late: the time to come back begins now.
            known_at = max(change.at.timestamp(), self._turned_at)
            self._release(silence.node, known_at, silence.started_at)

    def _release(self, root: str, seconds: float, down_since: float) -> None:
        """What a node explained must explain itself, after its time to come back."""
        for child in self.index.under(root):
            self._hold_again(child, seconds, seconds - down_since)

    def _hold_again(self, silence: Silence, seconds: float, down_seconds: float) -> None:
        host = self._fleet.find(silence.agent)
        interval_seconds = 0.0 if host is None else float(host.interval_seconds)
        if silence.metric == OUTSIDE_DOWN:
            interval_seconds = OUTSIDE_SECONDS
        silence.since = seconds
        silence.hold_seconds = return_hold_seconds(down_seconds, interval_seconds)
        self.index.put_under(silence, "")
        self._put_off(silence, seconds + silence.hold_seconds)

    def _put_off(self, silence: Silence, due_at: float) -> None:
        silence.due_at = due_at
        heapq.heappush(self._heap, (due_at, next(self._order), silence.fingerprint))

    def _follow_inventory(self) -> None:
        """Hosts, units or targets are others: look at all of them."""
        hosts = self._fleet.hosts
        self._missed = {agent: host for agent, host in hosts.items() if host.liveness in MISSED}
        self._dirty |= set(self.graph.members)
        self._is_changed = True

    def _look(self, now: datetime) -> None:
        dirty = [self._dirty.pop() for _ in range(min(len(self._dirty), MAX_UNITS_A_LOOK))]
        for code in dirty:
            if self.units.look(code, now) and self.units.watch(code).down_seconds:
                self._welcome_back(code, now)
            if self.units.is_returning(code, now):
                self._dirty.add(code)
        # The more are missed, the less often all of them are counted.
        pause_seconds = LOOK_SECONDS * len(self._missed) / MISSED_A_LOOK
        if abs(now.timestamp() - self._counted_at) >= pause_seconds:
            self._counted_at = now.timestamp()
            self.everybody.look(list(self._missed.values()), now)
        else:
            self._is_changed = True

    def _welcome_back(self, code: str, now: datetime) -> None:
        """The line is back: those of its hosts that were not decided on have time to return."""
        down_seconds = self.units.watch(code).down_seconds
        for host in self.graph.members.get(code, ()):
            for silence in self.index.of_node(host.agent):
                if not silence.is_stored:
                    self._hold_again(silence, now.timestamp(), down_seconds)

    def _release_what_is_back(self, seconds: float) -> None:
        """What is back explains nothing any more, also while its own alert keeps firing."""
        for root in self.index.roots():
            if self._facts.is_back(root, seconds):
                own = self.index.of_node(root)
                self._release(root, seconds, min((s.started_at for s in own), default=seconds))

    def _watch_ourselves(self, seconds: float) -> None:
        """While we hear nobody nothing is said; afterwards everybody has time to come back."""
        if self._was_deaf and not self.is_deaf:
            down_seconds = seconds - self.everybody.blind_since
            for silence in self.index:
                if not silence.is_stored:
                    self._hold_again(silence, seconds, down_seconds)
        self._was_deaf = self.is_deaf

    def _decide(self, silence: Silence, now: datetime) -> None:
        verdict = decide(self._facts.of(silence, now))
        if isinstance(verdict, Wait):
            self._put_off(silence, now.timestamp() + verdict.seconds)
        elif isinstance(verdict, Keep):
            self._keep(silence, verdict, now)
        elif not self._facts.is_told_alone(silence):
            host = self._fleet.hosts[silence.agent]
            self._judge.expect_no_longer(host, now)
        elif self._store(silence, self._mute_of(silence), now):
            silence.is_told = silence.suppression is None
            self.index.put_under(silence, "")
            self._call_roll(silence, now)

    def _mute_of(self, silence: Silence) -> Suppression | None:
        """Return the silence or window that keeps a silence from being told."""
        said = self._said(silence.agent, silence.metric, silence.fingerprint)
        change = said or silence.change
        if change is None:
            return None
        return self.muting.suppression(self._facts.dress(silence, change))

    def _keep(self, silence: Silence, verdict: Keep, now: datetime) -> None:
        """Record it as explained, once what explains it is recorded itself."""
        by = ""
        if verdict.why is Why.PARENT:
            roots = [root for root in self.index.of_node(verdict.root) if root.is_stored]
            if not roots:
                self._put_off(silence, now.timestamp() + AGAIN_SECONDS)
                return
            by = next((root for root in roots if root.is_told), roots[0]).fingerprint
        if not self._store(silence, Suppression(verdict.why.value, by), now):
            return
        self.index.put_under(silence, verdict.root)
        if verdict.why is Why.USUAL:
            self._put_off(silence, now.timestamp() + USUAL_AGAIN_SECONDS)
        for child in self.index.under(silence.node):
            self._decide(child, now)
        self._call_roll(silence, now)

    def _store(self, silence: Silence, suppression: Suppression | None, now: datetime) -> bool:
        """Give it to the tables; return False where its own words are not known yet."""
        if silence.is_stored and silence.suppression == suppression:
            return True
        said = self._said(silence.agent, silence.metric, silence.fingerprint)
        change = said or silence.change
        if change is None:  # its series was not seen since our start
            self._put_off(silence, now.timestamp() + AGAIN_SECONDS)
            return False
        silence.change, silence.suppression = None, suppression
        self._judge.pending.add(self._dressed(silence, change))
        return True

    def _dressed(self, silence: Silence, change: Firing) -> Firing:
        """Return an alert with what was decided on; what was told may be muted afterwards."""
        if silence.suppression is not None:
            return replace(change, suppression=silence.suppression)
        change = self._facts.dress(silence, change)
        return replace(change, suppression=self.muting.suppression(change))

    def _call_roll(self, silence: Silence, now: datetime) -> None:
        """List under a unit those of its hosts, too, whose silence alone is no alert."""
        if silence.metric not in (UNIT_CUT_HOSTS, UNIT_SILENT_HOSTS):
            return
        code = silence.node.removeprefix(UNIT_PREFIX)
        is_part = silence.metric == UNIT_SILENT_HOSTS
        agents = self.units.watch(code).agents
        for member in self.units.members(code, now):
            is_counted = member.fell_at is not None and not member.is_always
            if is_counted and (not is_part or member.agent in agents):
                self._roll.append(member.agent)

    def _list(self, agent: str, now: datetime) -> None:
        host = self._fleet.hosts.get(agent)
        if host is not None and host.liveness in MISSED:
            self._judge.feed(host, AGENT_UP, 0.0, now)
