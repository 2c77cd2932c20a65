"""`/sessions/N/roll-call`: the points in calling order, one key per answer."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from collector.api.deps import Caller, Looking, RowNumber, Use, may
from collector.api.errors import NotFoundError
from collector.api.once import MAX_KEY_LENGTH
from collector.api.readiness import ACT, MOST_NOTE, MOST_POINTS, answered
from collector.console.readiness_views import CellLine, cell_line
from collector.console.render import language_of, page
from collector.console.texts import Texts
from collector.sessions.readiness_tables import Answered, Looked
from incidents.sessions.roll_call import ANSWERS, calling_order, is_settled

router = APIRouter(prefix="/sessions/{conference}/roll-call", include_in_schema=False)
# What a person answers, and what was measured that stands beside it.
SHOWN = ("picture", "sound", "call", "reachability", "path_loss")


@router.get("")
async def roll_call_page(
    request: Request, services: Use, viewer: Looking, conference: RowNumber
) -> Response:
    """Show whom to call now, and what everybody answered."""
    now = services.now()
    looked = await services.readiness.look(conference, viewer, now)
    if looked is None:
        raise NotFoundError("session", conference)
    session = looked.session
    settled = {place for place, said in looked.known.said.items() if is_settled(said, session, now)}
    left = calling_order(session.points, settled)
    return page(
        request,
        services,
        "roll_call",
        session=session,
        points=calling_order(session.points, ()),
        left=left,
        current=left[0] if left else None,
        following=left[1] if len(left) > 1 else None,
        settled=settled,
        answers=ANSWERS,
        cells=cells_of(looked, language_of(request)),
        shown=SHOWN,
        moment=looked.board.moment.value,
    )


@router.post("", dependencies=[Depends(may(ACT))])
async def answer(
    services: Use,
    caller: Caller,
    conference: RowNumber,
    answer: Annotated[str, Form(max_length=40)],
    points: Annotated[list[int], Form(max_length=MOST_POINTS)],
    note: Annotated[str, Form(max_length=MOST_NOTE)] = "",
    key: Annotated[str, Form(max_length=MAX_KEY_LENGTH)] = "",
) -> Response:
    """Take one answer of one or several points; without script this is all there is."""
    given = Answered(tuple(dict.fromkeys(points)), answer, services.now(), note, key)
    await answered(services, caller, conference, [given])
    return RedirectResponse(f"/sessions/{conference}/roll-call", status_code=303)


def cells_of(looked: Looked, t: Texts) -> dict[int, dict[str, CellLine]]:
    """Return the cells that stand beside each point, by its place."""
    return {
        row.point.order: {
            cell.check: cell_line(cell, looked.board.at, t)
            for cell in row.cells
            if cell.check in SHOWN
        }
        for row in looked.board.rows
    }
