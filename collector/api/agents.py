"""`/api/v1/agents`: who must report, and whether they do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter

from collector.api.deps import PAGE, Limit, Search, Use
from collector.api.errors import NotFoundError
from collector.services import HostState
from collector.storage.queries.paging import Page
from collector.storage.queries.units import AgentRow, find_agent, list_agents
from incidents.vietnamese import search_words

router = APIRouter(prefix="/api/v1/agents", tags=["agents"])


@dataclass(frozen=True, slots=True)
class AgentAnswer:
    """One agent; `liveness` is null for one that is revoked."""

    id: str
    unit: str
    unit_name: str
    host: str
    kind: str
    presence: str
    interval_seconds: int
    enrolled_at: datetime
    revoked_at: datetime | None
    last_report_at: datetime | None
    liveness: str | None
    lost_reports: int


def _answer(row: AgentRow, hosts: Mapping[str, HostState]) -> AgentAnswer:
    """Join what is stored with what the collector knows now."""
    host = hosts.get(row.id)
    reported = row.last_report_at if host is None else host.last_report_at
    return AgentAnswer(
        id=row.id,
        unit=row.unit,
        unit_name=row.unit_name,
        host=row.host,
        kind=row.kind,
        presence=row.presence,
        interval_seconds=row.interval_seconds,
        enrolled_at=row.enrolled_at,
        revoked_at=row.revoked_at,
        last_report_at=reported,
        liveness=None if host is None else host.liveness.name.lower(),
        lost_reports=row.lost_reports,
    )


@router.get("")
async def agents(
    services: Use,
    unit: str | None = None,
    q: Search = "",
    limit: Limit = PAGE,
    after: str | None = None,
) -> Page[AgentAnswer]:
    """List agents by host name; `q` finds names with or without marks."""
    page = await services.db.read(
        lambda c: list_agents(c, unit=unit, search=search_words(q), limit=limit, after=after)
    )
    hosts = services.fleet.hosts
    return Page([_answer(row, hosts) for row in page.items], page.next)


@router.get("/{agent}")
async def agent(services: Use, agent: str) -> AgentAnswer:
    """Return one agent."""
    row = await services.db.read(lambda c: find_agent(c, agent))
    if row is None:
        raise NotFoundError("agent", agent)
    return _answer(row, services.fleet.hosts)
