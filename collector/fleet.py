"""Every enrolled host as this process knows it: who it is, when it spoke, its newest values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from collector.expectations import Expectations
from collector.expected import Expected
from collector.host_keys import HostKeys
from collector.hours import NO_HOURS, Hours, parse_hours
from collector.layouts import HostLayouts
from collector.limits import EVENTS_PER_MINUTE, REQUEST_BURST, REQUESTS_PER_MINUTE, TokenBucket
from collector.liveness import LOST_AFTER, Contact, Liveness, Presence
from collector.places import Places
from collector.ranges import Received
from collector.series import Identities, Identity, Series
from collector.states import Handed, Refused
from collector.targets import NO_TARGETS
from collector.topology import UNIT_PREFIX
from collector.unit_limits import share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from collector.alerts import OpenAlert
    from collector.binding import Bound
    from collector.expectations import HoursPolicy, Whom
    from collector.indicators import Indicator
    from collector.places import Names
    from collector.targets import Targets
    from collector.wire_json import Labels
    from incidents.calendar import Calendar

OWN_AGENT = "collector"
MAX_SERIES = 2_000
# An agent that is refused comes again after a minute at the most.
QUARANTINED_INTERVAL_SECONDS = 60

SeriesKey = tuple[str, "Labels"]


class Latest(NamedTuple):
    """The newest value of a series."""

    value: float
    at: datetime


class Unit(NamedTuple):
    """What judging needs to know of an organisation."""

    code: str
    name: str
    hours: Hours


class Excuse(NamedTuple):
    """Nobody misses a host from one instant until another."""

    since: datetime
    until: datetime


class AgentRow(NamedTuple):
    """One enrolled key as stored.

    Attributes:
        is_approved: Its host is in the inventory; before, its data raises and ends nothing.
        quarantined_at: Since when two machines use it and its data is refused.
        previous_key: The key before the last rotation, good until `previous_key_until`.
    """

    id: str
    unit: str
    host: str
    kind: str
    presence: str
    public_key: bytes
    interval_seconds: int
    last_report_at: datetime | None
    boot: str
    received: Received
    handed: Handed
    farewell: str = ""
    is_approved: bool = True
    quarantined_at: datetime | None = None
    previous_key: bytes = b""
    previous_key_until: datetime | None = None


class Host:
    """One enrolled key and what came from it; lives on the event loop alone."""

    __slots__ = (
        "absent", "agent", "asked_presence", "away_seconds", "boot", "bucket", "due_at",
        "event_bucket", "excused", "farewell", "flaps", "handed", "host", "indicators",
        "interval_seconds", "is_approved", "keys", "kind", "last_report_at", "late", "layouts",
        "liveness", "lost_after", "newest_at", "newest_sent_at", "open_alerts", "presence",
        "quarantined_at", "received", "refused", "refused_series", "sections", "series", "share",
        "swept_at", "unit", "watched_since", "words",
    )  # fmt: skip

    def __init__(
        self,
        row: AgentRow,
        *,
        watched_since: datetime,
        monotonic_at: float,
        identities: Identities,
    ) -> None:
        self.agent, self.host, self.unit = row.id, row.host, row.unit
        self.kind, self.asked_presence = row.kind, row.presence
        self.presence, self.lost_after = Presence.ALWAYS, LOST_AFTER[Presence.ALWAYS]
        self.interval_seconds = row.interval_seconds
        self.keys = HostKeys(row.public_key, row.previous_key, row.previous_key_until)
        self.bucket = TokenBucket.full(REQUESTS_PER_MINUTE, REQUEST_BURST, monotonic_at)
        own = share(row.interval_seconds)
        self.share = TokenBucket.full(own, own, monotonic_at)
        self.event_bucket = TokenBucket.full(EVENTS_PER_MINUTE, EVENTS_PER_MINUTE, monotonic_at)
        self.last_report_at, self.boot = row.last_report_at, row.boot
        self.received, self.handed = row.received, row.handed
        self.is_approved, self.quarantined_at = row.is_approved, row.quarantined_at
        self.refused = Refused()
        self.newest_sent_at = row.last_report_at.timestamp() if row.last_report_at else 0.0
        self.watched_since, self.away_seconds = watched_since, 0.0
        self.farewell = row.farewell
        self.excused: Excuse | None = None
        self.liveness = Liveness.NEVER
        self.series: dict[Identity, Series] = {}
        self.layouts = HostLayouts(identities)
        self.indicators: dict[str, Indicator] = {}
        self.sections: dict[str, str] = {}
        self.absent: tuple[Bound, ...] = ()
        self.open_alerts: dict[str, OpenAlert] = {}
        self.flaps: dict[str, tuple[float, ...]] = {}
        self.late: dict[tuple[str, bytes], tuple[float, float]] = {}
        self.newest_at = 0.0
        self.swept_at = 0.0
        self.refused_series = 0
        self.due_at: float | None = None
        self.words: Mapping[str, Names] = {}

    @property
    def latest(self) -> dict[SeriesKey, Latest]:
        """Return the newest value of each series; a copy, for pages and not for the hot path."""
        return {
            (s.identity.name, s.identity.labels): Latest(s.value, datetime.fromtimestamp(s.at, UTC))
            for s in self.series.values()
        }

    @property
    def contact(self) -> Contact:
        """Return what liveness is judged by; a quarantined agent comes when it is told to."""
        interval_seconds = self.interval_seconds
        if self.quarantined_at is not None:
            interval_seconds = max(interval_seconds, QUARANTINED_INTERVAL_SECONDS)
        return Contact(
            self.last_report_at, interval_seconds, self.presence, self.watched_since,
            self.away_seconds, self.farewell, self.lost_after,
        )  # fmt: skip

    @property
    def is_always(self) -> bool:
        """Say whether its silence alone is an alert."""
        return self.presence is Presence.ALWAYS

    def shift(self, seconds: float, now: datetime) -> None:
        """Move every instant that is remembered, after our clock was set; none into the future.

        The last report may already have been noted by the clock as it is now.
        """
        self.newest_at += seconds
        self.swept_at += seconds
        self.watched_since += timedelta(seconds=seconds)
        last = self.last_report_at
        if last is not None and (seconds > 0 or last > now):
            self.last_report_at = min(last + timedelta(seconds=seconds), now)
        if self.due_at is not None:
            self.due_at += seconds
        for series in self.series.values():
            series.shift(seconds)
        self.late.clear()

    def row(self) -> AgentRow:
        """Return what is stored of it."""
        return AgentRow(
            self.agent, self.unit, self.host, self.kind, self.asked_presence, self.keys.public,
            self.interval_seconds, self.last_report_at, self.boot, self.received, self.handed,
            self.farewell,
            self.is_approved, self.quarantined_at, self.keys.previous, self.keys.previous_until,
        )  # fmt: skip


class Fleet:
    """The hosts by agent, the units by code, and the table of series identities.

    Attributes:
        own: The collector itself, as a host; `places`: units and targets that were judged as one.
        version: Another number whenever hosts, units or targets are others than before.
        calendar: Which days are worked; None: every day is as its weekday.
        expectations: When units and kinds of host are expected.
    """

    def __init__(
        self, *, started_at: datetime, monotonic: Callable[[], float], own_unit: str = ""
    ) -> None:
        self.started_at, self._monotonic = started_at, monotonic
        self.hosts: dict[str, Host] = {}
        self.places = Places(self._make_place)
        self.units: dict[str, Unit] = {}
        self.targets: Targets = NO_TARGETS
        self.calendar: Calendar | None = None
        self.expectations = Expectations()
        self.version = 0
        self.identities = Identities()
        own = AgentRow(
            OWN_AGENT, own_unit, OWN_AGENT, "shared", "always", b"", 60, None, "", Received(),
            Handed(),
        )  # fmt: skip
        self.own = self._host(own)

    def add(self, row: AgentRow) -> Host:
        """Add an enrolled key, or take over what the inventory changed of a known one."""
        host = self.hosts.get(row.id)
        self.version += 1
        if host is None:
            host = self.hosts[row.id] = self._host(row)
            self._expect(host)
            return host
        host.host, host.unit, host.kind = row.host, row.unit, row.kind
        host.asked_presence, host.interval_seconds = row.presence, row.interval_seconds
        self._expect(host)
        host.is_approved = row.is_approved
        host.share.per_minute = host.share.burst = share(row.interval_seconds)
        if (host.keys.public, host.keys.previous) != (row.public_key, row.previous_key):
            host.keys = HostKeys(row.public_key, row.previous_key, row.previous_key_until)
        return host

    def remove(self, agent: str) -> Host | None:
        """Forget a revoked key: its next request is from nobody."""
        host = self.hosts.pop(agent, None)
        self.version += 1
        if host is not None:
            for identity in host.series:
                self.identities.release(identity)
        return host

    def set_units(self, units: Iterable[tuple[str, str, str]]) -> None:
        """Take over the units as (code, name, hours as written)."""
        self.units = {code: Unit(code, name, parse_hours(hours)) for code, name, hours in units}
        self.version += 1

    def set_targets(self, targets: Targets) -> None:
        """Take over what lies between the hosts and the province."""
        self.targets = targets
        self.version += 1

    def set_expectations(
        self,
        *,
        policy: HoursPolicy | None = None,
        approved: Mapping[Whom, Hours] | None = None,
    ) -> None:
        """Take over when units and kinds of host are expected; what is not given stays."""
        if policy is not None:
            self.expectations.policy = policy
        if approved is not None:
            self.expectations.approved = approved
        for host in self.hosts.values():
            self._expect(host)
        self.version += 1

    def judged(self) -> Iterator[Host]:
        """Yield whatever has alerts: hosts, the collector itself, units and targets."""
        yield from self.hosts.values()
        yield self.own
        yield from self.places

    def approved(self) -> Iterator[Host]:
        """Yield the hosts that say something about their unit: those that somebody approved."""
        return (host for host in self.hosts.values() if host.is_approved)

    def find(self, agent: str) -> Host | None:
        """Return what an alert is about by its agent; units and targets that still exist, too."""
        if agent == OWN_AGENT:
            return self.own
        code = agent.removeprefix(UNIT_PREFIX)
        if agent.startswith(UNIT_PREFIX):
            return self.places.unit(code) if code in self.units else None
        if (target := self.targets.of_node(agent)) is not None:
            return self.places.target(target, target.unit or self.own.unit)
        return self.hosts.get(agent)

    def unit_name(self, code: str) -> str:
        """Return a unit's name, or its code when it has none."""
        unit = self.units.get(code)
        return unit.name if unit else code

    def expected_of_unit(self, code: str) -> Expected:
        """Return when anybody of a unit is expected."""
        return Expected(self.expectations.of_unit(code, self._written(code)), self.calendar)

    def expected_of(self, host: Host) -> Expected:
        """Return when a host must be on."""
        written = self._written(host.unit)
        hours = self.expectations.of_host(host.unit, host.kind, host.presence, written)
        return Expected(hours, self.calendar)

    def hours_of(self, code: str, kind: str) -> Hours:
        """Return when a kind of host in a unit is expected, or the whole unit for no kind."""
        if not kind:
            return self.expected_of_unit(code).hours
        presence = self.expectations.presence("", kind)
        return self.expectations.of_host(code, kind, presence, self._written(code))

    def _written(self, code: str) -> Hours:
        """Return the hours of a unit in units.csv."""
        unit = self.units.get(code)
        return unit.hours if unit else NO_HOURS

    def _expect(self, host: Host) -> None:
        """Say what is expected of a host; where that is new, its liveness is told anew."""
        presence = self.expectations.presence(host.asked_presence, host.kind)
        if presence is not host.presence:
            host.presence, host.liveness = presence, Liveness.NEVER
        host.lost_after = self.expectations.lost_after(host.kind, host.presence)

    def is_excused(self, host: Host, now: datetime) -> bool:
        """Say whether a host went with its whole unit at the end of the unit's hours.

        It is until it is heard again, or until the unit is expected again.
        """
        excuse, last = host.excused, host.last_report_at
        if excuse is not None and (last is None or last > excuse.since or now >= excuse.until):
            host.excused = None
        return host.excused is not None

    def next_change_of(self, host: Host, local: datetime) -> datetime | None:
        """Return when a host may be expected, or no longer, by the hours alone."""
        if host.excused is not None:
            return host.excused.until
        return self.expected_of(host).next_change(local)

    def series_of(self, host: Host, identity: Identity) -> Series | None:
        """Return the host's series, made at first sight; None beyond what one host may have."""
        series = host.series.get(identity)
        if series is None:
            if len(host.series) >= MAX_SERIES:
                host.refused_series += 1
                self.identities.forget_unused(identity)
                return None
            series = host.series[identity] = Series(identity)
            identity.uses += 1
        return series

    def drop_series(self, host: Host, identity: Identity) -> None:
        """Forget a series that its host no longer has."""
        if host.series.pop(identity, None) is not None:
            host.layouts.forget()
            self.identities.release(identity)

    def _make_place(self, node: str, unit: str, host: str, kind: str) -> Host:
        return self._host(
            AgentRow(node, unit, host, kind, "always", b"", 60, None, "", Received(), Handed())
        )

    def _host(self, row: AgentRow) -> Host:
        return Host(
            row,
            watched_since=self.started_at,
            monotonic_at=self._monotonic(),
            identities=self.identities,
        )
