"""Puts reports under the rules: each host's own series alone, what is due by a heap of instants."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from collector.alerts import Ended, PendingChanges, firing
from collector.heard_book import HeardBook
from collector.history import fill_history, put_indicators, tally_for
from collector.identity.binding import Bound, bind, bind_absent, bounds_of, is_absent
from collector.lateness import FRESH_SPACINGS, is_clock_uncertain, is_fresh, is_late
from collector.layouts import HostLayout
from collector.liveness import Liveness, changes_at, liveness
from collector.liveness_signs import tell_liveness
from collector.metrics.own import AGENT_CLONED, AGENT_UP, OWN_METRICS
from collector.rules.rules import INACTIVE, Phase, due_at, judge, remember, wait
from collector.rules.values import evaluate
from collector.series import MAX_SPACING_SECONDS, MIN_STALE_SECONDS, NO_LABELS
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from collector.alerts import Change, Firing
    from collector.changes import Changes
    from collector.fleet import Fleet, Host
    from collector.indicators import Tally
    from collector.rules.rulebook import Rulebook
    from collector.rules.rules import AlertState
    from collector.series import Series
    from collector.wire import WireReport, WireSamples
    from collector.wire_json import Labels

SWEEP_SECONDS = 60.0
ROUNDING_SECONDS = 0.05
# Two sums of the same instants of this century differ by less.
CLOCK_ROUNDING_SECONDS = 1e-6


class Judge:
    """The evaluator; one object, on the event loop, without input or output.

    Attributes:
        pending: What the tables must still be told of alerts.
        tell: Takes every change of an alert; may hold it back before it goes to `pending`.
        on_liveness: Called with a host whose liveness has just become another.
        late_reports: Reports that came too late to say what holds now.
        heard: What devices said by themselves and the tables do not have yet.
        uncertain_reports: Reports made before their host's last start: their instants hang on its
            clock then and now agreeing, so that they say nothing of what holds now either.
    """

    def __init__(self, fleet: Fleet, rulebook: Rulebook, *, changes: Changes) -> None:
        self.fleet, self.rulebook, self._changes = fleet, rulebook, changes
        self.pending = PendingChanges(rulebook.revision)
        self.tell: Callable[[Change], None] = self.pending.add
        self.on_liveness: Callable[[Host], None] = lambda _: None
        self.late_reports = self.uncertain_reports = 0
        self.heard = HeardBook(fleet)
        self._heap: list[tuple[float, int, Bound | Host]] = []
        self._order = itertools.count()

    def report(
        self, host: Host, report: WireReport, received_at: datetime, *, is_past: bool = False
    ) -> None:
        """Judge one accepted report; one of the past sets timers and values but raises nothing.

        The instant of a sample is `received_at - (sent_at - at)`, so a wrong clock cancels out.
        """
        now = received_at.timestamp()
        offset = now - report.sent_at
        instants = report.samples.instants
        newest = (max(instants) if instants else report.sent_at) + offset
        if is_clock_uncertain(host, report):
            self.uncertain_reports += 1
            if newest <= now:
                fill_history(self.fleet, host, report, offset)
        elif instants and is_late(host, newest, now):
            self.late_reports += 1
            fill_history(self.fleet, host, report, offset)
        else:
            for series in self._take(host, report, offset, newest, now):
                value = series.value
                for bound in series.bounds:
                    if not (bound.is_plain and bound.quiet_above < value < bound.quiet_below):
                        self._evaluate(bound, now, is_past=is_past)
                    elif bound.state is not INACTIVE:
                        self._judge(bound, value, now, is_past=is_past)
        if not is_past:
            self.heard.note(host, report, received_at)
            self._heard(host, received_at)
            if now - host.swept_at >= SWEEP_SECONDS:
                self._sweep(host, now)

    def feed(
        self, host: Host, name: str, value: float, at: datetime, labels: Labels = NO_LABELS
    ) -> None:
        """Judge a value that the collector itself found out about a host."""
        series = self.fleet.series_of(host, self.fleet.identities.own(name, labels))
        if series is None:
            return
        now = at.timestamp()
        if series.is_new:
            bind(self.fleet, self.rulebook, host, series)
        series.set(value, now)
        for bound in series.bounds:
            self._evaluate(bound, now)

    def forget_value(self, host: Host, name: str, labels: Labels, now: datetime) -> None:
        """Forget a value that was fed: whatever fires by it ends."""
        identity = self.fleet.identities.find(name, labels)
        series = None if identity is None else host.series.get(identity)
        if series is not None:
            self._drop(host, series, now.timestamp())

    def tick(self, now: datetime) -> None:
        """Do what is due: `for`, `keep_firing_for`, the end of flapping, silence."""
        seconds = now.timestamp()
        while self._heap and self._heap[0][0] <= seconds:
            at, _, item = heapq.heappop(self._heap)
            if isinstance(item, Bound):
                if item.due_at == at:
                    self._wait(item, seconds)
            elif item.due_at == at and self.fleet.hosts.get(item.agent) is item:
                item.due_at = None
                self.look(item, now)

    def next_due_at(self) -> datetime | None:
        """Return when `tick` has something to do; it may be less than expected, never later."""
        return datetime.fromtimestamp(self._heap[0][0], UTC) if self._heap else None

    def look(self, host: Host, now: datetime) -> None:
        """Find out how an agent is, tell the rules, and say when to look again."""
        expected, local = self.fleet.expected_of(host), now.astimezone(ZONE)
        contact = host.contact
        is_expected_time = expected.contain(local) and not self.fleet.is_excused(host, now)
        answer = liveness(contact, now, is_expected_time=is_expected_time)
        dues = (changes_at(contact, now), self.fleet.next_change_of(host, local))
        due = min((at.timestamp() for at in dues if at is not None), default=None)
        if due is not None and (host.due_at is None or due < host.due_at):
            host.due_at = due
            self._push(due, host)
        if answer is host.liveness:
            return
        host.liveness = answer
        self._changes.publish("host", host.agent)
        self._changes.publish("unit", host.unit)
        tell_liveness(self, host, now)
        self.on_liveness(host)

    def tell_again(self, host: Host, now: datetime) -> None:
        """Tell the rules what the collector found out about a host before they looked at it."""
        host.liveness = Liveness.NEVER  # the next look finds it out anew
        if host.quarantined_at is not None:
            self.feed(host, AGENT_CLONED, 1.0, now)

    def inventory_changed(self, now: datetime) -> None:
        """Look at every host again: who is expected, and when, may be different now."""
        for host in self.fleet.hosts.values():
            self.look(host, now)

    def settle_again(self, now: datetime, away_seconds: float) -> None:
        """Believe no silence that began while this process itself stood still."""
        for host in self.fleet.hosts.values():
            host.watched_since, host.away_seconds = now, away_seconds

    def shift(self, seconds: float, now: datetime) -> None:
        """Our own clock was set: nothing became late, silent or due by that, nothing waits."""
        for host in self.fleet.judged():
            for bound in bounds_of(host):
                bound.shift(seconds)
            host.shift(seconds, now)
        self._heap = [(at + seconds, order, item) for at, order, item in self._heap]

    def forget(self, host: Host, now: datetime) -> None:
        """End the alerts of a host that is no longer enrolled."""
        for bound in bounds_of(host):
            self._end(bound, now.timestamp())
        self.end_open(host, now)

    def end_open(self, host: Host, now: datetime) -> None:
        """End the stored alerts that nothing of this host stands for any more."""
        for fingerprint in host.open_alerts:
            self.end_stored(fingerprint, now)
        host.open_alerts.clear()

    def counts(self) -> Counter[tuple[str, str]]:
        """Count alerts by state and severity; stored ones not seen again yet are firing, too."""
        counts: Counter[tuple[str, str]] = Counter()
        for host in self.fleet.judged():
            counts.update(("firing", alert.severity) for alert in host.open_alerts.values())
            for bound in bounds_of(host):
                if bound.state.phase is not Phase.INACTIVE:
                    counts[bound.state.phase.value, bound.state.severity or ""] += 1
        return counts

    def end_stored(self, fingerprint: str, now: datetime) -> None:
        """End a stored alert whose rule or host is gone."""
        self.tell(Ended(fingerprint, now))

    def adopt(self, rulebook: Rulebook, now: datetime) -> None:
        """Go on with other rules; alerts whose rule and series remain keep their state."""
        self.rulebook = rulebook
        self.pending.revision = rulebook.revision
        for host in self.fleet.judged():
            self._bind_again(host, now)

    def rebind(self, host: Host, now: datetime) -> None:
        """A host is of another kind, unit or name: other rules, and its alerts say so."""
        self._bind_again(host, now)
        for bound in bounds_of(host):
            if bound.state.phase is Phase.FIRING:
                self._fire(bound)

    def _bind_again(self, host: Host, now: datetime) -> None:
        """Find the rules of a host anew; what fires by a rule that remains goes on."""
        before = {bound.fingerprint: bound for bound in bounds_of(host)}
        for series in host.series.values():
            series.bounds = ()
        for series in host.series.values():
            bind(self.fleet, self.rulebook, host, series)
        host.absent = bind_absent(self.rulebook, host) if host.swept_at else ()
        for bound in bounds_of(host):
            self._take_over(bound, before.pop(bound.fingerprint, None), now.timestamp())
        for gone in before.values():
            self._end(gone, now.timestamp())

    def _take(
        self, host: Host, report: WireReport, offset: float, newest: float, now: float
    ) -> list[Series]:
        """Set the newest values; return the series that rules look at."""
        tally, samples, known = tally_for(self.fleet, host), report.samples, report.layout
        oldest = min(samples.instants, default=0.0) + offset
        is_in_order = host.newest_at < oldest and newest < now + CLOCK_ROUNDING_SECONDS
        touched: Sequence[Series]
        if isinstance(known, HostLayout) and is_in_order:
            touched = known.take(samples, offset, tally)
        else:
            touched = self._take_one_by_one(host, samples, offset, now, tally)
        host.newest_at = max(host.newest_at, min(now, newest))
        put_indicators(host, tally, host.newest_at)
        return [series for series in touched if series.bounds]

    def _take_one_by_one(
        self, host: Host, samples: WireSamples, offset: float, now: float, tally: Tally
    ) -> list[Series]:
        """Find or make the series of each sample; what is as old as what is known is left out."""
        identities = self.fleet.identities
        touched: list[Series] = []
        is_own = True  # a target's series may go without the prober's knowing
        for name, labels, value, instant in zip(*samples, strict=True):
            if name in OWN_METRICS:
                continue  # what we find out ourselves an agent cannot tell us
            identity = identities.of(name, bytes(labels))
            at = min(now, instant + offset)
            about = self.fleet.subject_of(host, identity, at) if identity.target else host
            is_own &= about is host
            series = about.series.get(identity) or self.fleet.series_of(about, identity)
            if series is None or at <= series.at:
                continue
            if identity.role is not None:
                tally.add(identity.role, value, series.growth_to(value, at))
            if series.is_new:
                bind(self.fleet, self.rulebook, about, series)
            series.set(value, at)
            touched.append(series)
        if is_own:
            host.layouts.learn(samples, touched)
        return touched

    def _evaluate(self, bound: Bound, now: float, *, is_past: bool = False) -> None:
        """Judge the newest value; most are neither wrong nor were, and change nothing."""
        series = bound.series
        assert series is not None
        value = evaluate(
            bound.rule.value, bound.memory, series.value, bound.other_value, series.at, now
        )
        if value is None or (
            bound.state is INACTIVE and bound.quiet_above < value < bound.quiet_below
        ):
            return
        self._judge(bound, value, now, is_past=is_past)

    def _judge(self, bound: Bound, value: float, now: float, *, is_past: bool = False) -> None:
        before = bound.state
        patience = max(MIN_STALE_SECONDS, FRESH_SPACINGS * bound.host.interval_seconds)
        if before.phase is Phase.PENDING and now - bound.judged_at > patience:
            before = INACTIVE  # nobody knows whether it held in between
        bound.value, bound.judged_at = value, now
        step = remember if is_past else judge
        self._settle(bound, step(bound.rule, before, value, now), now)

    def _wait(self, bound: Bound, now: float) -> None:
        bound.due_at = None
        if bound.state.phase is Phase.PENDING and not is_fresh(bound, now):
            return  # the host is silent: only new evidence makes it fire
        before = bound.state
        self._settle(bound, wait(bound.rule, before, now), now)
        if bound.state is before and due_at(bound.rule, before) is not None:
            bound.due_at = now + ROUNDING_SECONDS
            self._push(bound.due_at, bound)

    def _settle(self, bound: Bound, after: AlertState, now: float) -> None:
        """Take over a new state: tell the tables, and note when to look again."""
        before, bound.state = bound.state, after
        if after is before:
            return
        if after.phase is Phase.FIRING:
            shown = (after.phase, after.severity, after.is_flapping)
            if shown != (before.phase, before.severity, before.is_flapping):
                self._fire(bound)
        elif before.phase is Phase.FIRING:
            self.tell(Ended(bound.fingerprint, datetime.fromtimestamp(now, UTC)))
        due = due_at(bound.rule, after)
        if due is not None and due != bound.due_at:
            self._push(due, bound)
        bound.due_at = due

    def firing_of(self, agent: str, metric: str, fingerprint: str) -> Firing | None:
        """Return what a firing alert says now; None before its series was seen after a start."""
        host = self.fleet.find(agent)
        for bound in () if host is None else bounds_of(host):
            is_meant = bound.rule.value.metric == metric and bound.fingerprint == fingerprint
            if is_meant and bound.state.phase is Phase.FIRING:
                return self._firing(bound)
        return None

    def _fire(self, bound: Bound) -> None:
        self.tell(self._firing(bound))

    def _firing(self, bound: Bound) -> Firing:
        unit_name = self.fleet.unit_name(bound.host.unit)
        return firing(bound.rule, bound.host, unit_name, bound.labels, bound.state, bound.value)

    def _end(self, bound: Bound, now: float) -> None:
        """Stop judging; a firing alert ends."""
        bound.due_at = None
        if bound.state.phase is Phase.FIRING:
            self.tell(Ended(bound.fingerprint, datetime.fromtimestamp(now, UTC)))
        bound.state = INACTIVE

    def _take_over(self, bound: Bound, before: Bound | None, now: float) -> None:
        if before is None:
            return
        bound.value, bound.judged_at = before.value, before.judged_at
        if before.rule.value == bound.rule.value:
            bound.memory = before.memory
        before.due_at = None
        self._settle(bound, before.state, now)

    def _heard(self, host: Host, at: datetime) -> None:
        if host.liveness is not Liveness.ON_TIME or host.due_at is None or host.farewell:
            self.look(host, at)

    def expect_no_longer(self, host: Host, now: datetime) -> None:
        """Nobody waits for the host now: an alert of its silence ends, a stored one, too."""
        series = self.fleet.series_of(host, self.fleet.identities.own(AGENT_UP))
        if series is not None:
            if series.is_new:
                bind(self.fleet, self.rulebook, host, series)
            self._drop(host, series, now.timestamp())

    def _sweep(self, host: Host, now: float) -> None:
        """Once a minute: what the host no longer reports ends, what it never reports is absent."""
        if not host.swept_at:
            host.absent = bind_absent(self.rulebook, host)
        host.swept_at = now
        seen_before = host.newest_at - MIN_STALE_SECONDS
        old = [series for series in host.series.values() if series.at < seen_before]
        for series in old:
            if series.identity.name not in OWN_METRICS and series.is_stale(host.newest_at):
                self._drop(host, series, now)
        for bound in host.absent:
            self._judge(bound, float(is_absent(bound.rule, host)), now)
        if host.open_alerts and now - host.watched_since.timestamp() > MAX_SPACING_SECONDS:
            self.end_open(host, datetime.fromtimestamp(now, UTC))

    def _drop(self, host: Host, series: Series, now: float) -> None:
        for bound in bounds_of(host):
            if series in (bound.series, bound.other):
                self._end(bound, now)
                owner = bound.series
                assert owner is not None
                owner.bounds = tuple(kept for kept in owner.bounds if kept is not bound)
        self.fleet.drop_series(host, series.identity)

    def _push(self, at: float, item: Bound | Host) -> None:
        heapq.heappush(self._heap, (at, next(self._order), item))
