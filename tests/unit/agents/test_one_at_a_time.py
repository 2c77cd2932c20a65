"""One request in flight per device, whoever asks."""

from __future__ import annotations

import threading

import pytest

from agents import one_at_a_time as module
from agents.check import SourceError
from agents.one_at_a_time import one_at_a_time


def test_a_second_asker_waits_and_is_told_when_it_took_too_long() -> None:
    """The same device only; and nothing is kept of devices that nobody asks."""
    with one_at_a_time("10.0.0.1", 1), one_at_a_time("10.0.0.2", 1):
        second = one_at_a_time("10.0.0.1", 0.01)
        with pytest.raises(SourceError, match=r"ask 10\.0\.0\.1: another probe"):
            second.__enter__()
    with one_at_a_time("10.0.0.1", 0.01):
        pass
    assert module._locks == {}


def test_many_askers_are_never_inside_together() -> None:
    """Each gets its turn."""
    inside, most, done = 0, 0, []
    begin = threading.Barrier(8)

    def ask() -> None:
        nonlocal inside, most
        begin.wait()
        for _ in range(50):
            with one_at_a_time("10.0.0.1", 10):
                inside += 1
                most = max(most, inside)
                inside -= 1
        done.append(None)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (most, len(done)) == (1, 8)
