"""The figures of a period, out of the tables and of what is expected of units."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from collector.storage.coverage import days_of
from collector.storage.queries import kpi as queries
from incidents import kpi
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from collector.hours.expected import Expected
    from collector.storage.queries.visibility import Viewer
    from incidents.kpi import Figure, Period, Span


class KpiBook:
    """Reads; keeps nothing of its own."""

    def __init__(
        self,
        units: Callable[[], Sequence[str]],
        links: Callable[[], Sequence[str]],
        expected_of_unit: Callable[[str], Expected],
    ) -> None:
        """Keep where to ask for units that were heard, for links, and for hours of units."""
        self._units, self._links, self._expected_of_unit = units, links, expected_of_unit

    def figures(
        self,
        connection: Connection,
        period: Period,
        viewer: Viewer,
        now: datetime,
        unit: str | None = None,
    ) -> list[Figure]:
        """Return every figure of a period, of one unit or of all, as far as the viewer may see."""
        return [
            *kpi.on_time(queries.terms(connection, period, viewer, unit), period, now),
            *kpi.times(queries.handled(connection, period, viewer, unit), period),
            *self._availability(connection, period, viewer, now, unit),
            *kpi.coverage(days_of(connection, period, viewer, unit)),
        ]

    def _availability(
        self,
        connection: Connection,
        period: Period,
        viewer: Viewer,
        now: datetime,
        unit: str | None,
    ) -> list[Figure]:
        since = queries.watched_since(connection)
        local = (period.begin.astimezone(ZONE), period.end.astimezone(ZONE))
        asked = [unit] if unit is not None else self._units()
        units = [code for code in asked if viewer.sees(code)]
        found = kpi.availability(
            "availability_unit",
            units,
            queries.outages(connection, period, queries.UNIT_RULES, viewer, by_unit=True),
            lambda code: _watched(self._expected_of_unit(code).spans(*local), since.get(code)),
            now,
        )
        if unit is not None or viewer.units is not None:  # links belong to the whole province
            return found
        of_link = _watched([(period.begin, period.end)], min(since.values(), default=None))
        return found + kpi.availability(
            "availability_link",
            self._links(),
            queries.outages(connection, period, queries.LINK_RULES, viewer, by_unit=False),
            lambda _: of_link,
            now,
        )


def _watched(spans: Iterable[Span], since: datetime | None) -> list[Span]:
    """Return what of spans somebody watched."""
    if since is None:
        return []
    return [(max(begin, since), end) for begin, end in spans if end > since]


def period_of(first: date, last: date) -> Period:
    """Return the period from the start of a day to the end of another, where the province is."""
    begin, end = (
        datetime.combine(day, time(), tzinfo=ZONE) for day in (first, last + timedelta(days=1))
    )
    return kpi.Period(begin, end)


def this_month(now: datetime) -> tuple[date, date]:
    """Return the first day of the month, and today."""
    today = now.astimezone(ZONE).date()
    return today.replace(day=1), today
