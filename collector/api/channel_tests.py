"""`/api/v1/oncall/tests`: a real page over every channel of a person, and what became of it."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from collector.access import Identity
from collector.api.deps import Caller, Use
from collector.api.errors import NotFoundError
from collector.api.once import command
from collector.services import Services
from collector.storage.channel_tests import TestRow, newest_tests, tests_of

router = APIRouter(prefix="/api/v1/oncall/tests", tags=["on call"])
ACT = "oncall"
MOST_SHOWN = 100


class NewTest(BaseModel):
    """Whom to test; whoever asks unless another is named."""

    model_config = ConfigDict(extra="forbid")
    person: Annotated[str, Field(max_length=100)] = ""


@router.get("")
async def newest(services: Use) -> list[TestRow]:
    """List the last test messages, the daily ones included."""
    return await services.db.read(lambda c: newest_tests(c, MOST_SHOWN))


@router.get("/{batch}")
async def results(services: Use, batch: str) -> list[TestRow]:
    """Show what became of one test, channel by channel."""
    found = await services.db.read(lambda c: tests_of(c, batch))
    if not found:
        raise NotFoundError("test", batch)
    return found


@router.post("", status_code=201)
async def ask(request: Request, services: Use, caller: Caller, new: NewTest) -> Response:
    """Send a real page over every channel of a person; oneself without any role."""
    answer = await command(request, services, asking(services, new.person.strip(), caller))
    services.changes.publish("message", "")
    return answer


def asking(
    services: Services, person: str, caller: Identity
) -> Callable[[Connection], tuple[int, Mapping[str, Any]]]:
    """Return the work of a test; of somebody else it needs the role for the rota.

    Raises:
        NotAllowed: The caller lacks it.
    """
    now, whom = services.now(), person or caller.user
    if whom.casefold() != caller.user.casefold():
        services.desk.check_act(ACT, caller.actor, now)

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        batch = services.channel_tester.ask(connection, whom, caller.actor, now)
        return 201, {"batch": batch, "person": whom}

    return work
