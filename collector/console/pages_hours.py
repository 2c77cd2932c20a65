"""Pages of expected hours and of who was missing at their start."""

from datetime import date
from itertools import groupby
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from collector.api.deps import Caller, Looking, Use, administers, viewer_of
from collector.api.hours import deciding, forgetting, open_proposals
from collector.api.once import MAX_KEY_LENGTH, fingerprint, store_once
from collector.attendance import today
from collector.console.host_lines import REACHABLE
from collector.console.render import page, words_of
from collector.directory import HOST_KINDS
from collector.services import Services
from collector.storage.queries import hours, units
from incidents.conditions import Refused

router = APIRouter(include_in_schema=False)
DAYS = 14
Key = Annotated[str, Form(max_length=MAX_KEY_LENGTH)]
Name = Annotated[str, Form(max_length=200)]
Done = Literal["approved", "declined", "forgotten"]


@router.get("/hours")
async def hours_page(
    request: Request, services: Use, done: Annotated[Done | None, Query()] = None
) -> Response:
    """Show what is proposed, what was decided, and a form for anything else."""
    return await _hours(request, services, done=done, refusal=None, status=200)


@router.post("/hours/{verdict}", dependencies=[Depends(administers("hours"))])
async def decide(
    request: Request,
    services: Use,
    caller: Caller,
    verdict: Literal["approve", "decline", "forget"],
    key: Key = "",
    unit: Name = "",
    kind: Name = "",
    text: Annotated[str, Form(max_length=200, alias="hours")] = "",
) -> Response:
    """Approve or decline hours, or take a decision back."""
    if verdict == "forget":
        work = forgetting(services, unit, kind, caller)
    else:
        approved = verdict == "approve"
        work = deciding(services, unit, kind, text, caller, approved=approved)
    digest = fingerprint(request, f"{unit} {kind} {text}".encode())
    try:
        await store_once(services, caller, key, digest, work)
    except Refused as refused:
        return await _hours(request, services, done=None, refusal=refused, status=409)
    done = {"approve": "approved", "decline": "declined", "forget": "forgotten"}[verdict]
    return RedirectResponse(f"/hours?done={done}", status_code=303)


@router.get("/hours/missing")
async def missing_page(
    request: Request, services: Use, viewer: Looking, day: Annotated[date | None, Query()] = None
) -> Response:
    """Show who was missing, one list for each region, and who has come since."""
    chosen = (day or today(services.now())).isoformat()

    def read(connection: Connection) -> dict[str, Any]:
        return {
            "found": hours.missing_on(connection, chosen, viewer),
            "days": hours.days_listed(connection, limit=DAYS),
        }

    facts = await services.db.read(read)
    fleet = services.fleet.hosts
    heard = {
        item["agent"]
        for unit in facts["found"]
        for item in unit.items
        if (host := fleet.get(item["agent"])) and host.liveness.name in REACHABLE
    }
    regions = [
        (region, list(group)) for region, group in groupby(facts["found"], key=lambda u: u.region)
    ]
    return page(
        request,
        services,
        "missing",
        chosen=date.fromisoformat(chosen),
        days=[date.fromisoformat(one) for one in facts["days"]],
        regions=regions,
        heard=heard,
    )


async def _hours(
    request: Request,
    services: Services,
    *,
    done: str | None,
    refusal: Refused | None,
    status: int,
) -> Response:
    viewer = viewer_of(request)

    def read(connection: Connection) -> dict[str, Any]:
        return {
            "proposals": open_proposals(services, connection, viewer),
            "decided": hours.decided_hours(connection, viewer),
            "units": units.all_units(connection, viewer),
        }

    facts = await services.db.read(read)
    said = words_of(request, refusal)
    return page(
        request,
        services,
        "hours",
        status=status,
        done=done,
        refusal=said,
        kinds=HOST_KINDS,
        names_of_units={unit.code: unit.name for unit in facts["units"]},
        **facts,
    )
