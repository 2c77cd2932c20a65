"""Hand-written fakes of what the web application is given: fleet, changes, clock."""

from __future__ import annotations

import asyncio
import math
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from collector.stream import Bookmark, StreamUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.stream import Entry, StreamRecord

NOW = datetime(2026, 11, 23, 19, 12, 40, tzinfo=UTC)


class Liveness(Enum):
    """The names that the fleet uses."""

    ON_TIME = "on_time"
    LATE = "late"
    SILENT = "silent"
    LOST = "lost"
    STOPPED = "stopped"
    OFF_HOURS = "off_hours"
    NEVER = "never"


@dataclass
class Latest:
    """The newest value of a series."""

    value: float
    at: datetime


@dataclass
class Hour:
    """An hour of an indicator, as given."""

    values: list[float | None]

    def last_hour(self, now: float) -> list[float | None]:
        """Return what was given."""
        del now
        return self.values


@dataclass
class Host:
    """What the fleet knows of a host."""

    agent: str
    host: str
    unit: str
    kind: str = "server"
    is_always: bool = True
    interval_seconds: int = 10
    last_report_at: datetime | None = None
    is_approved: bool = True
    quarantined_at: datetime | None = None
    liveness: Liveness = Liveness.ON_TIME
    latest: dict[Any, Latest] = field(default_factory=dict)
    indicators: dict[str, Hour] = field(default_factory=dict)

    def latest_of(self, name: str) -> list[tuple[Any, Latest]]:
        """Return the newest values of one metric, by their labels."""
        return [(labels, one) for (found, labels), one in self.latest.items() if found == name]


@dataclass
class Fleet:
    """All hosts by agent id."""

    hosts: dict[str, Host] = field(default_factory=dict)


class Subscription:
    """Everything one watcher was told and has not taken yet."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[dict[str, set[str]]] = asyncio.Queue()

    async def next(self) -> dict[str, set[str]]:
        """Return the next change, as soon as there is one."""
        return await self.queue.get()


class Changes:
    """Tells watchers at once: the batching by time belongs to the real one."""

    def __init__(self) -> None:
        self.published: list[tuple[str, str]] = []
        self.watchers: set[Subscription] = set()

    def publish(self, kind: str, id_: str) -> None:
        """Tell every watcher."""
        self.published.append((kind, id_))
        for watcher in self.watchers:
            watcher.queue.put_nowait({kind: {id_}})

    @contextmanager
    def subscribe(self, spacing_seconds: float = 0.0) -> Iterator[Subscription]:
        """Watch while the block runs."""
        watcher = Subscription()
        self.watchers.add(watcher)
        try:
            yield watcher
        finally:
            self.watchers.discard(watcher)


class Clock:
    """The time of a test: it stands until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.instant = now

    def __call__(self) -> datetime:
        """Return the instant."""
        return self.instant

    def move(self, **length: float) -> None:
        """Move on."""
        self.instant += timedelta(**length)


def make_host(number: int, place: int, unit: str, now: datetime) -> Host:
    """Return a host whose hour looks like one."""
    kind = "server" if place == 0 else "workstation"
    name = f"{'may-chu' if place == 0 else 'may-tram'}-{number + 1:02d}-{place:02d}"
    age = (number * 7 + place * 3) % 10
    host = Host(f"agent-{name}", name, unit, kind, last_report_at=now - timedelta(seconds=age))
    wave = [0.35 + 0.2 * math.sin((minute + number * 9) / 7) for minute in range(60)]
    holed: list[float | None] = [
        None if 21 <= minute < 27 else value for minute, value in enumerate(wave)
    ]
    host.indicators = {
        "cpu_used_ratio": Hour(holed),
        "memory_used_ratio": Hour([0.52 + 0.02 * value for value in wave]),
        "filesystem_used_ratio_max": Hour([0.6 + minute / 600 for minute in range(60)]),
        "load_per_cpu": Hour([value * 1.4 for value in wave]),
        "receive_bytes_per_second": Hour([value * 2_400_000 for value in wave]),
        "transmit_bytes_per_second": Hour([value * 310_000 for value in wave]),
        "clock_offset_seconds": Hour([0.002 * math.sin(minute / 3) for minute in range(60)]),
    }
    at = host.last_report_at or now
    host.latest = {
        ("wanwatch_cpu_used_ratio", ()): Latest(wave[-1], at),
        ("node_load1", ()): Latest(0.42, at),
        ("node_memory_MemAvailable_bytes", ()): Latest(3.2e9, at),
        ("node_filesystem_avail_bytes", (("mountpoint", "/"),)): Latest(12.4e9, at),
        ("node_filesystem_avail_bytes", (("mountpoint", "/var"),)): Latest(0.8e9, at),
        ("node_timex_offset_seconds", ()): Latest(0.0012, at - timedelta(minutes=9)),
        ("wanwatch_check_success", (("check", "cpu"),)): Latest(1, at),
        ("wanwatch_check_success", (("check", "filesystem"),)): Latest(0, at),
        ("wanwatch_check_success", (("check", "memory"),)): Latest(1, at),
    }
    return host


class NoStream:
    """A journal whose disk is gone: whoever wants to store something hears so."""

    @property
    def start(self) -> Bookmark:
        return Bookmark(0, 0, 0)

    end = start

    def submit(
        self,
        record: StreamRecord,
        stored: Callable[[Bookmark], None],
        failed: Callable[[Exception], None],
    ) -> None:
        failed(StreamUnavailable("no disk in this test"))

    def read(self, start: Bookmark) -> Iterator[Entry]:
        return iter(())

    def since(self, instant: datetime) -> Bookmark:
        return self.end
