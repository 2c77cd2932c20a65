"""Pages of conference sessions: what comes and what was, one session, the form of a plan."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Request, Response
from sqlalchemy import Connection

from collector.api.deps import RowNumber, Search, Use, viewer_of
from collector.api.once import MAX_KEY_LENGTH
from collector.api.session_lists import figures_between, month_of
from collector.api.sessions import (
    found,
)
from collector.console.render import language_of, page, words_of
from collector.console.session_views import names_of, rows_of, values_of
from collector.services import Services
from collector.storage import sessions as store
from collector.storage.queries import sessions as queries
from collector.storage.queries.reports import first_of
from incidents.conditions import Refused
from incidents.sessions.minutes import lost_of
from incidents.vietnamese import ZONE, search_of

router = APIRouter(include_in_schema=False)
ROWS = 100
MAX_FILE_BYTES = 1 << 20
Key = Annotated[str, Form(max_length=MAX_KEY_LENGTH)]
Line = Annotated[str, Form(max_length=400)]
Text = Annotated[str, Form(max_length=60_000)]
Done = Literal["planned", "changed", "moved", "cancelled", "live", "ended", "logged", "closed"]
Step = Literal["start", "end", "cancel", "reported"]


@router.get("/sessions")
async def sessions_page(
    request: Request,
    services: Use,
    search: Search = "",
    month: Annotated[str, Query(pattern=r"^(20[0-9]{2}-(0[1-9]|1[0-2]))?$")] = "",
) -> Response:
    """Show what comes, what was, and the figures of a month."""
    return await show_list(request, services, search=search, month=month)


@router.get("/sessions/new")
async def new_page(request: Request, services: Use, copy: RowNumber = 0) -> Response:
    """Show the form that plans a session, filled from a former one if one is named."""
    viewer = viewer_of(request)
    former = await services.db.read(lambda c: found(c, copy, viewer)) if copy else None
    return show_form(request, services, former=former)


@router.get("/sessions/{conference}")
async def session_page(
    request: Request,
    services: Use,
    conference: RowNumber,
    done: Annotated[Done | None, Query()] = None,
) -> Response:
    """Show one session: its points, its log, and what can be done now."""
    return await show_one(request, services, conference, done=done)


@router.get("/sessions/{conference}/edit")
async def edit_page(request: Request, services: Use, conference: RowNumber) -> Response:
    """Show the plan of a session as a form."""
    viewer = viewer_of(request)
    whole = await services.db.read(lambda c: found(c, conference, viewer))
    return show_form(request, services, former=whole, edits=conference)


async def show_list(
    request: Request,
    services: Services,
    *,
    search: str = "",
    month: str = "",
    refusal: Refused | None = None,
    taken: dict[str, Any] | None = None,
) -> Response:
    """Return the page of what comes and what was."""
    viewer, now = viewer_of(request), services.now()
    start, end = month_of(month, now)
    words = search_of(search)

    def read(connection: Connection) -> dict[str, Any]:
        coming = queries.list_sessions(connection, viewer, search=words, limit=ROWS)
        past = queries.list_sessions(connection, viewer, when="past", search=words, limit=ROWS)
        return {
            "coming": coming.items,
            "past": past.items,
            "feeds": store.load_feeds(connection),
            "figures": figures_between(services, connection, viewer, start, end),
        }

    facts = await services.db.read(read)
    return page(
        request,
        services,
        "sessions",
        status=200 if refusal is None else 409,
        search=search,
        month=start.astimezone(ZONE).strftime("%Y-%m"),
        before=(start - timedelta(days=1)).astimezone(ZONE).strftime("%Y-%m"),
        after=end.astimezone(ZONE).strftime("%Y-%m"),
        refusal=words_of(request, refusal),
        taken=taken,
        symptoms=names_of(services.sessions.policy, language_of(request).language),
        unit_names=services.sessions.policy.book.units,
        **facts,
    )


async def show_one(
    request: Request,
    services: Services,
    number: int,
    *,
    done: str | None = None,
    refusal: Refused | None = None,
) -> Response:
    """Return the page of one session."""
    viewer, now = viewer_of(request), services.now()
    policy, language = services.sessions.policy, language_of(request).language

    def read(connection: Connection) -> dict[str, Any]:
        whole = found(connection, number, viewer)
        log = queries.log_of(connection, number, viewer)
        return {
            "session": whole,
            "log": rows_of(whole, log),
            "lost": lost_of(whole, log, policy.losing, now),
            "report": first_of(connection, "session", str(number), viewer),
            "faults": any(entry.kind == "symptom" for entry in log),
        }

    facts = await services.db.read(read)
    return page(
        request,
        services,
        "session",
        status=200 if refusal is None else 409,
        done=done,
        refusal=words_of(request, refusal),
        grade=policy.class_of(facts["session"].session_class),
        symptoms=names_of(policy, language),
        close_by=_close_by(facts["session"].over_at, policy.file.close_within),
        **facts,
    )


def _close_by(over_at: datetime | None, within: timedelta) -> datetime | None:
    return None if over_at is None else over_at + within


def show_form(
    request: Request,
    services: Services,
    *,
    former: Any = None,
    given: dict[str, str] | None = None,
    refusal: Refused | None = None,
    edits: int = 0,
) -> Response:
    """Return the form that plans or changes a session."""
    policy = services.sessions.policy
    return page(
        request,
        services,
        "session_form",
        status=200 if refusal is None else 409,
        values=given or values_of(former, is_copy=not edits),
        refusal=words_of(request, refusal),
        edits=edits,
        classes=policy.file.classes,
        known=[point.name for point in policy.book.points],
    )
