"""The last word of an agent that is stopped in order, and whether its machine goes down with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.check import SourceError
from agents.report import Event

if TYPE_CHECKING:
    from threading import Thread

    from agents.host import HostSource
    from agents.sender import Sender

KIND = "agent.goodbye"
SHUTDOWN, STOP = "shutdown", "stop"
ASK_SECONDS = 0.5
STOP_SECONDS = ABORT_SECONDS = 0.5


def why(host: HostSource) -> str:
    """Return `shutdown` when the machine is going down, else `stop`; also when nobody knows.

    Source: systemctl(1), is-system-running: `stopping` while the manager shuts down.
    """
    if not host.is_linux:
        return SHUTDOWN if host.windows.is_shutting_down() else STOP
    if not (host.root / "run/systemd/system").is_dir():
        return STOP
    try:
        state = host.run(("systemctl", "is-system-running"), ASK_SECONDS)
    except SourceError:
        return STOP
    return SHUTDOWN if state.strip() == "stopping" else STOP


def goodbye(reason: str, at: float) -> Event:
    """Return the event; `at` is Unix time in seconds."""
    return Event(KIND, round(at, 3), {"why": reason})


def end_sender(sender: Sender, thread: Thread) -> None:
    """Let the request under way end, then cut it short."""
    sender.stop()
    thread.join(STOP_SECONDS)
    if thread.is_alive():
        sender.abort()
        thread.join(ABORT_SECONDS)
