"""Which units have no data that could be trusted now: *Tốt* needs every one of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from collector.liveness import HEARD, Presence
from collector.storage import unit_days
from collector.storage.queries.visibility import NOBODY
from collector.storage.schema import coverage
from incidents.reports.daily import Thing
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.fleet import Fleet
    from collector.gathering.gatherer import Sources
    from collector.host import Host


def lacking_units(
    sources: Sources, connection: Connection, now: datetime
) -> tuple[int, tuple[Thing, ...]]:
    """Return how many units must be heard, and those that are not, each with the reason.

    A unit has data when a host of it is approved, every host that must be on now is heard, and of
    the half hours in which hosts were expected yesterday at least one was heard.
    """
    local = now.astimezone(ZONE)
    hosts: dict[str, list[Host]] = {}
    for host in list(sources.fleet.hosts.values()):
        if host.is_approved:
            hosts.setdefault(host.unit, []).append(host)
    yesterday = (local.date() - timedelta(days=1)).isoformat()
    dark = set(
        connection.scalars(
            select(coverage.c.unit).where(
                coverage.c.day == yesterday, coverage.c.expected > 0, coverage.c.heard == 0
            )
        )
    )
    rows = [
        row
        for row in unit_days.units_on(connection, NOBODY, local.date())
        if row.code in hosts or row.parent is not None
    ]
    found = []
    for row in rows:
        own = hosts.get(row.code, [])
        unheard = [host for host in own if _is_unheard(sources.fleet, host, now)]
        if not own:
            found.append(Thing("Chưa có máy nào được giám sát", row.name))
        elif unheard:
            last = min((one.last_report_at for one in unheard if one.last_report_at), default=None)
            words = f"{len(unheard)}/{len(own)} máy phải hoạt động mà không có số liệu"
            found.append(Thing(words, row.name, at=last))
        elif row.code in dark:
            found.append(Thing("Cả ngày hôm trước không có số liệu", row.name))
    return len(rows), tuple(found)


def _is_unheard(fleet: Fleet, host: Host, now: datetime) -> bool:
    if host.presence is Presence.SOMETIMES or host.liveness in HEARD:
        return False
    excuse = host.excused
    is_excused = excuse is not None and now < excuse.until
    return not is_excused and fleet.expected_of(host).contain(now.astimezone(ZONE))
