"""Decides what each SNMP message is worth: an event and a hint, an answer, or a mere count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.observation import Observation
from agents.receivers.meaning import Pairs, meaning_of
from agents.receivers.notification import V3, NotSnmp, Pdu, read_message, read_version
from agents.receivers.syslog_privacy import DEVICE, shown
from agents.receivers.traps import KNOWN
from agents.receivers.v3_engine import ASKED, DENIED, STALE
from agents.report import Event, label_value

if TYPE_CHECKING:
    from collections.abc import Collection

    from agents.receivers.gate import Gate
    from agents.receivers.meaning import Meaning
    from agents.receivers.notification import Notification
    from agents.receivers.out import Out
    from agents.receivers.v3_engine import Engine

RECEIVER = "trap"
TAKEN, MALFORMED, STRANGER, OVER_RATE = "taken", "malformed", "stranger", "over_rate"
RESULTS = (TAKEN, MALFORMED, STRANGER, OVER_RATE, DENIED, STALE, ASKED)
MOST_ENTERPRISES = 20
OTHERS = "others"
_PRIVATE = "1.3.6.1.4.1."


class TrapsTaken:
    """What becomes of each message; knows no socket.

    Args:
        communities: What a message of v1 or v2c must show one of.
        engine: Takes those of v3; None where there is no user of it.
    """

    def __init__(
        self, gate: Gate, communities: Collection[str], engine: Engine | None, out: Out
    ) -> None:
        self._gate, self._engine, self._out = gate, engine, out
        self._communities = frozenset(one.encode() for one in communities)
        self._pairs = Pairs()
        self._unknown: dict[str, int] = {}
        self.messages = dict.fromkeys(RESULTS, 0)

    def take(self, message: bytes, address: str, at: float, monotonic: float) -> bytes:
        """Return what is to be answered; empty for nothing.

        Args:
            address: Where it came from, as `gate.plain_address` gives it.
            at: Unix time in seconds.
            monotonic: Seconds that only grow.
        """
        result = self._gate.refuses(address, monotonic)
        answer = b""
        if not result:
            try:
                result, pdu, answer = self._read(message)
            except NotSnmp:
                result, pdu = MALFORMED, None
            if pdu is not None:
                self._tell(pdu.said, address, at, monotonic)
        self.messages[result] += 1
        return answer

    def observe(self) -> list[Observation]:
        """Return what became of all messages so far, and what nobody knows the meaning of."""
        name, unknown = "wanwatch_receiver_messages_total", "wanwatch_receiver_unknown_traps_total"
        found = [
            Observation(name, {"receiver": RECEIVER, "result": result}, count)
            for result, count in self.messages.items()
        ]
        found += [Observation(unknown, {"enterprise": e}, n) for e, n in self._unknown.items()]
        open_ = Observation("wanwatch_receiver_open_problems", {"receiver": RECEIVER}, 0)
        return [*found, open_._replace(value=len(self._pairs)), *self._out.observe()]

    def _read(self, message: bytes) -> tuple[str, Pdu | None, bytes]:
        if read_version(message) == V3:
            if self._engine is None:
                return DENIED, None, b""
            taken = self._engine.take(message)
            return taken.refused or TAKEN, taken.pdu, taken.answer
        read = read_message(message)
        if read.community not in self._communities:
            return DENIED, None, b""
        return TAKEN, read.pdu, read.acknowledgement()

    def _tell(self, said: Notification, address: str, at: float, monotonic: float) -> None:
        meaning = meaning_of(said, KNOWN)
        if meaning is None:
            self._count_unknown(said.kind)
            event = Event("trap.unknown", at, {"address": address, "oid": label_value(said.kind)})
        else:
            seconds = self._pairs.seconds(address, meaning, monotonic)
            event = event_of(meaning, said, address, at, seconds)
        self._out.tell(event, address, monotonic)

    def _count_unknown(self, kind: str) -> None:
        key = enterprise_of(kind)
        if key not in self._unknown and len(self._unknown) >= MOST_ENTERPRISES:
            key = OTHERS
        self._unknown[key] = self._unknown.get(key, 0) + 1


def event_of(
    meaning: Meaning, said: Notification, address: str, at: float, open_seconds: float | None
) -> Event:
    """Return what happened, for the collector."""
    labels = {"address": address, "phase": str(meaning.phase), **meaning.labels}
    if meaning.key:
        labels["key"] = meaning.key
    if said.agent_address not in ("", "0.0.0.0", address):  # noqa: S104 - it names nobody
        labels["device"] = said.agent_address
    if open_seconds is not None:
        labels["open_seconds"] = f"{open_seconds:.0f}"
    fit = {name: label_value(text) for name, text in labels.items()}
    return Event(f"trap.{meaning.kind}", at, fit, shown(DEVICE, meaning.detail))


def enterprise_of(kind: str) -> str:
    """Return whose notification it is: the enterprise, or the standard's first eight numbers."""
    if kind.startswith(_PRIVATE):
        return _PRIVATE + kind.removeprefix(_PRIVATE).partition(".")[0]
    return ".".join(kind.split(".")[:8])
