"""`/api/v1/silences` and `/api/v1/maintenance`: what is recorded and told to nobody for a while."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from collector.api.deps import PAGE, Caller, Limit, Use
from collector.api.errors import NotFoundError
from collector.api.once import command
from collector.mute_requests import check
from collector.services import Services
from collector.storage.mutes import NewMute, add_mute, end_mute
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
    """Planned work; `weekly` such as `T7 22:00-24:00`: only then, from start to end."""

    owner: Name
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    weekly: Name = ""


@router.get("/silences")
async def silences(
    services: Use, state: MuteState = "current", limit: Limit = PAGE, after: int | None = None
) -> Page[MuteRow]:
    """List silences, the newest first."""
    return await _list(services, "silence", state, limit, after)


@router.post("/silences", status_code=201)
async def silence(request: Request, services: Use, caller: Caller, body: SilenceBody) -> Response:
    """Keep what matches from being told for a while; the worst severity is told nevertheless."""
    now = services.now()
    until = now + timedelta(minutes=body.minutes)
    new = NewMute("silence", body.agent, body.unit, body.rule, body.reason, "", now, until)
    return await _add(request, services, adding(services, new, caller.actor))


@router.post("/silences/{number}/expire")
async def expire(request: Request, services: Use, caller: Caller, number: int) -> Response:
    """End a silence before its time."""
    return await _add(request, services, ending(services, number, "silence", caller.actor))


@router.get("/maintenance")
async def maintenance(
    services: Use, state: MuteState = "current", limit: Limit = PAGE, after: int | None = None
) -> Page[MuteRow]:
    """List maintenance windows, the newest first."""
    return await _list(services, "maintenance", state, limit, after)


@router.post("/maintenance", status_code=201)
async def plan(request: Request, services: Use, caller: Caller, body: MaintenanceBody) -> Response:
    """Plan work: once, or week after week."""
    new = NewMute(
        "maintenance", body.agent, body.unit, body.rule, body.reason, body.owner.strip(),
        body.starts_at, body.ends_at, body.weekly,
    )  # fmt: skip
    return await _add(request, services, adding(services, new, caller.actor))


@router.post("/maintenance/{number}/remove")
async def remove(request: Request, services: Use, caller: Caller, number: int) -> Response:
    """Take a window back, or end it before its time."""
    return await _add(request, services, ending(services, number, "maintenance", caller.actor))


@router.get("/maintenance/{number}/reports")
async def reports(services: Use, number: int) -> list[MuteReport]:
    """Return what was still broken at each end of a window, the last first."""

    def read(connection: Connection) -> list[MuteReport]:
        if find_mute_row(connection, number, "maintenance") is None:
            raise NotFoundError("maintenance window", number)
        return reports_of(connection, number, limit=MAX_LIMIT)

    return await services.db.read(read)


def adding(services: Services, new: NewMute, actor: str, *, severity: str = "") -> Work:
    """Return the work of storing a silence or window.

    Args:
        severity: Of the incident that it is asked for.
    """
    now = services.now()

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        def exists(what: str, name: str) -> bool:
            if what == "rule":
                return name in services.rule_names()
            if what == "unit":
                return find_unit(connection, name) is not None
            return find_agent(connection, name) is not None or services.knows_node(name)

        check(new, now, exists=exists, most_severe=severity)
        return 201, {"id": add_mute(connection, new, actor, now)}

    return work


def ending(services: Services, number: int, kind: str, actor: str) -> Work:
    """Return the work of ending one; one that is over stays so."""
    now = services.now()

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        if find_mute_row(connection, number, kind) is None:
            what = "silence" if kind == "silence" else "maintenance window"
            raise NotFoundError(what, number)
        return 200, {"id": number, "ended": end_mute(connection, number, actor, now)}

    return work


def told(services: Services) -> None:
    """Let what was made or ended take effect, and pages show it."""
    services.mutes_changed()
    services.changes.publish("alert", "mutes")


async def _add(request: Request, services: Services, work: Work) -> Response:
    answer = await command(request, services, work)
    told(services)
    return answer


async def _list(
    services: Services, kind: str, state: MuteState, limit: int, after: int | None
) -> Page[MuteRow]:
    now: datetime = services.now()
    return await services.db.read(
        lambda c: list_mutes(c, kind=kind, state=state, now=now, limit=limit, after=after)
    )
