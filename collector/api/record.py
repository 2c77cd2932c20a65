"""`/api/v1/record` and `/api/v1/checkpoint`: the configuration record, and what the tree is."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from collector.access import Identity
from collector.api.deps import PAGE, Caller, Limit, Looking, RowNumber, Use, whole_province
from collector.api.errors import NotFoundError
from collector.api.once import Work, command
from collector.services import Services
from collector.storage import record_removal
from collector.storage.queries.paging import Page
from collector.storage.queries.record import RecordRow, list_record, newest_checkpoint
from collector.storage.record import content_of
from incidents.config_record import RecordKind

router = APIRouter(prefix="/api/v1", tags=["record"])


class AskBody(BaseModel):
    """Why the words must go; it must not repeat them."""

    model_config = ConfigDict(extra="forbid")
    reason: Annotated[str, Field(max_length=500)]


Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


@router.get("/record")
async def entries(
    services: Use,
    viewer: Looking,
    kind: RecordKind | None = None,
    limit: Limit = PAGE,
    after: RowNumber | None = None,
) -> Page[RecordRow]:
    """List the configuration record, the newest entry first."""
    return await services.db.read(
        lambda c: list_record(c, viewer, kind=kind, limit=limit, after=after)
    )


@router.get(
    "/record/contents/{digest}",
    response_class=PlainTextResponse,
    dependencies=[Depends(whole_province)],
)
async def content(services: Use, digest: Digest) -> PlainTextResponse:
    """Return a policy file as it was, without its secrets, by the digest that an entry names."""
    found = await services.db.read(lambda c: content_of(c, digest))
    if found is None:
        raise NotFoundError("policy file", digest)
    return PlainTextResponse(found)


@router.post("/record/{seq}/ask_seal", dependencies=[Depends(whole_province)])
async def ask_seal(
    request: Request, services: Use, caller: Caller, seq: RowNumber, body: AskBody
) -> Response:
    """Ask that the words of an entry be removed; another person must approve."""
    return await command(request, services, asking(services, caller, seq, body.reason))


@router.post("/record/{seq}/seal", dependencies=[Depends(whole_province)])
async def seal(request: Request, services: Use, caller: Caller, seq: RowNumber) -> Response:
    """Remove the words of an entry for ever, as another person asked."""
    return await command(request, services, sealing(services, caller, seq))


def asking(services: Services, caller: Identity, seq: int, reason: str) -> Work:
    """Return the work of asking."""
    now = services.now()

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        services.desk.check_act("seal_ask", caller.actor, now, ())
        entry = record_removal.ask(connection, seq, reason, caller.actor, now)
        return 200, {"entry": seq, "asked_in": entry.seq}

    return work


def sealing(services: Services, caller: Identity, seq: int) -> Work:
    """Return the work of removing."""
    now = services.now()

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        services.desk.check_act("seal", caller.actor, now, ())
        entry = record_removal.seal(connection, seq, caller.actor, now)
        return 200, {"entry": seq, "sealed_in": entry.seq}

    return work


@router.get("/checkpoint", response_class=PlainTextResponse)
async def checkpoint(services: Use) -> PlainTextResponse:
    """Return the newest signed checkpoint as a note, to be kept elsewhere."""
    found = await services.db.read(newest_checkpoint)
    if found is None:
        raise NotFoundError("checkpoint", "newest")
    return PlainTextResponse(found.note)
