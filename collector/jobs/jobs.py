"""Long work in child processes: one at a time of a lane, with its progress and its result kept.

A child is this program (`wanwatch job …`); it says JSON lines: `{"done": n, "of": m}`, and as the
last one `{"result": …}` or `{"error": …}`, with a `code` where the console has words for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections import OrderedDict
from typing import TYPE_CHECKING

from loguru import logger

from collector.jobs.state import Job

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

KEPT = 20  # of each kind of work
MAX_WAITING = 10
FILES = "files"
MAX_LINE_BYTES = 4 << 20


class TooManyJobsError(Exception):
    """So many wait already that another would not be done for long."""


class Jobs:
    """Runs the children of one lane one after the other; lanes do not wait for each other.

    Args:
        environment: What a child gets beside our own environment: secrets go this way.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._now, self._new_id = now, new_id
        self._environment = dict(environment or {})
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._lanes: dict[str, asyncio.Semaphore] = {}

    def start(self, name: str, arguments: Sequence[str], actor: str, *, lane: str = FILES) -> Job:
        """Begin some work as soon as what was asked for before in its lane has ended.

        Raises:
            TooManyJobsError: Ten of its lane wait already.
        """
        waiting = [task for task in self._tasks.values() if task.get_name() == lane]
        if len(waiting) >= MAX_WAITING:
            raise TooManyJobsError(f"{len(waiting)} pieces of work wait already; try again later")
        job = Job(self._new_id(), name, actor, self._now())
        self._jobs[job.id] = job
        ended = [i for i, old in self._jobs.items() if old.name == name and i not in self._tasks]
        if len(ended) > KEPT + 1:  # the new one is not under way yet
            del self._jobs[ended[0]]
        task = asyncio.get_running_loop().create_task(self._run(job, arguments, lane), name=lane)
        self._tasks[job.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(job.id, None))
        return job

    def find(self, number: str) -> Job | None:
        """Return a job that was asked for lately."""
        return self._jobs.get(number)

    def newest(self, name: str) -> Job | None:
        """Return the last job of a name."""
        return next((job for job in reversed(self._jobs.values()) if job.name == name), None)

    async def wait(self, job: Job) -> Job:
        """Return a job when it has ended."""
        task = self._tasks.get(job.id)
        if task is not None:
            await asyncio.shield(task)
        return job

    async def cancel(self, number: str) -> bool:
        """End a job that waits or runs; return whether there was one."""
        task = self._tasks.get(number)
        if task is None:
            return False
        task.cancel()
        await asyncio.wait({task})
        return True

    async def stop(self) -> None:
        """End what runs: the collector ends."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, job: Job, arguments: Sequence[str], lane: str) -> None:
        try:
            await self._run_in_turn(job, arguments, lane)
        except asyncio.CancelledError:
            job.state = "cancelled"
            raise

    async def _run_in_turn(self, job: Job, arguments: Sequence[str], lane: str) -> None:
        async with self._lanes.setdefault(lane, asyncio.Semaphore(1)):
            job.state = "running"
            try:
                await self._child(job, arguments)
            except (OSError, ValueError) as error:
                job.error = f"{type(error).__name__}: {error}"
            if job.result is None and not job.error:
                job.error = "the work ended without a result"
            job.state = "failed" if job.error else "done"
            if job.error:
                logger.error("{} for {}: {}", job.name, job.actor, job.error)

    async def _child(self, job: Job, arguments: Sequence[str]) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "collector",
            "job",
            *arguments,
            env={**os.environ, **self._environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            limit=MAX_LINE_BYTES,
        )
        assert process.stdout is not None
        try:
            async for line in process.stdout:
                said = json.loads(line)
                job.done, job.of = said.get("done", job.done), said.get("of", job.of)
                job.result = said.get("result", job.result)
                job.error = said.get("error", job.error)
                job.code = said.get("code", job.code)
            await process.wait()
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
