"""`/api/v1/daily`: the report of a day as it made itself, and its printed forms."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response

from collector.api.deps import Caller, Looking, Use
from collector.api.errors import NotFoundError
from collector.reports.printing import MEDIA_TYPES, Form, PrintError
from collector.services import Services
from collector.storage.queries import reports as queries
from collector.storage.queries.visibility import Viewer
from incidents.reports.daily import sections_of, sentence_of, standing_of
from incidents.reports.document import Layout
from incidents.reports.kinds.daily import DAILY, facts_of
from incidents.reports.life import Report
from incidents.vietnamese import ZONE

router = APIRouter(prefix="/api/v1/daily", tags=["reports"])
Day = Annotated[date | None, Query()]


@dataclass(frozen=True, slots=True)
class ListRow:
    """One list of the report: its title, its count in words, its lines."""

    title: str
    counted: str
    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class DailyRow:
    """The report of a day; `report` is its number in the archive."""

    day: date
    report: int
    made_at: datetime
    standing: str
    sentence: str
    lists: tuple[ListRow, ...]


@router.get("")
async def daily(services: Use, viewer: Looking, day: Day = None) -> DailyRow:
    """Return the report of a day, today's unless said."""
    return row_of(await found(services, viewer, chosen_day(services, day)))


@router.get("/{day}.{form}")
async def printed(
    services: Use,
    viewer: Looking,
    caller: Caller,
    day: date,
    form: Form,
    layout: Annotated[Layout | None, Query()] = None,
) -> Response:
    """Return it for print (`pdf`) or editing (`docx`), in the usual layout unless said."""
    report = await found(services, viewer, day)
    return await print_report(services, report, form, layout, caller.actor, f"bao-cao-ngay-{day}")


def chosen_day(services: Services, day: date | None) -> date:
    """Return the day asked for; today where the province is unless said."""
    return day or services.now().astimezone(ZONE).date()


async def found(services: Services, viewer: Viewer, day: date) -> Report:
    """Return the first report of a day.

    Raises:
        NotFoundError: None was made, or it is not for this viewer.
    """
    subject = day.isoformat()
    report = await services.db.read(lambda c: queries.first_of(c, DAILY.code, subject, viewer))
    if report is None:
        raise NotFoundError("report", f"{DAILY.code} {subject}")
    return report


async def print_report(
    services: Services,
    report: Report,
    form: Form,
    layout: Layout | None,
    actor: str,
    name: str,
) -> Response:
    """Return a report as a file; another layout than its own is composed of the same facts.

    Raises:
        HTTPException: It cannot be printed now.
    """
    document = services.reports.in_layout(report, layout, services.now())
    try:
        content = await services.printer.print(document, form, actor)
    except PrintError as error:
        raise HTTPException(503, f"the document could not be printed: {error}") from error
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)


def row_of(report: Report) -> DailyRow:
    """Return a report as the API shows it."""
    facts = facts_of(report.facts)
    return DailyRow(
        day=date.fromisoformat(report.subject),
        report=report.id,
        made_at=report.made_at,
        standing=standing_of(facts).value,
        sentence=sentence_of(facts),
        lists=tuple(ListRow(one.title, one.counted, one.rows) for one in sections_of(facts)),
    )
