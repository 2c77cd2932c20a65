"""Channels are tested: when somebody asks, and once a day; a failure is told over the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from collector.oncall.phone_desk import Incoming
from collector.storage.schema import channel_tests, outbox
from incidents.channels import load_policy
from tests.integration.desk.office import AN, BINH, CHI, Office

if TYPE_CHECKING:
    from datetime import datetime

CHANNELS = f"""
channels:
  mail: {{kind: email, host: 127.0.0.1, port: 25, from: wanwatch@example.vn}}
  log: {{kind: syslog, host: 127.0.0.1}}
  sms:
    kind: sms_gateway
    url: "http://127.0.0.1:9/"
    json: {{to: "{{number}}", text: "{{text}}"}}
recipients:
  - {{name: {AN}, channel: mail, address: an@example.vn, severities: [S1, S2, S3]}}
  - {{name: {AN}, channel: sms, address: "+84912345678", severities: [S1]}}
  - {{name: {CHI}, channel: mail, address: chi@example.vn, severities: [S1, S2]}}
"""


@pytest.fixture
def tested(office: Office) -> Office:
    """An office with a mail server, a log server and a gateway."""
    office.desk.adopt(  # type: ignore[attr-defined]
        office.desk.rulesets, load_policy(CHANNELS, file="channels.yaml"), office.desk.people
    )
    return office


def settle(office: Office, status: str, channel: str | None = None, **values: object) -> None:
    """Let what was sent come to an end."""
    change = update(outbox).where(outbox.c.status == "pending", outbox.c.kind == "test")
    if channel is not None:
        change = change.where(outbox.c.channel == channel)
    office.province.db.write_now(lambda c: c.execute(change.values(status=status, **values)))


def told(office: Office) -> list[tuple[str, str, str]]:
    query = select(outbox.c.recipient, outbox.c.channel, outbox.c.subject).where(
        outbox.c.reason == "channel_failed"
    )
    return sorted(tuple(row) for row in office.province.db.read_now(lambda c: c.execute(query)))


async def daily(office: Office, now: datetime) -> dict[str, bool | None]:
    found = await office.province.services.channel_tester.turn(now)
    return {name: one.is_good for name, one in found.items()}


async def test_a_person_tests_their_own_channels_and_sees_each_receipt(tested: Office) -> None:
    """One message a channel, with words that say that it is a test."""
    answer = await tested.post(AN, "/api/v1/oncall/tests", {})
    assert answer.status_code == 201
    batch = answer.json()["batch"]
    rows = await tested.get(AN, f"/api/v1/oncall/tests/{batch}")
    assert [(row["channel"], row["status"]) for row in rows] == [
        ("mail", "pending"), ("sms", "pending")
    ]  # fmt: skip
    settle(tested, "sent", receipt="250 queued as 7")
    rows = await tested.get(AN, f"/api/v1/oncall/tests/{batch}")
    assert {row["receipt"] for row in rows} == {"250 queued as 7"}
    page = await tested.get(AN, "/oncall/tests")
    assert page.count("250 queued as 7") == 2
    bodies = tested.province.db.read_now(
        lambda c: {row.channel: row.body for row in c.execute(select(outbox))}
    )
    assert "Người nhận: An" in bodies["mail"]
    assert "An" not in bodies["sms"].split()
    assert "không phải sự cố" in bodies["sms"]


async def test_somebody_else_is_tested_by_who_keeps_the_rota(tested: Office) -> None:
    """And nobody who cannot be reached."""
    refused = await tested.post(BINH, "/api/v1/oncall/tests", {"person": AN})
    assert refused.status_code == 403
    assert (await tested.post(CHI, "/api/v1/oncall/tests", {"person": AN})).status_code == 201
    nobody = await tested.post(CHI, "/api/v1/oncall/tests", {"person": BINH})
    assert nobody.status_code == 409
    assert "Không có kênh nào" in nobody.json()["reason_vi"]


async def test_the_page_has_the_button_and_names_channels_that_are_not_tested(
    tested: Office,
) -> None:
    """A gateway needs to be told where its daily test goes."""
    client = await tested.client(AN)
    page = (await client.get("/oncall/tests")).text
    assert 'action="/oncall/tests"' in page
    assert "Kênh sms không được thử hằng ngày" in page
    sent = await client.post("/oncall/tests", data={"person": ""})
    assert sent.status_code == 303
    shown = await client.get("/oncall/tests")
    assert shown.headers["refresh"] == "3"


async def test_each_channel_is_tested_once_a_day(tested: Office) -> None:
    """At half past eight; the mail goes to the sender's own mailbox."""
    assert await daily(tested, tested.clock()) == {"mail": None, "log": None, "sms": None}
    assert told(tested) == []
    tested.clock.move(minutes=31)
    for _ in range(3):
        await daily(tested, tested.clock())
    rows = tested.province.db.read_now(
        lambda c: sorted(
            (row.channel, row.address)
            for row in c.execute(select(outbox).where(outbox.c.kind == "test"))
        )
    )
    assert rows == [("log", ""), ("mail", "wanwatch@example.vn")]
    settle(tested, "sent")
    assert await daily(tested, tested.clock()) == {"mail": True, "log": True, "sms": None}
    tested.clock.move(days=1)
    await daily(tested, tested.clock())
    count = tested.province.db.read_now(lambda c: len(c.execute(select(channel_tests)).all()))
    assert count == 4


async def test_a_channel_that_fails_is_told_over_the_others_once(tested: Office) -> None:
    """Nobody is told of a dead mail server by mail."""
    tested.clock.move(minutes=31)
    await daily(tested, tested.clock())
    settle(tested, "failed", "mail", error="SMTP: SMTPConnectError")
    settle(tested, "sent")
    for _ in range(2):
        assert await daily(tested, tested.clock()) == {"mail": False, "log": True, "sms": None}
    assert [(name, channel) for name, channel, _ in told(tested)] == [(AN, "sms")]


async def test_a_test_that_gets_nowhere_has_failed_after_ten_minutes(tested: Office) -> None:
    """A relay that is gone says nothing at all."""
    tested.clock.move(minutes=31)
    await daily(tested, tested.clock())
    settle(tested, "sent", "mail")
    tested.clock.move(minutes=11)
    assert (await daily(tested, tested.clock()))["log"] is False
    assert {(name, channel) for name, channel, _ in told(tested)} == {
        (AN, "mail"), (AN, "sms"), (CHI, "mail")
    }  # fmt: skip
    assert all(
        "KÊNH HỎNG · log" in words for _, channel, words in told(tested) if channel == "mail"
    )


OWN = "+84912000000"
MODEM = f"""
channels:
  modem: {{kind: modem, url: "http://127.0.0.1:9", token_file: token, own_number: "{OWN}"}}
  mail: {{kind: email, host: 127.0.0.1, port: 25, from: wanwatch@example.vn}}
recipients:
  - {{name: {AN}, channel: mail, address: an@example.vn, severities: [S1, S2, S3]}}
"""


async def test_a_modem_tests_the_whole_way_to_itself(office: Office) -> None:
    """Taken is not enough: what left has to come in again, from its own number alone."""
    office.desk.adopt(  # type: ignore[attr-defined]
        office.desk.rulesets, load_policy(MODEM, file="channels.yaml"), office.desk.people
    )
    office.clock.move(minutes=31)
    await daily(office, office.clock())
    settle(office, "sent")
    assert (await daily(office, office.clock()))["modem"] is None
    body = office.province.db.read_now(
        lambda c: c.scalar(select(outbox.c.body).where(outbox.c.channel == "modem"))
    )
    phone, db, now = office.province.services.phone, office.province.db, office.clock()

    def comes_in(number: str, key: str) -> str:
        came = Incoming(key, number, body)
        return str(db.write_now(lambda c: phone.take(c, came, "modem-1", now)).outcome)

    assert comes_in("+84999999999", "a") == "unknown_number"
    assert (await daily(office, office.clock()))["modem"] is None
    assert comes_in("0912 000 000", "b") == "test_returned"
    assert comes_in(OWN, "c") == "unknown_number"
    assert (await daily(office, office.clock()))["modem"] is True

    office.clock.move(days=1)
    await daily(office, office.clock())
    settle(office, "sent")
    office.clock.move(minutes=11)
    assert (await daily(office, office.clock()))["modem"] is False
    assert {channel for _, channel, _ in told(office)} == {"mail"}
