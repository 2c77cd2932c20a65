"""`/api/v1/backtests`: rules tried on the past, as work in a child process."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from collector.access import Identity
from collector.api.deps import Caller, Use, oversees
from collector.api.errors import NotFoundError
from collector.backtest.choice import read_tried
from collector.backtest_desk import MOST_CHARACTERS
from collector.jobs.jobs import TooManyJobsError
from collector.jobs.state import Job
from collector.rules.rule_checks import Known
from collector.services import Services
from incidents.yaml_problems import InvalidDocument

router = APIRouter(prefix="/api/v1/backtests", tags=["policy"])
MOST_HOURS = 24 * 31
Hours = Annotated[int, Field(ge=1, le=MOST_HOURS)]


class BacktestBody(BaseModel):
    """The rules to try, as in `rules/*.yaml`, and how far back."""

    model_config = ConfigDict(extra="forbid")
    rules: Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS)]
    hours: Hours = 24


@router.post("", status_code=202, dependencies=[Depends(oversees("reload"))])
async def start(services: Use, caller: Caller, body: BacktestBody) -> Job:
    """Begin to try rules; `GET /api/v1/jobs/{id}` says how far it is, and the answer."""
    try:
        return begun(services, caller, body.rules, body.hours)
    except InvalidDocument as error:
        raise HTTPException(422, f"the rules have mistakes:\n{error}") from error
    except TooManyJobsError as error:
        raise HTTPException(503, str(error), headers={"Retry-After": "60"}) from error


@router.post("/{number}/cancel", dependencies=[Depends(oversees("reload"))])
async def cancel(services: Use, number: str) -> dict[str, bool]:
    """Stop one that waits or runs."""
    if services.backtests.find(number) is None:
        raise NotFoundError("backtest", number)
    return {"cancelled": await services.backtests.cancel(number)}


def begun(services: Services, caller: Identity, rules: str, hours: int) -> Job:
    """Check rules and begin to try them.

    Raises:
        InvalidDocument: With every mistake, its line and field.
        TooManyJobsError: So many wait already.
    """
    known = Known(services.desk.procedure.classes, services.library.names)
    read_tried(rules, file="rules", known=known, in_force=services.rule_names())
    return services.backtests.start(rules, hours, caller.actor)
