"""Repeats a turn: at once when woken, else when it asked to be, and never stops for an error."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from loguru import logger

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 10.0


def pause_after(failures: int) -> float:
    """Return the pause in seconds after so many failures in a row: 0.1, 0.2, 0.4 … 10."""
    return min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(failures - 1, 10))


async def repeat(
    name: str, turn: Callable[[], Awaitable[float | None]], wake: asyncio.Event, *, longest: float
) -> None:
    """Run turns for ever; a turn returns the seconds until the next one, at most `longest`.

    A failing turn is logged when it begins to fail and when it works again, not every time.
    """
    failures = 0
    while True:
        wake.clear()
        try:
            wanted = await turn()
        except Exception as error:  # noqa: BLE001 - a loop outlives every error of its turns
            failures += 1
            if failures == 1:
                logger.opt(exception=error).error("{} failed; it is tried again", name)
            await asyncio.sleep(pause_after(failures))
            continue
        if failures:
            logger.info("{} works again after {} failures", name, failures)
            failures = 0
        pause = longest if wanted is None else min(max(wanted, 0.0), longest)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await wake.wait()


async def measure_lag(
    report: Callable[[float], None], *, monotonic: Callable[[], float], every: float
) -> None:
    """Report by how many seconds the event loop is late, every `every` seconds."""
    while True:
        before = monotonic()
        await asyncio.sleep(every)
        report(max(0.0, monotonic() - before - every))
