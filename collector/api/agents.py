"""`/api/v1/agents`: who must report, and whether they do."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from fastapi import APIRouter

from collector.api.deps import PAGE, Limit, Search, Use
from collector.api.errors import NotFoundError
from collector.services import HostState
from collector.storage.queries.paging import Page
from collector.storage.queries.units import AgentRow, find_agent, list_agents
from incidents.vietnamese import search_words

router = APIRouter(prefix="/api/v1/agents", tags=["agents"])


@dataclass(frozen=True, slots=True)
class AgentAnswer(AgentRow):
    """One agent; `liveness` is null for one that is revoked."""

    liveness: str | None


def _answer(row: AgentRow, hosts: Mapping[str, HostState]) -> AgentAnswer:
    """Join what is stored with what the collector knows now."""
    host = hosts.get(row.id)
    reported = row.last_report_at if host is None else host.last_report_at
    liveness = None if host is None else host.liveness.name.lower()
    return AgentAnswer(**asdict(row) | {"last_report_at": reported, "liveness": liveness})


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
