"""The page *Việc đến hạn*: everything with a term, and the form that records a duty."""

from datetime import date, datetime, time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from collector.api.deps import Caller, Use, may, viewer_of
from collector.api.duties import doing, due_of
from collector.api.once import MAX_KEY_LENGTH, fingerprint, store_once
from collector.console.render import page, words_of
from collector.duties.due_list import DONE, OF_ONCALL, duty_lines, overdue_counts
from collector.services import Services
from incidents.conditions import Refused
from incidents.duties import DueState
from incidents.vietnamese import ZONE

router = APIRouter(include_in_schema=False)
Words = Annotated[str, Form(max_length=1_000)]


@router.get("/due")
async def due_page(
    request: Request, services: Use, done: Annotated[str, Query(max_length=40)] = ""
) -> Response:
    """Show what is overdue and due, the coming duties and the lately done."""
    return await _due(request, services, done=done, refusal=None, status=200)


@router.post("/due/{duty}/{period}", dependencies=[Depends(may("duty"))])
async def record(
    request: Request,
    services: Use,
    caller: Caller,
    duty: str,
    period: str,
    key: Annotated[str, Form(max_length=MAX_KEY_LENGTH)] = "",
    proof: Words = "",
    on: Annotated[date | None, Form()] = None,
) -> Response:
    """Record that a duty was done."""
    at = None if on is None else min(_noon(on), services.now())
    work = doing(services, caller.actor, duty, period, proof, at)
    digest = fingerprint(request, f"{proof}\n{on}".encode())
    try:
        await store_once(services, caller, key, digest, work)
    except Refused as refused:
        return await _due(request, services, done="", refusal=refused, status=409)
    return RedirectResponse(f"/due?done={duty}", status_code=303)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=ZONE)


async def _due(
    request: Request, services: Services, *, done: str, refusal: Refused | None, status: int
) -> Response:
    now = services.now()
    viewer = viewer_of(request)

    def read(connection: Connection) -> dict[str, Any]:
        lines = duty_lines(connection, services.duties, viewer, now)
        items = due_of(services, connection, viewer, now)
        of_oncall = [one for one in items if one.kind in OF_ONCALL]
        late = sum(overdue_counts(connection, services.duties, viewer, now).values())
        return {
            "items": items,
            "overdue": late + sum(one.state is DueState.OVERDUE for one in of_oncall),
            "coming": [one for one in lines if one.standing.state is DueState.NOT_YET],
            "finished": [one for one in lines if one.standing.state in DONE],
        }

    facts = await services.db.read(read)
    said = words_of(request, refusal)
    return page(request, services, "due", status=status, done=done, refusal=said, **facts)
