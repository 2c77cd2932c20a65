"""Calls that may hang: one thread for all that do not, one for each that does, no more."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from agents.calls import Calls


def new_calls(most: int = 4) -> Calls:
    return Calls(most=most, monotonic=time.monotonic)


def fail() -> int:
    raise OSError("refused")


def test_calls_give_what_the_functions_gave() -> None:
    """Results and errors come through."""
    done = new_calls().run({"good": lambda: 42, "bad": fail}, 5)

    assert done["good"].result() == 42
    with pytest.raises(OSError, match="refused"):
        done["bad"].result()


def test_calls_that_return_share_one_thread() -> None:
    """Twenty calls cost one thread, in their order."""
    used: list[tuple[int, int]] = []
    functions = {str(n): lambda n=n: used.append((n, threading.get_ident())) for n in range(20)}

    assert len(new_calls().run(functions, 5)) == 20
    assert [n for n, _ in used] == list(range(20))
    assert len({thread for _, thread in used}) == 1


def test_call_that_hangs_holds_up_none_behind_it() -> None:
    """Another thread goes on with the rest; the one that hangs is not waited for."""
    release = threading.Event()
    functions: dict[str, Any] = {"a": lambda: 1, "hangs": release.wait, "b": lambda: 2}

    done = new_calls().run(functions, 0.3)
    release.set()

    assert set(done) == {"a", "b"}


def test_call_that_hangs_keeps_its_name_until_it_returns() -> None:
    """It is not started a second time; the name is free again once it returned."""
    calls, release = new_calls(), threading.Event()
    started = calls.start({"mount": release.wait})
    assert calls.start({"mount": release.wait}) == {}
    assert not started["mount"].is_done

    release.set()
    calls.wait(started, {"mount": 5})
    assert started["mount"].is_done
    assert calls.run({"mount": lambda: "again"}, 5)["mount"].result() == "again"


def test_calls_wait_for_each_no_longer_than_its_limit() -> None:
    """Patience for a slow one is none for one that had its time."""
    calls, release = new_calls(), threading.Event()
    hanging = calls.start({"hangs": release.wait})

    calls.wait(hanging, {"hangs": 0})
    assert not hanging["hangs"].is_done
    more = calls.start({"slow": lambda: 1})
    calls.wait(hanging | more, {"hangs": 0.01, "slow": 3600})
    release.set()

    assert more["slow"].result() == 1


def test_calls_that_hang_are_bounded() -> None:
    """No more threads than allowed, whatever hangs; what waits runs when one returns."""
    calls, release, inside = new_calls(most=2), threading.Event(), list[None]()

    def hang() -> None:
        inside.append(None)
        release.wait()

    started = calls.start(dict.fromkeys("abcd", hang))
    calls.wait(started, dict.fromkeys(started, 0.3))

    assert len(inside) == 2
    release.set()
    calls.wait(started, dict.fromkeys(started, 60.0))
    assert all(call.is_done for call in started.values())


def test_time_in_the_queue_is_not_the_calls_own() -> None:
    """What waits for a thread has not begun; its time is counted from when one takes it."""
    clock = [100.0]
    calls, release = Calls(most=1, monotonic=lambda: clock[0]), threading.Event()
    started = calls.start({"slow": release.wait, "behind": lambda: 2})
    clock[0] = 130.0
    assert not started["behind"].is_begun
    release.set()
    calls.wait({"behind": started["behind"]}, {"behind": 60})
    assert (started["behind"].started_at, started["behind"].result()) == (130.0, 2)
