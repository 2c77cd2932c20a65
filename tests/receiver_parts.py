"""What tests of receivers share: users, what was told, and ports that are served for a while."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from agents.receivers.gate import Gate
from agents.receivers.hints import Hints
from agents.receivers.out import Out
from agents.receivers.quality_taken import QualityTaken
from agents.receivers.sockets import SyslogServer, open_port, serve_datagrams
from agents.receivers.syslog_taken import SyslogTaken
from agents.receivers.traps_taken import TrapsTaken
from agents.receivers.v3_engine import Engine, engine_id
from agents.snmp.credential import User
from tests.probe_means import MEANS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agents.report import Event

__all__ = [
    "ENGINE_ID",
    "Heard",
    "User",
    "hearing_quality",
    "hearing_syslog",
    "hearing_traps",
    "quality_taken",
    "syslog_taken",
    "traps_taken",
]
ENGINE_ID = engine_id(b"\x01" * 8)
LOOPBACK = ("127.0.0.0/8", "::1/128")


@dataclass
class Heard:
    """What a receiver told, and where it listens."""

    events: list[Event] = field(default_factory=list)
    hints: Hints = field(default_factory=Hints)
    port: int = 0
    news: threading.Condition = field(default_factory=threading.Condition)

    def tell(self, event: Event) -> None:
        with self.news:
            self.events.append(event)
            self.news.notify_all()

    def wait_for(self, count: int, seconds: float = 10.0) -> list[Event]:
        """Return the events once there are so many."""
        with self.news:
            assert self.news.wait_for(lambda: len(self.events) >= count, seconds), self.events
            return list(self.events)

    def out(self, receiver: str, now: float = 0.0) -> Out:
        return Out(receiver, self.tell, self.hints.note, now)


def traps_taken(
    heard: Heard,
    *,
    users: Sequence[User] = (),
    communities: Sequence[str] = ("public",),
    networks: Sequence[str] = LOOPBACK,
    per_minute: float = 6_000,
) -> TrapsTaken:
    engine = Engine(users, ENGINE_ID, 3, MEANS.monotonic, 7) if users else None
    gate = Gate(networks, per_minute)
    return TrapsTaken(gate, communities, engine, heard.out("trap", MEANS.monotonic()))


@contextmanager
def hearing_traps(heard: Heard, taken: TrapsTaken, address: str = "127.0.0.1") -> Iterator[Heard]:
    """Serve a port of UDP for the length of the block."""
    opened = open_port("traps", socket.SOCK_DGRAM, address, 0)
    heard.port = opened.getsockname()[1]
    over = threading.Event()

    def take(data: bytes, peer: tuple[str, int]) -> bytes:
        return taken.take(data, peer[0], MEANS.now(), MEANS.monotonic())

    arguments = (opened, take, over.is_set)
    thread = threading.Thread(target=serve_datagrams, args=arguments, daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        over.set()
        thread.join(5)
        opened.close()
        assert not thread.is_alive()


def syslog_taken(
    heard: Heard, *, severity: str = "warning", networks: Sequence[str] = LOOPBACK
) -> SyslogTaken:
    gate = Gate(networks, 6_000)
    zone = datetime.fromtimestamp(MEANS.now(), UTC).astimezone().tzinfo or UTC
    return SyslogTaken(gate, severity, zone, heard.out("syslog", MEANS.monotonic()))


@contextmanager
def hearing_syslog(heard: Heard, taken: SyslogTaken) -> Iterator[tuple[int, int]]:
    """Serve two ports for the length of the block; yield that of UDP and that of TCP."""
    udp = open_port("syslog", socket.SOCK_DGRAM, "127.0.0.1", 0)
    tcp = open_port("syslog", socket.SOCK_STREAM, "127.0.0.1", 0)
    ports = udp.getsockname()[1], tcp.getsockname()[1]
    over = threading.Event()
    server = SyslogServer(udp, tcp, taken, MEANS.now, MEANS.monotonic)
    thread = threading.Thread(target=server.serve, args=(over.is_set,), daemon=True)
    thread.start()
    try:
        yield ports
    finally:
        over.set()
        thread.join(5)
        assert not thread.is_alive()


def quality_taken(heard: Heard, *, networks: Sequence[str] = LOOPBACK) -> QualityTaken:
    gate = Gate(networks, 6_000)
    return QualityTaken(gate, "a1b2c3", heard.out("quality", MEANS.monotonic()))


@contextmanager
def hearing_quality(heard: Heard, taken: QualityTaken) -> Iterator[Heard]:
    """Serve a port of UDP for the length of the block."""
    opened = open_port("voice quality", socket.SOCK_DGRAM, "127.0.0.1", 0)
    heard.port = opened.getsockname()[1]
    over = threading.Event()

    def take(data: bytes, peer: tuple[str, int]) -> bytes:
        return taken.take(data, peer, MEANS.now(), MEANS.monotonic())

    arguments = (opened, take, over.is_set)
    thread = threading.Thread(target=serve_datagrams, args=arguments, daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        over.set()
        thread.join(5)
        opened.close()
        assert not thread.is_alive()
