"""The door for reports: bound → verify → read → limit → clone? → duplicate? → journal → 202.

Nothing is acknowledged before it is durable; nothing that is refused has any effect.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections import Counter, deque
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from loguru import logger
from nacl.exceptions import BadSignatureError

from agents.report import MAX_COMPRESSED_BYTES
from collector.identity import quarantine
from collector.limits import Pressure, Vitals, retry_after, shed_reason
from collector.ranges import Arrival, receive
from collector.rates import Rates
from collector.stream import Kind, StreamRecord, StreamUnavailable
from collector.wire import MAX_SECTIONS, WireReport, read
from collector.wire_json import RejectedReport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from collector.alerts_in.door import AcceptedAlerts
    from collector.fleet import Fleet, Host
    from collector.stream import Bookmark, Stream

    Reply = Callable[["Answer"], None]

SIGNATURE_BYTES = 64
# How a request may end: the closed set of labels on /metrics.
RESULTS = (
    "accepted", "bad_signature", "clone", "duplicate", "failed", "quarantined", "rate_limited",
    "refused", "shed_disk", "shed_loop", "shed_queue", "too_large", "too_many_ranges",
    "unavailable", "unit_limited", "unknown_key",
)  # fmt: skip
SHED_RESULTS = ("shed_disk", "shed_loop", "shed_queue", "unavailable")
SHED_RETRY_SECONDS = 30
RANGES_RETRY_SECONDS = 1  # the oldest, which closes a gap, is taken at once
DISK_RETRY_SECONDS = 15
# The kind of event with which an agent ends in order.
GOODBYE = "agent.goodbye"
MAX_FAREWELL_CHARACTERS = 20


class Answer(NamedTuple):
    """What the agent is told."""

    status: int
    body: dict[str, Any]
    retry_after_seconds: int | None = None


class Accepted(NamedTuple):
    """A durable report that waits to be judged, and where the stream goes on after it."""

    host: Host
    report: WireReport
    received_at: datetime
    following: Bookmark


class _Refusal(Exception):
    def __init__(self, result: str, answer: Answer) -> None:
        self.result, self.answer = result, answer


class Door:
    """Takes one request after another; the state per key is the fleet's.

    Attributes:
        accepted: What waits to be judged, in the order of the stream.
        arrived: Set when something was added to `accepted`.
        results: How many requests ended how.
        passed: Where the stream goes on after the last record whose effect is in `accepted`.
        contacts: Hosts whose state was changed by a record that is not judged; the tables must
            know it before the stream is passed over.
        quarantined: Hosts whose key was just found to be used by two machines.
        rates: How often hosts may come, and how fast they may hand over a backlog.

    Args:
        known: What else a 202 says: for the page at the machine, and what to look at.
    """

    def __init__(
        self,
        fleet: Fleet,
        stream: Stream,
        *,
        secret: bytes,
        vitals: Vitals,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        known: Callable[[Host], Mapping[str, Any]] = lambda _: {},
    ) -> None:
        self._fleet, self._stream = fleet, stream
        self._secret, self._vitals = secret, vitals
        self._now, self._monotonic = now, monotonic
        self._known = known
        self.accepted: deque[Accepted | AcceptedAlerts] = deque()
        self.arrived = asyncio.Event()
        self.results: Counter[str] = Counter()
        self.passed: Bookmark | None = None
        self.contacts: dict[str, Host] = {}
        self.quarantined: dict[str, Host] = {}
        self.rates = Rates(vitals)

    @property
    def shed_count(self) -> int:
        """Return how many requests were refused for our own sake, not for the agent's."""
        return sum(self.results[result] for result in SHED_RESULTS)

    async def accept(self, agent: str, signature: str, encoding: str, body: bytes) -> Answer:
        """Take one request and return what `submit` replies."""
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def reply(answer: Answer) -> None:
            if not answered.done():
                answered.set_result(answer)

        self.submit(agent, signature, encoding, body, reply)
        return await answered

    def submit(self, agent: str, signature: str, encoding: str, body: bytes, reply: Reply) -> None:
        """Take one request: the headers X-Agent, X-Signature, Content-Encoding, and the body.

        `reply` is called once: at once with a refusal, or when what must be durable is.
        """
        try:
            self._take(agent, signature, encoding, body, reply)
        except _Refusal as refusal:
            self._finish(reply, refusal.result, refusal.answer)
        except RejectedReport as rejected:
            answer = Answer(rejected.status, {"field": rejected.field, "error": rejected.reason})
            self._finish(reply, "too_large" if rejected.status == 413 else "refused", answer)
        except Exception as error:  # noqa: BLE001 - a fault of ours costs this request alone
            self._failed(reply, error)

    def store(
        self, host: Host, report: WireReport, body: bytes, received_at: datetime, reply: Reply
    ) -> None:
        """Take a report that was made here of what another door took, in its host's name."""
        self._store(host, report, "", "", body, reply, received_at)

    def _finish(self, reply: Reply, result: str, answer: Answer) -> None:
        self.results[result] += 1
        reply(answer)

    def _failed(self, reply: Reply, error: Exception) -> None:
        if isinstance(error, StreamUnavailable):
            self._finish(reply, "unavailable", _later(str(error), DISK_RETRY_SECONDS))
            return
        logger.opt(exception=error).error("a report could not be taken for a fault of ours")
        self._finish(reply, "failed", Answer(500, {"error": "an error of the collector"}))

    def _take(self, agent: str, signature: str, encoding: str, body: bytes, reply: Reply) -> None:
        if len(body) > MAX_COMPRESSED_BYTES:
            raise RejectedReport(413, "body", f"at most {MAX_COMPRESSED_BYTES} bytes")
        host = self._verified(agent, signature, body)
        if (too_many := self.rates.count(host, self._monotonic())) is not None:
            answer = _later(too_many.reason, retry_after(too_many.seconds))
            raise _Refusal(too_many.result, answer)
        if encoding.strip().lower() != "gzip":
            raise RejectedReport(422, "Content-Encoding", "must be gzip")
        report = read(body, host.layouts)
        if report.agent != agent:
            raise RejectedReport(422, "agent", "is not the agent whose key signed this")
        self._check_load(host, report)
        self._refuse_clone(host, report)
        state = host.handed.answer(self._secret, agent, report.state, report.seq, body)
        arrival, _ = receive(host.received, report.seq, report.oldest)
        if arrival is Arrival.TOO_MANY_RANGES:
            said = {"error": "too many gaps between sequence numbers", "oldest_first": True}
            raise _Refusal("too_many_ranges", Answer(503, said, RANGES_RETRY_SECONDS))
        if arrival is Arrival.DUPLICATE:
            self._duplicate(host, report, signature, state, reply)
        else:
            self._store(host, report, signature, state, body, reply, self._now())

    def _verified(self, agent: str, signature: str, body: bytes) -> Host:
        host = self._fleet.hosts.get(agent)
        if host is None or host.key is None:
            raise _Refusal("unknown_key", _nobody("this key is not enrolled here"))
        try:
            raw = base64.b64decode(signature, validate=True)
            if len(raw) != SIGNATURE_BYTES:
                raise ValueError(f"{len(raw)} bytes")
            host.verify(body, raw, self._now)
        except (binascii.Error, ValueError, BadSignatureError):
            reason = "the signature is not this key's over this body"
            raise _Refusal("bad_signature", _nobody(reason)) from None
        return host

    def _check_load(self, host: Host, report: WireReport) -> None:
        """Refuse for now what is too much for us; a report with events is never shed."""
        if report.events:
            _wait(host.event_bucket.wait_seconds(len(report.events), self._monotonic()))
        vitals = self._vitals
        pressure = Pressure(vitals.disk_free_ratio, vitals.loop_lag_seconds, len(self.accepted))
        reason = shed_reason(pressure, has_events=bool(report.events))
        if reason is not None:
            answer = _later(f"the collector is short of its {reason}", SHED_RETRY_SECONDS)
            raise _Refusal(f"shed_{reason}", answer)

    def _refuse_clone(self, host: Host, report: WireReport) -> None:
        """Refuse all data of a key that two machines use, from the first sign of it."""
        if host.quarantined_at is not None:
            if quarantine.note_contact(host, report, self._now()):
                self.contacts[host.agent] = host
                self.arrived.set()
            raise _Refusal("quarantined", _conflict("waits until a person attaches it again"))
        if host.handed.allows(report.state) or host.handed.has_forgotten(
            self._secret, host.agent, report.state
        ):
            return
        if quarantine.is_used_twice(host, report):
            host.quarantined_at = self._now()
            self.contacts[host.agent] = self.quarantined[host.agent] = host
            self.arrived.set()
        raise _Refusal("clone", _conflict("its state is not the one handed out"))

    def _duplicate(
        self, host: Host, report: WireReport, signature: str, state: str, reply: Reply
    ) -> None:
        """Rotate the state and nothing else: neither data nor a sign of life."""
        if host.handed.after(report.state, state) == host.handed:
            self._finish(reply, "duplicate", self._again(host, state))
            return
        presented = report.state.encode()
        record = StreamRecord(Kind.CONTACT, host.agent, self._now(), signature, state, presented)

        def stored(following: Bookmark) -> None:
            host.handed = host.handed.after(report.state, state)
            self.passed = following
            self.contacts[host.agent] = host
            self._finish(reply, "duplicate", self._again(host, state))

        self._stream.submit(record, stored, partial(self._failed, reply))

    def _store(
        self,
        host: Host,
        report: WireReport,
        signature: str,
        state: str,
        body: bytes,
        reply: Reply,
        received_at: datetime,
    ) -> None:
        record = StreamRecord(Kind.REPORT, host.agent, received_at, signature, state, body)

        def stored(following: Bookmark) -> None:
            arrival = take(host, report, state, received_at)
            self.passed = following
            if arrival is Arrival.DUPLICATE:  # its twin was stored while this one waited
                self.contacts[host.agent] = host
                self._finish(reply, "duplicate", self._again(host, state))
                return
            self.accepted.append(Accepted(host, report, received_at, following))
            self.arrived.set()
            self._finish(reply, "accepted", Answer(202, self._said(host, state)))

        self._stream.submit(record, stored, partial(self._failed, reply))

    def _said(self, host: Host, state: str) -> dict[str, Any]:
        granted = self.rates.granted(host, len(self.accepted), self._monotonic())
        return {"state": state, **granted, **self._known(host)}

    def _again(self, host: Host, state: str) -> Answer:
        following = host.received.highest + 1
        return Answer(202, {"duplicate": True, "next": following, **self._said(host, state)})


def take(host: Host, report: WireReport, state: str, received_at: datetime) -> Arrival:
    """Take over what a durable report says of its key: live, and again when replaying."""
    host.handed = host.handed.after(report.state, state)
    arrival, host.received = receive(host.received, report.seq, report.oldest)
    host.last_report_at = received_at
    host.newest_sent_at = max(host.newest_sent_at, report.sent_at)
    if report.seq >= host.received.highest:  # the backlog takes back no goodbye and no new boot
        host.boot = report.boot
        host.farewell = farewell_of(report) if report.events else ""
    for name, section in report.sections.items():
        host.sections.pop(name, None)
        host.sections[name] = section.digest
    while len(host.sections) > MAX_SECTIONS:  # the ones not heard of for the longest time
        del host.sections[next(iter(host.sections))]
    return arrival


def farewell_of(report: WireReport) -> str:
    """Return why the agent says goodbye in this report: `shutdown`, `stop`; empty: it does not."""
    said = (event.labels.get("why", "stop") for event in report.events if event.kind == GOODBYE)
    return next(said, "")[:MAX_FAREWELL_CHARACTERS]


def _wait(seconds: float) -> None:
    if seconds > 0:
        answer = _later("too many requests from this agent", retry_after(seconds))
        raise _Refusal("rate_limited", answer)


def _later(reason: str, seconds: int) -> Answer:
    return Answer(503, {"error": reason}, seconds)


def _nobody(reason: str) -> Answer:
    return Answer(401, {"error": reason})


def _conflict(reason: str) -> Answer:
    return Answer(409, {"field": "state", "error": f"this key is used by two machines: {reason}"})
