"""Pages of incidents, and the forms on them."""

from datetime import timedelta
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from collector.access import Identity
from collector.api.deps import PAGE, Caller, Looking, RowNumber, Search, Use
from collector.api.errors import NotFoundError
from collector.api.incident_file import IncidentFile, read_file
from collector.api.incidents import act
from collector.api.mutes import adding, told
from collector.api.once import MAX_KEY_LENGTH, fingerprint, store_once
from collector.api.reading import note_reading
from collector.console.command_forms import read_form, refusal_words
from collector.console.incident_views import acknowledgement, action_groups, entry_view
from collector.console.mute_views import MINUTES, choices, scope_of
from collector.console.pages_alerts import Chosen
from collector.console.render import here, language_of, page
from collector.console.runbook_views import known_runbooks
from collector.console.texts import Texts
from collector.services import Services
from collector.storage.mutes import NewMute
from collector.storage.queries import incidents, units
from incidents.commands import BY_NAME
from incidents.conditions import Refused
from incidents.vietnamese import search_of

router = APIRouter(include_in_schema=False)
SHOWN_ENTRIES = 100
DONE_ELSEWHERE = ("promote", "silence", "evidence")
Text = Annotated[str, Form(max_length=4000)]
Code = Annotated[str, Form(max_length=100)]


@router.get("/incidents")
async def incidents_page(
    request: Request,
    services: Use,
    viewer: Looking,
    state: incidents.IncidentState = "all",
    severity: Chosen = None,
    unit: Chosen = None,
    q: Search = "",
    after: str | None = None,
) -> Response:
    """Show incidents: open first, worst severity first."""
    found = await services.db.read(
        lambda c: incidents.list_incidents(
            c,
            viewer,
            state=state,
            severity=severity,
            unit=unit,
            search=search_of(q),
            limit=PAGE,
            after=after,
        )
    )
    return page(
        request,
        services,
        "incidents",
        incidents=found.items,
        following=found.next and here(request, after=found.next),
        units=await services.db.read(lambda c: units.all_units(c, viewer)),
        severities=services.names.severities,
        filters={"state": state, "severity": severity, "unit": unit, "q": q},
        filtered=state != "all" or any((severity, unit, q)),
        roles_without_holder=[
            services.names.role(role, language_of(request).language)
            for role in services.desk.reserved_without_holder()
        ],
    )


@router.get("/incidents/{code}")
async def incident_page(
    request: Request,
    services: Use,
    caller: Caller,
    code: str,
    done: Annotated[str, Query(max_length=40)] = "",
    before: RowNumber | None = None,
) -> Response:
    """Show one incident: what it is, what may be done, what happened, who was told."""
    file = await services.db.read(
        lambda c: read_file(services, c, code, caller, before=before, most=SHOWN_ENTRIES)
    )
    await note_reading(services, caller, file.incident)
    known = done in BY_NAME or done in DONE_ELSEWHERE
    return _incident(
        request, services, file, done=done if known else None, refusal=None, status=200
    )


@router.post("/incidents/{code}/silence")
async def silence(
    request: Request,
    services: Use,
    caller: Caller,
    code: str,
    key: Annotated[str, Form(max_length=MAX_KEY_LENGTH)] = "",
    scope: Code = "",
    minutes: Annotated[int, Form(ge=1, le=7 * 24 * 60)] = 120,
    reason: Text = "",
) -> Response:
    """Quieten a host, a unit or a rule from the incident that it disturbs with."""
    services.desk.check_act("silence", caller.actor, services.now())
    file = await services.db.read(
        lambda c: read_file(services, c, code, caller, most=SHOWN_ENTRIES)
    )
    now = services.now()
    until = now + timedelta(minutes=minutes)
    named = scope_of(scope)
    new = NewMute(
        "silence", named["agent"], named["unit"], named["rule"], reason, "", now, until
    )  # fmt: skip
    work = adding(services, new, caller, severity=file.incident.severity)
    digest = fingerprint(request, f"{scope} {minutes} {reason}".encode())
    try:
        await store_once(services, caller, key, digest, work)
    except Refused as refused:
        return _incident(request, services, file, done=None, refusal=refused, status=409)
    told(services)
    services.changes.publish("incident", code)
    return RedirectResponse(f"/incidents/{quote(code)}?done=silence", status_code=303)


@router.post("/incidents/{code}/{command}")
async def act_on_incident(
    request: Request, services: Use, caller: Caller, code: str, command: str
) -> Response:
    """Do what a form asks for and show the incident again; a refusal says what is needed."""
    if command not in BY_NAME:
        raise NotFoundError("page", f"/incidents/{code}/{command}")
    key, wish = await read_form(request, BY_NAME[command])
    work = act(services, caller, code, wish)
    try:
        await store_once(services, caller, key, fingerprint(request, repr(wish).encode()), work)
    except Refused as refused:
        return await refused_page(request, services, caller, code, refused)
    services.changes.publish("incident", code)
    return RedirectResponse(f"/incidents/{quote(code)}?done={command}", status_code=303)


def _kinds(file: IncidentFile, t: Texts, *, handed_in: bool = False) -> dict[str, str]:
    """Return the names of kinds of evidence by code; `handed_in`: not what the service attaches."""
    vietnamese = t.language == "vi"
    return {
        kind.code: kind.vi if vietnamese else kind.en
        for kind in file.evidence_kinds
        if not (handed_in and kind.attached)
    }


async def refused_page(
    request: Request, services: Services, caller: Identity, code: str, refused: Refused
) -> Response:
    """Show the incident again, with what was refused and what is needed."""
    file = await services.db.read(
        lambda c: read_file(services, c, code, caller, most=SHOWN_ENTRIES)
    )
    await note_reading(services, caller, file.incident)
    return _incident(request, services, file, done=None, refusal=refused, status=409)


def _earlier(request: Request, file: IncidentFile) -> str | None:
    """Return where the entries before the shown ones are, if there are any."""
    first = file.entries[0].seq if file.entries else 1
    return here(request, before=str(first)) if first > 1 else None


def _incident(
    request: Request,
    services: Services,
    file: IncidentFile,
    *,
    done: str | None,
    refusal: Refused | None,
    status: int,
) -> Response:
    t, names = language_of(request), services.names
    return page(
        request,
        services,
        "incident",
        status=status,
        incident=file.incident,
        acknowledge=acknowledgement(file.actions, t),
        groups=action_groups(file.actions, names, t),
        quiet=choices(file.incident, file.alerts),
        quiet_minutes=MINUTES,
        earlier=_earlier(request, file),
        entries=[entry_view(row, names, t) for row in file.entries],
        alerts=file.alerts,
        children=file.children,
        children_count=file.children_count,
        runbooks=known_runbooks(
            services.library,
            [alert.runbook for alert in file.alerts],
            file.incident.class_code,
        ),
        work=file.work,
        line=services.carriers.line_of(file.incident, file.alerts, services.desk.procedure),
        tasks=file.tasks,
        presumed=file.presumed,
        cipher=services.desk.procedure.only_role(file.incident.nature) is not None,
        evidence=file.evidence,
        missing=file.missing,
        kinds=_kinds(file, t),
        handed_in=_kinds(file, t, handed_in=True),
        evidence_mib=services.files.evidence_bytes >> 20,
        checkpoint=services.files.carrier.note,
        deadlines=file.deadlines,
        around=file.around,
        first_told_missing=services.desk.procedure.file.first_told is None,
        decisions=file.decisions,
        deliveries=file.deliveries,
        reports=file.reports,
        report_kinds=services.reports.kinds,
        usual_layout=services.reports.letterheads.usual,
        done=done,
        refusal=refusal_words(request, services, refusal),
        roles_declared=services.desk.people.declared,
    )
