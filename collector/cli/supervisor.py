"""Keeps a few child processes running until asked to stop: what stands behind `wanwatch up`."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collector.cli.words import say

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Sequence

POLL_SECONDS = 0.2
STOP_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 30.0
# Exit code of a process that was told something wrong: starting it again would not help.
USAGE = 2
STEADY_SECONDS = 60.0


class GaveUp(Exception):
    """A child ended because of what it was told; the text names it."""


@dataclass
class Child:
    """One process to keep running, and how its restarts went so far."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float = 0.0
    failures: int = field(default=0)


def pause_seconds(failures: int) -> float:
    """Return how long to wait before the next restart; it doubles from one second to thirty."""
    return min(LONGEST_PAUSE_SECONDS, 2.0 ** (failures - 1)) if failures else 0.0


def start(child: Child, now: float) -> None:
    """Start the process; it gets its own session so that Ctrl-C reaches only the supervisor."""
    child.process = subprocess.Popen(child.command, start_new_session=True)
    child.started_at = now


def look_after(child: Child, now: float, tell: Callable[[str], None]) -> None:
    """Restart the child when it has ended and its pause is over; `now` is monotonic seconds.

    Raises:
        GaveUp: It refused what it was told.
    """
    if child.process is not None:
        code = child.process.poll()
        if code is None:
            return
        steady = now - child.started_at >= STEADY_SECONDS
        if code == USAGE and not steady and not child.failures:
            raise GaveUp(say("{name} cannot run; its reason stands above", name=child.name))
        child.failures = 1 if steady else child.failures + 1
        child.restart_at = now + pause_seconds(child.failures)
        child.process = None
        tell(
            say(
                "{name} ended with {code}; starting it again in {seconds:g} s",
                name=child.name,
                code=code,
                seconds=child.restart_at - now,
            )
        )
    elif now >= child.restart_at:
        start(child, now)


def stop(children: Sequence[Child]) -> None:
    """End the children in reverse order: politely, then after ten seconds for certain."""
    for child in reversed(children):
        if child.process is None:
            continue
        child.process.terminate()
        try:
            child.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()


@contextlib.contextmanager
def stop_on_signals(event: threading.Event) -> Iterator[None]:
    """Set the event on Ctrl-C, SIGTERM or a closed terminal; then put the old handlers back."""
    signals = [signal.SIGINT, signal.SIGTERM]
    hangup = getattr(signal, "SIGHUP", None)
    if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:  # no nohup
        signals.append(hangup)  # otherwise the children would go on without us
    before = {s: signal.signal(s, lambda *_: event.set()) for s in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
