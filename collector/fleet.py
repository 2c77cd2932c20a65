"""Every enrolled host as this process knows it: who it is, when it spoke, its newest values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from collector.hours import Hours, parse_hours
from collector.limits import EVENTS_PER_MINUTE, REQUEST_BURST, REQUESTS_PER_MINUTE, TokenBucket
from collector.liveness import Contact, Liveness, Presence
from collector.ranges import Received
from collector.series import Identities, Identity, Series
from collector.states import Handed, Refused
from collector.unit_limits import share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from collector.alerts import OpenAlert
    from collector.binding import Bound
    from collector.indicators import Indicator
    from collector.wire_json import Labels

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
    is_approved: bool = True
    quarantined_at: datetime | None = None
    previous_key: bytes = b""
    previous_key_until: datetime | None = None


class Host:
    """One enrolled key and what came from it; lives on the event loop alone."""

    __slots__ = (
        "absent",
        "agent",
        "boot",
        "bucket",
        "event_bucket",
        "handed",
        "has_due",
        "host",
        "indicators",
        "interval_seconds",
        "is_approved",
        "key",
        "kind",
        "last_report_at",
        "late",
        "liveness",
        "newest_at",
        "newest_sent_at",
        "open_alerts",
        "presence",
        "previous_key",
        "previous_key_until",
        "public_key",
        "quarantined_at",
        "received",
        "refused",
        "refused_series",
        "sections",
        "series",
        "share",
        "swept_at",
        "unit",
        "watched_since",
    )  # fmt: skip

    def __init__(self, row: AgentRow, *, watched_since: datetime, monotonic_at: float) -> None:
        self.agent, self.host, self.unit = row.id, row.host, row.unit
        self.kind, self.presence = row.kind, row.presence
        self.interval_seconds = row.interval_seconds
        self.set_keys(row)
        self.bucket = TokenBucket.full(REQUESTS_PER_MINUTE, REQUEST_BURST, monotonic_at)
        own = share(row.interval_seconds)
        self.share = TokenBucket.full(own, own, monotonic_at)
        self.event_bucket = TokenBucket.full(EVENTS_PER_MINUTE, EVENTS_PER_MINUTE, monotonic_at)
        self.last_report_at, self.boot = row.last_report_at, row.boot
        self.received, self.handed = row.received, row.handed
        self.is_approved, self.quarantined_at = row.is_approved, row.quarantined_at
        self.refused = Refused()
        self.newest_sent_at = row.last_report_at.timestamp() if row.last_report_at else 0.0
        self.watched_since = watched_since
        self.liveness = Liveness.NEVER
        self.series: dict[Identity, Series] = {}
        self.indicators: dict[str, Indicator] = {}
        self.sections: dict[str, str] = {}
        self.absent: tuple[Bound, ...] = ()
        self.open_alerts: dict[str, OpenAlert] = {}
        self.late: dict[tuple[str, bytes], tuple[float, float]] = {}
        self.newest_at = 0.0
        self.swept_at = 0.0
        self.refused_series = 0
        self.has_due = False

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
            self.last_report_at, interval_seconds, Presence(self.presence), self.watched_since
        )

    def set_keys(self, row: AgentRow) -> None:
        """Take over the keys that may sign for it."""
        self.public_key, self.previous_key = row.public_key, row.previous_key
        self.previous_key_until = row.previous_key_until
        self.key = VerifyKey(row.public_key) if row.public_key else None

    def verify(self, body: bytes, signature: bytes, now: Callable[[], datetime]) -> None:
        """Check a signature by the key, or for a day after a change by the one before it.

        Raises:
            BadSignatureError: It is by neither.
        """
        assert self.key is not None
        if self.previous_key_until is None:
            self.key.verify(body, signature)
            return
        try:
            self.key.verify(body, signature)
        except BadSignatureError:
            if now() >= self.previous_key_until:
                raise
            VerifyKey(self.previous_key).verify(body, signature)

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
        for series in self.series.values():
            series.at += seconds
        self.late.clear()

    def row(self) -> AgentRow:
        """Return what is stored of it."""
        return AgentRow(
            self.agent, self.unit, self.host, self.kind, self.presence, self.public_key,
            self.interval_seconds, self.last_report_at, self.boot, self.received, self.handed,
            self.is_approved, self.quarantined_at, self.previous_key, self.previous_key_until,
        )  # fmt: skip


class Fleet:
    """The hosts by agent, the units by code, and the table of series identities."""

    def __init__(
        self, *, started_at: datetime, monotonic: Callable[[], float], own_unit: str = ""
    ) -> None:
        self.started_at, self._monotonic = started_at, monotonic
        self.hosts: dict[str, Host] = {}
        self.units: dict[str, Unit] = {}
        self.identities = Identities()
        own = AgentRow(
            OWN_AGENT, own_unit, OWN_AGENT, "shared", "always", b"", 60, None, "", Received(),
            Handed(),
        )  # fmt: skip
        self.own = self._host(own)

    def add(self, row: AgentRow) -> Host:
        """Add an enrolled key, or take over what the inventory changed of a known one."""
        host = self.hosts.get(row.id)
        if host is None:
            host = self.hosts[row.id] = self._host(row)
            return host
        host.host, host.unit, host.kind = row.host, row.unit, row.kind
        host.presence, host.interval_seconds = row.presence, row.interval_seconds
        host.is_approved = row.is_approved
        host.share.per_minute = host.share.burst = share(row.interval_seconds)
        if (host.public_key, host.previous_key) != (row.public_key, row.previous_key):
            host.set_keys(row)
        return host

    def remove(self, agent: str) -> Host | None:
        """Forget a revoked key: its next request is from nobody."""
        host = self.hosts.pop(agent, None)
        if host is not None:
            for identity in host.series:
                self.identities.release(identity)
        return host

    def set_units(self, units: Iterable[tuple[str, str, str]]) -> None:
        """Take over the units as (code, name, hours as written)."""
        self.units = {code: Unit(code, name, parse_hours(hours)) for code, name, hours in units}

    def unit_name(self, code: str) -> str:
        """Return a unit's name, or its code when it has none."""
        unit = self.units.get(code)
        return unit.name if unit else code

    def hours_of(self, host: Host) -> Hours:
        """Return when a host's unit works."""
        unit = self.units.get(host.unit)
        return unit.hours if unit else Hours()

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
            self.identities.release(identity)

    def _host(self, row: AgentRow) -> Host:
        return Host(row, watched_since=self.started_at, monotonic_at=self._monotonic())
