"""The loop around a turn: woken, timed, and not stopped by an error."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from collector.loops import measure_lag, pause_after, repeat


@pytest.mark.parametrize(("failures", "seconds"), [(1, 0.1), (2, 0.2), (5, 1.6), (50, 10.0)])
def test_pause_doubles_to_ten_seconds(failures: int, seconds: float) -> None:
    """A broken turn is not tried in a hot loop."""
    assert pause_after(failures) == pytest.approx(seconds)


async def test_loop_turns_at_once_when_woken() -> None:
    """Something to do does not wait for the clock."""
    wake, turns, began, seen = asyncio.Event(), 0, asyncio.Event(), asyncio.Event()

    async def turn() -> float:
        nonlocal turns
        turns += 1
        (began if turns == 1 else seen).set()
        return 3600

    task = asyncio.create_task(repeat("test", turn, wake, longest=3600))
    await asyncio.wait_for(began.wait(), 5)
    wake.set()
    await asyncio.wait_for(seen.wait(), 5)
    task.cancel()

    assert turns == 2


async def test_loop_goes_on_after_an_error() -> None:
    """An error of one turn is not the end of the loop."""
    wake, seen, turns = asyncio.Event(), asyncio.Event(), 0

    async def turn() -> float:
        nonlocal turns
        turns += 1
        if turns == 1:
            raise RuntimeError("database is locked")
        seen.set()
        return 3600

    task = asyncio.create_task(repeat("test", turn, wake, longest=3600))
    await asyncio.wait_for(seen.wait(), 5)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task

    assert turns == 2


async def test_lag_is_what_the_loop_lost() -> None:
    """The figure is the time beyond the pause that was asked for."""
    times, reported = iter([10.0, 10.75]), asyncio.get_running_loop().create_future()

    task = asyncio.create_task(
        measure_lag(reported.set_result, monotonic=lambda: next(times), every=0.0)
    )

    assert await asyncio.wait_for(reported, 5) == pytest.approx(0.75)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
