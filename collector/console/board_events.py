"""`/sessions/N/live/events`: what changed on the board of a session, at most once a second."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request

from collector.access import Identity, cookie_name
from collector.api.deps import Caller, Looking, RowNumber, Use, check_units
from collector.api.errors import NotFoundError
from collector.api.readiness import ACT
from collector.console.board_views import Ages, Face, ages_of, alarm_of, changed, face_of
from collector.console.events import STREAM_LIFETIME, LiveResponse
from collector.console.render import language_of
from collector.console.texts import Texts
from collector.services import Services
from collector.sessions.board_access import COOKIE
from collector.sessions.live_boards import SPACING, Board
from incidents.actor import Viewer
from incidents.conditions import NotAllowed
from incidents.sessions.model import Session

if TYPE_CHECKING:
    from incidents.sessions.live import Tile

router = APIRouter(include_in_schema=False)


@router.get("/sessions/{conference}/live/events")
async def events(
    request: Request, services: Use, caller: Caller, viewer: Looking, conference: RowNumber
) -> LiveResponse:
    """Stream the board until the stream's lifetime or the session ends."""
    board = await services.boards.board(conference, viewer, services.now())
    if board is None:
        raise NotFoundError("session", conference)
    still_in = _still_in(request, services, caller, conference)
    pieces = live_board(services, conference, viewer, language_of(request), still_in)
    if _is_at_board(services, caller, board.session):
        pieces = _counted(services, board.session, caller.user, pieces)
    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    return LiveResponse(pieces, headers=headers)


def _is_at_board(services: Services, caller: Identity, session: Session) -> bool:
    """Say whether somebody who looks can also answer: a wall display cannot."""
    return caller.kind == "session" and may_log(services, caller, session)


async def _counted(
    services: Services, session: Session, user: str, pieces: AsyncIterator[str]
) -> AsyncIterator[str]:
    with services.presence.at(session, user):
        async for piece in pieces:
            yield piece


def may_log(services: Services, caller: Identity, session: Session) -> bool:
    """Say whether somebody may write into the log of a session."""
    try:
        check_units(services, caller, ACT, *session.units)
    except NotAllowed:
        return False
    return True


def _still_in(
    request: Request, services: Services, caller: Identity, number: int
) -> Callable[[], Awaitable[bool]]:
    """Return what says whether a board is still somebody's to see: by log-in, or by its secret."""
    secret = request.cookies.get(cookie_name(secure=request.url.scheme == "https"), "")
    board = request.cookies.get(COOKIE, "")

    async def asked() -> bool:
        if caller.kind == "bearer" or (secret and await services.access.session(secret)):
            return True
        return bool(board) and await services.board_access.opened(board, number) is not None

    return asked


class Sent:
    """What one who looks has been sent; the next event holds what differs."""

    def __init__(self, symptoms: dict[str, str], t: Texts) -> None:
        self._symptoms, self._t = symptoms, t
        self._faces: dict[int, Face] = {}
        self._ages: dict[int, tuple[Ages, float]] = {}
        self._tiles: dict[int, Tile] = {}
        self._stage, self._alarms = "", list[dict[str, Any]]()

    def news(self, board: Board) -> dict[str, Any]:
        """Return what changed since the last event: tiles, ages that are other than they grew."""
        at = board.at.timestamp()
        faces, ages = [], {}
        for one in board.tiles:
            place = one.point.order
            if self._tiles.get(place) is one:
                continue  # the page counts its ages by itself
            self._tiles[place] = one
            face, age = face_of(one, self._symptoms, self._t), ages_of(one, board.at)
            former = self._faces.get(place)
            if former != face:
                self._faces[place] = face
                faces.append(face if former is None else changed(face, former))
            if not self._grew(place, age, at):
                self._ages[place] = (age, at)
                ages[place] = age
        found: dict[str, Any] = {"tiles": faces, "ages": ages}
        if board.session.stage.value != self._stage:
            self._stage = found["stage"] = board.session.stage.value
        alarms = [alarm_of(one, self._t) for one in board.alarms]
        if alarms != self._alarms:
            self._alarms = found["alarms"] = alarms
        return found if faces or ages or found.keys() & {"stage", "alarms"} else {}

    def _grew(self, place: int, ages: Ages, at: float) -> bool:
        """Say whether ages are what the page counts up to by itself, to a second."""
        known = self._ages.get(place)
        if known is None:
            return False
        before, then = known
        grown = at - then
        return all(
            (new < 0) == (old < 0) and (new < 0 or abs(old + grown - new) <= 1.0)
            for new, old in zip(ages, before, strict=True)
        )


async def live_board(
    services: Services,
    number: int,
    viewer: Viewer,
    t: Texts,
    still_in: Callable[[], Awaitable[bool]],
) -> AsyncIterator[str]:
    """Yield events `board` with what changed, and heartbeats; `over` when there is no more."""
    until = services.now() + STREAM_LIFETIME
    symptoms = names_of(services, t)
    sent = Sent(symptoms, t)
    stopped = asyncio.ensure_future(services.stopping.wait())
    with services.changes.subscribe(SPACING.total_seconds()) as news:
        batch = asyncio.ensure_future(news.next())
        try:
            while not stopped.done() and services.now() < until:
                now = services.now()
                board = await services.boards.board(number, viewer, now)
                if board is None:
                    yield _event("over", {}, now)
                    return
                found = {} if services.shedding() else sent.news(board)
                if found:
                    yield _event("board", found, now)
                # Somebody else's board of a moment ago may lack what woke this one.
                pause = SPACING.total_seconds() if board.at < now else services.heartbeat_seconds
                await asyncio.wait(
                    {batch, stopped}, timeout=pause, return_when=asyncio.FIRST_COMPLETED
                )
                if batch.done():
                    changed_now = batch.result()
                    if "incident" in changed_now or str(number) in changed_now.get("session", ()):
                        services.boards.wrote(number)
                    batch = asyncio.ensure_future(news.next())
                elif not stopped.done() and pause == services.heartbeat_seconds:
                    if not await still_in():
                        return
                    yield _event("heartbeat", {}, services.now())
        finally:
            batch.cancel()
            stopped.cancel()


def names_of(services: Services, t: Texts) -> dict[str, str]:
    """Return what the symptoms are called, by code."""
    symptoms = services.sessions.policy.symptoms
    return {code: one.vi if t.language == "vi" else one.en for code, one in symptoms.items()}


def _event(name: str, data: dict[str, Any], now: datetime) -> str:
    whole = {"now": now.timestamp(), **data}
    text = json.dumps(whole, separators=(",", ":"), ensure_ascii=False)
    return f"event: {name}\ndata: {text}\n\n"
