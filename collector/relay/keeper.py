"""Keeps a modem at work: opens it, starts it, one job at a time, opens it again when it is gone."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import heapq
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from loguru import logger

from collector.relay.dialog import Dialog, RefusedByModemError, SilentModemError
from collector.relay.modem import Modem, NotReadyError, Pace, State, WrongPinError
from collector.relay.port import PortLostError
from collector.relay.usb import SYSFS, NetworkInterfaceError, check
from incidents.modem import answers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

T = TypeVar("T")
# Places in the store are freed first; a call, which takes longest, comes last.
RANK_STORE = 0
RANK_MESSAGE = 1
RANK_RING = 9


class Device(NamedTuple):
    """Where the modem is and how it is opened."""

    port: Path
    speed: int
    pin: str
    pin_refused: Path
    reports: bool = False
    sysfs: Path = SYSFS


@dataclass(slots=True)
class _Job:
    work: Callable[[Modem], Awaitable[Any]]
    done: asyncio.Future[Any]


class Keeper:
    """The one that talks to the modem; everybody else gives it jobs.

    Attributes:
        problem: Why nothing can be sent; empty: it can.
        state: How the modem was at the last look.
        opened: How often it was opened and started.
        session: Changes whenever the modem was opened anew: places in its store are others then.

    Args:
        on_report: Gets the receipts of the network, as hexadecimal.
        look_into_store: Called between jobs, at least as often as the pace says.
    """

    def __init__(
        self,
        device: Device,
        pace: Pace,
        *,
        on_report: Callable[[str], None] = lambda _report: None,
        look_into_store: Callable[[Modem], Awaitable[None]] | None = None,
    ) -> None:
        self._device, self._pace = device, pace
        self._on_report, self._look_into_store = on_report, look_into_store
        self._jobs: list[tuple[int, int, _Job]] = []
        self._count = itertools.count()
        self._wake = asyncio.Event()
        self._is_new_message, self._is_rung = True, False
        self._modem: Modem | None = None
        self.problem, self.state = "the modem has not been opened yet", State()
        self.opened = self.session = 0

    @property
    def is_ready(self) -> bool:
        """A message can leave."""
        return not self.problem

    @property
    def _health_seconds(self) -> float:
        return self._pace.health if self.is_ready else self._pace.again

    async def run(self) -> None:
        """Work until cancelled; a modem that is gone, or not usable, is tried again and again."""
        while True:
            try:
                await self._open_and_work()
            except (
                PortLostError, SilentModemError, RefusedByModemError, NotReadyError,
                NetworkInterfaceError,
            ) as error:  # fmt: skip
                self._note(str(error))
            self._fail_all()
            await asyncio.sleep(self._pace.again)

    async def do(
        self, rank: int, work: Callable[[Modem], Awaitable[T]], *, needs_network: bool = True
    ) -> T:
        """Have something done when it is its turn, the lowest rank first.

        Raises:
            NotReadyError: There is no usable modem; nothing was done.
            RefusedByModemError, SilentModemError, PortLostError: As the work met them.
        """
        if self._modem is None or (needs_network and self.problem):
            raise NotReadyError(self.problem)
        job = _Job(work, asyncio.get_running_loop().create_future())
        heapq.heappush(self._jobs, (rank, next(self._count), job))
        self._wake.set()
        result: T = await job.done
        return result

    async def _open_and_work(self) -> None:
        check(self._device.port, self._device.sysfs)
        dialog = Dialog(self._device.port, self._device.speed, on_unasked=self._hear)
        try:
            self._modem = modem = Modem(dialog, self._pace)
            self.session += 1
            await modem.start(pin=self._pin(), reports=self._device.reports)
            self._is_new_message = True
            self.opened += 1
            await self._look(modem)
            await self._work(modem, dialog)
        except WrongPinError:
            self._remember_refused_pin()
            raise
        finally:
            self._modem = None
            dialog.close()

    async def _work(self, modem: Modem, dialog: Dialog) -> None:
        loop = asyncio.get_running_loop()
        health_at, poll_at = loop.time() + self._health_seconds, loop.time()
        while True:
            if self._jobs:
                await self._do(heapq.heappop(self._jobs)[2], modem)
            elif self._is_rung:
                self._is_rung = False
                await modem.hang_up()
            elif loop.time() >= health_at:
                check(self._device.port, self._device.sysfs)
                await self._look(modem)
                health_at = loop.time() + self._health_seconds
            elif self._is_new_message or loop.time() >= poll_at:
                self._is_new_message = False
                if self._look_into_store is not None:
                    await self._look_into_store(modem)
                poll_at = loop.time() + self._pace.poll
            else:
                await self._rest(min(health_at, poll_at) - loop.time(), dialog)

    async def _rest(self, seconds: float, dialog: Dialog) -> None:
        self._wake.clear()
        woken = asyncio.ensure_future(self._wake.wait())
        try:
            await asyncio.wait(
                (woken, dialog.lost), timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            woken.cancel()
        if dialog.lost.done():
            raise PortLostError(dialog.lost.result())

    async def _do(self, job: _Job, modem: Modem) -> None:
        if job.done.done():
            return
        try:
            result = await job.work(modem)
        except (SilentModemError, PortLostError) as error:
            _fail(job, error)
            raise
        except asyncio.CancelledError:
            job.done.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - it is the asker's to judge
            _fail(job, error)
        else:
            if not job.done.done():
                job.done.set_result(result)

    async def _look(self, modem: Modem) -> None:
        self.state = await modem.look()
        registration = self.state.registration
        self._note("" if registration.is_registered else f"network: {registration.words[1]}")

    def _hear(self, line: str) -> None:
        """Take what the modem says unasked."""
        if line.startswith(answers.NEW_MESSAGE):
            self._is_new_message = True
            self._wake.set()
        elif line.startswith(answers.NEW_REPORT):
            self._on_report(line.partition(":")[2].strip())
        elif line == answers.RING:  # whoever calls back would keep us from calling others
            self._is_rung = True
            self._wake.set()
        elif line in answers.CALL_ENDS and self._modem is not None:
            self._modem.ended = line

    def _note(self, problem: str) -> None:
        """Keep why nothing can be sent, and say when that changes."""
        if problem != self.problem:
            if problem:
                logger.warning("the modem cannot send: {}", problem)
            else:
                state = self.state
                logger.info("the modem is ready: {}, {} dBm", state.operator, state.signal.dbm)
        self.problem = problem

    def _fail_all(self) -> None:
        for _, _, job in self._jobs:
            _fail(job, NotReadyError(self.problem))
        self._jobs.clear()

    def _pin(self) -> str:
        """Return the PIN unless the SIM refused this very one before."""
        pin = self._device.pin
        with contextlib.suppress(OSError):
            if pin and self._device.pin_refused.read_text(encoding="ascii") == _digest(pin):
                return ""
        return pin

    def _remember_refused_pin(self) -> None:
        self._device.pin_refused.write_text(_digest(self._device.pin), encoding="ascii")


def _fail(job: _Job, error: Exception) -> None:
    if not job.done.done():
        job.done.set_exception(error)


def _digest(pin: str) -> str:
    return hashlib.sha256(pin.encode()).hexdigest()
