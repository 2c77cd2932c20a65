"""What comes in: read from the modem's store, handed to the collector, deleted when taken."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
from loguru import logger

from collector.relay import PHONE_PATH, RECEIPT_PATH
from collector.relay.dialog import RefusedByModemError, SilentModemError
from collector.relay.keeper import RANK_STORE
from collector.relay.modem import NotReadyError
from collector.relay.port import PortLostError
from incidents.modem import pdu
from incidents.modem.joining import Incoming, Stored, join
from incidents.modem.pdu import Deliver, InvalidPduError, StatusReport

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from collector.relay.keeper import Keeper
    from collector.relay.memory import Memory, Sent
    from collector.relay.modem import Modem

LIMIT_SECONDS = 10.0
AGAIN_SECONDS = 10.0
# A reply is short; what nobody could take would stay in the modem for ever.
MAX_TEXT = 2_000


class Inbox:
    """Empties the modem's store into `hand_over`.

    Args:
        hand_over: Returns whether the text was taken for good.
    """

    def __init__(
        self, memory: Memory, hand_over: Callable[[Incoming], Awaitable[bool]] | None
    ) -> None:
        self._memory, self._hand_over = memory, hand_over
        self.keeper: Keeper | None = None
        self._seen: dict[tuple[int, str], float] = {}
        self._waiting: dict[str, tuple[int, Incoming]] = {}
        self._wake = asyncio.Event()
        self.counted = dict.fromkeys(("taken", "refused", "unreadable", "receipts"), 0)

    @property
    def waiting(self) -> int:
        """How many texts wait for the collector."""
        return len(self._waiting)

    async def look(self, modem: Modem) -> None:
        """Read the store; receipts are counted and deleted, texts wait to be handed over."""
        if self.keeper is None:
            return
        now, session = asyncio.get_running_loop().time(), self.keeper.session
        seen: dict[tuple[int, str], float] = {}
        messages: list[Stored] = []
        for index, raw in await modem.stored():
            seen[index, raw] = self._seen.get((index, raw), now)
            message = self._read(raw, is_new=(index, raw) not in self._seen)
            if isinstance(message, Deliver):
                messages.append(Stored(index, raw, message, seen[index, raw]))
            else:
                await modem.delete(index)
        self._seen = seen
        if self._hand_over is None:
            return
        for incoming in join(messages, now):
            self._waiting[incoming.id] = (session, incoming)
        if self._waiting:
            self._wake.set()

    def note_report(self, raw: str) -> None:
        """Take a receipt of the network."""
        self._read(raw, is_new=True)

    async def run(self) -> None:
        """Hand over what waits, until cancelled; what is not taken is tried again."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            for session, incoming in list(self._waiting.values()):
                await self._try(session, incoming)
            if self._waiting:
                await asyncio.sleep(AGAIN_SECONDS)
                self._wake.set()

    async def _try(self, session: int, incoming: Incoming) -> None:
        if self._hand_over is None or not await self._hand_over(incoming):
            self.counted["refused"] += 1
            return
        self.counted["taken"] += 1
        keeper = self.keeper
        del self._waiting[incoming.id]
        if keeper is None or keeper.session != session:
            return  # it is found again, handed over again under the same id, and deleted then
        try:
            for index in incoming.indices:
                await keeper.do(RANK_STORE, partial(_delete, index), needs_network=False)
        except (NotReadyError, SilentModemError, PortLostError, RefusedByModemError) as error:
            logger.warning("a message that was taken is still in the modem: {}", error)

    def _read(self, raw: str, *, is_new: bool) -> Deliver | None:
        try:
            message = pdu.read(raw)
        except InvalidPduError as error:
            self.counted["unreadable"] += 1
            logger.warning("a stored message cannot be read and is deleted: {}: {}", error, raw)
            return None
        if isinstance(message, StatusReport):
            self.counted["receipts"] += is_new
            if message.is_delivered and is_new:
                self._memory.note_delivered(message.reference)
            return None
        return message


async def _delete(index: int, modem: Modem) -> None:
    await modem.delete(index)


class CollectorDoor:
    """Hands texts and receipts to the collector over HTTP."""

    def __init__(self, client: httpx.AsyncClient, url: str, token: str) -> None:
        self._client, self._url, self._token = client, url.rstrip("/"), token
        self._problem = ""

    async def hand_over(self, incoming: Incoming) -> bool:
        """Post one text; return whether the collector answered that it has it."""
        body = {
            "id": incoming.id,
            "number": incoming.number,
            "text": incoming.text[:MAX_TEXT],
            "sent_at": incoming.sent_at.isoformat() if incoming.sent_at else None,
            "is_whole": incoming.is_whole,
        }
        problem = await self._post(PHONE_PATH, body, incoming.id)
        if problem != self._problem:
            said = f"does not take messages: {problem}" if problem else "takes messages again"
            logger.warning("the collector {}; they wait in the modem", said)
        self._problem = problem
        return not problem

    async def tell(self, sent: Sent) -> bool:
        """Post what became of a message; return whether the collector has it."""
        body = {
            "id": sent.id,
            "parts": sent.parts,
            "sent": sent.sent,
            "delivered": sent.delivered,
            "voice": sent.voice,
            "voice_seconds": sent.voice_seconds,
        }
        return not await self._post(RECEIPT_PATH, body, "")

    async def _post(self, path: str, body: dict[str, Any], key: str) -> str:
        """Return why the collector has not taken it; empty: it has."""
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": key}
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                answer = await self._client.post(self._url + path, json=body, headers=headers)
        except (httpx.HTTPError, TimeoutError) as error:
            return type(error).__name__
        return "" if answer.is_success else f"HTTP {answer.status_code}"
