"""Pages of units and hosts."""

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from collector.api.deps import Looking, Search, Use
from collector.api.errors import NotFoundError
from collector.console import host_lines, host_views, views
from collector.console.render import language_of, page
from collector.services import HostState
from collector.storage.queries import alerts, device_events, directory, incidents, units
from collector.storage.queries.visibility import Viewer
from incidents.vietnamese import search_of, sort_key

UNIT_COLUMNS = ("cpu_used_ratio", "memory_used_ratio", "filesystem_used_ratio_max")
RAIL_ROWS = 12
LIST_ROWS = 100
HEARD_ROWS = 20

router = APIRouter(include_in_schema=False)


@router.get("/")
async def overview(
    request: Request, services: Use, viewer: Looking, q: Search = "", region: str | None = None
) -> Response:
    """Show all units, the worst first, beside the open incidents and critical alerts."""
    facts = await services.db.read(lambda c: _overview(c, viewer))
    hosts = [
        host
        for host in services.fleet.hosts.values()
        if host.is_approved and viewer.sees(host.unit)
    ]
    cards = views.units_at_a_glance(facts["units"], hosts, facts["firing"], facts["opened"])
    if search := search_of(q):
        found = await services.db.read(
            lambda c: units.list_units(c, viewer, search=search, limit=LIST_ROWS)
        )
        places = {unit.code: search.rank(unit.name) for unit in found.items}
        cards = [card for card in cards if card.unit.code in places]
        cards.sort(key=lambda card: places[card.unit.code])
    shown = [card for card in cards if not region or card.unit.region == region]
    return page(
        request,
        services,
        "units",
        cards=shown,
        totals=views.totals(cards, facts["opened"]),
        regions=sorted({unit.region for unit in facts["units"] if unit.region}, key=sort_key),
        region=region or "",
        q=q,
        incidents=facts["incidents"],
        alerts=facts["alerts"],
        keys=facts["keys"],
    )


def _overview(connection: Connection, viewer: Viewer) -> dict[str, Any]:
    """Read what the first page needs in one consistent state."""
    opened = incidents.list_incidents(connection, viewer, state="open", limit=RAIL_ROWS)
    critical = alerts.list_alerts(
        connection,
        viewer,
        state="firing",
        severity="critical",
        suppressed=False,
        limit=RAIL_ROWS,
    )
    return {
        "units": units.all_units(connection, viewer),
        "firing": alerts.firing_counts(connection, viewer),
        "opened": incidents.open_counts(connection, viewer),
        "incidents": opened.items,
        "alerts": critical.items,
        "keys": directory.counts(connection, viewer),
    }


@router.get("/units/{code}")
async def unit_page(request: Request, services: Use, viewer: Looking, code: str) -> Response:
    """Show one unit: its hosts, its incidents and what fires there."""
    facts = await services.db.read(lambda c: _unit(c, code, viewer))
    hosts = [host for host in services.fleet.hosts.values() if host.unit == code]
    counted = [host for host in hosts if host.is_approved]
    card = views.units_at_a_glance([facts["unit"]], counted, facts["firing"], facts["opened"])[0]
    lines = host_lines.host_lines(hosts, facts["worst"], UNIT_COLUMNS, services.now())
    return page(request, services, "unit", card=card, hosts=lines, columns=UNIT_COLUMNS, **facts)


def _unit(connection: Connection, code: str, viewer: Viewer) -> dict[str, Any]:
    unit = units.find_unit(connection, code, viewer)
    if unit is None:
        raise NotFoundError("unit", code)
    lines = alerts.list_worklist(connection, viewer, unit=code, limit=LIST_ROWS)
    found = incidents.list_incidents(connection, viewer, unit=code, limit=RAIL_ROWS)
    firing = alerts.list_alerts(connection, viewer, state="firing", unit=code, limit=LIST_ROWS)
    return {
        "unit": unit,
        "parent": units.find_unit(connection, unit.parent, viewer) if unit.parent else None,
        "worst": alerts.worst_by_agent(connection, code, viewer),
        "firing": alerts.firing_counts(connection, viewer),
        "opened": incidents.open_counts(connection, viewer),
        "worklist_count": len(lines.items),
        "incidents": found.items,
        "alerts": firing.items,
    }


@router.get("/hosts/{agent}")
async def host_page(request: Request, services: Use, viewer: Looking, agent: str) -> Response:
    """Show one host: who and where, its last hour, its newest values and its troubles."""
    now, language = services.now(), language_of(request).language
    facts = await services.db.read(lambda c: _host(c, agent, viewer))
    host = services.fleet.hosts.get(agent)
    critical, warning = facts.pop("worst").get(agent, (0, 0))
    liveness = "NEVER" if host is None else host.liveness.name
    return page(
        request,
        services,
        "host",
        host=host,
        state=host_lines.host_standing(liveness, critical, warning),
        key_standing=_key_standing(facts["agent"], host),
        fresh=liveness in ("ON_TIME", "LATE") and (host is None or host.quarantined_at is None),
        indicators=[] if host is None else host_views.indicator_views(host, now, language),
        checks=[] if host is None else host_views.check_views(host.latest, now, language),
        **facts,
    )


def _key_standing(agent: units.AgentRow, host: HostState | None) -> units.AgentStanding:
    """Return how the host's key stands; the running process knows a quarantine first."""
    if host is not None and host.quarantined_at is not None:
        return "quarantined"
    return units.standing_of(agent)


def _host(connection: Connection, agent: str, viewer: Viewer) -> dict[str, Any]:
    row = units.find_agent(connection, agent, viewer)
    if row is None:
        raise NotFoundError("agent", agent)
    found = alerts.list_alerts(connection, viewer, agent=agent, limit=RAIL_ROWS)
    return {
        "agent": row,
        "worst": alerts.worst_by_agent(connection, row.unit, viewer),
        "alerts": found.items,
        "incidents": incidents.incidents_of_agent(connection, agent, viewer, limit=RAIL_ROWS),
        "heard": device_events.list_heard(connection, viewer, agent=agent, limit=HEARD_ROWS),
    }
