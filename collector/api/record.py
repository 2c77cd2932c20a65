"""`/api/v1/record` and `/api/v1/checkpoint`: the configuration record, and what the tree is."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import PlainTextResponse

from collector.api.deps import PAGE, Limit, Looking, RowNumber, Use
from collector.api.errors import NotFoundError
from collector.storage.queries.paging import Page
from collector.storage.queries.record import RecordRow, list_record, newest_checkpoint
from collector.storage.record import content_of
from incidents.config_record import RecordKind

router = APIRouter(prefix="/api/v1", tags=["record"])
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


@router.get("/record/contents/{digest}", response_class=PlainTextResponse)
async def content(services: Use, digest: Digest) -> PlainTextResponse:
    """Return a policy file as it was, without its secrets, by the digest that an entry names."""
    found = await services.db.read(lambda c: content_of(c, digest))
    if found is None:
        raise NotFoundError("policy file", digest)
    return PlainTextResponse(found)


@router.get("/checkpoint", response_class=PlainTextResponse)
async def checkpoint(services: Use) -> PlainTextResponse:
    """Return the newest signed checkpoint as a note, to be kept elsewhere."""
    found = await services.db.read(newest_checkpoint)
    if found is None:
        raise NotFoundError("checkpoint", "newest")
    return PlainTextResponse(found.note)
