"""Nobody gets in unknown, nothing foreign acts, every answer has its headers."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest
from fastapi.routing import iter_route_contexts

from collector.api import gate
from collector.api.gate import HEADERS, MAX_BODY_BYTES, is_of_programs, is_open
from collector.web import build

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    from tests.province import Province

OPEN = {
    "/-/healthy",
    "/-/ready",
    "/-/progress",
    "/login",
    "/login/{secret}",
    "/board/{conference}/{secret}",
    "/ack/{token}",
    "/api/v1/enrol",
    "/api/v1/plan",
    "/api/v1/rotate-key",
}


def every_route(province: Province) -> list[tuple[str, str]]:
    """Return method and path of every route the application has."""
    contexts = iter_route_contexts(build(province.services).routes)
    return [
        (method, context.path)
        for context in contexts
        for method in sorted(context.methods or {"GET"})
        if context.path is not None
    ]


def filled(path: str) -> str:
    """Return the path with something in each of its places."""
    return re.sub(r"{[^}]+}", "1", path)


async def test_stranger_is_refused_on_every_route(
    province: Province, stranger: httpx.AsyncClient
) -> None:
    """Every route answers 401 without credentials, but health, log-in and what brings its own."""
    routes = every_route(province)
    assert len(routes) > 25
    for method, path in routes:
        answer = await stranger.request(method, filled(path))
        if path in OPEN:
            assert answer.status_code in (200, 403, 404, 422), (method, path)
        else:
            assert answer.status_code == 401, (method, path)


async def test_stranger_is_refused_on_paths_that_do_not_exist(stranger: httpx.AsyncClient) -> None:
    """What exists is nobody's business."""
    for path in ("/docs", "/redoc", "/openapi.json", "/api/v1/nothing", "/static/../x"):
        assert (await stranger.get(path)).status_code == 401


async def test_stranger_with_a_browser_is_sent_to_the_login_page(
    stranger: httpx.AsyncClient,
) -> None:
    """A page explains how to get in; a fragment tells the page to go there."""
    browser = {"Accept": "text/html"}
    page = await stranger.get("/incidents", headers=browser)
    assert (page.status_code, page.headers["location"]) == (303, "/login?next=/incidents")
    fragment = await stranger.get("/incidents", headers=browser | {"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["hx-redirect"]) == (401, "/login")
    login = await stranger.get("/login")
    assert "wanwatch login" in login.text


@pytest.mark.parametrize(
    "authorization", ["Bearer wrong", "Basic dGVzdA==", "Bearer", "Bearer \N{BULLET}"]
)
async def test_wrong_token_is_refused(stranger: httpx.AsyncClient, authorization: str) -> None:
    """A token that is not ours opens nothing, whatever it looks like."""
    headers = {"Authorization": authorization.encode()}
    assert (await stranger.get("/api/v1/units", headers=headers)).status_code == 401


async def test_forged_cookie_is_refused(stranger: httpx.AsyncClient) -> None:
    """A session exists on the server or not at all."""
    headers = {"Cookie": "wanwatch=secret-1; __Host-wanwatch=secret-1"}
    assert (await stranger.get("/api/v1/units", headers=headers)).status_code == 401


async def test_foreign_page_cannot_act_with_a_persons_session(person: httpx.AsyncClient) -> None:
    """A form on another site, or on another port of this machine, is refused and does nothing."""
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "http://evil.example"},
    ):
        answer = await person.post("/incidents/SC26-0003/ack", headers=headers)
        assert answer.status_code == 403
        assert answer.json()["code"] == "foreign_origin"
    file = (await person.get("/api/v1/incidents/SC26-0003")).json()
    assert file["incident"]["acknowledged_at"] is None


async def test_no_form_can_be_sent_from_another_site(
    province: Province, person: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    """Every route that changes something refuses another page's request, the log-in as well."""
    acting = [(m, p) for m, p in every_route(province) if m not in ("GET", "HEAD")]
    assert len(acting) > 50
    for method, path in acting:
        if is_of_programs(path):
            continue
        for client in (person, stranger) if path in OPEN else (person,):
            for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}):
                sent = {"Sec-Fetch-Site": ""} | headers
                answer = await client.request(method, filled(path), headers=sent)
                assert answer.status_code == 403, (method, path)
                assert answer.json()["code"] == "foreign_origin"


async def test_foreign_script_cannot_read_with_a_persons_session(
    person: httpx.AsyncClient,
) -> None:
    """Neither data nor the live stream."""
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}
    for path in ("/api/v1/incidents", "/console/events"):
        assert (await person.get(path, headers=headers)).status_code == 403


async def test_every_answer_has_the_strict_headers(
    person: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    """Pages, data, assets, refusals and errors alike."""
    for client, path in (
        (person, "/"),
        (person, "/api/v1/units"),
        (person, "/static/console.css"),
        (person, "/units/none"),
        (stranger, "/"),
        (stranger, "/-/healthy"),
    ):
        answer = await client.get(path)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS, path


async def test_huge_body_is_refused(cli: httpx.AsyncClient) -> None:
    """Said beforehand or found while reading."""
    huge = b"x" * (MAX_BODY_BYTES + 1)

    async def pieces() -> object:
        yield huge

    path = "/api/v1/incidents/SC26-0003/note"
    json = {"Content-Type": "application/json"}
    assert (await cli.post(path, content=huge, headers=json)).status_code == 413
    assert (await cli.post(path, content=pieces(), headers=json)).status_code == 413


def test_open_paths_are_health_login_and_its_looks() -> None:
    """The list of what is open is short and does not grow by accident."""
    assert is_open("/login/anything")
    assert not any(map(is_open, ("/", "/metrics", "/static/htmx.js", "/loginx", "/api/v1/units")))


async def test_body_that_does_not_come_is_answered_408(
    cli: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow sender holds a request for its time and no longer, log-in or not."""
    monkeypatch.setattr(gate, "BODY_SECONDS", 0.1)

    async def never() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    for path in ("/api/v1/login-links", "/api/v1/enrol", "/login"):
        form = {"Content-Type": "application/x-www-form-urlencoded"} if path == "/login" else {}
        answer = await cli.post(path, content=never(), headers=form)
        assert answer.status_code == 408, path
