"""`/api/v1/targets`: devices, lines, endpoints and services, and what agents measure of them."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from collector.api.deps import Looking, Search, Use
from collector.api.errors import NotFoundError
from collector.targets.target_book import TargetDetail
from collector.targets.target_values import Standing
from incidents.vietnamese import search_of

router = APIRouter(prefix="/api/v1/targets", tags=["targets"])


class TargetOut(BaseModel):
    """One target."""

    name: str
    label_vi: str
    label_en: str
    kind: str
    unit: str
    unit_name: str
    region: str
    address: str
    circuit: str
    carrier: str
    standing: Standing
    firing: int
    measured_by: str
    newest_at: datetime | None


class ValueOut(BaseModel):
    """The newest value of one series, and whether another one should have come since."""

    metric: str
    labels: dict[str, str]
    value: float
    at: datetime
    age_seconds: float
    is_old: bool


class TargetDetailOut(TargetOut):
    """One target with all that was measured."""

    probes: list[str]
    asked_by: list[str]
    values: list[ValueOut]


@router.get("")
async def targets(services: Use, viewer: Looking, q: Search = "") -> list[TargetOut]:
    """List them, the worst first."""
    found = services.targets.all(viewer, services.now(), search_of(q))
    return [TargetOut.model_validate(line._asdict()) for line in found]


@router.get("/{target}")
async def one_target(services: Use, viewer: Looking, target: str) -> TargetDetailOut:
    """Return one of them with every value and its age."""
    found = services.targets.one(target, viewer, services.now())
    if found is None:
        raise NotFoundError("target", target)
    return _detail(found)


def _detail(found: TargetDetail) -> TargetDetailOut:
    return TargetDetailOut.model_validate(
        {
            **found.line._asdict(),
            "probes": list(found.probes),
            "asked_by": list(found.asked_by),
            "values": [value._asdict() for value in found.values],
        }
    )
