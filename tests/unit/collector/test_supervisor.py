"""The supervisor behind `wanwatch up`: restarts with growing pauses, and knows when not to."""

from __future__ import annotations

import sys
from itertools import pairwise

import pytest

from collector.cli.supervisor import Child, GaveUp, look_after, pause_seconds, start, stop


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


def test_child_that_ran_steadily_begins_with_a_short_pause() -> None:
    """An end after an hour is not punished for one at the start."""
    child = ended(1)
    child.failures = 6

    look_after(child, 3600.0, lambda _: None)

    assert child.restart_at == 3601.0
