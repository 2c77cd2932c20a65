"""`/api/v1/hours`: when units are expected, and who was not there."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from collector.access import Identity
from collector.api.deps import (
    Caller,
    Looking,
    Use,
    administers,
    check_units,
    viewer_for,
)
from collector.api.errors import NotFoundError
from collector.api.once import command
from collector.attendance import today
from collector.directory import HOST_KINDS
from collector.hours.hours_file import hours_of
from collector.outages.usual import KEPT_DAYS
from collector.proposals import Proposal, propose
from collector.services import Services
from collector.storage.attendance import load_attendance
from collector.storage.hours import decide, forget
from collector.storage.queries.hours import (
    DecidedHours,
    MissingUnit,
    decided_hours,
    missing_on,
)
from collector.storage.queries.units import find_unit
from collector.storage.queries.visibility import Viewer
from incidents.conditions import Refused

router = APIRouter(prefix="/api/v1", tags=["hours"])
Name = Annotated[str, Field(max_length=200)]
Work = Callable[[Connection], tuple[int, Mapping[str, Any]]]
Day = Annotated[date | None, Query()]


class Whose(BaseModel):
    """A unit, and a kind of host in it or none for the whole unit."""

    model_config = ConfigDict(extra="forbid")

    unit: Name
    kind: Name = ""


class DecisionBody(Whose):
    """Hours as units.csv writes them, or `always`; `approve` false declines a proposal."""

    hours: Name
    approve: bool = True


@router.get("/hours")
async def hours(services: Use, viewer: Looking) -> list[DecidedHours]:
    """List what people decided."""
    return await services.db.read(lambda c: decided_hours(c, viewer))


@router.get("/hours/proposals")
async def proposals(services: Use, viewer: Looking) -> list[Proposal]:
    """List the hours that units keep and that nobody expects yet."""
    return await services.db.read(lambda c: open_proposals(services, c, viewer))


@router.post("/hours", dependencies=[Depends(administers("hours"))])
async def decision(request: Request, services: Use, caller: Caller, body: DecisionBody) -> Response:
    """Approve hours, or decline them so that they are not proposed again."""
    work = deciding(services, body.unit, body.kind, body.hours, caller, approved=body.approve)
    return await command(request, services, work)


@router.post("/hours/forget", dependencies=[Depends(administers("hours"))])
async def undo(request: Request, services: Use, caller: Caller, body: Whose) -> Response:
    """Take a decision back."""
    work = forgetting(services, body.unit, body.kind, caller)
    return await command(request, services, work)


@router.get("/hours/missing")
async def missing(
    services: Use,
    viewer: Looking,
    day: Day = None,
    region: Annotated[str | None, Query(max_length=200)] = None,
) -> list[MissingUnit]:
    """List who was missing an hour after the hours of their unit began; today unless said."""
    on = (day or today(services.now())).isoformat()
    return await services.db.read(lambda c: missing_on(c, on, viewer, region=region))


def open_proposals(services: Services, connection: Connection, viewer: Viewer) -> list[Proposal]:
    """Return the proposals that nobody decided on, unit by unit."""
    since = today(services.now()) - timedelta(days=KEPT_DAYS)
    by_unit: dict[str, list[Any]] = {}
    for day in load_attendance(connection, since):
        if viewer.sees(day.unit):
            by_unit.setdefault(day.unit, []).append(day)
    declined = {
        (row.unit, row.kind, row.hours)
        for row in decided_hours(connection, viewer)
        if not row.approved
    }
    return [
        proposal
        for unit, days in sorted(by_unit.items())
        for proposal in propose(
            days,
            services.is_working_day,
            lambda kind, code=unit: services.expected_hours(code, kind),  # type: ignore[misc]
        )
        if (proposal.unit, proposal.kind, proposal.hours) not in declined
        and not services.is_set_in_file(proposal.unit, proposal.kind)
    ]


def deciding(
    services: Services, unit: str, kind: str, text: str, caller: Identity, *, approved: bool
) -> Work:
    """Return the work of deciding; hours that cannot be read are refused."""
    now, viewer = services.now(), viewer_for(services, caller)

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        if find_unit(connection, unit, viewer) is None:
            raise NotFoundError("unit", unit)
        check_units(services, caller, "hours", unit)
        if kind not in {"", *HOST_KINDS}:
            raise Refused(
                f"Không có loại máy {kind!r}.",
                f"kind {kind!r}: one of {', '.join(HOST_KINDS)}, or none for the whole unit.",
                ["kind"],
            )
        try:
            hours_of(text)
        except ValueError as error:
            raise Refused(f"Giờ không đúng: {error}", f"The hours: {error}", ["hours"]) from error
        decide(connection, (unit, kind), text.strip(), caller.actor, now, approved=approved)
        return 200, {"unit": unit, "kind": kind, "hours": text.strip(), "approved": approved}

    return work


def forgetting(services: Services, unit: str, kind: str, caller: Identity) -> Work:
    """Return the work of taking a decision back."""
    now, viewer = services.now(), viewer_for(services, caller)

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        if viewer.sees(unit):
            check_units(services, caller, "hours", unit)
        if not viewer.sees(unit) or not forget(connection, (unit, kind), caller.actor, now):
            raise NotFoundError("decision", f"{unit} {kind}".strip())
        return 200, {"unit": unit, "kind": kind}

    return work
