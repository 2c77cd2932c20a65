"""Pages of who is on call: now, a month, who stands in, and the phone tree."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from collector.access import Identity
from collector.api.deps import Caller, RowNumber, Search, Use, may
from collector.api.errors import NotFoundError
from collector.api.oncall import OverrideBody, addressing, cancelling, overriding, wished
from collector.api.once import MAX_KEY_LENGTH, fingerprint, store_once
from collector.console.oncall_views import (
    is_gap,
    local_instant,
    month,
    month_before,
    month_of,
    next_month,
    start_of,
)
from collector.console.render import page, words_of
from collector.services import Services
from incidents.conditions import Refused
from incidents.vietnamese import search_of

router = APIRouter(include_in_schema=False)
Key = Annotated[str, Form(max_length=MAX_KEY_LENGTH)]
Name = Annotated[str, Form(max_length=100)]
Words = Annotated[str, Form(max_length=200)]
DONE = ("added", "cancelled")
AHEAD = timedelta(days=31)


@router.get("/oncall")
async def oncall_page(
    request: Request,
    services: Use,
    caller: Caller,
    of: Annotated[str, Query(max_length=7, alias="month")] = "",
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Show who is on call now and next, a month of shifts, gaps, and who stands in."""
    return await _page(request, services, caller, of=of, done=done if done in DONE else "")


@router.post("/oncall/overrides", dependencies=[Depends(may("oncall"))])
async def override(
    request: Request,
    services: Use,
    caller: Caller,
    key: Key = "",
    schedule: Name = "",
    out: Name = "",
    stand_in: Name = "",
    start: Words = "",
    until: Words = "",
    back_from: Words = "",
    back_until: Words = "",
    reason: Words = "",
) -> Response:
    """Let somebody stand in for somebody, or two swap; the times of the form are local."""
    given = {"from": start, "until": until, "back_from": back_from, "back_until": back_until}
    try:
        body = _body(given, schedule=schedule, out=out, stand_in=stand_in, reason=reason)
        work = overriding(services, wished(services, body), caller)
        await store_once(services, caller, key, fingerprint(request, repr(body).encode()), work)
    except Refused as refused:
        return await _page(request, services, caller, refusal=refused)
    return RedirectResponse("/oncall?done=added", status_code=303)


@router.post("/oncall/overrides/{number}/cancel", dependencies=[Depends(may("oncall"))])
async def cancel(
    request: Request, services: Use, caller: Caller, number: RowNumber, key: Key = ""
) -> Response:
    """Take an override back."""
    work = cancelling(services, number, "", caller)
    try:
        await store_once(services, caller, key, fingerprint(request, b""), work)
    except Refused as refused:
        return await _page(request, services, caller, refusal=refused)
    return RedirectResponse("/oncall?done=cancelled", status_code=303)


@router.post("/oncall/calendar")
async def calendar(request: Request, services: Use, caller: Caller) -> Response:
    """Give one's own calendar a new secret address and show it this once."""
    secret = services.new_id()
    try:
        work = addressing(services, caller.user, secret, caller)
        await services.db.write(work)
    except (Refused, NotFoundError):
        refused = Refused(
            "Tên đăng nhập này chưa có trong danh bạ trực.",
            "You are no contact of the schedules.",
            ["person"],
        )
        return await _page(request, services, caller, refusal=refused)
    path = f"/oncall/{caller.user}.ics"
    address = str(request.url.replace(path=path, query=f"key={secret}"))
    return await _page(request, services, caller, address=address)


@router.get("/oncall/phone-tree")
async def phone_tree(request: Request, services: Use, q: Search = "") -> Response:
    """Show how everybody is reached, to be printed."""
    now, search = services.now(), search_of(q)
    rows = await services.db.read(lambda c: services.oncall.phone_tree(c, now, search))
    return page(request, services, "phone_tree", contacts=rows, q=q)


def _body(given: dict[str, str], **names: str) -> OverrideBody:
    at = {name: local_instant(text) for name, text in given.items() if text}
    if not {"from", "until"} <= at.keys() or None in at.values():
        raise Refused(
            "Cần ghi đủ ngày giờ bắt đầu và kết thúc.",
            "It needs a day and time at which it begins and ends.",
            ["from", "until"],
        )
    return OverrideBody.model_validate({**names, **at})


async def _page(
    request: Request,
    services: Services,
    caller: Identity,
    *,
    of: str = "",
    done: str = "",
    refusal: Refused | None = None,
    address: str = "",
) -> Response:
    now = services.now()
    first = month_of(of, now)
    facts = await services.db.read(lambda c: _facts(services, c, first.isoformat(), now))
    said = words_of(request, refusal)
    return page(
        request,
        services,
        "oncall",
        status=200 if refusal is None else 409,
        first=first,
        before=month_before(first).strftime("%Y-%m"),
        after=next_month(first).strftime("%Y-%m"),
        contacts={one.name.casefold(): one for one in services.oncall.oncall.contacts.all},
        schedules=services.oncall.oncall.schedules,
        is_contact=services.oncall.oncall.contacts.of(caller.user) is not None,
        is_gap=is_gap,
        done=done,
        refusal=said,
        address=address,
        **facts,
    )


def _facts(
    services: Services, connection: Connection, first_day: str, now: datetime
) -> dict[str, Any]:
    desk = services.oncall
    first = month_of(first_day[:7], now)
    start, end = start_of(first), start_of(next_month(first))
    shifts = desk.shifts(connection, start, end)
    current = desk.at(connection, now, now)
    return {
        "current": current,
        "following": {
            row.schedule: following
            for row in current
            for following in desk.at(connection, row.ends_at, now)
            if following.schedule == row.schedule
        },
        "days": month(shifts, first, now),
        "gaps": desk.gaps(connection, now, now + AHEAD),
        "month_gaps": desk.gaps(connection, start, end),
        "ahead_days": AHEAD.days,
        "overrides": desk.overrides(connection, now),
    }
