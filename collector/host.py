"""One enrolled host as this process knows it: who it is, when it spoke, its newest values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from collector.layouts import HostLayouts
from collector.limits import EVENTS_PER_MINUTE, REQUEST_BURST, REQUESTS_PER_MINUTE, TokenBucket
from collector.liveness import LOST_AFTER, Contact, Liveness, Presence
from collector.states import Handed, Refused
from collector.unit_limits import share

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from collector.alerts import OpenAlert
    from collector.identity.binding import Bound
    from collector.indicators import Indicator
    from collector.outages.places import Names
    from collector.ranges import Received
    from collector.series import Identities, Identity, Series
    from collector.wire_json import Labels

# An agent that is refused comes again after a minute at the most.
QUARANTINED_INTERVAL_SECONDS = 60

SeriesKey = tuple[str, "Labels"]


class Latest(NamedTuple):
    """The newest value of a series."""

    value: float
    at: datetime


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
        "absent",
        "agent",
        "asked_presence",
        "away_seconds",
        "boot",
        "bucket",
        "due_at",
        "event_bucket",
        "excused",
        "farewell",
        "flaps",
        "handed",
        "host",
        "indicators",
        "interval_seconds",
        "is_approved",
        "key",
        "kind",
        "last_report_at",
        "late",
        "layouts",
        "liveness",
        "lost_after",
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
        "words",
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

    def latest_of(self, name: str) -> list[tuple[Labels, Latest]]:
        """Return the newest values of one metric, by their labels."""
        return [
            (s.identity.labels, Latest(s.value, datetime.fromtimestamp(s.at, UTC)))
            for s in self.series.values()
            if s.identity.name == name
        ]

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
        if self.due_at is not None:
            self.due_at += seconds
        for series in self.series.values():
            series.shift(seconds)
        self.late.clear()

    def row(self) -> AgentRow:
        """Return what is stored of it."""
        return AgentRow(
            self.agent, self.unit, self.host, self.kind, self.asked_presence, self.public_key,
            self.interval_seconds, self.last_report_at, self.boot, self.received, self.handed,
            self.farewell,
            self.is_approved, self.quarantined_at, self.previous_key, self.previous_key_until,
        )  # fmt: skip
