"""What leaves: the message first, then the call; an id that has left does not leave again."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from loguru import logger

from collector.relay.dialog import RefusedByModemError, SilentModemError
from collector.relay.keeper import RANK_MESSAGE, RANK_RING
from collector.relay.memory import WAITING
from collector.relay.modem import NotReadyError
from collector.relay.port import PortLostError
from incidents.modem import faults, gsm7, parts, pdu

if TYPE_CHECKING:
    from collector.relay.keeper import Keeper
    from collector.relay.memory import Memory, Sent
    from incidents.modem.parts import Part
    from incidents.modem.ringing import Rang


class NotSentError(Exception):
    """A message did not leave as a whole.

    Attributes:
        retryable: The same again may work.
        ambiguous: A part of it may have arrived.
    """

    def __init__(self, why: str, *, retryable: bool, ambiguous: bool) -> None:
        super().__init__(why)
        self.retryable, self.ambiguous = retryable, ambiguous


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants to leave: `rank` from 1, the lowest first."""

    id: str
    number: str
    text: str
    voice: bool = False
    rank: int = RANK_MESSAGE


@dataclass(frozen=True, slots=True)
class Manner:
    """How messages leave: see the settings of the same names."""

    strip_marks: bool = False
    max_parts: int = 4
    validity: timedelta = timedelta(hours=4)
    reports: bool = False
    ring_seconds: float = 45.0


class Outgoing:
    """Sends orders through the modem; the same one, asked for twice at once, leaves once."""

    def __init__(self, keeper: Keeper, memory: Memory, manner: Manner) -> None:
        self._keeper, self._memory, self._manner = keeper, memory, manner
        self._under_way: dict[str, asyncio.Task[Sent]] = {}
        self._calls: set[asyncio.Task[None]] = set()
        self.counted: dict[str, int] = dict.fromkeys(("sent", "refused", "unknown", "not_ready"), 0)
        self.calls: dict[str, int] = {}
        self.parts_sent = 0

    async def send(self, order: Order) -> Sent:
        """Send an order and return when the network has taken it; the call goes on after that.

        Raises:
            NotSentError: It did not leave; the call is made nevertheless.
        """
        task = self._under_way.get(order.id)
        if task is None:
            task = asyncio.create_task(self._send(order))
            self._under_way[order.id] = task
            task.add_done_callback(partial(self._forget, order.id))
        return await asyncio.shield(task)

    def _forget(self, message_id: str, task: asyncio.Task[Sent]) -> None:
        self._under_way.pop(message_id, None)
        if not task.cancelled():
            task.exception()  # who asked may be gone; it is in the counters

    async def settle(self) -> None:
        """Wait for the calls that are still to be made."""
        while self._calls:
            await asyncio.wait(self._calls)

    async def _send(self, order: Order) -> Sent:
        try:
            known = self._memory.of(order.id)
            if not known.has_left:
                await self._send_parts(order, known)
        finally:
            self._call_later(order)
        return self._memory.of(order.id)

    async def _send_parts(self, order: Order, known: Sent) -> None:
        pieces = cut(order, self._manner)
        digest = hashlib.sha256(f"{order.number}\n{order.text}".encode()).hexdigest()
        if (known.digest, known.parts) != (digest, len(pieces)):
            known = replace(known, digest=digest, parts=len(pieces), sent=0, references=())
        for piece in pieces[known.sent :]:
            reference = await self._send_part(order, piece, is_first=known.sent == 0)
            references = (*known.references, reference)
            known = replace(known, sent=known.sent + 1, references=references)
            self._memory.keep(known)
            self.parts_sent += 1
        self.counted["sent"] += 1

    async def _send_part(self, order: Order, piece: Part, *, is_first: bool) -> int:
        manner = self._manner
        message = pdu.submit(order.number, piece, validity=manner.validity, report=manner.reports)
        try:
            return await self._keeper.do(order.rank, lambda modem: modem.send(message))
        except NotReadyError as error:
            self.counted["not_ready"] += 1
            raise NotSentError(str(error), retryable=True, ambiguous=not is_first) from None
        except RefusedByModemError as error:
            self.counted["refused"] += 1
            may_pass = faults.fault_of(error.failure).may_pass
            raise NotSentError(str(error), retryable=may_pass, ambiguous=not is_first) from None
        except (SilentModemError, PortLostError) as error:
            self.counted["unknown"] += 1
            raise NotSentError(str(error), retryable=True, ambiguous=True) from None

    def _call_later(self, order: Order) -> None:
        """Have the call made once: whatever became of the message, and whoever asks again."""
        known = self._memory.of(order.id)
        if not order.voice or known.voice:
            return
        self._memory.keep(replace(known, voice=WAITING))
        task = asyncio.create_task(self._call(order))
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _call(self, order: Order) -> None:
        seconds = self._manner.ring_seconds
        try:
            rang: Rang = await self._keeper.do(
                RANK_RING, lambda modem: modem.ring(order.number, seconds)
            )
            result, took, why = str(rang.result), rang.seconds, rang.why
        except (NotReadyError, SilentModemError, PortLostError, RefusedByModemError) as error:
            result, took, why = "", 0.0, str(error)
        self.calls[result or "not made"] = self.calls.get(result or "not made", 0) + 1
        logger.info("call for message {}: {} after {:.0f} s {}", order.id, result, took, why)
        known = self._memory.of(order.id)
        self._memory.note_later(replace(known, voice=result, voice_seconds=round(took, 1)))


def cut(order: Order, manner: Manner) -> list[Part]:
    """Return the parts of an order; always the same for the same order."""
    text = gsm7.without_marks(order.text) if manner.strip_marks else order.text
    reference = hashlib.sha256(order.id.encode()).digest()[0]
    return parts.cut(parts.shorten(text, manner.max_parts), reference=reference)
