"""The supervisor behind `wanwatch up`: restarts with growing pauses, and knows when not to."""

from __future__ import annotations

import signal
import sys
import threading
from itertools import pairwise

import pytest

from collector.cli.supervisor import (
    Child,
    GaveUp,
    look_after,
    pause_seconds,
    start,
    stop,
    stop_on_signals,
)


def ended(code: int) -> Child:
    """Return a child whose process has just ended with this code."""
    child = Child("child", [sys.executable, "-c", f"raise SystemExit({code})"])
    start(child, 0.0)
    assert child.process is not None
    child.process.wait(10)
    return child


def test_pauses_double_to_half_a_minute() -> None:
    """A child that cannot run is not started in a hot loop."""
    pauses = [pause_seconds(failures) for failures in range(9)]

    assert pauses[:4] == [0.0, 1.0, 2.0, 4.0]
    assert pauses[-1] == 30.0
    assert all(later >= earlier for earlier, later in pairwise(pauses))


def test_child_is_started_again_after_its_pause() -> None:
    """It ends, one second passes, it runs again; what happened is said once."""
    child, said = ended(1), list[str]()
    look_after(child, 10.0, said.append)
    look_after(child, 10.9, said.append)
    assert child.process is None

    look_after(child, 11.0, said.append)

    assert child.process is not None
    assert said == ["child ended with 1; starting it again in 1 s"]
    stop([child])


def test_child_that_refuses_its_settings_is_not_started_again() -> None:
    """Exit code 2 means that what it was told is wrong: a person must act."""
    with pytest.raises(GaveUp, match="child cannot run"):
        look_after(ended(2), 10.0, print)


@pytest.mark.parametrize(("failures", "after_seconds"), [(1, 10.0), (0, 3600.0)])
def test_child_that_ran_before_is_started_again_whatever_it_says(
    failures: int, after_seconds: float
) -> None:
    """A full disk or a database that is away at a restart passes; monitoring must come back."""
    child = ended(2)
    child.failures = failures

    look_after(child, after_seconds, lambda _: None)

    assert child.restart_at > after_seconds


def test_closed_terminal_stops_what_was_started_unless_it_is_to_go_on() -> None:
    """SIGHUP is a request to stop, but not under nohup."""
    asked = threading.Event()
    with stop_on_signals(asked):
        signal.raise_signal(signal.SIGHUP)
        assert asked.wait(5)

    asked.clear()
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop_on_signals(asked):
            signal.raise_signal(signal.SIGHUP)
            assert not asked.is_set()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_child_that_ran_steadily_begins_with_a_short_pause() -> None:
    """An end after an hour is not punished for one at the start."""
    child = ended(1)
    child.failures = 6

    look_after(child, 3600.0, lambda _: None)

    assert child.restart_at == 3601.0
