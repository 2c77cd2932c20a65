"""Calls that may hang: a limit for each, one thread for each that hangs, no more."""

from __future__ import annotations

import threading
import time

import pytest

from agents.calls import Calls, StillRunning


def test_call_gives_what_the_function_gave() -> None:
    """Results and errors come through."""
    calls = Calls(most=2, monotonic=time.monotonic)

    assert calls.run("good", lambda: 42, 5) == 42
    with pytest.raises(OSError, match="refused"):
        calls.run("bad", lambda: (_ for _ in ()).throw(OSError("refused")), 5)


def test_call_that_hangs_keeps_its_name_until_it_returns() -> None:
    """It is not started a second time; the name is free again once it returned."""
    calls, release = Calls(most=2, monotonic=time.monotonic), threading.Event()
    hanging = calls.start("mount", release.wait)

    with pytest.raises(StillRunning, match="mount"):
        calls.start("mount", release.wait)
    assert not hanging.wait(0)

    release.set()
    assert hanging.wait(5)
    assert calls.run("mount", lambda: "again", 5) == "again"


def test_calls_that_hang_are_bounded() -> None:
    """No more threads than allowed, whatever hangs."""
    calls, release = Calls(most=2, monotonic=time.monotonic), threading.Event()
    started = [calls.start(name, release.wait) for name in ("a", "b")]

    with pytest.raises(StillRunning, match="2 calls hang"):
        calls.start("c", release.wait)

    release.set()
    assert all(call.wait(5) for call in started)
