"""`/api/v2/…`: what Prometheus and `amtool` expect of an Alertmanager, and its webhook."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.requests import ClientDisconnect

from collector.alerts_in import matchers, views
from collector.alerts_in.sources import AMTOOL, Source, source_of
from collector.alerts_in.views import Wanted
from collector.alerts_in.wire import ALERTS_PATH, WEBHOOK_PATH, Form
from collector.api.deps import Use, viewer_for
from collector.source_tokens import token_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from collector.access import Identity
    from collector.alerts_in.door import Said
    from collector.alerts_in.routing import Route
    from collector.services import Services

router = APIRouter(tags=["alertmanager"])
encode = msgspec.json.encode
# What `amtool` compares itself with.
VERSION = "0.27.0"


def answer(body: Any, status: int = 200, retry_after: int | None = None) -> Response:
    """Return an answer as Alertmanager gives it: JSON, an error being one text."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(encode(body), status, headers, media_type="application/json")


def asker_of(request: Request, services: Services) -> Identity | Source | None:
    """Return who asks: a person, or the source whose token it shows."""
    identity: Identity | None = request.state.identity
    if identity is not None:
        return identity
    token = token_of(request.headers.get("authorization", ""))
    found = services.sources.of(token, "alerts", services.now()) if token else None
    return None if found is None else source_of(found)


def nobody() -> Response:
    """Return the answer to who is not known."""
    return answer("the token of a source is needed: wanwatch source add NAME", 401)


@router.post(ALERTS_PATH)
async def post_alerts(request: Request, services: Use) -> Response:
    """Take alerts as Alertmanager does: valid ones are kept also where others are not."""
    return await _take(request, services, Form.API)


@router.post(WEBHOOK_PATH)
async def post_webhook(request: Request, services: Use) -> Response:
    """Take a notification of Alertmanager or Grafana (webhook, version 4, or Grafana's 1)."""
    return await _take(request, services, Form.WEBHOOK)


def wanted_of(
    active: bool = True,
    silenced: bool = True,
    inhibited: bool = True,
    unprocessed: bool = True,  # noqa: ARG001 - nothing here is ever without a state
    filter: Annotated[list[str] | None, Query(max_length=50)] = None,  # noqa: A002
    receiver: Annotated[str, Query(max_length=matchers.MAX_PATTERN_CHARACTERS)] = "",
) -> Wanted | str:
    """Return what is asked for, or what is wrong with it."""
    try:
        parsed = tuple(one for text in filter or () for one in matchers.parse_many(text))
        pattern = None
        if receiver:
            matchers.LabelMatcher("receiver", "=~", receiver)  # refuses what may take for ever
            pattern = re.compile(receiver, re.ASCII)
    except ValueError as error:
        return str(error)
    return Wanted(parsed, active, silenced, inhibited, pattern)


Asked = Annotated[Wanted | str, Depends(wanted_of)]


@router.get(ALERTS_PATH)
async def get_alerts(request: Request, services: Use, wanted: Asked) -> Response:
    """List the alerts that are open: of a source its own, of a person all of their units."""
    return await _shown(request, services, wanted, views.listed)


@router.get("/api/v2/alerts/groups")
async def get_groups(request: Request, services: Use, wanted: Asked) -> Response:
    """List the same in groups, by route and labels."""
    return await _shown(request, services, wanted, views.grouped)


@router.get("/api/v2/status")
async def get_status(request: Request, services: Use) -> Response:
    """Say what `amtool` asks first; `config.original` holds our routes as it evaluates them."""
    if asker_of(request, services) is None:
        return nobody()
    desk = services.outside
    info = {
        "version": VERSION, "revision": "", "branch": "", "buildUser": "", "buildDate": "",
        "goVersion": "",
    }  # fmt: skip
    return answer(
        {
            "cluster": {"name": "wanwatch", "status": "disabled", "peers": []},
            "config": {"original": desk.config},
            "uptime": views.instant_text(desk.started_at),
            "versionInfo": info,
        }
    )


@router.get("/api/v2/receivers")
async def get_receivers(request: Request, services: Use) -> Response:
    """List the names of the routes."""
    if asker_of(request, services) is None:
        return nobody()
    return answer([{"name": name} for name in services.outside.policy.receivers])


async def _take(request: Request, services: Services, form: Form) -> Response:
    door = services.outside.door
    asker = asker_of(request, services)
    if asker is None:
        door.results["unknown_token"] += 1
        return nobody()
    if not isinstance(asker, Source):
        if asker.kind != "bearer":
            return answer("alerts are added with the token of a source or of the command line", 403)
        asker = AMTOOL
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" or request.headers.get("content-encoding"):
        door.results["refused"] += 1
        return answer("the body is sent as application/json, without an encoding", 415)
    try:
        body = await request.body()
    except ClientDisconnect:
        door.results["refused"] += 1
        return answer("the connection ended before the body did", 400)
    try:
        said: Said = await door.accept(asker, form, body)
    except Exception as error:  # noqa: BLE001 - a fault of ours costs this request alone
        said = door.failed(error)
    return answer(said.error or {}, said.status, said.retry_after_seconds)


async def _shown(
    request: Request,
    services: Services,
    wanted: Wanted | str,
    show: Callable[[Iterable[views.Shown], Wanted, Route], list[dict[str, Any]]],
) -> Response:
    asker = asker_of(request, services)
    if asker is None:
        return nobody()
    if isinstance(wanted, str):
        return answer(wanted, 400)
    desk = services.outside
    if isinstance(asker, Source):
        found = await desk.of_source(asker)
    else:
        found = await desk.of_viewer(viewer_for(services, asker))
    root = desk.policy.root
    return answer(await asyncio.to_thread(show, found, wanted, root))
