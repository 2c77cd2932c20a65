"""`/console/events`: which ids changed, at most once a second, and a heartbeat; no values."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from starlette.types import Message, Send

from collector.access import cookie_name
from collector.api.deps import Caller, Looking, Use
from collector.console.formats import rfc3339
from collector.services import ChangeKind, HostState, Services
from collector.storage.queries.alerts import alerts_out_of_scope
from collector.storage.queries.sessions import visible_among
from collector.storage.queries.visibility import NOBODY, Viewer, hidden_among

# A stream ends and is opened anew, so that an ended session loses it too.
STREAM_LIFETIME = timedelta(minutes=10)
SLOW_CLIENT_SECONDS = 15.0
HOST_KINDS: tuple[ChangeKind, ...] = ("host", "identity")
ALERT_KINDS: tuple[ChangeKind, ...] = ("alert", "worklist")

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
async def events(request: Request, services: Use, caller: Caller, viewer: Looking) -> LiveResponse:
    """Stream what changes until the session or this stream's lifetime ends."""
    until = services.now() + STREAM_LIFETIME
    if caller.expires_at is not None:
        until = min(until, caller.expires_at)
    secret = request.cookies.get(cookie_name(secure=request.url.scheme == "https"), "")

    async def still_in() -> bool:
        return caller.kind == "bearer" or await services.access.session(secret) is not None

    return LiveResponse(
        live(services, until, viewer, still_in),
        headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store"},
    )


async def _always() -> bool:
    return True


async def live(
    services: Services,
    until: datetime,
    viewer: Viewer = NOBODY,
    still_in: Callable[[], Awaitable[bool]] = _always,
) -> AsyncIterator[str]:
    """Yield the stream's events; a lagging process holds changes back, never heartbeats.

    Args:
        still_in: Asked at each heartbeat: whether the session that it is for goes on.
    """
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
                if beat and not await still_in():
                    return
                if beat:
                    yield event("heartbeat", {"now": rfc3339(services.now())})
        finally:
            batch.cancel()
            stopped.cancel()


async def _keep_visible(
    services: Services, held: dict[ChangeKind, set[str]], viewer: Viewer
) -> bool:
    """Take out what this viewer may not see; say whether anything is left."""
    named = held.get("incident", set())
    if named:
        held["incident"] = named - await services.db.read(lambda c: hidden_among(c, named, viewer))
    meetings = held.get("session", set())
    if meetings and viewer.units is not None:
        held["session"] = await services.db.read(lambda c: visible_among(c, meetings, viewer))
    if viewer.units is not None:
        await _keep_in_scope(services, held, viewer)
    for kind in [kind for kind, ids in held.items() if not ids]:
        del held[kind]
    return bool(held)


async def _keep_in_scope(
    services: Services, held: dict[ChangeKind, set[str]], viewer: Viewer
) -> None:
    """Take out what is of units that the viewer does not see; words that name nothing stay."""
    hosts = services.fleet.hosts
    held["unit"] = {code for code in held.get("unit", ()) if viewer.sees(code)}
    for kind in HOST_KINDS:
        held[kind] = {one for one in held.get(kind, ()) if _is_seen(hosts.get(one), viewer)}
    for kind in ALERT_KINDS:
        if ids := held.get(kind):
            held[kind] = ids - await services.db.read(
                lambda c, some=ids: alerts_out_of_scope(c, some, viewer)  # type: ignore[misc]
            )


def _is_seen(host: HostState | None, viewer: Viewer) -> bool:
    return host is None or viewer.sees(host.unit)


def merge(held: dict[ChangeKind, set[str]], batch: Mapping[ChangeKind, set[str]]) -> None:
    """Add a batch to what is held back; the same id counts once."""
    for kind, ids in batch.items():
        held.setdefault(kind, set()).update(ids)


def event(name: str, data: Mapping[str, object]) -> str:
    """Return one server-sent event.

    Source: WHATWG HTML, section 9.2.6.
    """
    return f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n"
