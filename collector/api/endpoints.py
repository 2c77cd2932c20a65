"""`/api/v1/endpoints`: video-conference devices, and other targets that agents measure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from collector.api.deps import Looking, Use
from collector.api.errors import NotFoundError
from collector.storage.queries.units import all_units
from collector.targets.endpoint_book import Endpoint, Kind, Stage
from collector.targets.endpoint_state import Activity, EndpointState, Standing

router = APIRouter(prefix="/api/v1/endpoints", tags=["endpoints"])


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """One endpoint at a glance; what is not told, or was told too long ago, is null.

    Attributes:
        worst_lost_ratio, worst_jitter_seconds: Of all streams of its calls.
        seen_at: When its newest value came.
    """

    name: str
    label_vi: str
    label_en: str
    kind: str
    unit: str
    unit_name: str
    region: str
    standing: Standing
    is_reachable: bool | None
    activity: Activity | None
    registered: dict[str, bool | None]
    calls: int | None
    worst_lost_ratio: float | None
    worst_jitter_seconds: float | None
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class EndpointAnswer(EndpointRow):
    """One endpoint with every figure and its age, and the way to it."""

    address: str
    state: EndpointState
    way: list[Stage]


def row_of(one: Endpoint) -> dict[str, Any]:
    """Return the fields of an endpoint at a glance."""
    state = one.state
    calls, lost, jitter = (
        state.figures.get("endpoint_calls"),
        state.worst_lost_ratio,
        state.worst_jitter_seconds,
    )
    return {
        "name": one.name,
        "label_vi": one.label_vi,
        "label_en": one.label_en,
        "kind": one.kind,
        "unit": one.unit,
        "unit_name": one.unit_name,
        "region": one.region,
        "standing": state.standing,
        "is_reachable": state.is_reachable,
        "activity": state.activity,
        "registered": {
            protocol: figure.value >= 1 if figure.is_fresh else None
            for protocol, figure in state.registered.items()
        },
        "calls": int(calls.value) if calls is not None and calls.is_fresh else None,
        "worst_lost_ratio": None if lost is None else lost.value,
        "worst_jitter_seconds": None if jitter is None else jitter.value,
        "seen_at": state.seen_at,
    }


@router.get("")
async def endpoints(
    services: Use,
    viewer: Looking,
    kind: Kind | None = "conference",
    unit: Annotated[str | None, Query(max_length=100)] = None,
    region: Annotated[str | None, Query(max_length=200)] = None,
    standing: Standing | None = None,
) -> list[EndpointRow]:
    """List endpoints, the worst first."""
    region_of = {}
    if region is not None:
        known = await services.db.read(lambda c: all_units(c, viewer))
        region_of = {one.code: one.region for one in known}
    found = await services.endpoints.listed(
        viewer,
        services.now().timestamp(),
        kind=kind,
        unit=unit,
        region=region,
        region_of=region_of,
        standing=standing,
    )
    return [EndpointRow(**row_of(one)) for one in found]


@router.get("/{endpoint}")
async def endpoint(services: Use, viewer: Looking, endpoint: str) -> EndpointAnswer:
    """Return one endpoint, by its name in targets.yaml."""
    now = services.now().timestamp()
    found = services.endpoints.named(endpoint, viewer, now)
    if found is None:
        raise NotFoundError("endpoint", endpoint)
    way = services.endpoints.way(endpoint, viewer, now)
    return EndpointAnswer(**row_of(found), address=found.address, state=found.state, way=way)
