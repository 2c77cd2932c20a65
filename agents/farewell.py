"""The last word of an agent that is stopped in order, and whether its machine goes down with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.check import SourceError
from agents.report import Event

if TYPE_CHECKING:
    from agents.host import HostSource

KIND = "agent.goodbye"
SHUTDOWN, STOP = "shutdown", "stop"
ASK_SECONDS = 0.5


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
