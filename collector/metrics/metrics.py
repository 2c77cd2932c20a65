"""The service's own metrics, built when they are asked for, so that no stale label stays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from collector.identity.enrolment_door import RESULTS as ENROLMENT_RESULTS
from collector.intake import RESULTS
from collector.liveness import Liveness
from collector.metrics.fleet import fleet_families, session_families
from collector.metrics.kpi import figure_families
from collector.metrics.listed import Listed
from collector.storage.queries.directory import KeyCounts
from collector.watching.board import Standing
from incidents.stuck import Stuck

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from prometheus_client import Metric

    from collector.auditor import Auditor
    from collector.channel_tester import Tested
    from collector.connections import Connections
    from collector.cycle import Cycle
    from collector.fleet import Fleet
    from collector.identity.enrolment_door import EnrolmentDoor
    from collector.intake import Door
    from collector.judge import Judge
    from collector.limits import Vitals
    from collector.stream.journal import Journal
    from collector.watch_desk import WatchDesk
    from incidents.kpi import Figure
    from incidents.unit_day import Count

UP = frozenset({Liveness.ON_TIME, Liveness.LATE})


@dataclass(slots=True)
class Counted:
    """What only the database knows, counted every few seconds by the housekeeping."""

    messages: dict[tuple[str, str], int] = field(default_factory=dict)
    repeated: int = 0
    incidents: dict[tuple[str, str], int] = field(default_factory=dict)
    overdue: dict[str, int] = field(default_factory=dict)
    sessions: dict[tuple[str, str], int] = field(default_factory=dict)
    deadlines: dict[tuple[str, str], int] = field(default_factory=dict)
    oncall: dict[str, int] = field(default_factory=dict)
    channels: dict[str, Tested] = field(default_factory=dict)
    auditor: Auditor | None = None
    figures: list[Figure] = field(default_factory=list)
    listed: Listed = field(default_factory=Listed)
    oldest_due_at: datetime | None = None
    keys: KeyCounts = field(default_factory=lambda: KeyCounts(0, 0, 0))
    unit_days: Count | None = None


class ServiceMetrics(Collector):
    """Reads the parts at scrape time."""

    def __init__(
        self,
        *,
        fleet: Fleet,
        door: Door,
        judge: Judge,
        cycle: Cycle,
        journal: Journal,
        vitals: Vitals,
        counted: Counted,
        enrolment: EnrolmentDoor,
        connections: Connections,
        watch: WatchDesk,
    ) -> None:
        self._fleet, self._door, self._judge = fleet, door, judge
        self._cycle, self._journal, self._vitals = cycle, journal, vitals
        self._counted, self._enrolment = counted, enrolment
        self._open, self._watch = connections, watch

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        yield from self._hosts()
        yield from fleet_families(self._fleet)
        yield from session_families(self._counted.sessions)
        yield from self._keys()
        yield from self._alerts()
        yield from self._reports()
        yield from self._backlog()
        yield from self._connections()
        yield from self._watchers()
        yield from self._process()
        yield from self._desk()

    def _hosts(self) -> Iterator[Metric]:
        """One sample per expected host; two of one name count as up when both are.

        Not expected: off hours, and one that people switch on and off and that said goodbye.
        """
        up: dict[tuple[str, str], float] = {}
        seen: dict[tuple[str, str], float] = {}
        for host in self._fleet.hosts.values():
            key = (host.unit, host.host)
            if not host.is_approved:
                continue
            is_off = host.liveness is Liveness.STOPPED and not host.is_always
            if host.liveness is not Liveness.OFF_HOURS and not is_off:
                up[key] = min(up.get(key, 1.0), float(host.liveness in UP))
            if host.last_report_at is not None:
                seen[key] = host.last_report_at.timestamp()
        labels = ("unit", "host")
        yield _gauge("wanwatch_agent_up", "Whether an expected host reports.", labels, up)
        text = "When a host was last heard."
        yield _gauge("wanwatch_agent_last_seen_timestamp_seconds", text, labels, seen)
        refused = sum(host.refused_series for host in self._fleet.hosts.values())
        text = "Samples of series beyond what one host may have."
        yield CounterMetricFamily("wanwatch_series_refused", text, refused)

    def _keys(self) -> Iterator[Metric]:
        keys = self._counted.keys
        for name, text, value in (
            ("wanwatch_agents_pending", "Keys that wait for approval.", keys.pending),
            ("wanwatch_agents_quarantined", "Keys that two machines use.",
             keys.quarantined),
            ("wanwatch_agents_unknown", "Keys that knock and are not let in.",
             keys.unknown),
        ):  # fmt: skip
            yield GaugeMetricFamily(name, text, value)
        results = CounterMetricFamily(
            "wanwatch_enrolments", "Requests to let a key in or to change it.", labels=["result"]
        )
        for result in ENROLMENT_RESULTS:
            results.add_metric([result], self._enrolment.results[result])
        yield results

    def _alerts(self) -> Iterator[Metric]:
        counts = self._judge.counts()
        text = "Alerts by state; pending ones have no severity yet."
        yield _gauge("wanwatch_alerts", text, ("state", "severity"), counts)
        text = "Alert changes that the tables do not have yet."
        yield GaugeMetricFamily("wanwatch_alert_changes_waiting", text, len(self._judge.pending))

    def _reports(self) -> Iterator[Metric]:
        results = CounterMetricFamily(
            "wanwatch_reports", "Requests at the door for reports.", labels=["result"]
        )
        for result in RESULTS:
            results.add_metric([result], self._door.results[result])
        yield results
        waiting = len(self._door.accepted)
        yield GaugeMetricFamily("wanwatch_reports_waiting", "Reports not judged yet.", waiting)
        lost = sum(host.received.lost for host in self._fleet.hosts.values())
        yield CounterMetricFamily(
            "wanwatch_reports_lost", "Sequence numbers given up by agents that never came.", lost
        )
        yield CounterMetricFamily(
            "wanwatch_reports_late",
            "Reports that only completed history.",
            self._judge.late_reports,
        )
        yield CounterMetricFamily(
            "wanwatch_reports_clock_uncertain",
            "Reports made before their host's last start, whose instants hang on its clock.",
            self._judge.uncertain_reports,
        )

    def _backlog(self) -> Iterator[Metric]:
        catch_up = self._door.rates.catch_up
        text = "Agents that hand over what they kept while they could not reach us."
        yield GaugeMetricFamily("wanwatch_agents_behind", text, len(catch_up))
        text = "Kept reports that all of them together may hand over in a second."
        yield GaugeMetricFamily("wanwatch_backlog_granted_per_second", text, catch_up.total / 60)

    def _connections(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("wanwatch_connections", "Open connections.", len(self._open))
        text = "Open connections on which nobody has proved who they are."
        yield GaugeMetricFamily("wanwatch_connections_strangers", text, self._open.strangers)
        closed = CounterMetricFamily(
            "wanwatch_connections_closed", "Connections that were not kept.", labels=["reason"]
        )
        for reason, count in (
            *((why, self._open.refused[why]) for why in ("total", "address")),
            ("pushed_out", self._open.pushed_out),
            ("too_slow", self._open.too_slow),
        ):
            closed.add_metric([reason], count)
        yield closed

    def _watchers(self) -> Iterator[Metric]:
        up = GaugeMetricFamily(
            "wanwatch_watcher_up", "Whether a second machine still asks us.", labels=["watcher"]
        )
        for name, standing in sorted(self._watch.standings.items()):
            if standing is not Standing.EXPECTED:
                up.add_metric([name], float(standing is Standing.UP))
        yield up

    def _process(self) -> Iterator[Metric]:
        journal, behind = self._journal, self._journal.end.number - self._cycle.judged.number
        for name, text, value in (
            ("wanwatch_loop_lag_seconds", "How late the event loop is.",
             self._vitals.loop_lag_seconds),
            ("wanwatch_data_free_ratio", "Free share of the data disk.",
             self._vitals.disk_free_ratio),
            ("wanwatch_turn_seconds", "How long the last evaluation turn took.",
             self._cycle.turn_seconds),
            ("wanwatch_journal_bytes", "Size of the journal.", journal.size_bytes),
            ("wanwatch_journal_depth", "Reports that wait to become durable.", journal.depth),
            ("wanwatch_journal_behind", "Durable records not judged yet.", max(0, behind)),
            ("wanwatch_journal_unstored",
             "Judged records that the tables do not know to be judged.",
             max(0, self._cycle.judged.number - self._cycle.stored.number)),
            ("wanwatch_journal_damaged", "Damaged stretches skipped since the start.",
             journal.damaged),
            ("wanwatch_journal_failures", "Groups that could not be made durable since the start.",
             journal.failures),
        ):  # fmt: skip
            yield GaugeMetricFamily(name, text, value)

    def _desk(self) -> Iterator[Metric]:
        messages = GaugeMetricFamily(
            "wanwatch_messages", "Messages in the outbox.", labels=["channel", "status"]
        )
        for (channel, status), count in sorted(self._counted.messages.items()):
            messages.add_metric([channel, status], count)
        yield messages
        yield CounterMetricFamily(
            "wanwatch_messages_repeated",
            "Messages that may have arrived twice because the process ended while sending.",
            self._counted.repeated,
        )
        incidents = GaugeMetricFamily(
            "wanwatch_incidents_open", "Open incidents.", labels=["severity", "stage"]
        )
        for (severity, stage), count in sorted(self._counted.incidents.items()):
            incidents.add_metric([severity, stage], count)
        yield incidents
        text = "Terms that passed with the thing undone."
        overdue = GaugeMetricFamily("wanwatch_overdue", text, labels=["kind"])
        for kind, count in sorted(self._counted.overdue.items()):
            overdue.add_metric([kind], count)
        yield overdue
        text = (
            "What is wrong with who is on call: gaps ahead by kind, handovers without signatures."
        )
        oncall = GaugeMetricFamily("wanwatch_oncall_problems", text, labels=["kind"])
        for kind, count in sorted(self._counted.oncall.items()):
            oncall.add_metric([kind], count)
        yield oncall
        yield from self._channel_tests()
        yield self._unit_days()

    def _unit_days(self) -> Metric:
        text = "Units and their day of today: asked, confirmed, with something, on a free day."
        days = GaugeMetricFamily("wanwatch_units_today", text, labels=["state"])
        if (counted := self._counted.unit_days) is not None:
            for state in ("asked", "confirmed", "happened", "off"):
                days.add_metric([state], getattr(counted, state))
        return days

    def _channel_tests(self) -> Iterator[Metric]:
        good = GaugeMetricFamily(
            "wanwatch_channel_test_success",
            "Whether the last daily test of a channel got through; absent where there was none.",
            labels=["channel"],
        )
        at = GaugeMetricFamily(
            "wanwatch_channel_test_timestamp_seconds",
            "When the last daily test of a channel that came to an end began.",
            labels=["channel"],
        )
        for name, tested in sorted(self._counted.channels.items()):
            if tested.is_good is not None and tested.at is not None:
                good.add_metric([name], float(tested.is_good))
                at.add_metric([name], tested.at.timestamp())
        yield good
        yield at
        auditor = self._counted.auditor
        stuck = GaugeMetricFamily(
            "wanwatch_stuck", "Whether the auditor finds something stuck.", labels=["kind"]
        )
        found = set() if auditor is None else {one.kind for one in auditor.findings}
        for kind in Stuck:
            stuck.add_metric([kind], float(kind in found))
        yield stuck
        beat = GaugeMetricFamily(
            "wanwatch_deadman_beat_timestamp_seconds",
            "When the dead-man's switch last took a beat; absent where there is none.",
        )
        if auditor is not None and auditor.beat_at is not None:
            beat.add_metric([], auditor.beat_at.timestamp())
        yield beat
        text = "Deadlines of open incidents that run: overdue, due soon, or not yet."
        running = GaugeMetricFamily(
            "wanwatch_incident_deadlines", text, labels=["deadline", "state"]
        )
        for (code, state), count in sorted(self._counted.deadlines.items()):
            running.add_metric([code, state], count)
        yield running
        yield from figure_families(self._counted.figures)


def _gauge(
    name: str, text: str, labels: Sequence[str], values: Mapping[tuple[str, str], float]
) -> Metric:
    family = GaugeMetricFamily(name, text, labels=list(labels))
    for key, value in sorted(values.items()):
        family.add_metric(list(key), value)
    return family
