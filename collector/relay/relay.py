"""The whole relay out of its settings: the modem's keeper, the inbox, the door."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import uvicorn
from loguru import logger
from prometheus_client import CollectorRegistry

from collector import lock
from collector.relay.incoming import CollectorDoor, Inbox
from collector.relay.keeper import Device, Keeper
from collector.relay.memory import Memory
from collector.relay.metrics import RelayMetrics
from collector.relay.modem import Pace
from collector.relay.outgoing import Manner, Outgoing
from collector.relay.receipts import Receipts
from collector.relay.settings import pin_of, secret
from collector.relay.usb import SYSFS, check
from collector.relay.web import Door
from collector.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.relay.settings import RelaySettings

GRACE_SECONDS = 2
# Each waits for the modem; more than this many do not get through in time.
MOST_REQUESTS = 64
MEMORY_FILE = "sent.jsonl"
PIN_REFUSED_FILE = "pin.refused"


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone: the command ends all parts in order."""
        yield


class Relay:
    """Everything that runs beside one modem; one of them in a directory.

    Attributes:
        address: Where the door listens, once it does.

    Raises:
        SettingsError: A secret, a certificate or an address cannot be used.
        NetworkInterfaceError: The modem shows a network interface.
    """

    def __init__(
        self,
        settings: RelaySettings,
        *,
        pace: Pace | None = None,
        ring_seconds: float | None = None,
        sysfs: Path = SYSFS,
    ) -> None:
        check(settings.port, sysfs)
        self._settings, self.address = settings, ""
        token = secret(settings.token_file, "token_file")
        collector_token = secret(settings.collector_token_file, "collector_token_file")
        context = _context(settings)
        settings.data.mkdir(parents=True, exist_ok=True)
        self._client = httpx.AsyncClient(verify=context, follow_redirects=False)
        door = CollectorDoor(self._client, settings.collector, collector_token)
        self._receipts = Receipts(door.tell if settings.collector else None)
        self.memory = Memory(settings.data / MEMORY_FILE, on_later=self._receipts.put)
        self.inbox = Inbox(self.memory, door.hand_over if settings.collector else None)
        self.keeper = Keeper(
            Device(
                port=settings.port,
                speed=settings.speed,
                pin=pin_of(settings),
                pin_refused=settings.data / PIN_REFUSED_FILE,
                reports=settings.delivery_reports,
                sysfs=sysfs,
            ),
            pace or Pace(),
            on_report=self.inbox.note_report,
            look_into_store=self.inbox.look,
        )
        self.inbox.keeper = self.keeper
        self.outgoing = Outgoing(self.keeper, self.memory, _manner(settings, ring_seconds))
        registry = CollectorRegistry()
        registry.register(RelayMetrics(self.keeper, self.outgoing, self.inbox))
        served = Door(self.keeper, self.outgoing, self.memory, registry, token=token)
        self._server = _server(settings, served)

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until told to stop; the door closes first."""
        async with AsyncExitStack() as stack:
            stack.callback(self.memory.close)
            stack.enter_context(lock.only_one(self._settings.data))
            await stack.enter_async_context(self._client)
            listener = stack.enter_context(contextlib.closing(self._listen()))
            self.address = "{}:{}".format(*listener.getsockname()[:2])
            logger.info("the relay listens on {}; modem {}", self.address, self._settings.port)
            async with asyncio.TaskGroup() as group:
                working = [
                    group.create_task(self.keeper.run(), name="modem"),
                    group.create_task(self.inbox.run(), name="inbox"),
                    group.create_task(self._receipts.run(), name="receipts"),
                ]
                serving = group.create_task(self._server.serve([listener]), name="door")
                await stopping.wait()
                self._server.should_exit = True
                await serving
                for task in working:
                    task.cancel()

    def _listen(self) -> socket.socket:
        settings = self._settings
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.tcp_port))
        except OSError as error:
            listener.close()
            raise SettingsError(
                f"listen={settings.listen}: {error.strerror or error}; choose another address"
            ) from None
        listener.setblocking(False)
        return listener


def _context(settings: RelaySettings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.collector_ca)
    except OSError as error:
        raise SettingsError(f"collector_ca={settings.collector_ca}: {error}") from None


def _manner(settings: RelaySettings, ring_seconds: float | None) -> Manner:
    return Manner(
        strip_marks=settings.strip_marks,
        max_parts=settings.max_parts,
        validity=timedelta(minutes=settings.validity_minutes),
        reports=settings.delivery_reports,
        ring_seconds=ring_seconds or settings.ring_seconds,
    )


def _server(settings: RelaySettings, door: Door) -> _Server:
    options: dict[str, Any] = {}
    if settings.tls_certificate and settings.tls_key:
        options = {"ssl_certfile": settings.tls_certificate, "ssl_keyfile": settings.tls_key}
    config = uvicorn.Config(
        door.app(),
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        limit_concurrency=MOST_REQUESTS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        **options,
    )
    try:
        config.load()
    except OSError as error:
        raise SettingsError(
            f"tls_certificate and tls_key cannot be used: {error}; both are PEM files"
        ) from None
    return _Server(config)
