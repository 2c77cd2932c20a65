"""`/api/v1/procedure`: the ruleset in force, those before it, their difference, confirmations."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from collector.api.deps import Caller, Use
from collector.api.errors import NotFoundError
from collector.api.once import command
from collector.ruleset_desk import KeptRuleset, confirm_item, find_ruleset, items_of, kept_rulesets
from collector.ruleset_view import RulesetView, ruleset_view
from collector.services import Services
from incidents.procedure import Procedure
from incidents.procedure_diff import Change, difference

router = APIRouter(prefix="/api/v1", tags=["procedure"])
Reference = Annotated[str, Query(max_length=100)]


class ConfirmBody(BaseModel):
    """Which number is confirmed, and on which document or opinion that rests."""

    model_config = ConfigDict(extra="forbid")
    item: Annotated[str, Field(max_length=100)]
    note: Annotated[str, Field(max_length=1000)] = ""


@router.get("/procedure")
async def procedure(services: Use, ref: Reference = "") -> RulesetView:
    """Return the ruleset in force, or the one with this id or digest."""
    return await services.db.read(lambda c: view_of(services, c, ref))


@router.get("/procedures")
async def procedures(services: Use) -> list[KeptRuleset]:
    """List every ruleset that was ever in force here, the latest first."""
    return await services.db.read(kept_rulesets)


@router.get("/procedure/diff")
async def diff(services: Use, a: Reference, b: Reference = "") -> list[Change]:
    """Return what differs between two rulesets; without `b` the one in force is the later."""

    def read(connection: Connection) -> list[Change]:
        return difference(chosen(services, connection, a), chosen(services, connection, b))

    return await services.db.read(read)


@router.post("/procedure/confirmations")
async def confirmations(
    request: Request, services: Use, caller: Caller, body: ConfirmBody
) -> Response:
    """Confirm a number of the ruleset in force; who may is named by the ruleset."""
    return await command(request, services, confirming(services, caller.actor, body))


def confirming(
    services: Services, actor: str, body: ConfirmBody
) -> Callable[[Connection], tuple[int, Mapping[str, Any]]]:
    """Return the work of a confirmation."""
    now, desk = services.now(), services.desk

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        item = confirm_item(
            connection,
            desk.procedure,
            body.item,
            actor=actor,
            people=desk.people,
            note=body.note,
            now=now,
        )
        return 200, asdict(item)

    return work


def chosen(services: Services, connection: Connection, reference: str) -> Procedure:
    """Return the ruleset of a reference; the one in force for an empty one.

    Raises:
        NotFoundError: There is none.
    """
    if not reference:
        return services.desk.procedure
    found = find_ruleset(connection, services.desk.rulesets, reference)
    if found is None:
        raise NotFoundError("ruleset", reference)
    return found


def view_of(services: Services, connection: Connection, reference: str) -> RulesetView:
    """Return a ruleset as the API shows it."""
    found = chosen(services, connection, reference)
    in_force = found.digest == services.desk.procedure.digest
    return ruleset_view(found, items_of(connection, found), in_force=in_force)
