"""`/sessions/N/readiness`: the go/no-go board as it is now, and records as they were signed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from collector.api.deps import Caller, Looking, RowNumber, Use, may
from collector.api.errors import NotFoundError
from collector.api.once import MAX_KEY_LENGTH
from collector.api.readiness import ACT, MOST_NOTE, checked, record_of, seen, signed
from collector.console.readiness_views import row_line
from collector.console.render import language_of, page
from collector.services import Services
from collector.storage import session_checks
from incidents.sessions.checks import CHECKS
from incidents.sessions.model import Session
from incidents.sessions.readiness import Board
from incidents.sessions.record import CheckRecord

router = APIRouter(prefix="/sessions/{conference}", include_in_schema=False)
SHOWN = 8


@router.get("/readiness")
async def readiness_page(
    request: Request, services: Use, viewer: Looking, conference: RowNumber
) -> Response:
    """Show who is ready now."""
    looked = await services.readiness.look(conference, viewer, services.now())
    if looked is None:
        raise NotFoundError("session", conference)
    records = await services.db.read(lambda c: session_checks.newest(c, conference, most=SHOWN))
    return _page(request, services, looked.session, looked.board, records)


@router.post("/check", dependencies=[Depends(may(ACT))])
async def check(
    services: Use,
    caller: Caller,
    conference: RowNumber,
    key: Annotated[str, Form(max_length=MAX_KEY_LENGTH)] = "",
) -> Response:
    """Ask the points anew and keep what is found; the board shows what comes."""
    made = (await checked(services, caller, conference, key)).record
    where = "readiness" if made is None else f"checks/{made}"
    return RedirectResponse(f"/sessions/{conference}/{where}", status_code=303)


@router.get("/checks/{check}")
async def check_page(
    request: Request,
    services: Use,
    viewer: Looking,
    conference: RowNumber,
    check: RowNumber,
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Show one record: to be printed, and signed."""
    session = await seen(services, conference, viewer)
    record = await record_of(services, conference, check)
    return _page(request, services, session, record.board, [], record, done=done == "signed")


@router.post("/checks/{check}/sign", dependencies=[Depends(may(ACT))])
async def sign(
    services: Use,
    caller: Caller,
    conference: RowNumber,
    check: RowNumber,
    note: Annotated[str, Form(max_length=MOST_NOTE)] = "",
) -> Response:
    """Sign a record."""
    await signed(services, caller, conference, check, note)
    return RedirectResponse(f"/sessions/{conference}/checks/{check}?done=signed", status_code=303)


def _page(
    request: Request,
    services: Services,
    session: Session,
    board: Board,
    records: list[CheckRecord],
    record: CheckRecord | None = None,
    *,
    done: bool = False,
) -> Response:
    t = language_of(request)
    return page(
        request,
        services,
        "readiness",
        session=session,
        board=board,
        rows=[row_line(row, board.at, t) for row in board.rows],
        checks=[one.name for one in CHECKS],
        counts={
            verdict: sum(row.verdict.value == verdict for row in board.rows)
            for verdict in ("no_go", "not_checked", "warning", "go")
        },
        records=records,
        record=record,
        record_due_at=session.starts_at - services.sessions.policy.file.recorded_before,
        done=done,
        asking=services.readiness.under_way.of(session.id) if record is None else None,
    )
