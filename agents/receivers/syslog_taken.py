"""Decides what each syslog message is worth: an event and a hint, or a mere count."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from agents.observation import Observation
from agents.receiver_settings import SEVERITIES
from agents.receivers.gate import OVER_RATE, STRANGER
from agents.receivers.syslog_message import NotSyslog, is_off, read
from agents.receivers.syslog_privacy import shown
from agents.report import Event, label_value

if TYPE_CHECKING:
    from datetime import tzinfo

    from agents.receivers.gate import Gate
    from agents.receivers.out import Out
    from agents.receivers.syslog_message import Message

RECEIVER = "syslog"
TAKEN, MALFORMED, BELOW, TOO_MANY = "taken", "malformed", "below", "too_many"
RESULTS = (TAKEN, MALFORMED, BELOW, STRANGER, OVER_RATE, TOO_MANY)


class SyslogTaken:
    """What becomes of each message; knows no socket.

    Args:
        severity: What is less severe than this is counted and forgotten.
        zone: In which devices tell instants that do not say it.
    """

    def __init__(self, gate: Gate, severity: str, zone: tzinfo, out: Out) -> None:
        self._gate, self._zone, self._out = gate, zone, out
        self._least = SEVERITIES.index(severity)
        self.messages = dict.fromkeys(RESULTS, 0)

    def knows(self, address: str) -> bool:
        """Say whether a connection from this address is kept; one that is not is counted."""
        if self._gate.knows(address):
            return True
        self.messages[STRANGER] += 1
        return False

    def count(self, result: str) -> None:
        """Count what never became a message."""
        self.messages[result] += 1

    def take(self, data: bytes, address: str, at: float, monotonic: float) -> None:
        """Take one message; `at` is Unix time, `monotonic` seconds that only grow."""
        self.messages[self._judge(data, address, at, monotonic)] += 1

    def observe(self) -> list[Observation]:
        """Return what became of all messages so far."""
        name = "wanwatch_receiver_messages_total"
        found = [
            Observation(name, {"receiver": RECEIVER, "result": result}, count)
            for result, count in self.messages.items()
        ]
        return [*found, *self._out.observe()]

    def _judge(self, data: bytes, address: str, at: float, monotonic: float) -> str:
        if refused := self._gate.refuses(address, monotonic):
            return refused
        now = datetime.fromtimestamp(at, UTC)
        try:
            message = read(data, now, self._zone)
        except NotSyslog:
            return MALFORMED
        if message.severity > self._least:
            return BELOW
        self._out.tell(event_of(message, address, at, now), address, monotonic)
        return TAKEN


def event_of(message: Message, address: str, at: float, now: datetime) -> Event:
    """Return what happened, for the collector: at the instant that we heard it.

    Where the sender's own instant is another one, the text begins with it.
    """
    labels = {
        "address": address,
        "facility": message.facility,
        "severity": SEVERITIES[message.severity],
    }
    if message.app:
        labels["app"] = label_value(message.app)
    if message.host not in ("", address):
        labels["device"] = label_value(message.host)
    detail = shown(message.facility, message.text)
    if detail and message.at is not None and is_off(message, now):
        detail = f"[{message.at:%Y-%m-%dT%H:%M:%SZ}] {detail}"
    return Event("syslog", at, labels, detail)
