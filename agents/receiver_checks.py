"""What hears devices unasked: a thread each, opened and counted at the scheduler's turns."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from agents.check import Check, SourceError
from agents.snmp.credential import Community, User

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agents.check import Observation
    from agents.host import HostSource
    from agents.probe import Means
    from agents.receiver_settings import ReceiverSettings
    from agents.receivers.out import Out
    from agents.receivers.v3_engine import Engine
    from agents.report import Event

EVERY_SECONDS, LIMIT_SECONDS = 10, 5
# Results of messages and events, unknown enterprises and the rest, open problems; of quality what
# twenty reporters say of two ends.
MOST_SERIES = 700
TRAPS, SYSLOG, QUALITY = "trap_receiver", "syslog_receiver", "quality_receiver"
NOTES = "receivers"
_MOST_BOOTS = 0x7FFF_FFFE


def receiver_checks(
    settings: ReceiverSettings,
    means: Means,
    tell: Callable[[Event], None],
    hint: Callable[[str, float], object],
    target_at: Callable[[str], str] = lambda _: "",
) -> dict[str, Check[Any]]:
    """Return what the scheduler runs for the receivers that the settings ask for.

    Args:
        hint: Given the address of each device that says something, and when (monotonic).
        target_at: Returns which target has an address; empty where none is known.
    """
    checks: dict[str, Check[Any]] = {}
    for name, where, make in (
        (TRAPS, settings.trap_listen, _traps),
        (SYSLOG, settings.syslog_listen, _syslog),
        (QUALITY, settings.quality_listen, partial(_quality, target_at)),
    ):
        if where:
            from agents.receivers.out import Out

            out = Out(name.removesuffix("_receiver"), tell, hint, means.monotonic())
            thread = make(settings, means, out)
            checks[name] = Check(
                name, EVERY_SECONDS, LIMIT_SECONDS, thread.read, _evaluate, MOST_SERIES
            )
    return checks


class ReceiverThread:
    """Opens the port at the first turn, and again at each turn that finds it closed.

    Args:
        open_: Returns what serves until it is told to end. Raises OSError: the port is not to be
            had.
    """

    def __init__(
        self,
        name: str,
        open_: Callable[[], Callable[[Callable[[], bool]], None]],
        observe: Callable[[], list[Observation]],
    ) -> None:
        self._name, self._open, self._observe = name, open_, observe
        self._thread: threading.Thread | None = None

    def read(self, _host: HostSource) -> list[Observation]:
        """Return what became of the messages so far.

        Raises:
            SourceError: The port cannot be had.
        """
        if self._thread is None or not self._thread.is_alive():
            try:
                serve = self._open()
            except OSError as error:
                raise SourceError(str(error)) from error
            # It ends with the process.
            self._thread = threading.Thread(
                target=serve, args=(lambda: False,), name=self._name, daemon=True
            )
            self._thread.start()
        return self._observe()


def _traps(settings: ReceiverSettings, means: Means, out: Out) -> ReceiverThread:
    from agents.receivers.gate import Gate
    from agents.receivers.sockets import open_port, serve_datagrams
    from agents.receivers.traps_taken import TrapsTaken

    gate = Gate(settings.receive_from, settings.receive_most_per_minute)
    known = means.snmp_credentials.values()
    communities = [one.community for one in known if isinstance(one, Community)]
    taken = TrapsTaken(gate, communities, _engine(means), out)

    def take(data: bytes, peer: tuple[str, int]) -> bytes:
        return taken.take(data, peer[0], means.now(), means.monotonic())

    def open_() -> Callable[[Callable[[], bool]], None]:
        from socket import SOCK_DGRAM

        opened = open_port("traps", SOCK_DGRAM, *_where(settings.trap_listen))
        return partial(serve_datagrams, opened, take)

    return ReceiverThread(TRAPS, open_, taken.observe)


def _syslog(settings: ReceiverSettings, means: Means, out: Out) -> ReceiverThread:
    from agents.receivers.gate import Gate
    from agents.receivers.sockets import SyslogServer, open_port
    from agents.receivers.syslog_taken import SyslogTaken

    gate = Gate(settings.receive_from, settings.receive_most_per_minute)
    # Devices tell the local time of the site, which is this host's.
    zone = datetime.fromtimestamp(means.now(), UTC).astimezone().tzinfo or UTC
    taken = SyslogTaken(gate, settings.syslog_severity, zone, out)

    def open_() -> Callable[[Callable[[], bool]], None]:
        from socket import SOCK_DGRAM, SOCK_STREAM

        address, port = _where(settings.syslog_listen)
        udp = open_port("syslog", SOCK_DGRAM, address, port)
        try:
            tcp = open_port("syslog", SOCK_STREAM, address, port)
        except OSError:
            udp.close()
            raise
        return SyslogServer(udp, tcp, taken, means.now, means.monotonic).serve

    return ReceiverThread(SYSLOG, open_, taken.observe)


def _quality(
    target_at: Callable[[str], str], settings: ReceiverSettings, means: Means, out: Out
) -> ReceiverThread:
    from agents.receivers.gate import Gate
    from agents.receivers.quality_taken import QualityTaken
    from agents.receivers.sockets import open_port, serve_datagrams

    gate = Gate(settings.receive_from, settings.receive_most_per_minute)
    taken = QualityTaken(gate, means.token(8).hex(), out, target_at)

    def take(data: bytes, peer: tuple[str, int]) -> bytes:
        return taken.take(data, peer, means.now(), means.monotonic())

    def open_() -> Callable[[Callable[[], bool]], None]:
        from socket import SOCK_DGRAM

        opened = open_port("voice quality", SOCK_DGRAM, *_where(settings.quality_listen))
        return partial(serve_datagrams, opened, take)

    return ReceiverThread(QUALITY, open_, lambda: taken.observe(means.monotonic()))


def _engine(means: Means) -> Engine | None:
    """Return who we are to senders of SNMPv3; None where there is no user of it."""
    users = [one for one in means.snmp_credentials.values() if isinstance(one, User)]
    if not users:
        return None
    from agents.receivers.v3_engine import Engine, engine_id

    notes = means.notes.of(NOTES)
    identity = notes.get("engine") or engine_id(means.token(8)).hex()
    before = notes.get("boots", "")
    boots = min(int(before) + 1 if before.isdecimal() else 1, _MOST_BOOTS)
    means.notes.keep(NOTES, {"engine": identity, "boots": str(boots)})
    salt = int.from_bytes(means.token(8), "big")
    return Engine(users, bytes.fromhex(identity), boots, means.monotonic, salt)


def _where(listen: str) -> tuple[str, int]:
    address, _, port = listen.rpartition(":")
    return address.strip("[]"), int(port)


def _evaluate(now: list[Observation], before: list[Observation] | None) -> Iterator[Observation]:  # noqa: ARG001
    yield from now
