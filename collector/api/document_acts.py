"""`/api/v1/documents`: what is done to a report, from a draft to what was sent."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from collector.access import Identity
from collector.api.deps import Caller, RowNumber, Use, viewer_for
from collector.api.documents import found
from collector.api.errors import NotFoundError
from collector.api.once import Work, command
from collector.reports.desk import NoSuchSubject, ReportDesk
from collector.services import Services
from incidents.reports.document import Layout
from incidents.reports.kind import Audience
from incidents.reports.life import MOST_LINE, MOST_WORDS, Report

router = APIRouter(prefix="/api/v1/documents", tags=["reports"])
Code = Annotated[str, Field(min_length=1, max_length=60)]
Line = Annotated[str, Field(max_length=MOST_LINE)]
Words = Annotated[str, Field(max_length=MOST_WORDS)]
# What is done to one report: given the desk, an open connection, its number, who, and when.
Act = Callable[[ReportDesk, Connection, int, str, datetime], Report]


class Body(BaseModel):
    """A body; a field that nobody knows is an error."""

    model_config = ConfigDict(extra="forbid")


class MakeBody(Body):
    """What to report on; the layout is that of the province unless said."""

    kind: Code
    subject: Code
    layout: Layout | None = None
    audience: Audience = "inside"


class FillBody(Body):
    """What is written, by field; an empty text takes back what was written."""

    fields: Annotated[dict[Code, Words], Field(min_length=1, max_length=60)]


class SignBody(Body):
    """`digest`: of what was shown, so that nothing else is signed."""

    digest: Annotated[str, Field(max_length=64)] = ""


class ReturnBody(Body):
    """Why it is returned."""

    reason: Words


class LaterBody(Body):
    """Until when it is put off."""

    until: AwareDatetime


class NumberBody(Body):
    """Number and day as the records office gave them."""

    number: Annotated[str, Field(max_length=40)]
    on: date


class SentBody(Body):
    """To whom it was sent, how, when, and the receipt if there is one already."""

    recipient: Line
    how: Line
    at: AwareDatetime | None = None
    receipt: Line = ""


class ReceiptBody(Body):
    """The receipt for one of the times it was sent."""

    sent: RowNumber
    receipt: Line


class CorrectBody(Body):
    """What the correction changes."""

    changes: Words


@router.post("", status_code=201)
async def make(request: Request, services: Use, caller: Caller, body: MakeBody) -> Response:
    """Gather the facts and keep a draft."""
    return await done(request, services, making(services, caller, body))


@router.post("/{document}/fill")
async def fill(
    request: Request, services: Use, caller: Caller, document: RowNumber, body: FillBody
) -> Response:
    """Write into fields."""
    return await done(request, services, doing(services, caller, document, filling(body.fields)))


@router.post("/{document}/gather")
async def gather(request: Request, services: Use, caller: Caller, document: RowNumber) -> Response:
    """Put the facts of now in the place of those that a draft has."""
    work = doing(services, caller, document, ReportDesk.gather_again)
    return await done(request, services, work)


@router.post("/{document}/ask")
async def ask(request: Request, services: Use, caller: Caller, document: RowNumber) -> Response:
    """Put a draft up for signature."""
    return await done(request, services, doing(services, caller, document, ReportDesk.ask))


@router.post("/{document}/sign")
async def sign(
    request: Request, services: Use, caller: Caller, document: RowNumber, body: SignBody
) -> Response:
    """Sign what waits."""
    return await done(
        request, services,
        doing(services, caller, document, lambda desk, *to: desk.sign(*to, digest=body.digest)),
    )  # fmt: skip


@router.post("/{document}/return")
async def give_back(
    request: Request, services: Use, caller: Caller, document: RowNumber, body: ReturnBody
) -> Response:
    """Return what waits to those who wrote it."""
    return await done(request, services, doing(services, caller, document, returning(body.reason)))


@router.post("/{document}/later")
async def put_off(
    request: Request, services: Use, caller: Caller, document: RowNumber, body: LaterBody
) -> Response:
    """Put off what waits until an hour."""
    return await done(request, services, doing(services, caller, document, postponing(body.until)))


@router.post("/{document}/number")
async def give_number(
    request: Request, services: Use, caller: Caller, document: RowNumber, body: NumberBody
) -> Response:
    """Write down the number and day that the records office gave."""
    return await done(
        request, services,
        doing(
            services, caller, document,
            lambda desk, c, one, *by: desk.number(c, one, body.number, body.on, *by),
        ),
    )  # fmt: skip


@router.post("/{document}/sent", status_code=201)
async def sent(
    request: Request, services: Use, caller: Caller, document: RowNumber, body: SentBody
) -> Response:
    """Note that it was sent; the duties of its incident that this meets are met."""
    return await done(request, services, sending(services, caller, document, body))


@router.post("/{document}/receipt", status_code=201)
async def receipt(
    request: Request, services: Use, caller: Caller, document: RowNumber, body: ReceiptBody
) -> Response:
    """Write down the receipt for one of the times it was sent."""
    return await done(
        request, services,
        doing(
            services, caller, document,
            lambda desk, c, one, *by: desk.receive(c, one, body.sent, body.receipt, *by),
        ),
    )  # fmt: skip


@router.post("/{document}/correct", status_code=201)
async def correct(
    request: Request, services: Use, caller: Caller, document: RowNumber, body: CorrectBody
) -> Response:
    """Begin the next version of a signed report."""
    return await done(
        request, services,
        doing(
            services, caller, document,
            lambda desk, c, one, *by: desk.correct(c, one, body.changes, *by),
        ),
    )  # fmt: skip


async def done(request: Request, services: Services, work: Work) -> Response:
    """Answer a command, and tell the pages of its incident."""
    answered = await command(request, services, work)
    told(services, bytes(answered.body))
    return answered


def told(services: Services, answered: str | bytes) -> None:
    """Tell the pages of the incident that an act on a report was about."""
    incident = json.loads(answered).get("incident")
    if incident:
        services.changes.publish("incident", incident)


def making(services: Services, caller: Identity, body: MakeBody) -> Work:
    """Return the work of making a draft; what somebody may not see does not exist for them."""
    now, viewer = services.now(), viewer_for(services, caller)

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        try:
            made = services.reports.make(
                connection, body.kind, body.subject, caller.actor, now,
                layout=body.layout, audience=body.audience, viewer=viewer,
            )  # fmt: skip
        except NoSuchSubject as error:
            raise NotFoundError("subject of a report", body.subject) from error
        return 201, answer(services, made)

    return work


def doing(services: Services, caller: Identity, number: int, act: Act, status: int = 200) -> Work:
    """Return the work of an act on a report that the caller sees."""
    now = services.now()

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        found(connection, number, viewer_for(services, caller))
        after = act(services.reports, connection, number, caller.actor, now)
        return status, answer(services, after)

    return work


def sending(services: Services, caller: Identity, number: int, body: SentBody) -> Work:
    """Return the work of a sent mark."""
    now = services.now()

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        found(connection, number, viewer_for(services, caller))
        after, met = services.reports.send(
            connection, number, body.recipient, body.how, body.at or now, caller.actor, now,
            body.receipt,
        )  # fmt: skip
        return 201, {**answer(services, after), "met": met}

    return work


def filling(fields: Mapping[str, str]) -> Act:
    """Return the act of writing into fields."""
    return lambda desk, c, number, *by: desk.fill(c, number, fields, *by)


def returning(reason: str) -> Act:
    """Return the act of returning a report."""
    return lambda desk, c, number, *by: desk.give_back(c, number, reason, *by)


def postponing(until: datetime) -> Act:
    """Return the act of putting a report off."""
    return lambda desk, c, number, *by: desk.put_off(c, number, until, *by)


def answer(services: Services, report: Report) -> dict[str, Any]:
    """Return what a command on a report answers."""
    return {
        "id": report.id,
        "kind": report.kind,
        "subject": report.subject,
        "incident": report.subject if report.incident is not None else None,
        "version": report.version,
        "state": report.state.value,
        "digest": report.digest,
        "numbered": services.reports.numbered(report),
        "missing": [one.code for one in services.reports.missing(report)],
    }
