"""Acknowledge links: opened by anybody, used by a button alone, once, in one person's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import select, update

from collector.storage.account_store import add_account
from collector.storage.outbox_store import OutboxStore
from collector.storage.schema import accounts, outbox
from incidents.channels import load_policy
from tests.integration.desk.office import AN, BASE, CHI, KIEN, Office

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Connection

CHANNELS = f"""
channels:
  mail: {{kind: email, host: 127.0.0.1, port: 25, from: wanwatch@example.vn}}
  chat: {{kind: webhook, url: "http://127.0.0.1:9/", reach: public}}
recipients:
  - {{name: {AN}, channel: mail, address: an@example.vn, severities: [S1, S2, S3]}}
  - {{name: {CHI}, channel: mail, address: chi@example.vn, severities: [S1, S2, S3]}}
  - {{name: {KIEN}, channel: mail, address: kien@example.vn, severities: [S1, S2, S3]}}
  - {{name: {AN}, channel: chat, severities: [S1, S2, S3]}}
"""


@pytest.fixture
async def browser(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that nobody has logged in to."""
    transport = httpx.ASGITransport(app=office.app)
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(transport=transport, base_url=BASE, headers=headers) as client:
        yield client


async def links(office: Office) -> dict[str, str]:
    """Let everything leave; return the path in each person's message."""
    services = office.province.services
    store = OutboxStore(office.province.db, dress=services.acks.dress)
    found = {}
    for channel in ("mail", "chat"):
        for message in await store.claim(channel, office.clock(), 10):
            lines = [line for line in message.body.splitlines() if "/ack/" in line]
            found[f"{message.recipient} {channel}"] = lines[0].removeprefix(BASE) if lines else ""
    return found


async def paged(office: Office) -> tuple[str, dict[str, str]]:
    office.desk.adopt(  # type: ignore[attr-defined]
        office.desk.rulesets, load_policy(CHANNELS, file="channels.yaml"), office.desk.people
    )
    code = await office.open(AN, impact="I3", scope="P2")
    return code, await links(office)


async def test_only_who_may_acknowledge_gets_a_link_and_none_leaves_the_network(
    office: Office,
) -> None:
    """An inspector reads along without one; a public channel carries no address at all."""
    _, found = await paged(office)

    assert found[f"{AN} mail"].startswith("/ack/")
    assert found[f"{KIEN} mail"] == ""
    assert found[f"{AN} chat"] == ""


async def test_opening_a_link_changes_nothing_and_its_button_acts_once(
    office: Office, browser: httpx.AsyncClient
) -> None:
    """As the mail scanner, the person, and the person again."""
    code, found = await paged(office)
    for _ in range(3):
        page = await browser.get(found[f"{AN} mail"])
        assert page.status_code == 200
        assert code in page.text
        assert "<form" in page.text
    assert (await office.file(AN, code))["incident"]["acknowledged_at"] is None

    done = await browser.post(found[f"{AN} mail"])
    assert "Đã tiếp nhận: An" in done.text
    entries = (await office.file(AN, code))["entries"]
    (entry,) = [entry for entry in entries if entry["kind"] == "acknowledged"]
    assert entry["actor"] == f"person:{AN}"
    assert '"way":"link"' in entry["canonical"]
    again = await browser.post(found[f"{AN} mail"])
    assert "Liên kết này đã dùng" in again.text
    assert "<form" not in again.text


async def test_a_second_persons_link_says_who_was_first(
    office: Office, browser: httpx.AsyncClient
) -> None:
    """Before and after the button."""
    code, found = await paged(office)
    await browser.post(found[f"{CHI} mail"])
    for answer in (await browser.get(found[f"{AN} mail"]), await browser.post(found[f"{AN} mail"])):
        assert "Chi đã tiếp nhận trước" in answer.text
    kinds = [entry["kind"] for entry in (await office.file(AN, code))["entries"]]
    assert kinds.count("acknowledged") == 1


async def test_a_link_is_of_one_message_and_cannot_be_made_up(
    office: Office, browser: httpx.AsyncClient
) -> None:
    """Another message's proof, a changed letter, a link of a message that is gone."""
    _, found = await paged(office)
    mine, theirs = found[f"{AN} mail"], found[f"{CHI} mail"]
    mixed = f"{mine.rpartition('.')[0]}.{theirs.rpartition('.')[2]}"
    changed = mine[:-1] + ("0" if mine[-1] != "0" else "1")
    for path in (mixed, changed, "/ack/x", "/ack/a.b"):
        assert (await browser.post(path)).status_code == 404
    office.province.db.write_now(
        lambda c: c.execute(update(outbox).values(message_id=outbox.c.message_id + "x"))
    )
    assert (await browser.get(mine)).status_code == 404


async def test_a_link_acts_from_its_own_page_alone(
    office: Office, browser: httpx.AsyncClient
) -> None:
    """Another site's form is refused, whoever clicks it."""
    code, found = await paged(office)
    answer = await browser.post(
        found[f"{AN} mail"], headers={"Sec-Fetch-Site": "cross-site", "Origin": "http://evil"}
    )
    assert answer.status_code == 403
    assert (await office.file(AN, code))["incident"]["acknowledged_at"] is None


async def test_who_has_lost_the_role_meanwhile_is_refused_and_the_link_stays(
    office: Office, browser: httpx.AsyncClient
) -> None:
    """The desk decides as for a click; nothing is half done."""
    _, found = await paged(office)
    office.declare("people:\n  - {name: An, roles: [kiem_tra]}\n")
    answer = await browser.post(found[f"{AN} mail"])
    assert answer.status_code == 409
    used = office.province.db.read_now(
        lambda c: c.execute(select(outbox.c.link_used_at)).scalars().all()
    )
    assert set(used) == {None}


async def test_the_link_of_a_disabled_account_does_nothing(
    office: Office, browser: httpx.AsyncClient
) -> None:
    """Whoever still has the message."""
    code, found = await paged(office)
    now = office.clock()

    def disable(connection: Connection) -> None:
        add_account(connection, AN, "x", by=f"person:{CHI}", now=now)
        connection.execute(update(accounts).values(disabled_at=now))

    office.province.db.write_now(disable)
    assert (await browser.post(found[f"{AN} mail"])).status_code == 409
    assert (await office.file(CHI, code))["incident"]["acknowledged_at"] is None
