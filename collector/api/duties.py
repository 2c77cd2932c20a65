"""`/api/v1/duties` and `/api/v1/due`: recurring duties, and everything that has a term."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from collector.api.deps import Caller, Looking, Use, may
from collector.api.once import command
from collector.duties.book import MOST_PROOF, DutyLine
from collector.duties.due_list import DueItem, due_items, duty_lines
from collector.oncall.due import oncall_items
from collector.services import Services
from collector.sessions.due import session_items
from collector.storage import handovers
from collector.storage.queries.visibility import Viewer

router = APIRouter(prefix="/api/v1", tags=["duties"])


@dataclass(frozen=True, slots=True)
class DutyRow:
    """One period of a duty, as the API shows it."""

    duty: str
    period: str
    name_vi: str
    name_en: str
    owner: str
    basis: str
    mark: str
    opens_at: datetime
    due_at: datetime
    state: str
    done_at: datetime | None
    recorded_at: datetime | None
    actor: str | None
    proof: str | None


class DoneBody(BaseModel):
    """What proves that a duty was done, and when it was; now unless said."""

    model_config = ConfigDict(extra="forbid")
    proof: Annotated[str, Field(max_length=MOST_PROOF)]
    done_at: AwareDatetime | None = None


@router.get("/due")
async def due(services: Use, viewer: Looking) -> list[DueItem]:
    """List everything that is due soon or overdue: what is overdue first."""
    now = services.now()
    return await services.db.read(lambda c: due_of(services, c, viewer, now))


@router.get("/duties")
async def duties(services: Use, viewer: Looking) -> list[DutyRow]:
    """List the recurring duties: undone, coming within 60 days, done in the last 30."""
    now = services.now()
    return await services.db.read(
        lambda c: [row_of(line) for line in duty_lines(c, services.duties, viewer, now)]
    )


@router.post("/duties/{duty}/{period}/done", dependencies=[Depends(may("duty"))])
async def done(
    request: Request, services: Use, caller: Caller, duty: str, period: str, body: DoneBody
) -> Response:
    """Record that a duty was done; the record stays as it is."""
    work = doing(services, caller.actor, duty, period, body.proof, body.done_at)
    return await command(request, services, work)


def due_of(
    services: Services, connection: Connection, viewer: Viewer, now: datetime
) -> list[DueItem]:
    """Return everything that is due, who is on call included."""
    unsigned = [
        one for one in handovers.unsigned(connection) if services.handovers.sees(one, viewer)
    ]
    more = [
        *oncall_items(services.oncall, connection, unsigned, now),
        *session_items(connection, services.sessions.policy, viewer, now),
    ]
    return due_items(connection, services.duties, viewer, now, more)


def doing(
    services: Services, actor: str, duty: str, period: str, proof: str, done_at: datetime | None
) -> Callable[[Connection], tuple[int, Mapping[str, Any]]]:
    """Return the work of recording."""
    now = services.now()

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        line = services.duties.record(
            connection, duty, period, done_at=done_at or now, proof=proof, actor=actor, now=now
        )
        return 200, {"duty": duty, "period": period, "state": str(line.standing.state)}

    return work


def row_of(line: DutyLine) -> DutyRow:
    """Return a line as the API shows it."""
    duty, one, record = line.duty, line.standing.occurrence, line.standing.done
    return DutyRow(
        duty=duty.code,
        period=one.period,
        name_vi=duty.vi,
        name_en=duty.en,
        owner=duty.owner,
        basis=duty.basis,
        mark=duty.mark,
        opens_at=one.opens_at,
        due_at=one.due_at,
        state=str(line.standing.state),
        done_at=None if record is None else record.done_at,
        recorded_at=None if record is None else record.recorded_at,
        actor=None if record is None else record.actor,
        proof=None if record is None else record.proof,
    )
