"""Passwords, codes and sessions through the pages and the API, on both databases."""

from __future__ import annotations

import asyncio
import base64
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import select

from collector.accounts import totp
from collector.accounts.hashing import MOST_WAITING, Hasher, TooBusyError
from collector.storage import schema
from collector.storage.log_ins import MAX_FAILURES, list_log_ins, prune_log_ins
from collector.web import build
from incidents.people import load_people
from incidents.rulesets import only
from tests.province import TOKEN, open_province, procedure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from collector.storage.database import Database
    from tests.province import Province

BASE = "http://wan.example:8440"
OURS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
AN = "Nguyễn Văn An"
GIVEN, OWN, OTHER = "con trâu bơi qua sông", "đò đưa khách lạ xứ", "mưa rơi trên mái ngói"


@pytest.fixture
def province(db: Database, tmp_path: Path) -> Province:
    """The seeded province on SQLite and on PostgreSQL: the same promises hold on both."""
    return open_province(tmp_path, db=db)


@asynccontextmanager
async def browser(
    province: Province, address: str = "10.0.0.7"
) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at an address of their own."""
    transport = httpx.ASGITransport(app=build(province.services), client=(address, 50_000))
    async with httpx.AsyncClient(transport=transport, base_url=BASE, headers=OURS) as client:
        yield client


async def log_in(client: httpx.AsyncClient, password: str, code: str = "", name: str = AN) -> int:
    """Fill in the form; return its status."""
    data = {"name": name, "password": password, "code": code}
    return (await client.post("/login", data=data)).status_code


async def add(cli: httpx.AsyncClient, name: str = AN, password: str = GIVEN) -> None:
    """Let the administrator add somebody."""
    answer = await cli.post("/api/v1/accounts", json={"name": name, "password": password})
    assert answer.status_code == 201, answer.text


async def settle(client: httpx.AsyncClient, current: str = GIVEN, new: str = OWN) -> None:
    """Log in for the first time and change the password."""
    assert await log_in(client, current) == 303
    body = {"current": current, "new": new, "again": new}
    answer = await client.post("/account/password", data=body)
    assert answer.status_code == 303, answer.text


async def turn_codes_on(client: httpx.AsyncClient, province: Province) -> tuple[bytes, list[str]]:
    """Turn the second factor on; return its secret and the recovery codes."""
    shown = await client.post("/account/totp", data={"password": OWN})
    text = re.search(r'id="totp-secret">([A-Z2-7]+)<', shown.text)
    assert text is not None, shown.text
    secret = base64.b32decode(text[1])
    code = totp.code_of(secret, totp.step_at(province.clock()))
    on = await client.post("/account/totp/confirm", data={"code": code})
    assert on.status_code == 200, on.text
    return secret, re.findall(r"[a-z2-7]{4}(?:-[a-z2-7]{4}){3}", on.text)


async def test_first_log_in_leads_to_another_password(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """What somebody else chose opens nothing but the page that changes it."""
    await add(cli)
    async with browser(province) as client:
        assert await log_in(client, GIVEN) == 303
        page = await client.get("/incidents")
        assert (page.status_code, page.headers["location"]) == (303, "/account")
        refused = await client.get("/api/v1/units")
        assert (refused.status_code, refused.json()["code"]) == (403, "must_change")
        assert (await client.get("/account")).status_code == 200
        body = {"current": GIVEN, "new": OWN, "again": OWN}
        assert (await client.post("/account/password", data=body)).status_code == 303
        assert (await client.get("/api/v1/units")).status_code == 200
    async with browser(province) as client:
        assert await log_in(client, GIVEN) == 401
        assert await log_in(client, OWN) == 303


async def test_name_is_found_however_it_is_typed(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """Case and the composition of letters make no other person."""
    await add(cli)
    async with browser(province) as client:
        assert await log_in(client, GIVEN, name="  NGUYỄN VĂN AN ") == 303
        assert await log_in(client, GIVEN, name="Nguye\u0302\u0303n Va\u0306n An") == 303
    again = await cli.post("/api/v1/accounts", json={"name": AN.upper(), "password": OTHER})
    assert again.status_code == 409


async def test_weak_password_is_refused_everywhere(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """By the administrator's command and on the person's page, with words why."""
    body = {"name": AN, "password": "vanphongtinhuy2026"}
    refused = await cli.post("/api/v1/accounts", json=body)
    assert (refused.status_code, "dễ đoán" in refused.json()["reason_vi"]) == (409, True)
    await add(cli)
    async with browser(province) as client:
        await settle(client)
        weak = {"current": OWN, "new": "nguyenvanan!", "again": "nguyenvanan!"}
        page = await client.post("/account/password", data=weak)
        assert (page.status_code, "dễ đoán" in page.text) == (409, True)
        same = {"current": OWN, "new": OWN, "again": OWN}
        assert (await client.post("/account/password", data=same)).status_code == 409
        wrong = {"current": GIVEN, "new": OTHER, "again": OTHER}
        assert (await client.post("/account/password", data=wrong)).status_code == 401
        typo = {"current": OWN, "new": OTHER, "again": GIVEN}
        assert (await client.post("/account/password", data=typo)).status_code == 422


async def test_stranger_learns_no_names(province: Province, cli: httpx.AsyncClient) -> None:
    """A name that exists, one that does not, one that is disabled: the same page, word by word."""
    await add(cli)
    await add(cli, "Bình")
    assert (await cli.post("/api/v1/accounts/Bình/disable")).status_code == 200
    pages = []
    for name, password in ((AN, OTHER), ("Không Có", OTHER), ("Bình", GIVEN)):
        async with browser(province) as client:
            answer = await client.post("/login", data={"name": name, "password": password})
            pages.append((answer.status_code, answer.text.replace(name, "")))
    assert pages[0][0] == 401
    assert len(set(pages)) == 1


async def test_unknown_name_costs_the_same_hash(
    province: Province, cli: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One hash is checked for a name that nobody has, as for one that somebody has."""
    await add(cli)
    checked: list[bool] = []
    hasher = province.services.accounts.tools.hasher
    real = hasher.is_right

    async def counted(stored: str | None, password: str) -> bool:
        checked.append(stored is None)
        return await real(stored, password)

    monkeypatch.setattr(hasher, "is_right", counted)
    async with browser(province) as client:
        assert await log_in(client, OTHER) == 401
        assert await log_in(client, OTHER, name="Không Có") == 401
    assert checked == [False, True]


async def test_guessing_is_slowed_and_the_person_gets_in(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """Nobody can lock somebody out: another address works, and the known device at the same one."""
    await add(cli)
    async with (
        browser(province, "10.0.0.7") as own,
        browser(province, "10.0.0.9") as guesser,
        browser(province, "10.0.0.8") as elsewhere,
    ):
        await settle(own)
        found = [await log_in(guesser, f"{OTHER} {number}") for number in range(40)]
        assert found.count(401) <= 6
        assert found[-1] == 429
        slowed = await guesser.post("/login", data={"name": AN, "password": OWN})
        assert (slowed.status_code, int(slowed.headers["retry-after"]) <= 60) == (429, True)
        assert "không bị khóa" in slowed.text
        assert await log_in(elsewhere, OWN) == 303
        guesser.cookies["wanwatch_device"] = own.cookies["wanwatch_device"]
        assert await log_in(guesser, OWN) == 303
        province.clock.move(minutes=2)
        guesser.cookies.clear()
        assert await log_in(guesser, OWN) == 303


async def test_guesses_at_once_are_no_more_than_one_after_another(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """A hundred at the same moment: a handful is looked at."""
    await add(cli)
    async with browser(province, "10.0.0.9") as guesser:
        found = await asyncio.gather(*(log_in(guesser, f"{OTHER} {n}") for n in range(100)))
    assert found.count(401) + found.count(503) <= 6


async def test_forged_or_borrowed_device_mark_helps_nobody(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """A mark is signed, and good for the person whose log-in made it."""
    await add(cli)
    await add(cli, "Bình", OTHER)
    async with browser(province) as own, browser(province, "10.0.0.9") as guesser:
        assert await log_in(own, OTHER, name="Bình") == 303
        for mark in (own.cookies["wanwatch_device"], "0" * 32 + "." + "0" * 64, "x", "é.é"):
            guesser.cookies.clear()
            headers = {"Cookie": f"wanwatch_device={mark}".encode()}
            for _ in range(10):
                answer = await guesser.post(
                    "/login", data={"name": AN, "password": OTHER}, headers=headers
                )
        assert answer.status_code == 429


async def test_codes_are_asked_for_and_good_once(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """Without one no log-in; a used one is used up, on the next device as well."""
    await add(cli)
    async with browser(province) as client, browser(province) as second:
        await settle(client)
        secret, _ = await turn_codes_on(client, province)
        used = totp.code_of(secret, totp.step_at(province.clock()))
        assert await log_in(second, OWN, used) == 401
        province.clock.move(seconds=30)
        code = totp.code_of(secret, totp.step_at(province.clock()))
        assert await log_in(second, OWN) == 401
        assert await log_in(second, OWN, "000000") == 401
        assert await log_in(second, OTHER, code) == 401
        assert await log_in(second, OWN, code) == 303
        assert await log_in(second, OWN, code) == 401


async def test_recovery_code_opens_once(province: Province, cli: httpx.AsyncClient) -> None:
    """In place of the six digits, each a single time; the page says how many are left."""
    await add(cli)
    async with browser(province) as client, browser(province) as second:
        await settle(client)
        _, codes = await turn_codes_on(client, province)
        assert len(set(codes)) == totp.RECOVERY_CODES
        assert await log_in(second, OWN, codes[0].upper()) == 303
        assert await log_in(second, OWN, codes[0]) == 401
        assert "Còn 7 mã" in (await second.get("/account")).text


async def test_secret_of_codes_is_shown_once_and_kept_sealed(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """No table holds it as it is, and no page shows it again."""
    await add(cli)
    async with browser(province) as client:
        await settle(client)
        secret, codes = await turn_codes_on(client, province)
        text = totp.secret_text(secret)
        assert text not in (await client.get("/account")).text
        again = await client.post("/account/totp", data={"password": OWN})
        assert (again.status_code, text in again.text) == (409, False)
    for table in schema.metadata.sorted_tables:
        rows = await province.db.read(lambda c, t=table: c.execute(select(t)).all())
        stored = str([tuple(row) for row in rows])
        for hidden in (text, secret.hex(), *codes, GIVEN, OWN):
            assert hidden not in stored, table.name


async def test_codes_are_turned_off_with_password_and_code(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """A session that somebody left open is not enough."""
    await add(cli)
    async with browser(province) as client:
        await settle(client)
        _, codes = await turn_codes_on(client, province)
        for password, code in ((OTHER, codes[0]), (OWN, "000000")):
            body = {"password": password, "code": code}
            assert (await client.post("/account/totp/off", data=body)).status_code == 401
        body = {"password": OWN, "code": codes[1]}
        assert (await client.post("/account/totp/off", data=body)).status_code == 303
        assert await log_in(client, OWN) == 303


async def test_session_ends_with_the_password_the_account_and_idleness(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """Change, reset, disable: no device stays in; two hours without a request end one as well."""
    await add(cli)
    async with browser(province) as one, browser(province, "10.0.0.8") as two:
        await settle(one)
        assert await log_in(two, OWN) == 303
        body = {"current": OWN, "new": OTHER, "again": OTHER}
        assert (await one.post("/account/password", data=body)).status_code == 303
        assert (await one.get("/api/v1/units")).status_code == 200
        assert (await two.get("/api/v1/units")).status_code == 401
        path = f"/api/v1/accounts/{quote(AN)}"
        assert (await cli.post(f"{path}/password", json={"password": GIVEN})).status_code == 200
        assert (await one.get("/api/v1/units")).status_code == 401
        await settle(one)
        province.clock.move(minutes=119)
        assert (await one.get("/api/v1/units")).status_code == 200
        province.clock.move(minutes=120)
        assert (await one.get("/api/v1/units")).status_code == 401
        assert await log_in(one, OWN) == 303
        assert (await cli.post(f"{path}/disable")).status_code == 200
        assert (await one.get("/api/v1/units")).status_code == 401
        assert await log_in(one, OWN) == 401
        link = await province.access.make_link(AN)
        assert (await one.post("/login", data={"secret": link.secret})).status_code == 401
        assert (await cli.post(f"{path}/enable")).status_code == 200
        assert await log_in(one, OWN) == 303


async def test_session_is_another_one_after_every_log_in(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """A cookie that was put into the browser before opens nothing afterwards."""
    await add(cli)
    async with browser(province) as client:
        assert await log_in(client, GIVEN) == 303
        before = client.cookies["wanwatch"]
        assert await log_in(client, GIVEN) == 303
        assert client.cookies["wanwatch"] != before
        client.cookies["wanwatch"] = before
        assert (await client.get("/account")).status_code == 303
        assert "/login" in (await client.get("/account")).headers["location"]


async def test_person_sees_and_ends_their_own_sessions_alone(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """Those of others are not there, whatever address is asked for."""
    await add(cli)
    await add(cli, "Bình", OTHER)
    async with browser(province) as an, browser(province, "10.0.0.8") as binh:
        await settle(an)
        assert await log_in(binh, OTHER, name="Bình") == 303
        theirs = (await cli.get("/api/v1/accounts/Bình/sessions")).json()[0]["id"]
        page = (await an.get("/account")).text
        assert ("10.0.0.7" in page, "10.0.0.8" in page, theirs in page) == (True, False, False)
        for session in (theirs, theirs[:4], "%", "_" * 16):
            await an.post(f"/account/sessions/{quote(session)}/end")
        assert (await binh.get("/account")).status_code == 200
        own = (await cli.get(f"/api/v1/accounts/{quote(AN)}/sessions")).json()[0]["id"]
        await an.post(f"/account/sessions/{own}/end")
        assert (await an.get("/api/v1/units")).status_code == 401


async def test_administrator_ends_sessions_of_links_as_well(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """One or all of a person's."""
    async with browser(province) as client:
        link = await province.access.make_link("Chi")
        assert (await client.post("/login", data={"secret": link.secret})).status_code == 303
        assert (await client.get("/api/v1/units")).status_code == 200
        assert (await cli.post("/api/v1/accounts/chi/sessions/end")).json() == {"ended": 1}
        assert (await client.get("/api/v1/units")).status_code == 401


async def test_every_log_in_is_on_record(province: Province, cli: httpx.AsyncClient) -> None:
    """Who, when, from where; failures are counted; a name that nobody has is not kept."""
    await add(cli)
    async with browser(province) as client, browser(province, "10.0.0.9") as guesser:
        for _ in range(3):
            await log_in(guesser, OTHER)
        await log_in(guesser, OTHER, name="my-password-in-the-wrong-field")
        await settle(client)
        page = (await client.get("/account")).text
        assert "10.0.0.9" in page
    found = (await cli.get("/api/v1/log-ins")).json()["items"]
    told = [(row["name"], row["result"], row["count"], row["address"]) for row in found]
    assert told == [
        (AN, "in", 1, "10.0.0.7"),
        ("", "wrong", 1, "10.0.0.9"),
        (AN, "wrong", 3, "10.0.0.9"),
    ]
    kept = await province.db.read(lambda c: c.execute(select(schema.log_ins)).all())
    assert "my-password" not in str([tuple(row) for row in kept])
    record = (await cli.get("/api/v1/record", params={"kind": "account"})).json()["items"]
    assert ["added" in row["canonical"] or "password" in row["canonical"] for row in record] == [
        True,
        True,
    ]


async def test_record_of_failures_is_bounded(province: Province) -> None:
    """Whoever knocks without end fills neither the table nor the disk."""

    def fill(connection: Any) -> int:
        now = province.clock()
        row = {"at": now, "last_at": now, "name_key": "", "name": "", "browser": ""}
        rows = [
            row | {"address": str(n), "way": "password", "result": "wrong"}
            for n in range(MAX_FAILURES + 50)
        ]
        connection.execute(schema.log_ins.insert(), rows)
        return prune_log_ins(connection, now)

    assert await province.db.write(fill) == 50
    page = await province.db.read(lambda c: list_log_ins(c, limit=1))
    assert page.items[0].address == str(MAX_FAILURES + 49)


async def test_only_the_command_line_manages_accounts(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """A person, whatever their role, gets 403; nobody's name leads to 404."""
    await add(cli)
    async with browser(province) as client:
        await settle(client)
        body = {"name": "Bình", "password": OTHER}
        assert (await client.post("/api/v1/accounts", json=body)).status_code == 403
        assert (await client.get("/api/v1/accounts")).status_code == 403
    for path in ("disable", "enable", "totp/reset"):
        assert (await cli.post(f"/api/v1/accounts/Không/{path}")).status_code == 404


async def test_hash_is_renewed_when_parameters_change(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """At the next log-in, without anybody noticing."""
    await add(cli)
    province.services.accounts.tools.hasher._passes = 2
    async with browser(province) as client:
        assert await log_in(client, GIVEN) == 303
        assert await log_in(client, GIVEN) == 303
    stored = await province.db.read(
        lambda c: c.execute(select(schema.accounts.c.password_hash)).scalar_one()
    )
    assert "t=2" in stored


async def test_people_of_other_organisations_do_not_log_in(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """Neither with a password nor with a link; who is added must be in people.yaml."""
    people = load_people(
        f"people: [{{name: {AN}, roles: [truc_ca]}}, {{name: VNPT, roles: [nha_mang]}}]",
        file="people.yaml",
    )
    desk: Any = province.services.desk
    desk.adopt(only(procedure()), desk.policy, people)
    await add(cli)
    for name in ("VNPT", "Không Ai"):
        refused = await cli.post("/api/v1/accounts", json={"name": name, "password": GIVEN})
        assert (refused.status_code, refused.json()["needed"]) == (409, ["people.yaml"])
    async with browser(province) as client:
        link = await province.access.make_link("vnpt")
        assert (await client.post("/login", data={"secret": link.secret})).status_code == 401


async def test_more_passwords_than_can_be_checked_are_refused() -> None:
    """Sixteen wait for the one thread; the next is told to come again."""
    hasher = Hasher(passes=1, memory_bytes=8 << 10)
    results = await asyncio.gather(
        *(hasher.is_right(None, "x") for _ in range(3 * MOST_WAITING)), return_exceptions=True
    )
    assert sum(isinstance(result, TooBusyError) for result in results) == 2 * MOST_WAITING
    assert not any(result for result in results if isinstance(result, bool))
    hasher.close()


async def test_token_of_the_command_line_needs_no_password(province: Province) -> None:
    """It acts for whom it names, as before."""
    async with browser(province) as client:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        assert (await client.get("/api/v1/units", headers=headers)).status_code == 200
