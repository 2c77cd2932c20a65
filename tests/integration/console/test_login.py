"""One-time links, sessions and the command line's token, over the real tables."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import select

from collector.storage import schema
from collector.storage.access_store import prune_access
from collector.web import build
from tests.province import open_province

if TYPE_CHECKING:
    from pathlib import Path

    from collector.storage.database import Database
    from tests.province import Province

OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def province(db: Database, tmp_path: Path) -> Province:
    """The seeded province on SQLite and on PostgreSQL: the same promises hold on both."""
    return open_province(tmp_path, db=db)


async def log_in(client: httpx.AsyncClient, secret: str) -> int:
    """Use a link as the button on its page does."""
    answer = await client.post("/login", data={"secret": secret}, headers=OURS)
    return answer.status_code


async def test_link_logs_in_once(province: Province, stranger: httpx.AsyncClient) -> None:
    """The second use is refused, and the page says what to do."""
    link = await province.access.make_link("An")
    assert await log_in(stranger, link.secret) == 303
    assert (await stranger.get("/")).status_code == 200
    stranger.cookies.clear()
    answer = await stranger.post("/login", data={"secret": link.secret}, headers=OURS)
    assert answer.status_code == 401
    assert "đã dùng" in answer.text


async def test_link_used_twice_at_the_same_time_logs_one_in(
    province: Province, stranger: httpx.AsyncClient
) -> None:
    """Of ten requests with one link exactly one gets in."""
    link = await province.access.make_link("An")
    answers = await asyncio.gather(*(log_in(stranger, link.secret) for _ in range(10)))
    assert sorted(answers) == [303] + [401] * 9


async def test_looking_at_a_link_does_not_use_it(
    province: Province, stranger: httpx.AsyncClient
) -> None:
    """Programs that open addresses by themselves leave the link as it is."""
    link = await province.access.make_link("An")
    page = await stranger.get(f"/login/{link.secret}")
    assert (page.status_code, 'method="post"' in page.text) == (200, True)
    assert await log_in(stranger, link.secret) == 303


async def test_link_expires_after_ten_minutes(
    province: Province, stranger: httpx.AsyncClient
) -> None:
    """At ten minutes it is too late, a second before it is not."""
    early, late = [await province.access.make_link("An") for _ in range(2)]
    province.clock.move(minutes=9, seconds=59)
    assert await log_in(stranger, early.secret) == 303
    province.clock.move(seconds=1)
    assert await log_in(stranger, late.secret) == 401


async def test_session_ends_after_twelve_hours_whatever_is_done_in_it(
    province: Province, person: httpx.AsyncClient
) -> None:
    """Use does not prolong it."""
    for _ in range(11):
        province.clock.move(hours=1)
        assert (await person.get("/api/v1/units")).status_code == 200
    province.clock.move(hours=1)
    assert (await person.get("/api/v1/units")).status_code == 401


async def test_session_ends_on_the_server_when_a_person_logs_out(
    province: Province, person: httpx.AsyncClient
) -> None:
    """A kept copy of the cookie opens nothing any more."""
    kept = dict(person.cookies)
    assert (await person.post("/logout")).status_code == 303
    person.cookies.update(kept)
    assert (await person.get("/api/v1/units")).status_code == 401


async def test_no_secret_is_stored(province: Province, cli: httpx.AsyncClient) -> None:
    """Tables hold digests only: neither link, session nor a stored answer keeps a secret."""
    headers = {"Idempotency-Key": "k1"}
    made = await cli.post("/api/v1/login-links", json={"user": "An"}, headers=headers)
    link_secret = made.json()["path"].removeprefix("/login/")
    session = await province.access.log_in(link_secret)
    assert session is not None
    for table in (schema.login_links, schema.sessions, schema.idempotency):
        for row in await province.db.read(lambda c, t=table: c.execute(select(t)).all()):
            assert link_secret not in str(row)
            assert session.secret not in str(row)


async def test_cookie_is_strict_and_out_of_reach_of_scripts(province: Province) -> None:
    """Over TLS it is also secure and bound to the host by its name."""
    for scheme, prefix in (("http", "wanwatch="), ("https", "__Host-wanwatch=")):
        transport = httpx.ASGITransport(app=build(province.services))
        async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://a.b") as client:
            link = await province.access.make_link("An")
            answer = await client.post("/login", data={"secret": link.secret}, headers=OURS)
            cookie = answer.headers["set-cookie"]
            assert cookie.startswith(prefix)
            assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
            assert ("Secure" in cookie.split("; ")) == (scheme == "https")


async def test_only_the_command_line_makes_links(
    person: httpx.AsyncClient, cli: httpx.AsyncClient
) -> None:
    """A person cannot let others in; the command line gets a whole address."""
    body = {"user": "Trần Thị Bích"}
    assert (await person.post("/api/v1/login-links", json=body)).status_code == 403
    made = await cli.post("/api/v1/login-links", json=body)
    assert made.status_code == 201
    assert made.json()["url"] == f"http://wan.example:8440{made.json()['path']}"
    assert made.json()["expires_at"] == "2026-11-23T19:22:40Z"


async def test_repeated_request_gets_the_same_link(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """The answer is the same although its secret is stored nowhere, and it still works once."""
    headers = {"Idempotency-Key": "boot-1"}
    first, second = [
        await cli.post("/api/v1/login-links", json={"user": "An"}, headers=headers)
        for _ in range(2)
    ]
    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"
    secret = first.json()["path"].removeprefix("/login/")
    assert await province.access.log_in(secret) is not None
    assert await province.access.log_in(secret) is None


async def test_pruning_removes_what_opens_nothing(
    province: Province, person: httpx.AsyncClient
) -> None:
    """Valid sessions stay."""
    await province.access.make_link("Bích")
    province.clock.move(hours=1)
    removed = await province.db.write(lambda c: prune_access(c, province.clock()))
    assert removed == 2  # the used link and the unused one
    assert (await person.get("/api/v1/units")).status_code == 200


async def test_person_lands_where_they_wanted_to_go(
    province: Province, stranger: httpx.AsyncClient
) -> None:
    """A link in a mail leads to its incident, by way of logging in."""
    refused = await stranger.get("/incidents/SC26-0003", headers={"Accept": "text/html"})
    login = await stranger.get(refused.headers["location"])
    assert 'href="/incidents/SC26-0003"' in login.text
    link = await province.access.make_link("An")
    answer = await stranger.post("/login", data={"secret": link.secret}, headers=OURS)
    assert answer.headers["location"] == "/incidents/SC26-0003"


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "/\\evil.example", "http://evil.example", "/a\nb", "x"]
)
async def test_person_is_never_sent_to_another_site(
    province: Province, stranger: httpx.AsyncClient, elsewhere: str
) -> None:
    """Whatever the address says, one lands on a page of this console."""
    await stranger.get("/login", params={"next": elsewhere})
    link = await province.access.make_link("An")
    answer = await stranger.post("/login", data={"secret": link.secret}, headers=OURS)
    assert answer.headers["location"] == "/"


async def test_command_line_says_who_is_at_the_keyboard(cli: httpx.AsyncClient) -> None:
    """A Vietnamese name comes percent-encoded and stands in the file as it is written."""
    headers = {"X-Wanwatch-Actor": quote("Nguyễn Văn An")}
    path = "/api/v1/incidents/SC26-0003"
    assert (await cli.post(f"{path}/ack", headers=headers)).status_code == 200
    file = (await cli.get(path)).json()
    assert file["incident"]["acknowledged_by"] == "person:Nguyễn Văn An"
