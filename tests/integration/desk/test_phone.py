"""Replies by telephone: from a registered number they act as a click does, from others never."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import select, update

from collector.storage.account_store import add_account
from collector.storage.schema import accounts, outbox, phone_messages
from incidents.channels import load_policy
from incidents.rulesets import only
from tests.integration.desk.office import AN, BASE, BINH, CHI, KIEN, OTHER_UNIT, YEN
from tests.province import procedure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Connection

    from tests.integration.desk.office import Office

NUMBERS = {AN: "+84912345678", CHI: "+84912345679", BINH: "+84912345680", KIEN: "+84912345681"}
STRANGER = "+84999999999"
CHANNELS = """
channels:
  modem: {kind: modem, url: "http://127.0.0.1:8460", token_file: token}
  mail: {kind: email, host: 127.0.0.1, from: w@example.vn}
recipients:
  - {name: An, channel: modem, address: "0912 345 678", severities: [S1, S2, S3, S4]}
  - {name: Chi, channel: modem, address: "+84912345679", severities: [S1, S2]}
  - {name: Bình, channel: modem, address: "+84912345680", severities: [S1]}
  - {name: Kiên, channel: modem, address: "+84912345681", severities: [S1]}
  - {name: Yến, channel: modem, address: "+84912345682", severities: [S1], role: co_yeu}
"""


class Phone:
    """A relay that hands over what a test says."""

    def __init__(self, office: Office, token: str) -> None:
        self.office, self.token = office, token
        self.ids = itertools.count(1)
        transport = httpx.ASGITransport(app=office.app)
        self.client = httpx.AsyncClient(transport=transport, base_url=BASE)

    async def post(self, body: dict[str, Any], token: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        return await self.client.post("/api/v1/phone/messages", json=body, headers=headers)

    async def reply(self, who: str, text: str, **more: Any) -> str:
        """Send a text from somebody's telephone; return what became of it."""
        number = NUMBERS.get(who, who)
        body = {"id": f"message-{next(self.ids)}", "number": number, "text": text} | more
        answer = await self.post(body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["outcome"])

    def answers(self) -> list[tuple[str, str]]:
        """Return to whom what was answered."""
        query = select(outbox).where(outbox.c.reason == "reply").order_by(outbox.c.id)
        rows = self.office.province.db.read_now(lambda c: c.execute(query).all())
        assert all((row.reach, row.channel) == ("public", "modem") for row in rows)
        return [(row.address, row.body) for row in rows]

    def kept(self) -> list[Any]:
        query = select(phone_messages).order_by(phone_messages.c.id)
        return list(self.office.province.db.read_now(lambda c: c.execute(query).all()))


@pytest.fixture
async def phone(office: Office) -> AsyncIterator[Phone]:
    policy = load_policy(CHANNELS, file="channels.yaml")
    office.desk.adopt(only(procedure()), policy, office.desk.people)  # type: ignore[attr-defined]
    answer = await office.post(CHI, "/api/v1/phone/relays", {"name": "modem-1"})
    assert answer.status_code == 201
    made = Phone(office, answer.json()["token"])
    async with made.client:
        yield made


async def test_telephone_of_a_disabled_account_acts_on_nothing(
    office: Office, phone: Phone
) -> None:
    """Whoever holds it now."""
    code = await office.from_alert(CHI)
    now = office.clock()

    def disable(connection: Connection) -> None:
        add_account(connection, AN, "x", by=f"person:{CHI}", now=now)
        connection.execute(update(accounts).values(disabled_at=now))

    office.province.db.write_now(disable)
    assert await phone.reply(AN, f"1 {code}") == "not_allowed"
    assert (await office.file(CHI, code))["incident"]["acknowledged_at"] is None


async def test_reply_acknowledges_as_a_click_does_and_says_by_which_way(
    office: Office, phone: Phone
) -> None:
    """`person:NAME` stands in the file; the answer is one short message."""
    code = await office.from_alert(CHI)
    assert await phone.reply(AN, f"1 {code.lower().replace('-', ' ')}") == "acknowledged"

    entry = next(
        e for e in (await office.file(CHI, code))["entries"] if e["kind"] == "acknowledged"
    )
    assert entry["actor"] == "person:An"
    assert '"way":"sms"' in entry["canonical"]
    [(number, words)] = phone.answers()
    assert (number, code in words) == (NUMBERS[AN], True)
    assert "qua tin nhắn" in await office.get(CHI, f"/incidents/{code}")


@pytest.mark.parametrize("number", [STRANGER, "VIETTEL", "191", "+84912345677", "A B"])
async def test_number_of_nobody_is_refused_and_logged_and_not_answered(
    office: Office, phone: Phone, number: str
) -> None:
    """Nothing is done; little of what it wrote is kept."""
    code = await office.from_alert(CHI)
    sent = number.replace(" ", "\0")
    assert await phone.reply(sent, f"1\0{code} " + "x" * 200) == "unknown_number"

    assert "acknowledged" not in await office.kinds(CHI, code)
    assert phone.answers() == []
    [kept] = phone.kept()
    assert (kept.number, kept.person, len(kept.text)) == (number, "", 40)


async def test_registered_number_without_the_right_is_refused(office: Office, phone: Phone) -> None:
    """Whoever only reads is told so; for whoever answers for another unit it does not exist."""
    code = await office.open(CHI, unit=OTHER_UNIT)
    assert await phone.reply(KIEN, f"1 {code}") == "not_allowed"
    assert await phone.reply(BINH, f"1 {code}") == "no_such_incident"

    assert "acknowledged" not in await office.kinds(CHI, code)
    assert [number for number, _ in phone.answers()] == [NUMBERS[KIEN], NUMBERS[BINH]]
    assert "không có quyền" in phone.answers()[0][1]
    assert code not in phone.answers()[1][1]


async def test_second_who_answers_is_told_that_somebody_was_first(
    office: Office, phone: Phone
) -> None:
    """Without a name: names are accounts and stay inside."""
    code = await office.from_alert(CHI)
    await phone.reply(AN, f"1 {code}")
    assert await phone.reply(CHI, f"1 {code}") == "already"

    assert phone.answers()[1] == (NUMBERS[CHI], f"{code}: đã có người tiếp nhận trước.")


async def test_digit_alone_is_about_the_one_incident_that_was_paged(
    office: Office, phone: Phone
) -> None:
    """To this number, in the last two hours; with two of them it asks back."""
    first = await office.from_alert(CHI, "Máy chủ A lỗi")
    office.turn()
    assert await phone.reply(AN, "1") == "acknowledged"
    assert "acknowledged" in await office.kinds(CHI, first)

    second = await office.from_alert(CHI, "Máy chủ B lỗi")
    office.turn()
    office.pass_time(minutes=2)
    assert await phone.reply(AN, "1") == "which_incident"
    assert await phone.reply(AN, f"1 {second[-4:]}") == "acknowledged"


async def test_digit_alone_means_nothing_to_whom_nothing_was_paged(
    office: Office, phone: Phone
) -> None:
    """Somebody else was paged: no guess."""
    await office.from_alert(CHI)
    office.turn()

    assert await phone.reply(BINH, "1") == "which_incident"


async def test_question_is_answered_with_more(office: Office, phone: Phone) -> None:
    """Stage, class, unit, next deadlines; nothing that a machine or a person wrote."""
    code = await office.from_alert(CHI, "Máy chủ srv-01.noi-bo.vn (10.1.2.3) lỗi")
    assert await phone.reply(AN, f"0 {code}") == "detail_given"

    [(_, words)] = phone.answers()
    assert words.startswith(f"{code} S")
    assert "giai đoạn" in words
    assert "Hạn" in words
    assert "srv-01" not in words
    assert "10.1.2.3" not in words


async def test_restricted_incident_is_answered_without_its_code(
    office: Office, phone: Phone
) -> None:
    """It can be acknowledged by whom it was shown to; the answer gives nothing away."""
    code = await office.open(CHI)
    await office.do(CHI, code, "restrict", persons=["An"], reason="Nội bộ")
    assert await phone.reply(AN, f"1 {code}") == "acknowledged"
    office.pass_time(minutes=2)
    assert await phone.reply(AN, f"0 {code}") == "detail_given"
    assert await phone.reply(KIEN, f"0 {code}") == "no_such_incident"

    assert code not in " ".join(words for _, words in phone.answers())


async def test_same_message_acts_once(office: Office, phone: Phone) -> None:
    """A relay that did not hear our answer hands it over again."""
    code = await office.from_alert(CHI)
    body = {"id": "message-again", "number": NUMBERS[AN], "text": f"1 {code}"}
    answers = [await phone.post(body), await phone.post(body)]

    assert [a.json()["outcome"] for a in answers] == ["acknowledged", "acknowledged"]
    assert len(phone.kept()) == len(phone.answers()) == 1
    assert (await office.kinds(CHI, code)).count("acknowledged") == 1


async def test_number_is_answered_at_most_once_a_minute(office: Office, phone: Phone) -> None:
    """What it asks is done nevertheless; two machines that answer each other end there."""
    code = await office.from_alert(CHI)
    assert await phone.reply(AN, "xin chào") == "unreadable"
    assert await phone.reply(AN, f"1 {code}") == "acknowledged"
    assert len(phone.answers()) == 1
    office.clock.move(minutes=1)
    assert await phone.reply(AN, "1 SC99-9999") == "no_such_incident"
    assert len(phone.answers()) == 2


async def test_torn_message_is_not_acted_on(office: Office, phone: Phone) -> None:
    """A part of it is missing: who knows what it said."""
    code = await office.from_alert(CHI)
    assert await phone.reply(AN, f"1 {code}", is_whole=False) == "unreadable"
    assert "acknowledged" not in await office.kinds(CHI, code)


async def test_door_takes_from_relays_alone(office: Office, phone: Phone) -> None:
    """Neither without a token, nor with the command line's, nor after it was revoked; before
    anything of the body is looked at."""
    for token in ("none", "test-token-of-the-command-line", phone.token[:-1]):
        assert (await phone.post({}, token)).status_code == 401
    client = await office.client(AN)
    assert (await client.post("/api/v1/phone/messages", json={})).status_code == 401
    assert (await phone.post({})).status_code == 422
    assert (await office.post(CHI, "/api/v1/phone/relays/modem-1/revoke", {})).status_code == 200
    assert (await phone.post({})).status_code == 401
    headers = {"Authorization": f"Bearer {phone.token}"}
    assert (await phone.client.get("/api/v1/phone/log", headers=headers)).status_code == 401


async def test_receipt_of_a_relay_stands_with_its_message(office: Office, phone: Phone) -> None:
    """What came of the call; of messages that left the network alone, and by its token alone."""
    await office.from_alert(CHI)
    office.turn()
    public = select(outbox).where(outbox.c.reach == "public")
    [page, *_] = office.province.db.read_now(lambda c: c.execute(public).all())
    body = {"id": page.message_id, "parts": 2, "sent": 2, "voice": "answered", "voice_seconds": 12}
    headers = {"Authorization": f"Bearer {phone.token}"}
    path = "/api/v1/phone/receipts"
    assert (await phone.client.post(path, json=body)).status_code == 401
    answer = await phone.client.post(path, json=body, headers=headers)
    unknown = await phone.client.post(path, json=body | {"id": "unknown-1"}, headers=headers)
    wrong = await phone.client.post(path, json=body | {"voice": "10.1.2.3"}, headers=headers)

    assert (answer.json(), unknown.json()) == ({"known": True}, {"known": False})
    assert wrong.status_code == 422
    [page, *_] = office.province.db.read_now(lambda c: c.execute(public).all())
    assert page.receipt == "2/2 parts, call answered after 12 s"


async def test_log_shows_what_came_in_and_hides_what_is_restricted(
    office: Office, phone: Phone
) -> None:
    """Who may not see an incident does not see replies about it."""
    code = await office.open(CHI)
    await office.do(CHI, code, "restrict", persons=["An"], reason="Nội bộ")
    await phone.reply(AN, f"1 {code}")
    await phone.reply(STRANGER, "quảng cáo")

    seen = await office.get(CHI, "/api/v1/phone/log")
    assert [row["outcome"] for row in seen] == ["unknown_number", "acknowledged"]
    assert [row["incident"] for row in seen] == ["", code]
    hidden = await office.get(KIEN, "/api/v1/phone/log")
    assert [row["outcome"] for row in hidden] == ["unknown_number"]
    refused = await office.get(CHI, "/api/v1/phone/log", refused=True)
    assert [row["number"] for row in refused] == [STRANGER]


async def test_two_replies_at_once_leave_one_acknowledgement(office: Office, phone: Phone) -> None:
    """Whoever is second is told so."""
    code = await office.from_alert(CHI)
    outcomes = await asyncio.gather(phone.reply(AN, f"1 {code}"), phone.reply(CHI, f"1 {code}"))

    assert sorted(outcomes) == ["acknowledged", "already"]


async def test_cipher_incident_is_not_touched_by_telephone_of_others(
    office: Office, phone: Phone
) -> None:
    """For everybody but the cipher officer it does not exist, in an answer neither."""
    code = await office.open(YEN, class_code="cy_san_pham", document="12-CV/CY", summary="")
    assert await phone.reply(AN, f"1 {code}") == "no_such_incident"
    assert code not in " ".join(words for _, words in phone.answers())
