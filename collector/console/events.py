"""`/console/events`: which ids changed, at most once a second, and a heartbeat; no values."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from starlette.types import Message, Send

from collector.api.deps import Caller, Looking, Use
from collector.console.formats import rfc3339
from collector.services import ChangeKind, Services
from collector.storage.queries.visibility import NOBODY, Viewer, hidden_among

# A stream ends and is opened anew, so that an ended session loses it too.
STREAM_LIFETIME = timedelta(minutes=10)
SLOW_CLIENT_SECONDS = 15.0

router = APIRouter(include_in_schema=False)


class LiveResponse(StreamingResponse):
    """A stream that drops a client which does not take what is sent to it."""

    media_type = "text/event-stream"

    async def stream_response(self, send: Send) -> None:
        """Send each piece within a time limit; past it the connection is given up."""

        async def hurried(message: Message) -> None:
            await asyncio.wait_for(send(message), SLOW_CLIENT_SECONDS)

        try:
            await super().stream_response(hurried)
        except TimeoutError:
            return


@router.get("/console/events")
async def events(services: Use, caller: Caller, viewer: Looking) -> LiveResponse:
    """Stream what changes until the session or this stream's lifetime ends."""
    until = services.now() + STREAM_LIFETIME
    if caller.expires_at is not None:
        until = min(until, caller.expires_at)
    return LiveResponse(
        live(services, until, viewer),
        headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store"},
    )


async def live(services: Services, until: datetime, viewer: Viewer = NOBODY) -> AsyncIterator[str]:
    """Yield the stream's events; a lagging process holds changes back, never heartbeats."""
    stopped = asyncio.ensure_future(services.stopping.wait())
    held: dict[ChangeKind, set[str]] = {}
    with services.changes.subscribe() as news:
        yield event("heartbeat", {"now": rfc3339(services.now())})
        batch = asyncio.ensure_future(news.next())
        try:
            while not stopped.done() and services.now() < until:
                await asyncio.wait(
                    {batch, stopped},
                    timeout=services.heartbeat_seconds,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                beat = not batch.done() and not stopped.done()
                if batch.done():
                    merge(held, batch.result())
                    batch = asyncio.ensure_future(news.next())
                if held and not services.shedding() and await _keep_visible(services, held, viewer):
                    yield event("changed", {kind: sorted(ids) for kind, ids in held.items()})
                    held.clear()
                if beat:
                    yield event("heartbeat", {"now": rfc3339(services.now())})
        finally:
            batch.cancel()
            stopped.cancel()


async def _keep_visible(
    services: Services, held: dict[ChangeKind, set[str]], viewer: Viewer
) -> bool:
    """Take out the incidents that this viewer may not see; say whether anything is left."""
    named = held.pop("incident", set())
    if named:
        hidden = await services.db.read(lambda c: hidden_among(c, named, viewer))
        if left := named - hidden:
            held["incident"] = left
    return bool(held)


def merge(held: dict[ChangeKind, set[str]], batch: Mapping[ChangeKind, set[str]]) -> None:
    """Add a batch to what is held back; the same id counts once."""
    for kind, ids in batch.items():
        held.setdefault(kind, set()).update(ids)


def event(name: str, data: Mapping[str, object]) -> str:
    """Return one server-sent event.

    Source: WHATWG HTML, section 9.2.6.
    """
    return f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n"
