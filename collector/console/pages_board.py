"""`/sessions/N/live`: the live board, with logging for who runs the session, bare for a wall."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from collector.access import Identity, digest_of
from collector.api.deps import Caller, Looking, RowNumber, Use, may
from collector.api.errors import NotFoundError
from collector.api.once import MAX_KEY_LENGTH
from collector.api.readiness import ACT, allowed
from collector.console.board_events import Sent, may_log, names_of
from collector.console.board_views import point_of
from collector.console.render import language_of, page
from collector.console.texts import Texts, table
from collector.services import Services
from collector.sessions.board_access import COOKIE
from collector.storage import session_boards
from incidents.sessions.model import Session, Stage

router = APIRouter(include_in_schema=False)
# A board is shown until its session is over; the cookie outlives even a session that was moved.
COOKIE_LIFETIME = timedelta(days=8)
# In these a class A board is made to go on whatever becomes of the log-in.
SHOWN_STAGES = frozenset({Stage.PRE_CHECK, Stage.LIVE})
COMMANDS = (
    ("restored", "."),
    ("note", "/"),
    ("action", ","),
    ("fallback", ";"),
    ("photo", "+"),
    ("secretariat", "*"),
)


@router.get("/sessions/{conference}/live")
async def live_page(
    request: Request, services: Use, caller: Caller, viewer: Looking, conference: RowNumber
) -> Response:
    """Show the board; of class A it goes on when the log-in has ended."""
    services.boards.wrote(conference)  # whoever opens it sees what was logged up to now
    board = await services.boards.board(conference, viewer, services.now())
    if board is None:
        raise NotFoundError("session", conference)
    t = language_of(request)
    symptoms = services.sessions.policy.symptoms.values()
    is_wall = caller.kind == "board" or request.query_params.get("wall") == "1"
    named = names_of(services, t)
    words = {
        "symptoms": [
            {"code": one.code, "key": one.key, "name": named[one.code]} for one in symptoms
        ],
        "commands": [
            {"code": code, "key": key, "name": t(f"board.do.{code}")} for code, key in COMMANDS
        ],
        "words": _words(t),
        "points": [point_of(one, is_wall=is_wall) for one in board.tiles],
        "first": {"now": board.at.timestamp(), **Sent(named, t).news(board)},
    }
    answer = page(
        request,
        services,
        "live",
        session=board.session,
        tiles=board.tiles,
        data=words,
        is_wall=is_wall,
        may_log=not is_wall and may_log(services, caller, board.session),
    )
    if await _is_to_go_on(request, services, caller, board.session):
        secret = await _make(services, caller, conference, "")
        _keep(answer, request, secret)
    return answer


@router.post("/sessions/{conference}/boards", dependencies=[Depends(may(ACT))])
async def make_board(
    request: Request,
    services: Use,
    caller: Caller,
    conference: RowNumber,
    key: Annotated[str, Form(max_length=MAX_KEY_LENGTH)] = "",
) -> Response:
    """Make a link that shows this board on another screen, without log-in, until it is over."""
    session = await allowed(services, caller, conference)
    secret = await _make(services, caller, conference, key)
    link = f"{services.desk.console_url}/board/{conference}/{secret}"
    return page(request, services, "board_link", session=session, link=link)


@router.get("/board/{conference}/{secret}")
async def open_board(
    request: Request, services: Use, conference: RowNumber, secret: str
) -> Response:
    """Let this browser show the board of one session."""
    if await services.board_access.opened(secret, conference) is None:
        raise NotFoundError("board", conference)
    answer = RedirectResponse(f"/sessions/{conference}/live?wall=1", status_code=303)
    _keep(answer, request, secret)
    return answer


async def _make(services: Services, caller: Identity, number: int, key: str) -> str:
    secret, now = (
        services.access.new_token(f"board {number} {caller.user}", key=key),
        services.now(),
    )
    digest = digest_of(secret)
    await services.db.write(lambda c: session_boards.add(c, digest, number, caller.actor, now))
    return secret


def _keep(answer: Response, request: Request, secret: str) -> None:
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=int(COOKIE_LIFETIME.total_seconds()),
        samesite="strict",
        secure=request.url.scheme == "https",
        httponly=True,
    )


async def _is_to_go_on(
    request: Request, services: Services, caller: Identity, session: Session
) -> bool:
    if caller.kind != "session" or session.session_class != "A":
        return False
    if session.stage not in SHOWN_STAGES:
        return False
    known = request.cookies.get(COOKIE, "")
    return not known or await services.board_access.opened(known, session.id) is None


def _words(t: Texts) -> dict[str, str]:
    words: dict[str, Any] = dict(table(t.language))
    return {key: text for key, text in words.items() if key.startswith(("board.js.", "span."))}
