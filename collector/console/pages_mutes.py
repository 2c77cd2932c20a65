"""The page of silences and maintenance windows, and the forms that make and end them."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from collector.api.deps import PAGE, Caller, Use, may, viewer_of
from collector.api.mutes import adding, ending, told
from collector.api.once import MAX_KEY_LENGTH, fingerprint, store_once
from collector.console.mute_views import MINUTES
from collector.console.pages_alerts import Chosen
from collector.console.render import page, words_of
from collector.services import Services
from collector.storage.mutes import NewMute
from collector.storage.queries import mutes, units
from incidents.conditions import Refused
from incidents.vietnamese import ZONE

router = APIRouter(include_in_schema=False)
OVER_ROWS = 20
Key = Annotated[str, Form(max_length=MAX_KEY_LENGTH)]
Name = Annotated[str, Form(max_length=200)]
Words = Annotated[str, Form(max_length=500)]
Minutes = Annotated[int, Form(ge=1, le=7 * 24 * 60)]
Done = Literal["silence", "maintenance", "ended"]


@router.get("/mutes")
async def mutes_page(
    request: Request,
    services: Use,
    agent: Chosen = None,
    unit: Chosen = None,
    rule: Chosen = None,
    done: Annotated[Done | None, Query()] = None,
) -> Response:
    """Show what is quiet now, what will be, and what was; with forms to add more."""
    chosen = {"agent": agent or "", "unit": unit or "", "rule": rule or ""}
    return await _page(request, services, chosen=chosen, done=done, refusal=None, status=200)


@router.post("/mutes/silence", dependencies=[Depends(may("silence"))])
async def silence(
    request: Request,
    services: Use,
    caller: Caller,
    key: Key = "",
    agent: Name = "",
    unit: Name = "",
    rule: Name = "",
    minutes: Minutes = 120,
    reason: Words = "",
) -> Response:
    """Keep something from being told for a while."""
    now = services.now()
    new = NewMute("silence", agent, unit, rule, reason, "", now, now + timedelta(minutes=minutes))
    return await _make(request, services, caller, new, key)


@router.post("/mutes/maintenance", dependencies=[Depends(may("maintenance"))])
async def maintenance(
    request: Request,
    services: Use,
    caller: Caller,
    key: Key = "",
    agent: Name = "",
    unit: Name = "",
    rule: Name = "",
    starts: Name = "",
    ends: Name = "",
    weekly: Name = "",
    owner: Name = "",
    reason: Words = "",
    despite_session: Annotated[bool, Form()] = False,
) -> Response:
    """Plan work; the times of the form are local."""
    new = NewMute(
        "maintenance", agent, unit, rule, reason, owner.strip(),
        _local(starts, "starts"), _local(ends, "ends"), weekly,
    )  # fmt: skip
    return await _make(request, services, caller, new, key, despite_session=despite_session)


@router.post("/mutes/{kind}/{number}/end")
async def end(
    services: Use,
    caller: Caller,
    kind: Literal["silence", "maintenance"],
    number: int,
    key: Key = "",
) -> Response:
    """End one before its time."""
    services.desk.check_act(kind, caller.actor, services.now())
    work = ending(services, number, kind, caller)
    await store_once(services, caller, key, f"end {kind} {number}", work)
    told(services)
    return RedirectResponse("/mutes?done=ended", status_code=303)


async def _make(
    request: Request,
    services: Services,
    caller: Any,
    new: NewMute,
    key: str,
    *,
    despite_session: bool = False,
) -> Response:
    digest = fingerprint(request, repr((new, despite_session)).encode())
    work = adding(services, new, caller, despite_session=despite_session)
    try:
        await store_once(services, caller, key, digest, work)
    except Refused as refused:
        chosen = {"agent": new.agent, "unit": new.unit, "rule": new.rule}
        return await _page(request, services, chosen=chosen, done=None, refusal=refused, status=409)
    told(services)
    return RedirectResponse(f"/mutes?done={new.kind}", status_code=303)


async def _page(
    request: Request,
    services: Services,
    *,
    chosen: dict[str, str],
    done: str | None,
    refusal: Refused | None,
    status: int,
) -> Response:
    now, viewer = services.now(), viewer_of(request)

    def read(connection: Connection) -> dict[str, Any]:
        current = mutes.list_mutes(connection, viewer, now=now, limit=PAGE)
        over = mutes.list_mutes(connection, viewer, state="over", now=now, limit=OVER_ROWS)
        asked = chosen["agent"]
        agent = units.find_agent(connection, asked, viewer) if asked else None
        return {
            "current": current.items,
            "over": over.items,
            "reports": {
                row.id: mutes.reports_of(connection, row.id, limit=1)
                for row in (*current.items, *over.items)
                if row.kind == "maintenance"
            },
            "units": units.all_units(connection, viewer),
            "host": agent,
        }

    facts = await services.db.read(read)
    said = words_of(request, refusal)
    return page(
        request,
        services,
        "mutes",
        status=status,
        chosen=chosen,
        done=done,
        refusal=said,
        minutes=MINUTES,
        rules=services.rule_names(),
        **facts,
    )


def _local(text: str, field: str) -> datetime:
    """Return the instant of a form's local time."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise HTTPException(422, f"{field}: a local date and time is needed") from error
    return at if at.tzinfo else at.replace(tzinfo=ZONE)
