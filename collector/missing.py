"""An hour after a unit's hours began: which of its hosts were not switched on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from collector.liveness import HEARD, Liveness, Presence
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from collector.fleet import Fleet, Host

# Who starts later than this after the hour is not told of it any more.
LATEST = timedelta(hours=2)


class Missing(NamedTuple):
    """One host that was not heard since the hours began."""

    agent: str
    host: str
    kind: str


class MissingList(NamedTuple):
    """One unit's list of one day.

    Attributes:
        expected: How many hosts should have been on.
    """

    day: date
    unit: str
    at: datetime
    expected: int
    items: tuple[Missing, ...]


class RollCall:
    """Makes one list for each unit and day; `done` are those made already."""

    def __init__(self, fleet: Fleet, done: Iterable[tuple[date, str]] = ()) -> None:
        self._fleet = fleet
        self._done = set(done)

    def call(self, now: datetime) -> list[MissingList]:
        """Return the lists that are due now: an hour after the first start of the unit's hours."""
        local = now.astimezone(ZONE)
        today = local.date()
        due = []
        for code in self._fleet.units:
            opens_at = self._fleet.expected_of_unit(code).opens_at(local)
            if opens_at is None or not opens_at <= local < opens_at + LATEST:
                continue
            if (today, code) not in self._done:
                due.append(code)
        if not due:
            return []
        by_unit: dict[str, list[Host]] = {}
        for host in self._fleet.approved():
            by_unit.setdefault(host.unit, []).append(host)
        self._done = {key for key in self._done if key[0] == today}
        self._done |= {(today, code) for code in due}
        return [self._list(code, by_unit.get(code, []), now) for code in due if code in by_unit]

    def take_back(self, lists: Iterable[MissingList]) -> None:
        """Make them again the next time: they could not be stored."""
        self._done -= {(one.day, one.unit) for one in lists}

    def _list(self, code: str, hosts: list[Host], now: datetime) -> MissingList:
        local = now.astimezone(ZONE)
        began_at = self._fleet.expected_of_unit(code).stretch_started_at(local)
        expected = [host for host in hosts if self._is_expected(host, local)]
        missing = [
            Missing(host.agent, host.host, host.kind)
            for host in expected
            if host.liveness not in HEARD
            and (began_at is None or host.last_report_at is None or host.last_report_at < began_at)
        ]
        return MissingList(local.date(), code, now, len(expected), tuple(missing))

    def _is_expected(self, host: Host, local: datetime) -> bool:
        """Never heard and lost hosts are on lists of their own."""
        return (
            host.presence is not Presence.SOMETIMES
            and host.liveness not in (Liveness.NEVER, Liveness.LOST)
            and self._fleet.expected_of(host).contain(local)
        )
