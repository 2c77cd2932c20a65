"""Pages of handovers of shifts: the minutes, notes, and two signatures."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from collector.access import Identity
from collector.api.deps import Caller, Looking, RowNumber, Use
from collector.api.handovers import (
    HandoverRow,
    NoteBody,
    SignBody,
    found,
    newest,
    noting,
    row_of,
    signing,
)
from collector.api.once import MAX_KEY_LENGTH, Work, fingerprint, store_once
from collector.console.render import page, words_of
from collector.services import Services
from incidents.actor import Viewer
from incidents.conditions import Refused
from incidents.handover import FIELDS, MOST_WORDS, SIDES, Side
from incidents.timeline import instant

router = APIRouter(include_in_schema=False)
Key = Annotated[str, Form(max_length=MAX_KEY_LENGTH)]
DONE = ("note", "signed")
SHOWN = 60


@router.get("/oncall/handovers")
async def handovers_page(request: Request, services: Use, viewer: Looking) -> Response:
    """List the handovers, the newest first."""
    rows = await services.db.read(lambda c: newest(services, c, viewer, SHOWN))
    return page(request, services, "handovers", handovers=rows)


@router.get("/oncall/handovers/{number}")
async def handover_page(
    request: Request,
    services: Use,
    caller: Caller,
    viewer: Looking,
    number: RowNumber,
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Show the minutes of one, with the forms of who may write and sign."""
    return await _page(request, services, caller, viewer, number, done=done if done in DONE else "")


@router.post("/oncall/handovers/{number}/note")
async def note(
    request: Request,
    services: Use,
    caller: Caller,
    viewer: Looking,
    number: RowNumber,
    key: Key = "",
    field: Annotated[str, Form(max_length=40)] = "",
    text: Annotated[str, Form(max_length=MOST_WORDS)] = "",
) -> Response:
    """Write into a field."""
    work = noting(services, number, NoteBody(field=field, text=text), caller.actor, viewer)
    return await _done(
        request, services, caller, viewer, number, key, work, "note", f"{field} {text}"
    )


@router.post("/oncall/handovers/{number}/sign")
async def sign(
    request: Request,
    services: Use,
    caller: Caller,
    viewer: Looking,
    number: RowNumber,
    side: Annotated[Side, Form()],
    key: Key = "",
    accepted: Annotated[list[str] | None, Form(max_length=1_000)] = None,
) -> Response:
    """Sign for one side."""
    body = SignBody(side=side, accepted=accepted or [])
    work = signing(services, number, body, caller.actor, viewer)
    return await _done(request, services, caller, viewer, number, key, work, "signed", repr(body))


async def _done(
    request: Request,
    services: Services,
    caller: Identity,
    viewer: Viewer,
    number: int,
    key: str,
    work: Work,
    done: str,
    asked: str,
) -> Response:
    try:
        await store_once(services, caller, key, fingerprint(request, asked.encode()), work)
    except Refused as refused:
        return await _page(request, services, caller, viewer, number, refusal=refused)
    return RedirectResponse(f"/oncall/handovers/{number}?done={done}", status_code=303)


async def _page(
    request: Request,
    services: Services,
    caller: Identity,
    viewer: Viewer,
    number: int,
    *,
    done: str = "",
    refusal: Refused | None = None,
) -> Response:
    row = await services.db.read(lambda c: row_of(services, c, found(services, c, viewer, number)))
    schedule = services.oncall.oncall.schedules.get(row.schedule)
    said = words_of(request, refusal)
    return page(
        request,
        services,
        "handover",
        status=200 if refusal is None else 409,
        handover=row,
        document=row.document,
        title=schedule.vi if schedule and schedule.vi else row.schedule,
        sides=SIDES,
        may_sign=_may_sign(row, caller.user),
        signed={one.side: one for one in row.signatures},
        fields=FIELDS,
        instant=instant,
        done=done,
        refusal=said,
    )


def _may_sign(row: HandoverRow, user: str) -> dict[str, bool]:
    """Say which sides are this person's to sign now."""
    signed: dict[str, Any] = {one.side: one for one in row.signatures}
    people = {"outgoing": row.outgoing, "incoming": row.incoming}
    return {
        side: side not in signed and user.casefold() in {name.casefold() for name in names}
        for side, names in people.items()
    }
