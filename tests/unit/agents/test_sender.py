"""The sender against a collector that answers as told: order, state, waiting, what is kept."""

from __future__ import annotations

import base64
import gzip
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from nacl.signing import VerifyKey

from agents.delivery import Answer
from agents.identity import load_or_create
from agents.sender import Sender
from tests.unit.agents.spools import EVENT, Clocks, held, metrics, open_spool, sample

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from agents.last_sent import LastSent
    from agents.spool import Spool

LOST = Answer(None, reason="no answer within 10 s")
REFUSED_CONNECTION = Answer(None, reason="connection refused", may_have_arrived=False)


class FakeCollector:
    """Answers from a list, then 202 with a new state each time; keeps what it was sent."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.bodies: list[dict[str, Any]] = []
        self.requests: list[tuple[bytes, Mapping[str, str]]] = []

    @property
    def seqs(self) -> list[int]:
        return [body["seq"] for body in self.bodies]

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        self.requests.append((body, headers))
        self.bodies.append(json.loads(gzip.decompress(body)))
        if self.answers:
            return self.answers.pop(0)
        return Answer(202, {"state": f"s{len(self.bodies)}", "plan": "p"})

    def abort(self) -> None: ...

    def close(self) -> None: ...


class Bench:
    """A spool, a sender and a collector with time under control."""

    def __init__(self, directory: Path) -> None:
        self.clocks = Clocks()
        self.directory = directory
        self.collector = FakeCollector()
        self.kept: list[LastSent] = []
        self.jitter = 0.0
        self.restart()

    def restart(self) -> None:
        self.spool: Spool = open_spool(self.directory, self.clocks)
        self.identity = load_or_create(self.directory)
        self.sender = Sender(
            self.spool,
            self.collector,
            self.identity,
            collector="http://collector",
            keep_last=self.kept.append,
            now=lambda: self.clocks.wall,
            monotonic=lambda: self.clocks.up,
            jitter=lambda: self.jitter,
        )

    def add(self, count: int = 1) -> None:
        for _ in range(count):
            self.spool.add([sample()])

    def drain(self, turns: int = 50) -> float | None:
        """Take turns until there is something to wait for."""
        for _ in range(turns):
            wait = self.sender.turn()
            if wait is None or wait > 0:
                return wait
        return 0.0

    def live(self, seconds: float) -> None:
        """Let the sender work for so long."""
        end = self.clocks.up + seconds
        while self.clocks.up < end:
            wait = self.sender.turn()
            self.clocks.forward(min(end - self.clocks.up, end if wait is None else wait))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_sender_signs_the_body_that_goes_out(bench: Bench) -> None:
    """The signature covers the exact bytes, and names the agent."""
    bench.add()
    bench.drain()

    body, headers = bench.collector.requests[0]
    assert headers["Content-Encoding"] == "gzip"
    assert headers["X-Agent"] == bench.identity.agent
    VerifyKey(bench.identity.public_key).verify(body, base64.b64decode(headers["X-Signature"]))


def test_sender_hands_back_the_state_of_the_last_answer(bench: Bench) -> None:
    """Each request carries what the answer before it gave; over a restart too."""
    bench.add()
    bench.drain()
    bench.restart()
    bench.add()
    bench.drain()

    assert [body["state"] for body in bench.collector.bodies] == ["", "s1"]
    assert bench.spool.plan == "p"


def test_sender_waits_until_woken_when_all_is_delivered(bench: Bench) -> None:
    """Nothing held: no request, no time set."""
    assert bench.drain() is None


@pytest.mark.parametrize("status", [401, 409, 503, 500, None])
def test_sender_keeps_the_report_and_backs_off(bench: Bench, status: int | None) -> None:
    """The wait grows with each failure and ends with the first success."""
    bench.collector.answers = [Answer(status, reason="x")] * 3
    bench.add()

    waits = []
    for _ in range(3):
        waits.append(bench.drain())
        bench.clocks.forward(waits[-1] or 0)
    assert waits == [0.5, 1.0, 2.0]
    assert held(bench.spool) == [1]

    assert bench.drain() is None
    assert held(bench.spool) == []


def test_sender_honours_retry_after(bench: Bench) -> None:
    """Not a request before the collector wants one, not even a live one."""
    bench.collector.answers = [Answer(503, {}, retry_after_seconds=20)]
    bench.add()
    assert bench.drain() == 20

    bench.add()
    bench.clocks.forward(19)
    assert bench.drain() == pytest.approx(1)
    assert len(bench.collector.requests) == 1


@pytest.mark.parametrize("status", [413, 422])
def test_sender_moves_a_refused_report_aside_and_goes_on_at_once(bench: Bench, status: int) -> None:
    """One bad report never holds up the next."""
    bench.add(2)
    bench.collector.answers = [Answer(status, {"field": "samples[3]"})]

    assert bench.drain() is None
    assert bench.collector.seqs == [2, 1]
    assert metrics(bench.spool)["refused_reports_total"] == 1
    kept = (bench.directory / "refused" / f"{2:016d}.json.gz").read_bytes()
    assert kept == bench.collector.requests[0][0]


def test_sender_delivers_backlog_oldest_first_between_live_reports(bench: Bench) -> None:
    """After an outage: the newest at once, then the old ones, and each new one in between."""
    bench.collector.answers = [REFUSED_CONNECTION]
    bench.add(5)
    bench.clocks.forward(bench.drain() or 0)

    bench.live(1.0)
    bench.spool.add([], [EVENT])
    bench.live(2.0)

    assert bench.collector.seqs == [5, 5, 1, 2, 6, 3, 4]
    assert [body["oldest"] for body in bench.collector.bodies[1:]] == [1, 1, 2, 3, 3, 4]
    assert [sent.lane for sent in bench.kept[1:3]] == ["live", "backlog"]


def test_sender_tries_the_oldest_after_a_live_report_was_put_off(bench: Bench) -> None:
    """A collector that keeps no more gaps takes the one report that closes a gap."""
    bench.collector.answers = [Answer(503, {}, retry_after_seconds=60)]
    bench.add(3)
    bench.clocks.forward(bench.drain() or 0)
    bench.live(1.0)

    assert bench.collector.seqs == [3, 1, 3, 2]


def test_sender_delivers_what_an_earlier_run_left_behind(bench: Bench) -> None:
    """Reports from before the restart are backlog."""
    bench.add(3)
    bench.restart()

    bench.live(2.0)
    assert bench.collector.seqs == [1, 2, 3]
    assert {sent.lane for sent in bench.kept} == {"backlog"}


def test_sender_limits_the_backlog_and_never_the_live_report(bench: Bench) -> None:
    """The backlog goes at its pace, 100 a minute; a live report waits for nothing."""
    bench.add(200)
    bench.restart()
    bench.live(60.0)
    assert 99 <= len(bench.collector.seqs) <= 101

    bench.add()
    assert bench.sender.turn() == 0
    assert bench.collector.seqs[-1] == 201


@pytest.mark.parametrize("per_minute", [1, 12, 600])
def test_sender_hands_over_its_backlog_as_fast_as_the_collector_says(
    bench: Bench, per_minute: int
) -> None:
    """The last answer counts: also one to a live report, also for what waits already."""
    bench.add(per_minute + 150)
    bench.restart()
    body = {"state": "s", "backlog_per_minute": per_minute}
    bench.collector.answers = [Answer(202, body) for _ in range(1000)]
    bench.live(1.0)
    bench.collector.requests.clear()

    bench.live(60.0)
    assert abs(len(bench.collector.requests) - per_minute) <= 1

    bench.collector.answers.clear()
    bench.add()
    bench.live(60.0)
    assert abs(len(bench.collector.requests) - per_minute - 101) <= 2


def test_sender_pauses_the_backlog_when_a_202_says_retry_after(bench: Bench) -> None:
    """Live reports go on meanwhile."""
    bench.add(3)
    bench.collector.answers = [Answer(202, {"state": "s"}, retry_after_seconds=30)]
    bench.live(29.0)
    assert bench.collector.seqs == [3]

    bench.add()
    bench.live(0.5)
    assert bench.collector.seqs == [3, 4]
    bench.live(2.0)
    assert bench.collector.seqs == [3, 4, 1, 2]


@pytest.mark.parametrize(("per_minute", "interval"), [(None, 0.6), (6, 10.0), (600, 0.1)])
def test_senders_that_come_back_together_do_not_begin_their_backlogs_at_once(
    bench: Bench, per_minute: int | None, interval: float
) -> None:
    """The live report goes at once; the old ones wait a part of the interval, each its own."""
    pace = {} if per_minute is None else {"backlog_per_minute": per_minute}
    for jitter in (0.25, 0.5, 0.99):
        bench.jitter = jitter
        bench.collector.answers = [REFUSED_CONNECTION, Answer(202, {"state": "s"} | pace)]
        bench.add(3)
        bench.clocks.forward(bench.drain() or 0)

        assert bench.drain() == pytest.approx(interval * jitter)
        assert bench.collector.seqs[-1] == bench.spool.next_seq - 1
        bench.live(60.0)


def test_sender_closes_gaps_at_once_when_the_collector_keeps_no_more(bench: Bench) -> None:
    """The oldest go without a pace, and the live report is tried again when it was said."""
    bench.add(30)
    bench.restart()
    bench.add()
    put_off = Answer(503, {"oldest_first": True}, retry_after_seconds=1)
    bench.collector.answers = [put_off, *[Answer(202, {"state": "s"})] * 10]
    for _ in range(11):
        assert bench.sender.turn() == 0
    assert bench.collector.seqs == [31, *range(1, 11)]

    bench.clocks.forward(1)
    bench.collector.answers = [put_off]
    for _ in range(3):
        bench.sender.turn()
    assert bench.collector.seqs[-3:] == [31, 11, 12]

    bench.clocks.forward(1)
    bench.sender.turn()
    assert bench.collector.seqs[-1] == 31
    bench.live(60.0)
    assert held(bench.spool) == []


def test_sender_jumps_when_a_new_number_was_used_before(bench: Bench) -> None:
    """A restored disk: the same content goes again under a number the collector has not seen."""
    bench.spool.add([sample(42)])
    bench.collector.answers = [Answer(202, {"duplicate": True, "next": 90, "state": "s"})]

    assert bench.drain() is None
    assert bench.collector.seqs == [1, 90]
    assert bench.collector.bodies[0]["samples"] == bench.collector.bodies[1]["samples"]
    assert bench.collector.bodies[1]["state"] == "s"
    assert bench.collector.bodies[1]["oldest"] == 90


def test_sender_takes_a_duplicate_after_a_lost_answer_as_delivered(bench: Bench) -> None:
    """The request arrived the first time: its number is its own."""
    bench.add()
    bench.collector.answers = [LOST, Answer(202, {"duplicate": True, "next": 2})]
    bench.clocks.forward(bench.drain() or 0)

    assert bench.drain() is None
    assert bench.collector.seqs == [1, 1]


def test_sender_takes_a_duplicate_from_before_the_restart_as_delivered(bench: Bench) -> None:
    """Killed between the answer and its note: the report was delivered once."""
    bench.add()
    bench.restart()
    bench.collector.answers = [Answer(202, {"duplicate": True, "next": 2})]

    assert bench.drain() is None
    assert bench.collector.seqs == [1]


def test_sender_jumps_although_the_collector_was_unreachable_before(bench: Bench) -> None:
    """A refused connection did not carry the report, so its number is still new."""
    bench.add()
    bench.collector.answers = [
        REFUSED_CONNECTION,
        Answer(503, {}),
        Answer(202, {"duplicate": True, "next": 7}),
    ]
    for _ in range(3):
        bench.clocks.forward(bench.drain() or 0)

    assert bench.drain() is None
    assert bench.collector.seqs == [1, 1, 1, 7]


def test_sender_says_once_that_delivery_fails_and_once_that_it_works(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """One line a change, with the number of reports that wait."""
    caplog.set_level("INFO")
    bench.collector.answers = [Answer(401)] * 4
    bench.add()
    for _ in range(5):
        bench.clocks.forward(bench.drain() or 0)

    lines = [r.getMessage() for r in caplog.records]
    assert len(lines) == 2
    assert lines[0].startswith("not delivered: 401: the collector does not know this key")
    assert lines[1] == "delivering again; 0 reports held"


def test_sender_keeps_what_was_last_sent_to_the_byte(bench: Bench) -> None:
    """`wanwatch-agent status` shows this."""
    bench.add()
    bench.drain()

    assert bench.kept[-1].body == bench.collector.requests[-1][0]
    assert json.loads(bench.kept[-1].text()) == bench.collector.bodies[-1]
    assert (bench.kept[-1].answer, bench.kept[-1].is_accepted) == ("202 accepted", True)


def test_last_report_is_tried_although_the_request_under_way_fails(bench: Bench) -> None:
    """What is answered to an earlier report while the last one is asked for counts no more."""
    asked, release, answered = threading.Event(), threading.Event(), bench.collector.post

    def post(body: bytes, headers: Mapping[str, str]) -> Answer:
        asked.set()
        assert release.wait(5)
        return answered(body, headers)

    bench.collector.post = post  # type: ignore[method-assign]
    bench.collector.answers = [Answer(503, retry_after_seconds=60.0)]
    bench.add()
    running = threading.Thread(target=bench.sender.run)
    running.start()
    assert asked.wait(5)
    last = bench.spool.add([sample()])
    done: list[bool] = []
    asking = threading.Thread(target=lambda: done.append(bench.sender.send_last(last, 5.0)))
    asking.start()
    release.set()
    asking.join(5)
    bench.sender.stop()
    running.join(5)
    assert done == [True]
    assert last in bench.collector.seqs
