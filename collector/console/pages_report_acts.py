"""The forms of reports: made, written in, put up, signed or not, numbered, sent, corrected."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from collector.api.deps import Caller, Looking, RowNumber, Use
from collector.api.document_acts import (
    Act,
    MakeBody,
    SentBody,
    doing,
    filling,
    making,
    postponing,
    returning,
    sending,
    told,
)
from collector.api.document_files import packed
from collector.api.errors import NotFoundError
from collector.api.once import MAX_KEY_LENGTH, Work, fingerprint, store_once
from collector.console.command_forms import form_of
from collector.console.oncall_views import local_instant
from collector.console.pages_incidents import refused_page
from collector.console.pages_reports import report_shown, waiting_shown
from collector.reports.desk import ReportDesk
from incidents.conditions import NotAllowed, Refused
from incidents.reports.document import Layout
from incidents.reports.kind import Audience

router = APIRouter(include_in_schema=False)
Line = Annotated[str, Form(max_length=100)]
FIELD = "f."
Given = Mapping[str, str]
# What each button is called when it is done.
DEEDS = {
    "fill": "filled", "gather": "gathered", "ask": "asked", "number": "numbered", "sent": "sent",
    "receipt": "received", "correct": "corrected",
}  # fmt: skip
ANSWERS = {"agree": "signed", "return": "returned", "later": "later"}


@router.post("/reports")
async def make(
    request: Request,
    services: Use,
    caller: Caller,
    kind: Line,
    subject: Line,
    layout: Annotated[Layout | None, Form()] = None,
    audience: Annotated[Audience, Form()] = "inside",
    key: Annotated[str, Form(max_length=MAX_KEY_LENGTH)] = "",
) -> Response:
    """Make a draft and show it."""
    body = MakeBody(kind=kind, subject=subject, layout=layout, audience=audience)
    work = making(services, caller, body)
    asked = fingerprint(request, repr(body).encode())
    try:
        stored = await store_once(services, caller, key, asked, work)
    except Refused as refused:
        of_incident = services.reports.kind_of(kind).about == "incident"
        if isinstance(refused, NotAllowed) or not of_incident:
            raise
        return await refused_page(request, services, caller, subject, refused)
    told(services, stored.answer)
    number = stored.answer.partition('"id": ')[2].partition(",")[0]
    return RedirectResponse(f"/reports/{quote(number)}?done=made", status_code=303)


@router.post("/reports/{document}/do/{deed}")
async def do(
    request: Request,
    services: Use,
    caller: Caller,
    viewer: Looking,
    document: RowNumber,
    deed: str,
) -> Response:
    """Do what a form asks for and show the report again; a refusal says what is needed."""
    if deed not in DEEDS:
        raise NotFoundError("page", f"/reports/{document}/do/{deed}")
    key, given = await form_of(request)
    try:
        if deed == "sent":
            work = sending(services, caller, document, _sent(given))
        else:
            work = doing(services, caller, document, WORKS[deed](given))
        asked = fingerprint(request, repr(sorted(given.items())).encode())
        stored = await store_once(services, caller, key, asked, work)
    except Refused as refused:
        return await report_shown(request, services, caller, viewer, document, refusal=refused)
    told(services, stored.answer)
    number = stored.answer.partition('"id": ')[2].partition(",")[0]
    return RedirectResponse(f"/reports/{quote(number)}?done={DEEDS[deed]}", status_code=303)


@router.post("/reports/{document}/answer/{answer}")
async def answer(
    request: Request,
    services: Use,
    caller: Caller,
    viewer: Looking,
    document: RowNumber,
    answer: str,
) -> Response:
    """Agree, return or put off, and show what else waits."""
    if answer not in ANSWERS:
        raise NotFoundError("page", f"/reports/{document}/answer/{answer}")
    key, given = await form_of(request)
    try:
        work: Work = doing(services, caller, document, _answer(answer, given))
        asked = fingerprint(request, repr(sorted(given.items())).encode())
        stored = await store_once(services, caller, key, asked, work)
    except Refused as refused:
        return await waiting_shown(
            request, services, caller, viewer, refusal=refused, refused=document
        )
    told(services, stored.answer)
    return RedirectResponse(f"/reports/waiting?done={ANSWERS[answer]}", status_code=303)


@router.post("/reports/{document}/dossier")
async def dossier(services: Use, caller: Caller, document: RowNumber) -> Response:
    """Hand out the dossier of a report."""
    return await packed(services, caller, document)


def _answer(answer: str, given: Given) -> Act:
    """Return the act of one of the three buttons.

    Raises:
        Refused: It is put off without an hour.
    """
    if answer == "agree":
        digest = given.get("digest", "")
        return lambda desk, *to: desk.sign(*to, digest=digest)
    if answer == "return":
        return returning(given.get("reason", ""))
    until = local_instant(given.get("until", ""))
    if until is None:
        raise Refused("Cần chọn giờ để sau.", "Until which hour?", ["until"])
    return postponing(until)


def _fill(given: Given) -> Act:
    return filling(
        {name.removeprefix(FIELD): text for name, text in given.items() if name.startswith(FIELD)}
    )


def _number(given: Given) -> Act:
    try:
        day = date.fromisoformat(given.get("on", ""))
    except ValueError:
        raise Refused(
            "Cần ngày của văn bản.", "The day of the document is needed.", ["on"]
        ) from None
    number = given.get("number", "")
    return lambda desk, c, one, *by: desk.number(c, one, number, day, *by)


def _receipt(given: Given) -> Act:
    sent = given.get("sent", "")
    number = int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 16 else 0
    return lambda desk, c, one, *by: desk.receive(c, one, number, given.get("receipt", ""), *by)


def _correct(given: Given) -> Act:
    return lambda desk, c, one, *by: desk.correct(c, one, given.get("changes", ""), *by)


def _sent(given: Given) -> SentBody:
    try:
        return SentBody(
            recipient=given.get("recipient", ""),
            how=given.get("how", ""),
            at=local_instant(given.get("at", "")),
            receipt=given.get("receipt", ""),
        )
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        raise Refused(f"Giá trị không hợp lệ: {field}.", str(error), [field]) from error


WORKS: dict[str, Callable[[Given], Act]] = {
    "fill": _fill,
    "gather": lambda _: ReportDesk.gather_again,
    "ask": lambda _: ReportDesk.ask,
    "number": _number,
    "receipt": _receipt,
    "correct": _correct,
}
