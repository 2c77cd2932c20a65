"""`/api/v1/services`: how the shared systems are."""

from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter

from collector.api.deps import Looking, Use
from collector.outages.topology import TARGET_PREFIX
from collector.service_state import Check, ServiceState, Standing
from collector.services import Services
from collector.storage.queries.visibility import Viewer

router = APIRouter(prefix="/api/v1", tags=["services"])


@dataclass(frozen=True, slots=True)
class CheckRow:
    """What the probes of one target say; `probe` and `answer` are the reason, `at` the last one."""

    target: str
    state: ServiceState
    probe: str
    answer: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """One shared system.

    Attributes:
        measured: What is found whatever the hours are.
        because: What it needs that is down and explains it: a service, or `target:NAME`.
        not_measured: Why this network cannot see it.
    """

    name: str
    vi: str
    en: str
    owner: str
    hours: str
    state: ServiceState
    measured: ServiceState
    because: list[str]
    needs: list[str]
    checks: list[CheckRow]
    not_measured: str
    not_measured_en: str


@router.get("/services")
async def services_list(services: Use, viewer: Looking) -> list[ServiceRow]:
    """List how each is and what explains it; targets of other units are left out."""
    return [row(services, viewer, line) for line in services.board.lines(services.now())]


def row(services: Services, viewer: Viewer, line: Standing) -> ServiceRow:
    """Return one entry as this viewer sees it."""
    entry = line.entry

    def sees(name: str) -> bool:
        target = services.board.target(name.removeprefix(TARGET_PREFIX))
        is_one = name.startswith(TARGET_PREFIX)
        return not is_one or (target is not None and viewer.sees(target.unit))

    return ServiceRow(
        entry.name,
        entry.vi,
        entry.en,
        entry.owner,
        entry.hours_text,
        line.state,
        line.measured,
        [name for name in line.because if sees(name)],
        [name for name in entry.needs if sees(name)],
        [_check(one) for one in line.checks if sees(TARGET_PREFIX + one.target)],
        entry.unmeasured_vi,
        entry.unmeasured_en,
    )


def _check(one: Check) -> CheckRow:
    at = datetime.fromtimestamp(one.at, UTC) if one.at else None
    return CheckRow(one.target, one.state, one.probe, one.answer, at)
