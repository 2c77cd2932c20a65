"""`/api/v1/alerts`: what the rules found, firing and resolved."""

from fastapi import APIRouter

from collector.api.deps import PAGE, Limit, Looking, RowNumber, Use
from collector.api.errors import NotFoundError
from collector.storage.queries.alerts import (
    AlertRow,
    AlertState,
    Outcome,
    Severity,
    find_alert,
    list_alerts,
)
from collector.storage.queries.paging import Page

router = APIRouter(prefix="/api/v1/alerts", tags=["alerts"])


@router.get("")
async def alerts(
    services: Use,
    viewer: Looking,
    state: AlertState = "all",
    unit: str | None = None,
    agent: str | None = None,
    rule: str | None = None,
    severity: Severity | None = None,
    outcome: Outcome | None = None,
    suppressed: bool | None = None,
    limit: Limit = PAGE,
    after: RowNumber | None = None,
) -> Page[AlertRow]:
    """List alerts: firing first, critical before warning, then the newest."""
    return await services.db.read(
        lambda c: list_alerts(
            c,
            viewer,
            state=state,
            unit=unit,
            agent=agent,
            rule=rule,
            severity=severity,
            outcome=outcome,
            suppressed=suppressed,
            limit=limit,
            after=after,
        )
    )


@router.get("/{alert}")
async def alert(services: Use, viewer: Looking, alert: RowNumber) -> AlertRow:
    """Return one alert."""
    found = await services.db.read(lambda c: find_alert(c, alert, viewer))
    if found is None:
        raise NotFoundError("alert", alert)
    return found
