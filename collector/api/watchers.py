"""`/api/v1/watchers`: the second machines that watch this collector, and what it does for them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from collector.access import digest_of
from collector.api.deps import Caller, Looking, Use, oversees
from collector.api.errors import NotFoundError
from collector.api.once import answer_with, command, fingerprint_of, key_of, store_once
from collector.host_names import check_host_name
from collector.storage import tokens, watchers
from collector.storage.queries.watchers import WatcherRow, list_watchers
from collector.watching.board import Watcher

router = APIRouter(prefix="/api/v1/watchers", tags=["watchers"])


class NewWatcher(BaseModel):
    """Who watches, and in which unit it stands."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=1, max_length=63)]
    unit: Annotated[str, Field(min_length=1, max_length=100)]


@router.get("")
async def watchers_list(services: Use, viewer: Looking) -> list[WatcherRow]:
    """List the watchers that are expected to ask."""
    return await services.db.read(lambda c: list_watchers(c, viewer))


@router.post("", status_code=201, dependencies=[Depends(oversees("watch"))])
async def add(request: Request, services: Use, caller: Caller, new: NewWatcher) -> Response:
    """Expect a watcher; its token is in this answer alone, stored is a digest."""
    if (reason := check_host_name(new.name)) is not None:
        raise HTTPException(422, f"name: {reason}")
    key, now = key_of(request), services.now()
    secret = services.access.new_token(f"watch {caller.user}", key=key)
    watcher = Watcher(new.name, new.unit, digest_of(secret))

    def work(connection: Connection) -> tuple[int, dict[str, Any]]:
        if not tokens.has_unit(connection, new.unit):
            raise NotFoundError("unit", new.unit)
        watchers.add_watcher(connection, watcher, by=caller.actor, now=now)
        return 201, new.model_dump()

    stored = await store_once(services, caller, key, await fingerprint_of(request), work)
    await services.watch.refresh()
    return answer_with(stored, token=secret)


@router.post("/{name}/revoke", dependencies=[Depends(oversees("watch"))])
async def revoke(request: Request, services: Use, caller: Caller, name: str) -> Response:
    """Expect a watcher no longer."""
    now = services.now()

    def work(connection: Connection) -> tuple[int, dict[str, Any]]:
        if not watchers.revoke_watcher(connection, name, by=caller.actor, now=now):
            raise NotFoundError("watcher", name)
        return 200, {"revoked": name}

    answer = await command(request, services, work)
    await services.watch.refresh()
    return answer
