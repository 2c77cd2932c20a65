"""`/api/v1/sources`: programs that are not ours and whose samples or alerts are taken."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from collector.api.deps import Caller, Looking, Use, oversees
from collector.api.errors import NotFoundError
from collector.api.once import answer_with, command, fingerprint_of, key_of, store_once
from collector.host_names import check_host_name
from collector.rules.rules import HostKind
from collector.services import Services
from collector.source_tokens import Source, digest_of
from collector.storage import sources, tokens
from collector.storage.queries.sources import SourceRow, list_sources

router = APIRouter(prefix="/api/v1/sources", tags=["sources"])


class NewSource(BaseModel):
    """Who may bring what, and of which unit it all is.

    What brings samples belongs to one unit; alerts may say themselves which unit they are of. What
    reads `/metrics` may do nothing else with that; of one unit it reads the list of agents alone.
    """

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=1, max_length=63)]
    unit: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    kinds: Annotated[
        list[Literal["samples", "alerts", "metrics"]], Field(min_length=1, max_length=3)
    ]
    host_kind: HostKind = "server"
    interval_seconds: Annotated[int, Field(ge=5, le=3_600)] = 60


@router.get("")
async def sources_list(services: Use, viewer: Looking) -> list[SourceRow]:
    """List the sources that are not revoked."""
    return await services.db.read(lambda c: list_sources(c, viewer))


@router.post("", status_code=201, dependencies=[Depends(oversees("watch"))])
async def add(request: Request, services: Use, caller: Caller, new: NewSource) -> Response:
    """Take samples or alerts of a source; its token is in this answer alone, stored is a digest.

    A known name gets another token at once, and what else is said here.
    """
    if (reason := check_host_name(new.name)) is not None:
        raise HTTPException(422, f"name: {reason}")
    if "samples" in new.kinds and new.unit is None:
        raise HTTPException(422, "unit: samples are of hosts, and hosts belong to a unit")
    key, now = key_of(request), services.now()
    secret = services.access.new_token(f"source {new.name} {caller.user}", key=key)
    source = Source(
        new.name, new.unit, frozenset(new.kinds), new.host_kind, new.interval_seconds
    )  # fmt: skip

    def work(connection: Connection) -> tuple[int, dict[str, Any]]:
        if new.unit is not None and not tokens.has_unit(connection, new.unit):
            raise NotFoundError("unit", new.unit)
        sources.add_source(connection, source, digest_of(secret), by=caller.actor, now=now)
        return 201, new.model_dump()

    stored = await store_once(services, caller, key, await fingerprint_of(request), work)
    await _refresh(services)
    return answer_with(stored, token=secret)


@router.post("/{name}/rotate", dependencies=[Depends(oversees("watch"))])
async def rotate(request: Request, services: Use, caller: Caller, name: str) -> Response:
    """Give a source another token; the one before is good for a day."""
    key, now = key_of(request), services.now()
    secret = services.access.new_token(f"rotated source {name} {caller.user}", key=key)

    def work(connection: Connection) -> tuple[int, dict[str, Any]]:
        digest = digest_of(secret)
        if not sources.rotate_source(connection, name, digest, by=caller.actor, now=now):
            raise NotFoundError("source", name)
        return 200, {"name": name, "previous_until": (now + sources.TOKEN_OVERLAP).isoformat()}

    stored = await store_once(services, caller, key, await fingerprint_of(request), work)
    await _refresh(services)
    return answer_with(stored, token=secret)


@router.post("/{name}/revoke", dependencies=[Depends(oversees("watch"))])
async def revoke(request: Request, services: Use, caller: Caller, name: str) -> Response:
    """Take nothing more from a source; the hosts that it brought fall silent."""
    now = services.now()

    def work(connection: Connection) -> tuple[int, dict[str, Any]]:
        if not sources.revoke_source(connection, name, by=caller.actor, now=now):
            raise NotFoundError("source", name)
        return 200, {"revoked": name}

    answer = await command(request, services, work)
    await _refresh(services)
    return answer


async def _refresh(services: Services) -> None:
    services.sources.adopt(await services.db.read(sources.load_sources))
