"""The scheduler: what is due, and that no check holds up or brings down another."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.check import Check, NoData, Observation
from agents.plan import Plan, default_plan
from agents.scanner import LoadFailure
from agents.scheduler import Scheduler, due, following, to_sample
from tests.fake_host import fake_host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agents.host import HostSource
    from agents.report import Sample

WALL = 1_700_000_000.0


class Clock:
    """Monotonic time that a test moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def number(now: int, before: int | None) -> Iterator[Observation]:
    """Yield what was read, and what was read before."""
    yield Observation("test_value", {}, now)
    if before is not None:
        yield Observation("test_before", {}, before)


def new_check(
    name: str, read: Callable[[HostSource], Any], *, limit: float = 5, evaluate: Any = number
) -> Check[Any]:
    return Check(
        name, every_seconds=10, limit_seconds=limit, read=read, evaluate=evaluate, most_series=300
    )


def new_scheduler(clock: Clock, *checks: Check[Any], every: float = 10) -> Scheduler:
    named = {check.name: check for check in checks}
    return Scheduler(
        named,
        (),
        Plan(every, dict.fromkeys(named, every)),
        fake_host(),
        now=lambda: WALL,
        monotonic=clock,
    )


def values(samples: list[Sample]) -> dict[str, float]:
    return {"/".join([s.name, *s.labels.values()]): s.value for s in samples}


@pytest.mark.parametrize(
    ("next_at", "running", "expected"),
    [
        ({"a": 10.0, "b": 10.1}, (), ["a"]),
        ({"a": 10.0, "b": 9.0}, (), ["b", "a"]),
        ({"a": 10.0, "b": 9.0}, ("b",), ["a"]),
        ({"b": 10.0, "a": 10.0}, (), ["a", "b"]),
        ({}, (), []),
    ],
)
def test_scheduler_runs_what_is_due(
    next_at: dict[str, float], running: tuple[str, ...], expected: list[str]
) -> None:
    """An instant that equals now has come; what still runs is skipped; the oldest goes first."""
    assert due(next_at, running, 10.0) == expected


@given(previous=st.floats(0, 1e6), every=st.floats(0.5, 3600), late=st.floats(0, 1e5))
def test_scheduler_keeps_to_the_grid_however_late(
    previous: float, every: float, late: float
) -> None:
    """The next instant lies ahead, at most one interval, and on the grid."""
    following_at = following(previous, every, previous + late)

    assert previous + late < following_at + 1e-6
    assert following_at <= previous + late + every + 1e-6
    steps = (following_at - previous) / every
    assert abs(steps - round(steps)) < 1e-6


def test_scheduler_gives_values_success_and_duration() -> None:
    """Each run has its own two samples beside the values."""
    found = new_scheduler(Clock(), new_check("one", lambda host: 7)).turn(5)

    assert values(found) == {
        "test_value": 7,
        "wanwatch_check_success/one": 1,
        "wanwatch_check_duration_seconds/one": 0,
    }
    assert {sample.at for sample in found} == {WALL}


def test_scheduler_runs_a_check_at_its_interval_and_hands_over_what_was_read_before() -> None:
    """Nothing before the interval is over; then the check sees its last reading."""
    clock, readings = Clock(), iter([1, 2])
    scheduler = new_scheduler(clock, new_check("one", lambda host: next(readings)))
    scheduler.turn(5)

    clock.at = 109.9
    assert scheduler.turn(5) == []
    clock.at = 110.0
    found = values(scheduler.turn(5))

    assert (found["test_value"], found["test_before"]) == (2, 1)


def test_scheduler_goes_on_when_a_check_fails(caplog: pytest.LogCaptureFixture) -> None:
    """One failing check never stops another; one line says so until something changes."""

    def fail(host: HostSource) -> int:
        raise OSError(5, "Input/output error")

    clock = Clock()
    scheduler = new_scheduler(clock, new_check("bad", fail), new_check("good", lambda host: 1))
    found = values(scheduler.turn(5))
    clock.at += 10
    scheduler.turn(5)

    assert found["wanwatch_check_success/bad"] == 0
    assert found["wanwatch_check_success/good"] == 1
    assert found["test_value"] == 1
    assert [r.getMessage() for r in caplog.records].count(
        "check bad fails: OSError: [Errno 5] Input/output error"
    ) == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_scheduler_fails_a_check_whose_value_is_no_number(value: float) -> None:
    """A value that is not finite never reaches a report; the check counts as failed."""
    found = values(new_scheduler(Clock(), new_check("odd", lambda host: value)).turn(5))

    assert found == {
        "wanwatch_check_success/odd": 0,
        "wanwatch_check_duration_seconds/odd": 0,
    }


def test_scheduler_fails_a_check_with_too_many_series() -> None:
    """A check cannot flood the report."""

    def flood(now: int, before: int | None) -> Iterator[Observation]:
        yield from (Observation("test_value", {"n": str(n)}, 1) for n in range(1000))

    found = new_scheduler(Clock(), new_check("flood", lambda host: 1, evaluate=flood)).turn(5)

    assert values(found)["wanwatch_check_success/flood"] == 0
    assert len(found) == 2


def test_scheduler_takes_no_data_as_no_failure() -> None:
    """A host without the thing has no values and no alert."""

    def absent(host: HostSource) -> int:
        raise NoData("no such hardware")

    found = values(new_scheduler(Clock(), new_check("absent", absent)).turn(5))

    assert found["wanwatch_check_success/absent"] == 1
    assert "test_value" not in found


def test_scheduler_skips_a_check_that_hangs_and_takes_it_back_when_it_returns() -> None:
    """Past its limit it fails at every turn it is due, is not started again, and recovers."""
    clock, release, starts = Clock(), threading.Event(), []

    def hang(host: HostSource) -> int:
        starts.append(1)
        release.wait()
        return 1

    scheduler = new_scheduler(clock, new_check("hanging", hang), new_check("good", lambda host: 1))
    first = values(scheduler.turn(0.05))
    assert "wanwatch_check_success/hanging" not in first
    assert first["wanwatch_check_success/good"] == 1

    for seconds in (10, 20, 30):
        clock.at = 100.0 + seconds
        found = values(scheduler.turn(0))
        assert found["wanwatch_check_success/hanging"] == 0
        assert found["wanwatch_check_duration_seconds/hanging"] == seconds
    assert len(starts) == 1

    release.set()
    next(t for t in threading.enumerate() if t.name == "hanging").join()
    clock.at = 140.0
    scheduler.turn(0)
    clock.at = 150.0
    assert values(scheduler.turn(5))["wanwatch_check_success/hanging"] == 1


def test_scheduler_gives_a_late_result_in_the_next_turn() -> None:
    """Slower than the report's patience but within its limit: reported with its own instant."""
    clock, release = Clock(), threading.Event()

    def slow(host: HostSource) -> int:
        release.wait()
        return 3

    scheduler = new_scheduler(clock, new_check("slow", slow))
    assert scheduler.turn(0) == []

    release.set()
    clock.at = 101.0
    found = values(scheduler.turn(5))

    assert found["test_value"] == 3
    assert found["wanwatch_check_success/slow"] == 1


def test_scheduler_knows_why_a_check_gave_nothing() -> None:
    """A failure, nothing to report, a hang: each with its words, gone when it works."""
    clock, release = Clock(), threading.Event()

    def raising(error: Exception) -> Callable[[HostSource], Any]:
        def read(host: HostSource) -> int:
            raise error

        return read

    scheduler = new_scheduler(
        clock,
        new_check("absent", raising(NoData("no such hardware"))),
        new_check("bad", raising(ValueError("odd"))),
        new_check("good", lambda host: 1),
        new_check("hanging", lambda host: release.wait(), limit=0),
    )
    scheduler.turn(5)
    release.set()

    assert scheduler.reasons == {
        "absent": "no such hardware",
        "bad": "ValueError: odd",
        "good": "",
        "hanging": "still running after its limit of 0 s; skipped until it ends",
    }


def test_scheduler_waits_for_a_check_no_longer_than_its_limit() -> None:
    """A self-test has patience for the slowest check, and not for one that hangs."""
    release = threading.Event()
    scheduler = new_scheduler(Clock(), new_check("hanging", lambda host: release.wait(), limit=0))

    found = values(scheduler.turn(3600))
    release.set()

    assert found["wanwatch_check_success/hanging"] == 0


def test_scheduler_reports_a_check_that_could_not_be_loaded() -> None:
    """A broken file is a failing check, not a missing one."""
    scheduler = Scheduler(
        {},
        (LoadFailure("broken", "ImportError: x"),),
        Plan(10, {}),
        fake_host(),
        now=lambda: WALL,
        monotonic=Clock(),
    )

    assert values(scheduler.turn(0)) == {"wanwatch_check_success/broken": 0}


def test_scheduler_cuts_long_labels() -> None:
    """A label of a kilobyte would get the whole report refused."""
    sample = to_sample(Observation("a", {"mountpoint": "x" * 1000}, 1), WALL)

    assert len(sample.labels["mountpoint"]) == 120


@pytest.mark.parametrize(
    ("interval", "own", "expected"), [(10, {}, 30), (1, {}, 3), (60, {}, 180), (10, {"c": 5}, 10)]
)
def test_plan_scales_checks_with_the_interval(
    interval: float, own: dict[str, float], expected: float
) -> None:
    """A check of every third report stays that; none runs more often than reports go."""
    check = Check(
        "c", every_seconds=30, limit_seconds=5, read=lambda host: 1, evaluate=number, most_series=9
    )

    assert default_plan({"c": check}, interval, own).every_seconds == {"c": expected}
