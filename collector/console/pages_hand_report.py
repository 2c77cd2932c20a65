"""The form for what somebody reports by telephone."""

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from collector.api.deps import Caller, Use, viewer_of
from collector.api.hand_report import HandBody, opening
from collector.api.once import fingerprint, store_once
from collector.console.command_forms import form_of, refusal_words
from collector.console.incident_views import Option
from collector.console.render import language_of, page
from collector.console.texts import Texts
from collector.services import Services
from collector.storage.queries import units
from incidents.conditions import Refused
from incidents.procedure import Procedure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from incidents.procedure_parts import Names

router = APIRouter(include_in_schema=False)


@router.get("/incidents/new")
async def hand_report_page(
    request: Request, services: Use, unit: str = "", class_code: str = ""
) -> Response:
    """Show the form, empty or with a unit and a class chosen."""
    return await _form(request, services, {"unit": unit, "class_code": class_code}, None, 200)


@router.post("/incidents/new")
async def open_by_form(request: Request, services: Use, caller: Caller) -> Response:
    """Open the incident and go there; a refusal shows the form again with what was typed."""
    key, given = await form_of(request)
    try:
        body = HandBody.model_validate({name: text for name, text in given.items() if text})
    except ValidationError as error:
        problems = [{**one, "loc": ("form", *one["loc"])} for one in error.errors()]
        raise RequestValidationError(problems) from error
    work = opening(services, caller, body)
    digest = fingerprint(request, body.model_dump_json().encode())
    try:
        stored = await store_once(services, caller, key, digest, work)
    except Refused as refused:
        return await _form(request, services, given, refused, 409)
    services.changes.publish("unit", body.unit)
    services.changes.publish("message", "")  # whoever is to be told is told now
    code = json.loads(stored.answer)["incident"]
    return RedirectResponse(f"/incidents/{quote(code)}", status_code=303)


def choices_of(procedure: Procedure, t: Texts) -> dict[str, tuple[Option, ...]]:
    """Return what the fields offer: code and name in the language of the page."""
    file = procedure.file
    tables: dict[str, Mapping[str, Names]] = {
        "class_code": procedure.classes,
        "impact": file.impacts,
        "scope": file.scopes,
        "detected_by": file.detected_by,
    }
    return {
        field: tuple(
            Option(code, names.vi if t.language == "vi" else names.en)
            for code, names in table.items()
        )
        for field, table in tables.items()
    }


async def _form(
    request: Request,
    services: Services,
    given: dict[str, Any],
    refused: Refused | None,
    status: int,
) -> Response:
    return page(
        request,
        services,
        "hand_report",
        status=status,
        given={name: given.get(name) or "" for name in HandBody.model_fields},
        refusal=refusal_words(request, services, refused),
        units=await services.db.read(lambda c: units.all_units(c, viewer_of(request))),
        choices=choices_of(services.desk.procedure, language_of(request)),
    )
