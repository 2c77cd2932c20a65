"""Decides what each report of voice quality is worth: values, an event, an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agents.observation import Observation
from agents.receivers.gate import OVER_RATE, STRANGER
from agents.receivers.quality_report import NotReport, QualityReport, read_report
from agents.receivers.sip_request import NotRequest, Request, answer, read_request
from agents.report import Event, label_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agents.receivers.gate import Gate
    from agents.receivers.out import Out

RECEIVER = "quality"
TAKEN, MALFORMED, REPEATED, OTHER = "taken", "malformed", "repeated", "other"
RESULTS = (TAKEN, MALFORMED, REPEATED, OTHER, STRANGER, OVER_RATE)
EVENT, TYPE = "vq-rtcpxr", "application/vq-rtcpxr"
# RFC 3261 section 17.1.2.2: a request that nobody answered is sent again for 64 x 500 ms.
REPEATED_SECONDS = 32.0
# A report says how a call was: after this it says nothing any more.
TOLD_SECONDS = 300.0
MOST_REPORTERS, MOST_REMEMBERED = 20, 500
EXPIRES_SECONDS = 60


class _Last(NamedTuple):
    report: QualityReport
    at: float


class QualityTaken:
    """What becomes of each request; knows no socket.

    Args:
        tag: Marks our answers: any letters and digits.
        target_at: Returns which target has an address; empty where none is known.
    """

    def __init__(
        self, gate: Gate, tag: str, out: Out, target_at: Callable[[str], str] = lambda _: ""
    ) -> None:
        self._gate, self._tag, self._out, self._target_at = gate, tag, out, target_at
        self._last: dict[str, _Last] = {}
        self._seen: dict[tuple[str, str], float] = {}
        self._now = 0.0
        self.messages = dict.fromkeys(RESULTS, 0)

    def take(self, data: bytes, peer: tuple[str, int], at: float, monotonic: float) -> bytes:
        """Return what is to be answered; empty for nothing.

        Args:
            peer: From where it came, the address as `gate.plain_address` gives it.
            at: Unix time in seconds.
            monotonic: Seconds that only grow.
        """
        self._now = monotonic
        result = self._gate.refuses(peer[0], monotonic)
        said = b""
        if not result:
            try:
                result, said = self._read(read_request(data), peer, at, monotonic)
            except NotRequest:
                result = MALFORMED
        self.messages[result] += 1
        return said

    def observe(self, now: float) -> list[Observation]:
        """Return what became of all requests, and what was reported in the last minutes."""
        name = "wanwatch_receiver_messages_total"
        found = [
            Observation(name, {"receiver": RECEIVER, "result": result}, count)
            for result, count in self.messages.items()
        ]
        for address, last in list(self._last.items()):
            if now - last.at <= TOLD_SECONDS:
                target = self._target_at(address)
                whose = {"target": target} if target else {"address": address}
                found += values_of(whose, last.report)
        return [*found, *self._out.observe()]

    def _read(
        self, request: Request, peer: tuple[str, int], at: float, monotonic: float
    ) -> tuple[str, bytes]:
        if request.method == "ACK":
            return OTHER, b""
        if request.method not in ("PUBLISH", "NOTIFY"):
            refusal = "405 Method Not Allowed"
            return OTHER, answer(request, refusal, self._tag, peer, "Allow: PUBLISH, NOTIFY")
        if request.first("event").partition(";")[0].strip().lower() != EVENT:
            return OTHER, answer(
                request, "489 Bad Event", self._tag, peer, f"Allow-Events: {EVENT}"
            )
        try:
            report = read_report(request.body)
        except NotReport:
            return MALFORMED, answer(request, "400 Bad Request", self._tag, peer)
        expires = f"Expires: {EXPIRES_SECONDS}"
        taken = answer(request, "200 OK", self._tag, peer, f"SIP-ETag: {self._tag}", expires)
        if self._is_repeated(request, monotonic):
            return REPEATED, taken
        self._keep(peer[0], report, monotonic)
        self._out.tell(event_of(report, peer[0], at), peer[0], monotonic)
        return TAKEN, taken

    def _is_repeated(self, request: Request, now: float) -> bool:
        """Say whether this request came before: its answer was lost, or was late."""
        key = request.first("call-id"), request.first("cseq")
        before = self._seen.pop(key, None)
        self._seen[key] = now
        while len(self._seen) > MOST_REMEMBERED:
            del self._seen[next(iter(self._seen))]
        return before is not None and now - before <= REPEATED_SECONDS

    def _keep(self, address: str, report: QualityReport, now: float) -> None:
        self._last.pop(address, None)
        self._last[address] = _Last(report, now)
        while len(self._last) > MOST_REPORTERS:
            del self._last[next(iter(self._last))]


def values_of(whose: dict[str, str], report: QualityReport) -> Iterator[Observation]:
    """Yield what a report says of each end; R and MOS by the name of their scale.

    Args:
        whose: The label that says who reported it.
    """
    for name, side in report.sides.items():
        labels = {**whose, "side": name}
        for metric, value in side.values.items():
            is_rated = metric.endswith(("mos", "r_factor"))
            more = {"scale": side.scale} if is_rated else {}
            yield Observation(f"wanwatch_voice_{metric}", {**labels, **more}, value)


def event_of(report: QualityReport, address: str, at: float) -> Event:
    """Return what happened, for the collector: how bad it was at the worse end."""
    labels = {"address": address, "report": report.kind}
    if report.far_address:
        labels["far"] = label_value(report.far_address)
    sides = report.sides.values()
    codec = next((side.codec for side in sides if side.codec), "")
    if codec:
        labels["codec"] = label_value(codec)
    for metric, worst in (("lost_ratio", max), ("jitter_seconds", max), ("listening_mos", min)):
        known = [side.values[metric] for side in sides if metric in side.values]
        if known:
            labels[metric] = f"{worst(known):g}"
    return Event("quality", at, labels)
