"""What devices said by themselves, until the tables have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.heard import heard_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from collector.fleet import Fleet, Host
    from collector.heard import Heard
    from collector.wire import WireReport

MOST_HEARD = 10_000


class HeardBook:
    """A store that takes nothing for long costs the oldest of what waits for it."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._waiting: list[Heard] = []

    def note(self, host: Host, report: WireReport, received_at: datetime) -> None:
        """Keep what an approved host heard."""
        if report.events and host.is_approved:
            targets = self._fleet.targets
            place = (host.agent, host.unit, host.host)
            self._waiting += heard_of(report.events, report.sent_at, received_at, *place, targets)
            del self._waiting[:-MOST_HEARD]

    def take(self) -> tuple[Heard, ...]:
        """Return what waits; it waits no longer."""
        taken, self._waiting = tuple(self._waiting), []
        return taken

    def put_back(self, heard: Sequence[Heard]) -> None:
        """Keep again what could not be stored."""
        self._waiting[:0] = heard
        del self._waiting[:-MOST_HEARD]
