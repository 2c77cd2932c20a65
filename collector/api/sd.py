"""`/api/v1/sd`: the agents that serve `/metrics` themselves, for Prometheus' HTTP discovery.

Source: Prometheus documentation, "Writing HTTP service discovery".
"""

import asyncio
from collections.abc import Iterator, Sequence

from fastapi import APIRouter

from collector.api.deps import Looking, Use
from collector.scrape_targets import ScrapeGroup, scrape_groups
from collector.services import HostState
from collector.source_tokens import SD_PATH

router = APIRouter(tags=["metrics"])
AT_ONCE = 200


@router.get(SD_PATH)
async def scrape_targets(services: Use, viewer: Looking) -> list[ScrapeGroup]:
    """List every agent that says where others reach its `/metrics`; the whole list each time."""
    found: list[ScrapeGroup] = []
    for some in batched(list(services.fleet.hosts.values()), AT_ONCE):
        found += scrape_groups(some, viewer)
        await asyncio.sleep(0)  # thousands of hosts take longer than others may wait
    return sorted(found, key=lambda group: (group.labels["instance"], group.targets))


def batched(hosts: Sequence[HostState], size: int) -> Iterator[Sequence[HostState]]:
    """Yield the hosts in groups."""
    for start in range(0, len(hosts), size):
        yield hosts[start : start + size]
