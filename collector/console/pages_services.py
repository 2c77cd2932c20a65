"""The page of shared systems."""

from collections import Counter

from fastapi import APIRouter, Request, Response

from collector.api.deps import Looking, Use
from collector.api.service_catalogue import row
from collector.console.render import language_of, page
from collector.outages.topology import TARGET_PREFIX
from collector.service_state import ServiceState

router = APIRouter(include_in_schema=False)
# Which icon and colour a state has; what is not measured is neither red nor green.
STANDINGS = {
    ServiceState.DOWN: "critical",
    ServiceState.DEGRADED: "warning",
    ServiceState.NO_DATA: "no_data",
    ServiceState.OUTSIDE_HOURS: "off_hours",
    ServiceState.NOT_MEASURED: "muted",
    ServiceState.GOOD: "good",
}


@router.get("/services")
async def services_page(request: Request, services: Use, viewer: Looking) -> Response:
    """Show how the shared systems are, and what explains it, in the order of the catalogue."""
    language = language_of(request).language
    rows = [row(services, viewer, line) for line in services.board.lines(services.now())]
    names = {one.name: one.vi if language == "vi" else one.en for one in rows}
    shown = {name for one in rows for name in (*one.needs, *one.because)}
    shown |= {TARGET_PREFIX + check.target for one in rows for check in one.checks}
    for name in shown - names.keys():
        target = services.board.target(name.removeprefix(TARGET_PREFIX))
        if target is not None:
            names[name] = target.label_vi if language == "vi" else target.label_en
    counts = Counter(one.state for one in rows)
    return page(
        request,
        services,
        "services",
        rows=rows,
        called=names,
        standings=STANDINGS,
        counts=[(state, counts[state]) for state in STANDINGS if counts[state]],
    )
