"""The pages of targets: devices, lines, endpoints and services, and what agents measure."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from collector.api.deps import Looking, Search, Use
from collector.api.errors import NotFoundError
from collector.console.render import language_of, page
from collector.console.target_views import groups_of
from collector.storage.queries import alerts, device_events, incidents
from incidents.vietnamese import search_of

ROWS = 50
HEARD_ROWS = 20
router = APIRouter(include_in_schema=False)


@router.get("/targets")
async def targets_page(
    request: Request, services: Use, viewer: Looking, q: Search = ""
) -> Response:
    """List them, the worst first."""
    lines = services.targets.all(viewer, services.now(), search_of(q))
    return page(request, services, "targets", lines=lines, instant=_instant, q=q)


@router.get("/targets/{target}")
async def target_page(request: Request, services: Use, viewer: Looking, target: str) -> Response:
    """Show one: where it is, who measures it, every value and its age, and its troubles."""
    found = services.targets.one(target, viewer, services.now())
    if found is None:
        raise NotFoundError("target", target)
    node = f"target:{target}"
    firing, of_it, heard = await services.db.read(
        lambda c: (
            alerts.list_alerts(c, viewer, agent=node, limit=ROWS).items,
            incidents.incidents_of_agent(c, node, viewer, limit=ROWS),
            device_events.list_heard(c, viewer, target=target, limit=HEARD_ROWS),
        )
    )
    groups = groups_of(found.values, language_of(request).language)
    return page(
        request,
        services,
        "target",
        target=found,
        groups=groups,
        alerts=firing,
        incidents=of_it,
        heard=heard,
        instant=_instant,
    )


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
