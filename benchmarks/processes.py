"""A server under measurement: one process on one processor core, its CPU time and its memory."""

from __future__ import annotations

import os
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

SERVER_CORES = {0}
CLIENT_CORES = {1}
READY_SECONDS = 60.0
END_SECONDS = 20.0


class Usage(NamedTuple):
    """CPU seconds so far, and bytes of memory of its own now (PSS)."""

    cpu_seconds: float
    memory_bytes: int


class Server(NamedTuple):
    """A running process."""

    process: psutil.Process
    port: int

    def usage(self) -> Usage:
        """Return what it has used until now."""
        times = self.process.cpu_times()
        return Usage(times.user + times.system, self.process.memory_full_info().pss)


@contextmanager
def running(
    command: Sequence[str],
    port: int,
    *,
    ready: str,
    log: Path,
    environment: Mapping[str, str] | None = None,
    context: object = None,
) -> Iterator[Server]:
    """Start a server on its core, wait until `ready` answers 200, and end it by its id."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["taskset", "--cpu-list", ",".join(map(str, sorted(SERVER_CORES))), *command],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
        )
    try:
        _wait(ready, process, log, context)
        yield Server(psutil.Process(process.pid), port)
    finally:
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def pin_this_process() -> None:
    """Keep the client off the server's core."""
    os.sched_setaffinity(0, CLIENT_CORES)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path, context: object) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=2, context=context) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{url} did not answer 200; the server said:\n{log.read_text()[-2000:]}")
