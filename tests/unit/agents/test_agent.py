"""The agent's turn: one report per interval, events at once, one stop."""

from __future__ import annotations

from queue import Empty
from typing import TYPE_CHECKING

from agents.agent import Agent, Inbox
from agents.check import Check, Observation
from agents.plan import Plan
from agents.scheduler import Scheduler
from tests.fake_host import fake_host
from tests.unit.agents.spools import EVENT, Clocks, held, open_spool, sent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from agents.spool import Spool

ONE = Check(
    "one",
    every_seconds=10,
    limit_seconds=5,
    read=lambda host: 1.0,
    evaluate=lambda now, before: iter([Observation("test_value", {}, now)]),
    most_series=1,
)


def new_agent(spool: Spool, clocks: Clocks, wake_sender: Callable[[], None]) -> Agent:
    scheduler = Scheduler(
        {"one": ONE},
        (),
        Plan(10, {"one": 10}),
        fake_host(),
        now=lambda: clocks.wall,
        monotonic=lambda: clocks.up,
    )
    return Agent(
        scheduler,
        spool,
        interval_seconds=10,
        wake_sender=wake_sender,
        now=lambda: clocks.wall,
        monotonic=lambda: clocks.up,
    )


def test_agent_reports_checks_and_its_own_state(tmp_path: Path) -> None:
    """One report with the check, its success, and the spool; the sender is woken."""
    clocks, woken = Clocks(), list[None]()
    spool = open_spool(tmp_path, clocks)
    seq = new_agent(spool, clocks, lambda: woken.append(None)).turn([EVENT])

    report = sent(spool, seq)

    names = {sample.name for sample in report.samples}
    assert {"test_value", "wanwatch_check_success", "wanwatch_spool_writable"} <= names
    assert report.events == [EVENT]
    assert len(woken) == 1


def test_agent_says_of_itself_with_every_third_report_and_when_it_matters(tmp_path: Path) -> None:
    """A queue that is well needs no word each time; a report that was dropped is told at once."""
    clocks = Clocks()
    spool = open_spool(tmp_path, clocks)
    agent = new_agent(spool, clocks, lambda: None)

    def says() -> bool:
        clocks.forward(10)
        samples = sent(spool, agent.turn()).samples
        return "wanwatch_spool_depth_reports" in {sample.name for sample in samples}

    assert [says() for _ in range(6)] == [True, False, False, True, False, False]
    assert says()
    spool.refuse(1, b"")
    assert says()
    assert not says()


def test_agent_reports_an_event_at_once_and_stops_when_told(tmp_path: Path) -> None:
    """Events that came together go together, without waiting for the interval."""
    clocks, woken = Clocks(), list[None]()
    spool = open_spool(tmp_path, clocks)
    inbox = Inbox()
    for message in (EVENT, EVENT, None):
        inbox.put(message)

    new_agent(spool, clocks, lambda: woken.append(None)).run(inbox, [EVENT])

    reports = [sent(spool, n) for n in held(spool)]
    assert [len(report.events) for report in reports] == [1, 2]
    assert reports[1].samples == []
    assert len(woken) == 2


class PassingTime:
    """An inbox in which nothing comes: waiting makes the time pass, until the last wait is over."""

    def __init__(self, clocks: Clocks, waits: int) -> None:
        self.clocks, self.waits = clocks, waits

    def get(self, timeout: float) -> None:
        if not self.waits:
            return
        self.waits -= 1
        self.clocks.forward(timeout)
        raise Empty


def test_agent_keeps_its_interval_however_long_a_turn_takes(tmp_path: Path) -> None:
    """Reports lie on the grid of the first one; an interval missed is left out."""
    clocks, at = Clocks(), list[float]()
    spool = open_spool(tmp_path, clocks)
    start, durations = clocks.up, iter([3, 3, 14, 3])

    def slow_turn() -> None:
        at.append(clocks.up - start)
        clocks.forward(next(durations))

    agent = new_agent(spool, clocks, slow_turn)
    agent.run(PassingTime(clocks, waits=3), [])  # type: ignore[arg-type]

    assert at == [0, 10, 20, 40]


def test_agent_goes_on_after_a_turn_that_fails(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The failure is in the log; the events wait for the next report."""
    clocks, woken = Clocks(), list[None]()
    spool = open_spool(tmp_path, clocks)

    def fail_once() -> None:
        woken.append(None)
        if len(woken) == 1:
            raise RuntimeError("odd")

    agent = new_agent(spool, clocks, fail_once)
    agent.run(PassingTime(clocks, waits=1), [EVENT])  # type: ignore[arg-type]

    assert len(woken) == 2
    assert "RuntimeError: odd" in caplog.text
