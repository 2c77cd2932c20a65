"""Pages of reports: the archive, what waits for a signature, one report."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection

from collector.access import Identity
from collector.api.deps import PAGE, Caller, Looking, RowNumber, Use
from collector.api.documents import found
from collector.console.render import here, page, words_of
from collector.console.report_views import ReportView, view_of
from collector.services import Services
from collector.storage.queries import reports as queries
from collector.storage.queries.paging import Page
from collector.storage.queries.visibility import Viewer
from incidents.conditions import NotAllowed, Refused
from incidents.reports.life import MOST_WORDS, State

router = APIRouter(include_in_schema=False)
Chosen = Annotated[str, Query(max_length=60)]
DONE = frozenset(
    {
        "made", "filled", "gathered", "asked", "signed", "returned", "later", "numbered", "sent",
        "received", "corrected",
    }
)  # fmt: skip


@router.get("/reports")
async def reports_page(
    request: Request,
    services: Use,
    viewer: Looking,
    state: Chosen = "",
    kind: Chosen = "",
    after: int | None = None,
) -> Response:
    """List the reports, the newest first."""
    wanted = state if state in {one.value for one in State} else None
    now = services.now()

    def read(connection: Connection) -> tuple[Page[queries.ReportRow], int]:
        listed = queries.list_reports(
            connection, viewer, state=wanted, kind=kind or None, limit=PAGE, after=after
        )
        return listed, len(queries.waiting(connection, viewer, now))

    listed, count = await services.db.read(read)
    return page(
        request,
        services,
        "reports",
        reports=listed.items,
        following=listed.next and here(request, after=listed.next),
        kinds=services.reports.kinds,
        states=[one.value for one in State],
        filters={"state": state, "kind": kind},
        waiting=count,
    )


@router.get("/reports/waiting")
async def waiting_page(
    request: Request, services: Use, caller: Caller, viewer: Looking, done: Chosen = ""
) -> Response:
    """Show what waits for a signature, with three buttons for each that this person may sign."""
    return await waiting_shown(request, services, caller, viewer, done=done)


@router.get("/reports/{document}")
async def report_page(
    request: Request,
    services: Use,
    caller: Caller,
    viewer: Looking,
    document: RowNumber,
    done: Chosen = "",
) -> Response:
    """Show one report: its fields, the document as it would be printed, what was done to it."""
    return await report_shown(request, services, caller, viewer, document, done=done)


async def waiting_shown(
    request: Request,
    services: Services,
    caller: Identity,
    viewer: Viewer,
    *,
    done: str = "",
    refusal: Refused | None = None,
    refused: int = 0,
) -> Response:
    """Return the screen of those who sign.

    Args:
        refused: The report whose button was refused.
    """
    now = services.now()

    def read(connection: Connection) -> list[ReportView]:
        listed = queries.waiting(connection, viewer, now)
        views = [view_of(services, connection, one, caller.actor, now) for one in listed]
        return sorted(views, key=lambda view: "sign" not in view.may)

    return page(
        request,
        services,
        "waiting",
        status=status_of(refusal),
        views=await services.db.read(read),
        done=done if done in DONE else "",
        refusal=words_of(request, refusal),
        refused=refused,
        most_words=MOST_WORDS,
    )


async def report_shown(
    request: Request,
    services: Services,
    caller: Identity,
    viewer: Viewer,
    number: int,
    *,
    done: str = "",
    refusal: Refused | None = None,
) -> Response:
    """Return the page of one report."""
    now = services.now()

    def read(connection: Connection) -> tuple[ReportView, list[queries.ReportRow]]:
        report = found(connection, number, viewer)
        versions = queries.versions_of(connection, report.family, viewer)
        return view_of(services, connection, report, caller.actor, now), versions

    view, versions = await services.db.read(read)
    return page(
        request,
        services,
        "report",
        status=status_of(refusal),
        view=view,
        report=view.report,
        versions=versions,
        done=done if done in DONE else "",
        refusal=words_of(request, refusal),
        most_words=MOST_WORDS,
    )


def status_of(refusal: Refused | None) -> int:
    """Return the status of a page that may show a refusal."""
    if refusal is None:
        return 200
    return 403 if isinstance(refusal, NotAllowed) else 409
