"""`/api/v1/agents`: who must report and whether they do, who waits to be let in, who is missing."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from collector.access import Identity
from collector.api.deps import (
    PAGE,
    Caller,
    Limit,
    Looking,
    RowNumber,
    Search,
    Use,
    administers,
    check_units,
    viewer_for,
)
from collector.api.errors import NotFoundError
from collector.api.once import command
from collector.services import HostState, Services
from collector.storage import enrolments
from collector.storage.queries import directory
from collector.storage.queries.directory import LogRow, MissingRow, UnknownRow
from collector.storage.queries.paging import Page
from collector.storage.queries.units import (
    AgentRow,
    AgentStanding,
    find_agent,
    list_agents,
    standing_of,
)
from collector.storage.queries.visibility import Viewer
from incidents.vietnamese import search_of

router = APIRouter(prefix="/api/v1/agents", tags=["agents"])
MAX_CHOSEN = 500
Work = Callable[[Connection], tuple[int, dict[str, Any]]]


class Body(BaseModel):
    """What a command carries; an unknown field is an error, not ignored."""

    model_config = ConfigDict(extra="forbid")


class ApproveBody(Body):
    """Which keys are let in."""

    agents: Annotated[
        list[Annotated[str, Field(max_length=100)]], Field(min_length=1, max_length=MAX_CHOSEN)
    ]


class RevokeBody(Body):
    """Why a key is revoked."""

    reason: Annotated[str, Field(max_length=400)] = ""


@dataclass(frozen=True, slots=True)
class AgentAnswer(AgentRow):
    """One agent; `liveness` is null for one that is revoked."""

    liveness: str | None
    standing: AgentStanding


def _answer(row: AgentRow, hosts: Mapping[str, HostState]) -> AgentAnswer:
    """Join what is stored with what the collector knows now."""
    host = hosts.get(row.id)
    now_known: dict[str, Any] = {"liveness": None, "standing": standing_of(row)}
    if host is not None:
        now_known["liveness"] = host.liveness.name.lower()
        now_known["last_report_at"] = host.last_report_at
    if host is not None and host.quarantined_at is not None:  # the tables follow in seconds
        now_known |= {"standing": "quarantined", "quarantined_at": host.quarantined_at}
    return AgentAnswer(**asdict(row) | now_known)


@router.get("")
async def agents(
    services: Use,
    viewer: Looking,
    unit: str | None = None,
    standing: AgentStanding | None = None,
    q: Search = "",
    limit: Limit = PAGE,
    after: str | None = None,
) -> Page[AgentAnswer]:
    """List agents by host name; `q` finds names with or without marks."""
    page = await services.db.read(
        lambda c: list_agents(
            c,
            viewer,
            unit=unit,
            standing=standing,
            search=search_of(q),
            limit=limit,
            after=after,
        )
    )
    hosts = services.fleet.hosts
    return Page([_answer(row, hosts) for row in page.items], page.next)


@router.get("/missing")
async def missing(services: Use, viewer: Looking, unit: str | None = None) -> list[MissingRow]:
    """List hosts of the inventory that never reported."""
    return await services.db.read(lambda c: directory.list_missing(c, viewer, unit=unit))


@router.get("/unknown")
async def unknown(services: Use, viewer: Looking) -> list[UnknownRow]:
    """List keys that knock and are not let in; nothing in them can be believed."""
    return await services.db.read(lambda c: directory.list_unknown(c, viewer))


@router.get("/log")
async def log(
    services: Use,
    viewer: Looking,
    agent: str | None = None,
    limit: Limit = PAGE,
    after: RowNumber | None = None,
) -> list[LogRow]:
    """List what happened to keys and tokens, the newest first."""
    return await services.db.read(
        lambda c: directory.list_log(c, viewer, agent=agent, limit=limit, after=after)
    )


@router.post("/approve", dependencies=[Depends(administers("agents"))])
async def approve(request: Request, services: Use, caller: Caller, chosen: ApproveBody) -> Response:
    """Let keys in that wait; one that held the same host before is revoked."""
    answer = await command(request, services, approval(services, chosen.agents, caller))
    await services.identity.refresh()
    services.changes.publish("identity", "approved")
    return answer


@router.get("/{agent}")
async def agent(services: Use, viewer: Looking, agent: str) -> AgentAnswer:
    """Return one agent."""
    row = await services.db.read(lambda c: find_agent(c, agent, viewer))
    if row is None:
        raise NotFoundError("agent", agent)
    return _answer(row, services.fleet.hosts)


@router.post("/{agent}/revoke", dependencies=[Depends(administers("agents"))])
async def revoke(
    request: Request, services: Use, caller: Caller, agent: str, why: RevokeBody
) -> Response:
    """Revoke a key: its next request is from nobody."""
    work = revocation(services, agent, caller, why.reason)
    answer = await command(request, services, work)
    await services.identity.refresh()
    services.changes.publish("identity", agent)
    return answer


@router.post("/{agent}/reattach", dependencies=[Depends(administers("agents"))])
async def reattach(request: Request, services: Use, caller: Caller, agent: str) -> Response:
    """End a key's quarantine: the next machine that comes with it is its holder."""
    answer = await command(request, services, attachment(services, agent, caller))
    services.changes.publish("identity", agent)
    return answer


def approval(services: Services, chosen: list[str], caller: Identity) -> Work:
    """Return the work of approving keys; what the caller does not see is no key."""
    now, viewer = services.now(), viewer_for(services, caller)

    def work(connection: Connection) -> tuple[int, dict[str, Any]]:
        seen = [one for one in chosen if _covered(services, connection, one, caller, viewer)]
        return 200, {"approved": enrolments.approve(connection, seen, caller.actor, now)}

    return work


def revocation(services: Services, agent: str, caller: Identity, reason: str) -> Work:
    """Return the work of revoking a key."""
    now, viewer = services.now(), viewer_for(services, caller)

    def work(connection: Connection) -> tuple[int, dict[str, Any]]:
        if not _covered(services, connection, agent, caller, viewer) or not enrolments.revoke(
            connection, agent, caller.actor, now, reason=reason
        ):
            raise NotFoundError("agent", agent)
        return 200, {"revoked": agent}

    return work


def _covered(
    services: Services, connection: Connection, agent: str, caller: Identity, viewer: Viewer
) -> bool:
    """Say whether there is such a key where the caller sees it.

    Raises:
        NotAllowed: They see it, but their role is for other units.
    """
    row = find_agent(connection, agent, viewer)
    if row is None:
        return False
    check_units(services, caller, "agents", row.unit)
    return True


def attachment(services: Services, agent: str, caller: Identity) -> Work:
    """Return the work of attaching a quarantined key again; nothing, where it is not quarantined.

    Memory goes first: what is saved of the key from now on is what it became.

    Raises:
        NotFoundError: There is no such key.
    """
    host = services.fleet.hosts.get(agent)
    if host is None or not viewer_for(services, caller).sees(host.unit):
        raise NotFoundError("agent", agent)
    check_units(services, caller, "agents", host.unit)
    was_quarantined, now = services.identity.reattach(agent), services.now()

    def work(connection: Connection) -> tuple[int, dict[str, Any]]:
        if was_quarantined:
            enrolments.reattach(connection, agent, caller.actor, now)
        return 200, {"reattached": agent, "was_quarantined": was_quarantined}

    return work
