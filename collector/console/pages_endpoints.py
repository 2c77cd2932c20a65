"""Pages of endpoints: all of them, the worst first, and one with every figure and its age."""

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from agents.answer import Answer
from collector.api.deps import Looking, Use
from collector.api.errors import NotFoundError
from collector.console.render import page
from collector.outages.topology import TARGET_PREFIX
from collector.storage.queries import alerts, incidents, units
from collector.storage.queries.visibility import Viewer
from collector.targets.endpoint_book import Kind
from collector.targets.endpoint_state import STANDINGS, Standing
from incidents.vietnamese import sort_key

KINDS: tuple[Kind, ...] = ("conference", "network", "shared")
ROWS = 12
LIST_ROWS = 200
# What a call's table has, in this order; others follow by name.
STREAM_FIGURES = (
    "lost_ratio",
    "jitter_seconds",
    "media_latency_seconds",
    "bits_per_second",
    "frame_height_pixels",
    "frames_per_second",
)

router = APIRouter(include_in_schema=False)


@router.get("/endpoints")
async def endpoints(
    request: Request,
    services: Use,
    viewer: Looking,
    kind: str = "conference",
    unit: str = "",
    region: str = "",
    standing: str = "",
) -> Response:
    """Show all endpoints that somebody sees; an unknown filter is none."""
    chosen_kind = next((one for one in KINDS if one == kind), None)
    chosen: Standing | None = next((one for one in STANDINGS if one == standing), None)
    known = await services.db.read(lambda c: units.all_units(c, viewer))
    found = await services.endpoints.listed(
        viewer,
        services.now().timestamp(),
        kind=chosen_kind,
        unit=unit or None,
        region=region or None,
        region_of={one.code: one.region for one in known},
    )
    listed = [one for one in found if chosen in (None, one.state.standing)]
    counts = {word: sum(one.state.standing == word for one in found) for word in STANDINGS}
    return page(
        request,
        services,
        "endpoints",
        endpoints=listed[:LIST_ROWS],
        count=len(listed),
        counts=counts,
        in_call=sum(one.state.activity == "in_call" for one in found),
        kinds=KINDS,
        kind=chosen_kind or "",
        units=known,
        unit=unit,
        regions=sorted({one.region for one in known if one.region}, key=sort_key),
        region=region,
        standings=STANDINGS,
        chosen=chosen or "",
    )


@router.get("/endpoints/{endpoint}")
async def endpoint(request: Request, services: Use, viewer: Looking, endpoint: str) -> Response:
    """Show one endpoint: its calls, parts, identity, certificate, path and troubles."""
    now = services.now().timestamp()
    found = services.endpoints.named(endpoint, viewer, now)
    if found is None:
        raise NotFoundError("endpoint", endpoint)
    facts = await services.db.read(lambda c: _facts(c, TARGET_PREFIX + endpoint, viewer))
    return page(
        request,
        services,
        "endpoint",
        endpoint=found,
        state=found.state,
        way=services.endpoints.way(endpoint, viewer, now),
        answer_of=answer_of,
        columns=STREAM_FIGURES,
        **facts,
    )


def answer_of(code: float) -> str:
    """Return the name of a probe's answer, or its number where it is of a newer agent."""
    try:
        return Answer(int(code)).name.lower()
    except ValueError:
        return f"{code:g}"


def _facts(connection: Connection, agent: str, viewer: Viewer) -> dict[str, Any]:
    firing = alerts.list_alerts(connection, viewer, agent=agent, state="firing", limit=ROWS)
    return {
        "alerts": firing.items,
        "incidents": incidents.incidents_of_agent(connection, agent, viewer, limit=ROWS),
    }
