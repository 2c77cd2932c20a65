"""Pages of alerts and of the worklist."""

import json
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BeforeValidator

from collector.api.deps import PAGE, Caller, Looking, RowNumber, Use
from collector.api.once import store_once
from collector.api.worklist import promotion
from collector.console.render import here, page
from collector.storage.queries import alerts, units

router = APIRouter(include_in_schema=False)
# A form sends an empty value for "all".
Chosen = Annotated[str | None, BeforeValidator(lambda value: value or None), Query()]
ChosenSeverity = Annotated[
    alerts.Severity | None, BeforeValidator(lambda value: value or None), Query()
]


@router.get("/alerts")
async def alerts_page(
    request: Request,
    services: Use,
    viewer: Looking,
    state: alerts.AlertState = "all",
    severity: ChosenSeverity = None,
    unit: Chosen = None,
    agent: Chosen = None,
    after: RowNumber | None = None,
) -> Response:
    """Show alerts, firing first."""
    found = await services.db.read(
        lambda c: alerts.list_alerts(
            c,
            viewer,
            state=state,
            severity=severity,
            unit=unit,
            agent=agent,
            limit=PAGE,
            after=after,
        )
    )
    filters = {"state": state, "severity": severity, "unit": unit, "agent": agent}
    return page(
        request,
        services,
        "alerts",
        alerts=found.items,
        following=found.next and here(request, after=found.next),
        units=await services.db.read(lambda c: units.all_units(c, viewer)),
        filters=filters,
        filtered=state != "all" or any((severity, unit, agent)),
    )


@router.get("/worklist")
async def worklist_page(
    request: Request,
    services: Use,
    viewer: Looking,
    unit: Chosen = None,
    after: RowNumber | None = None,
) -> Response:
    """Show worklist lines, unit by unit."""
    found = await services.db.read(
        lambda c: alerts.list_worklist(c, viewer, unit=unit, limit=PAGE, after=after)
    )
    filters: dict[str, Any] = {"unit": unit}
    return page(
        request,
        services,
        "worklist",
        lines=found.items,
        following=found.next and here(request, after=found.next),
        units=await services.db.read(lambda c: units.all_units(c, viewer)),
        filters=filters,
    )


@router.post("/worklist/{alert}/promote")
async def promote(
    services: Use, caller: Caller, alert: RowNumber, key: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """Raise an incident from a line and go there."""
    work = promotion(services, alert, caller)
    stored = await store_once(services, caller, key, f"promote {alert}", work)
    services.changes.publish("worklist", str(alert))
    services.changes.publish("message", "")  # whoever is to be told is told now
    code = json.loads(stored.answer)["incident"]
    return RedirectResponse(f"/incidents/{quote(code)}?done=promote", status_code=303)
