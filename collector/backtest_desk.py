"""Rules tried on the past from the console: what runs, in whose name, and what was asked."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from collector.rules.rule_text import rule_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from collector.jobs.jobs import Jobs
    from collector.jobs.state import Job

NAME = "backtest"
KEPT = 30
# One argument of a command has no more room on Linux, and no rule is that long.
MOST_CHARACTERS = 30_000
# As a child is told an instant.
INSTANT = "%Y-%m-%dT%H:%M:%S%z"


class Tried(NamedTuple):
    """What was asked for."""

    text: str
    hours: int


class BacktestDesk:
    """Lives on the event loop; the work itself is a child process in a lane of its own.

    Args:
        hours: How long the journal keeps reports.
        rules: The policy's folder of rules.
    """

    def __init__(self, jobs: Jobs, *, hours: int, rules: Path, now: Callable[[], datetime]) -> None:
        self._jobs, self._now, self._rules = jobs, now, rules
        self.hours = hours
        self._tried: OrderedDict[str, Tried] = OrderedDict()

    def start(self, text: str, hours: int, actor: str) -> Job:
        """Begin to try the text of some rules on the last hours.

        Raises:
            TooManyJobsError: So many wait already.
        """
        until = self._now()
        since = until - timedelta(hours=hours)
        arguments = [
            NAME, f"--rules={text}",
            "--since", since.strftime(INSTANT), "--until", until.strftime(INSTANT),
        ]  # fmt: skip
        job = self._jobs.start(NAME, arguments, actor, lane=NAME)
        self._tried[job.id] = Tried(text, hours)
        while len(self._tried) > KEPT:
            self._tried.popitem(last=False)
        return job

    def find(self, number: str) -> tuple[Job, Tried] | None:
        """Return what is run or was run lately, and what was asked for."""
        job, tried = self._jobs.find(number), self._tried.get(number)
        return None if job is None or tried is None else (job, tried)

    async def cancel(self, number: str) -> bool:
        """Stop one; return whether it still ran or waited."""
        return self.find(number) is not None and await self._jobs.cancel(number)

    async def rule_text(self, name: str) -> str | None:
        """Return the lines of a rule in force."""
        return await asyncio.to_thread(rule_text, name, self._rules)
