"""`/api/v1/silences` and `/api/v1/maintenance`: what is recorded and told to nobody for a while."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from collector.access import Identity
from collector.api.deps import PAGE, Caller, Limit, Looking, Use, check_units, may, viewer_for
from collector.api.errors import NotFoundError
from collector.api.once import command
from collector.mutes.requests import check
from collector.services import Services
from collector.storage.mutes import NewMute, add_mute, end_mute, is_outside_rule
from collector.storage.queries.mutes import (
    MuteReport,
    MuteRow,
    MuteState,
    find_mute_row,
    list_mutes,
    reports_of,
)
from collector.storage.queries.paging import MAX_LIMIT, Page
from collector.storage.queries.units import find_agent, find_unit
from collector.storage.queries.visibility import Viewer
from incidents.conditions import NotAllowed

router = APIRouter(prefix="/api/v1", tags=["mutes"])
Name = Annotated[str, Field(max_length=200)]
Words = Annotated[str, Field(max_length=500)]
Work = Callable[[Connection], tuple[int, Mapping[str, Any]]]
DEFAULT_MINUTES = 120
MAX_MINUTES = 7 * 24 * 60


class Scope(BaseModel):
    """What is quiet: all names that are given must match."""

    model_config = ConfigDict(extra="forbid")

    agent: Name = ""
    unit: Name = ""
    rule: Name = ""
    reason: Words


class SilenceBody(Scope):
    """Quiet for so many minutes from now on."""

    minutes: Annotated[int, Field(ge=1, le=MAX_MINUTES)] = DEFAULT_MINUTES


class MaintenanceBody(Scope):
    """Planned work; `weekly` such as `T7 22:00-24:00`: only then, from start to end.

    `despite_session`: also where it falls into a session or period of which is only warned.
    """

    owner: Name
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    weekly: Name = ""
    despite_session: bool = False


@router.get("/silences")
async def silences(
    services: Use,
    viewer: Looking,
    state: MuteState = "current",
    limit: Limit = PAGE,
    after: int | None = None,
) -> Page[MuteRow]:
    """List silences, the newest first."""
    return await _list(services, viewer, "silence", state, limit, after)


@router.post("/silences", status_code=201, dependencies=[Depends(may("silence"))])
async def silence(request: Request, services: Use, caller: Caller, body: SilenceBody) -> Response:
    """Keep what matches from being told for a while; the worst severity is told nevertheless."""
    now = services.now()
    until = now + timedelta(minutes=body.minutes)
    new = NewMute("silence", body.agent, body.unit, body.rule, body.reason, "", now, until)
    return await _add(request, services, adding(services, new, caller))


@router.post("/silences/{number}/expire", dependencies=[Depends(may("silence"))])
async def expire(request: Request, services: Use, caller: Caller, number: int) -> Response:
    """End a silence before its time."""
    return await _add(request, services, ending(services, number, "silence", caller))


@router.get("/maintenance")
async def maintenance(
    services: Use,
    viewer: Looking,
    state: MuteState = "current",
    limit: Limit = PAGE,
    after: int | None = None,
) -> Page[MuteRow]:
    """List maintenance windows, the newest first."""
    return await _list(services, viewer, "maintenance", state, limit, after)


@router.post("/maintenance", status_code=201, dependencies=[Depends(may("maintenance"))])
async def plan(request: Request, services: Use, caller: Caller, body: MaintenanceBody) -> Response:
    """Plan work: once, or week after week."""
    new = NewMute(
        "maintenance", body.agent, body.unit, body.rule, body.reason, body.owner.strip(),
        body.starts_at, body.ends_at, body.weekly,
    )  # fmt: skip
    work = adding(services, new, caller, despite_session=body.despite_session)
    return await _add(request, services, work)


@router.post("/maintenance/{number}/remove", dependencies=[Depends(may("maintenance"))])
async def remove(request: Request, services: Use, caller: Caller, number: int) -> Response:
    """Take a window back, or end it before its time."""
    return await _add(request, services, ending(services, number, "maintenance", caller))


@router.get("/maintenance/{number}/reports")
async def reports(services: Use, viewer: Looking, number: int) -> list[MuteReport]:
    """Return what was still broken at each end of a window, the last first."""

    def read(connection: Connection) -> list[MuteReport]:
        if find_mute_row(connection, number, "maintenance", viewer) is None:
            raise NotFoundError("maintenance window", number)
        return reports_of(connection, number, limit=MAX_LIMIT)

    return await services.db.read(read)


def adding(
    services: Services,
    new: NewMute,
    caller: Identity,
    *,
    severity: str = "",
    despite_session: bool = False,
) -> Work:
    """Return the work of storing a silence or window.

    Args:
        severity: Of the incident that it is asked for.
        despite_session: Also where a session or period is in the way of which is only warned.
    """
    now, viewer = services.now(), viewer_for(services, caller)

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        def exists(what: str, name: str) -> bool:
            if what == "rule":
                return name in services.rule_names() or is_outside_rule(connection, name)
            if what == "unit":
                return find_unit(connection, name, viewer) is not None
            if find_agent(connection, name, viewer) is not None:
                return True
            unit = name.removeprefix("unit:") if name.startswith("unit:") else ""
            return viewer.sees(unit) and services.knows_node(name)

        check(new, now, exists=exists, most_severe=severity)
        need_own_unit(viewer, new.unit, new.agent)
        check_units(services, caller, new.kind, *_units_of(connection, viewer, new.unit, new.agent))
        if new.kind == "maintenance":
            services.sessions.check_freeze(connection, new, despite=despite_session)
        return 201, {"id": add_mute(connection, new, caller.actor, now)}

    return work


def ending(services: Services, number: int, kind: str, caller: Identity) -> Work:
    """Return the work of ending one; one that is over stays so."""
    now, viewer = services.now(), viewer_for(services, caller)

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        found = find_mute_row(connection, number, kind, viewer)
        if found is None:
            what = "silence" if kind == "silence" else "maintenance window"
            raise NotFoundError(what, number)
        need_own_unit(viewer, found.unit, found.agent)
        units = _units_of(connection, viewer, found.unit, found.agent)
        check_units(services, caller, kind, *units)
        return 200, {"id": number, "ended": end_mute(connection, number, caller.actor, now)}

    return work


def _units_of(connection: Connection, viewer: Viewer, unit: str, agent: str) -> list[str]:
    """Return the unit that a mute is of; none where it is of all, or of what is in no unit."""
    host = find_agent(connection, agent, viewer) if agent else None
    named = unit or (host.unit if host else agent.removeprefix("unit:"))
    return [] if not named or ":" in named else [named]


def need_own_unit(viewer: Viewer, unit: str, agent: str) -> None:
    """Refuse what concerns all units to who answers for some.

    Raises:
        NotAllowed: Saying that a unit or host of theirs must be named.
    """
    if viewer.units is not None and not unit and not agent:
        raise NotAllowed(
            "Phải nêu đơn vị hoặc máy thuộc phạm vi của mình: người theo đơn vị không tắt báo cho "
            "cả tỉnh.",
            "Name a unit or host of yours: who answers for some units silences none of the others.",
            ["unit"],
        )


def told(services: Services) -> None:
    """Let what was made or ended take effect, and pages show it."""
    services.mutes_changed()
    services.changes.publish("alert", "mutes")


async def _add(request: Request, services: Services, work: Work) -> Response:
    answer = await command(request, services, work)
    told(services)
    return answer


async def _list(
    services: Services, viewer: Viewer, kind: str, state: MuteState, limit: int, after: int | None
) -> Page[MuteRow]:
    now: datetime = services.now()
    return await services.db.read(
        lambda c: list_mutes(c, viewer, kind=kind, state=state, now=now, limit=limit, after=after)
    )
