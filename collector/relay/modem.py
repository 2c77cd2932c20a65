"""What a modem is asked to do, as functions: start, look, send, ring, list, delete."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.relay.dialog import RefusedByModemError, SilentModemError
from incidents.modem import answers, faults, pdu
from incidents.modem.ringing import ANSWERED_SECONDS, Rang, Result, is_ringing, judge

if TYPE_CHECKING:
    from collector.relay.dialog import Dialog
    from incidents.modem.answers import Listed

PIN_WANTED = "SIM PIN"
READY = "READY"
NO_REGISTRATION = answers.Registration(-1)
NO_SIGNAL = answers.Signal(0, None)
NO_SPACE = answers.Space(-1, -1)
_WRONG_PIN = 16
_SIM_LOOKS = 10


class NotReadyError(Exception):
    """The modem is there and cannot send: no SIM, no PIN, no network; the text says what to do."""


class WrongPinError(NotReadyError):
    """The SIM refused the PIN: it must not be tried again, the third time locks the SIM."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things may take, in seconds.

    Attributes:
        command: An answer of the modem itself.
        network: The network's acceptance of one short message, or of a call.
        look: Between two looks at how a call goes.
        poll: Between two looks at the store, beside the modem's own word.
        health: Between two looks at SIM, network and signal.
        again: Before a port that is gone is opened again.
    """

    command: float = 5.0
    network: float = 60.0
    look: float = 1.0
    poll: float = 30.0
    health: float = 60.0
    again: float = 5.0


@dataclass(frozen=True, slots=True)
class State:
    """How a modem is."""

    sim: str = ""
    registration: answers.Registration = NO_REGISTRATION
    signal: answers.Signal = NO_SIGNAL
    operator: str = ""
    space: answers.Space = NO_SPACE


class Modem:
    """A modem that answers.

    Attributes:
        ended: The last line that ended a call, until somebody reads it.
    """

    def __init__(self, dialog: Dialog, pace: Pace) -> None:
        self._dialog, self._pace = dialog, pace
        self.ended = ""

    async def start(self, *, pin: str, reports: bool) -> None:
        """Bring the modem into the state that everything else expects; again after each reset.

        Args:
            pin: Entered at most once; empty: the SIM asks for none.
            reports: Have receipts of the network announced.

        Raises:
            NotReadyError: The SIM is missing, locked, or asks for a PIN that is not given.
            RefusedByModemError, SilentModemError, PortLostError: The modem is not usable.
        """
        await self._greet()
        await self._ask("ATE0")
        await self.hang_up()
        await self._ask("AT+CMEE=1")
        await self._open_sim(pin)
        await self._ask("AT+CMGF=0")
        await self._try("AT+CREG=0")
        await self._try("AT+CLIP=0")
        await self._try("AT+COPS=3,0")
        if await self._try('AT+CPMS="SM","SM","SM"') is None:
            await self._try('AT+CPMS="ME","ME","ME"')
        await self._try("AT+CNMI=2,1,0,1,0" if reports else "AT+CNMI=2,1,0,0,0")

    async def look(self) -> State:
        """Return how the modem is."""
        return State(
            sim=answers.sim_state(await self._try("AT+CPIN?", "+CPIN:") or []),
            registration=answers.registration(await self._try("AT+CREG?", "+CREG:") or []),
            signal=answers.signal(await self._try("AT+CSQ", "+CSQ:") or []),
            operator=answers.operator(await self._try("AT+COPS?", "+COPS:") or []),
            space=answers.space(await self._try("AT+CPMS?", "+CPMS:") or []),
        )

    async def send(self, message: str) -> int:
        """Hand one short message to the network; return its reference.

        Raises:
            RefusedByModemError: It was not taken.
            SilentModemError, PortLostError: It may have been.
        """
        lines = await self._dialog.hand_over(
            f"AT+CMGS={pdu.length(message)}", message, "+CMGS:", limit=self._pace.network
        )
        return answers.number_in(lines[0], 0) if lines else -1

    async def ring(self, number: str, ring_seconds: float) -> Rang:
        """Call a number until somebody answers, or for so long; hang up either way."""
        loop = asyncio.get_running_loop()
        started_at, rang, self.ended = loop.time(), False, ""
        try:
            await self._dial(number, ring_seconds)
            while True:
                calls = answers.calls(await self._ask("AT+CLCC", "+CLCC:"))
                rang = rang or is_ringing(calls)
                elapsed = loop.time() - started_at
                result = judge(
                    calls, self.ended, elapsed_seconds=elapsed, ring_seconds=ring_seconds, rang=rang
                )
                if result is not None:
                    break
                await asyncio.sleep(self._pace.look)
        except RefusedByModemError as error:
            result = Result.BUSY if error.failure.text == "BUSY" else Result.FAILED
            return Rang(result, loop.time() - started_at, faults.named(error.failure))
        if result is Result.ANSWERED:
            await asyncio.sleep(min(ANSWERED_SECONDS, ring_seconds))
        await self.hang_up()
        return Rang(result, elapsed)

    async def stored(self) -> list[Listed]:
        """Return every message in the store."""
        return answers.listed(await self._ask("AT+CMGL=4", "+CMGL:"))

    async def delete(self, index: int) -> None:
        """Free a place in the store."""
        await self._try(f"AT+CMGD={index}")

    async def _greet(self) -> None:
        for last in (False, False, True):
            try:
                await self._ask("AT")
            except (SilentModemError, RefusedByModemError):
                if last:
                    raise
            else:
                return

    async def _open_sim(self, pin: str) -> None:
        try:
            state = answers.sim_state(await self._ask("AT+CPIN?", "+CPIN:"))
            if state == PIN_WANTED and pin:
                await self._ask(f'AT+CPIN="{pin}"')
                await self._wait_for_sim()
                state = READY
        except RefusedByModemError as error:
            words = f"SIM: {faults.named(error.failure)}"
            if error.failure.code == _WRONG_PIN:
                raise WrongPinError(f"{words}; correct pin_file, it is not tried again") from None
            raise NotReadyError(words) from None
        if state == PIN_WANTED:
            raise NotReadyError("SIM: it asks for a PIN: set pin_file, or take the PIN off")
        if state != READY:
            raise NotReadyError(f"SIM: {state or 'no state'}: unlock it in a telephone")

    async def _wait_for_sim(self) -> None:
        """A SIM that was just opened is busy for some seconds."""
        for _ in range(_SIM_LOOKS):
            if await self._try("AT+CPMS?", "+CPMS:") is not None:
                return
            await asyncio.sleep(self._pace.look)

    async def _dial(self, number: str, ring_seconds: float) -> None:
        """Some modems say nothing before somebody answers: the list of calls tells more."""
        with contextlib.suppress(SilentModemError):
            await self._dialog.ask(f"ATD{number};", limit=ring_seconds, dials=True)

    async def hang_up(self) -> None:
        """End every call."""
        if await self._try("AT+CHUP") is None:
            await self._try("ATH")

    async def _ask(self, command: str, prefix: str | None = "") -> list[str]:
        return await self._dialog.ask(command, prefix, limit=self._pace.command)

    async def _try(self, command: str, prefix: str | None = "") -> list[str] | None:
        """Ask for what some modems do not know; None: refused."""
        try:
            return await self._ask(command, prefix)
        except RefusedByModemError:
            return None
