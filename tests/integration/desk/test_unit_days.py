"""The day of the units, on both databases: by page, by text message, by call; who has not."""

from __future__ import annotations

import csv
import io
import itertools
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from collector.duties.unit_day_keeper import UnitDayKeeper
from collector.storage.schema import outbox
from incidents.channels import load_policy
from incidents.oncall_file import Known, load_oncall
from incidents.rulesets import only
from incidents.switchboard import Switchboard
from tests.integration.desk.office import AN, BASE, BINH, CHI, KIEN, OTHER_UNIT, PLACES, UNIT
from tests.province import UNITS, procedure

if TYPE_CHECKING:
    from tests.integration.desk.office import Office

CHANNELS = """
channels:
  modem: {kind: modem, url: "http://127.0.0.1:8460", token_file: token}
  mail: {kind: email, host: 127.0.0.1, from: w@example.vn}
recipients:
  - {name: Trực ca, channel: mail, address: truc@example.vn, severities: [S1, S2, S3, S4]}
"""
CONTACTS = """
contacts:
  - {name: Bình, full_name: Trần Văn Bình, phones: ["0912 345 680"], channels: [modem]}
  - {name: An, phones: ["0912 345 678"], email: an@example.vn, channels: [mail]}
  - {name: Kiên, phones: ["0912 345 681"], channels: [modem]}
"""
# The units below the office.
ALL = len(UNITS) - 1


class Day:
    """A working day of the province; only the clock and the keeper's turn are driven."""

    def __init__(self, office: Office, token: str) -> None:
        self.office, self.token, self.ids = office, token, itertools.count(1)
        self.keeper = self.new_keeper()

    def new_keeper(self) -> UnitDayKeeper:
        """Return a keeper as a new process has one."""
        return UnitDayKeeper(
            self.office.province.db,
            self.office.province.services.unit_days,
            self.office.desk,  # type: ignore[arg-type]
            new_message_id=lambda: f"reminder-{next(self.ids)}",
        )

    def at(self, clock: str, day: int = 23) -> None:
        """Set the clock to a time of a day of November."""
        hour, minute = map(int, clock.split(":"))
        self.office.clock.instant = datetime(2026, 11, day, hour - 7, minute, tzinfo=UTC)

    async def text(self, number: str, words: str) -> str:
        """Send a short message; return what became of it."""
        transport = httpx.ASGITransport(app=self.office.app)
        body = {"id": f"message-{next(self.ids)}", "number": number, "text": words}
        headers = {"Authorization": f"Bearer {self.token}"}
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            answer = await client.post("/api/v1/phone/messages", json=body, headers=headers)
        return str(answer.json()["outcome"])

    async def rows(self, **query: Any) -> dict[str, dict[str, Any]]:
        """Return how each unit stands, as the commander sees it."""
        found = await self.office.get(CHI, "/api/v1/unit-days", **query)
        return {row["unit"]: row for row in found}

    async def click(self, who: str, unit: str, **form: Any) -> httpx.Response:
        """Send the form of the unit's page."""
        client = await self.office.client(who)
        return await client.post(f"/day/{unit}", data=form)

    def messages(self, reason: str) -> list[tuple[str, str, str]]:
        """Return recipient, reach and words of the messages that were queued for a reason."""
        query = select(outbox).where(outbox.c.reason == reason).order_by(outbox.c.id)
        rows = self.office.province.db.read_now(lambda c: c.execute(query).all())
        return [(row.recipient, row.reach, row.body) for row in rows]


@pytest.fixture
async def day(office: Office) -> Day:
    policy = load_policy(CHANNELS, file="channels.yaml")
    people = office.desk.people
    oncall = load_oncall(CONTACTS, file="oncall.yaml", known=Known())
    board = Switchboard(oncall, people, PLACES)
    office.desk.adopt(only(procedure()), policy, people, office.clock(), board)  # type: ignore[attr-defined]
    answer = await office.post(CHI, "/api/v1/phone/relays", {"name": "modem-1"})
    return Day(office, answer.json()["token"])


async def test_a_day_from_the_first_click_to_the_list_of_who_is_missing(day: Day) -> None:
    """Confirmed by page, by text, by call; one is reminded once and then listed with a number."""
    day.at("10:00")
    early = await day.click(BINH, UNIT, clean="true", day="2026-11-23")
    assert early.status_code == 409  # today opens at eleven
    assert "từ 11:00" in early.text

    day.at("15:00")
    assert (await day.rows())[UNIT]["state"] == "open"  # machines that are heard say nothing of it
    assert await day.text("0912345680", "Khong co su co") == "day_confirmed"
    assert day.messages("reply")[-1][2].startswith("Đã ghi nhận ngày 23/11: không có sự cố")
    row = (await day.rows())[UNIT]
    assert (row["state"], row["actor"], row["way"]) == ("clean", "person:Bình", "sms")

    for code, *_ in UNITS[2:-1]:  # all but the last are written down from calls
        answer = await day.click(AN, code, clean="true", told_by="Cán bộ", key=code)
        assert answer.status_code == 303, answer.text
    day.at("16:30")
    await day.keeper.turn(day.office.clock())
    await day.new_keeper().turn(day.office.clock())  # a restart reminds nobody again
    missing = UNITS[-1][0]
    assert day.messages("unit_day_reminder") == []  # nobody is noted for that unit
    assert (await day.rows())[missing]["reminded"] == []
    day.at("17:05")
    rows = await day.rows()
    assert [code for code, one in rows.items() if one["state"] == "missing"] == [missing]
    counted = await day.keeper.turn(day.office.clock())
    assert (counted.confirmed, counted.asked) == (ALL - 1, ALL)
    page = await day.office.get(CHI, "/day")
    assert f"Đã xác nhận {ALL - 1}/{ALL} đơn vị." in page
    assert "Không nhắc được ai" in page
    table = await day.office.get(CHI, "/api/v1/unit-days.csv")
    found = list(csv.DictReader(io.StringIO(table.lstrip("\ufeff"))))
    assert len(found) == ALL
    assert [one["officers"] for one in found if one["unit"] == UNIT] == [
        "Trần Văn Bình 0912 345 680"
    ]


async def test_an_officer_is_reminded_once_in_words_that_name_nothing(day: Day) -> None:
    """Over the telephone network no unit is named; whoever confirmed is left alone."""
    day.at("16:31")
    await day.keeper.turn(day.office.clock())
    await day.keeper.turn(day.office.clock())
    [(who, reach, words)] = day.messages("unit_day_reminder")
    assert (who, reach) == (BINH, "public")
    assert "Chưa có xác nhận ngày 23/11" in words
    assert UNIT not in words
    rows = await day.rows()
    assert rows[UNIT]["reminded"] == [BINH]
    day.at("19:45")
    day.office.province.db.write_now(lambda c: c.execute(text("DELETE FROM unit_days_told")))
    await day.keeper.turn(day.office.clock())
    assert len(day.messages("unit_day_reminder")) == 1  # at night it would help nobody


async def test_what_happened_is_told_and_a_correction_leaves_what_was_said(day: Day) -> None:
    """The desk hears of it at once; both words stay, and the database refuses to change them."""
    day.at("15:00")
    assert await day.text("0912345680", "Mất điện từ 9h đến 10h") == "day_confirmed"
    [(who, _, words)] = day.messages("unit_day_happened")
    assert who == "Trực ca"
    assert "Mất điện từ 9h đến 10h" in words
    answer = await day.click(BINH, UNIT, text="Mất điện từ 9h đến 11h", day="2026-11-23")
    assert answer.status_code == 303
    row = (await day.rows())[UNIT]
    assert (row["state"], row["text"], row["corrections"], row["way"]) == (
        "happened", "Mất điện từ 9h đến 11h", 1, "page",
    )  # fmt: skip
    said = await day.office.get(BINH, f"/api/v1/unit-days/{UNIT}")
    assert [one["text"] for one in said] == ["Mất điện từ 9h đến 11h", "Mất điện từ 9h đến 10h"]
    for change in ("UPDATE unit_days SET text = 'y'", "DELETE FROM unit_days"):
        with pytest.raises(DBAPIError, match="append-only"):
            day.office.province.db.write_now(lambda c, sql=change: c.execute(text(sql)))  # type: ignore[misc]


async def test_only_who_answers_for_a_unit_confirms_it(day: Day) -> None:
    """Another unit does not exist for its officer; who only reads is refused; so is a stranger."""
    day.at("15:00")
    assert (await day.click(BINH, OTHER_UNIT, clean="true")).status_code == 404
    assert (await day.click(KIEN, UNIT, clean="true")).status_code == 403
    assert await day.text("0912345681", "Không có sự cố") == "unreadable"  # of no unit
    assert await day.text("0999999999", "Không có sự cố") == "unknown_number"
    assert (await day.rows())[UNIT]["state"] == "open"
    empty = await day.click(BINH, UNIT, day="2026-11-23")
    assert empty.status_code == 409
    office = await day.click(CHI, UNITS[0][0], clean="true")
    assert office.status_code == 404  # the unit at the top confirms nothing


async def test_a_free_day_asks_nobody_and_says_so(day: Day) -> None:
    """24/11 is a holiday: no reminder; a word of the morning after means the last working day."""
    day.at("17:30", day=24)
    counted = await day.keeper.turn(day.office.clock())
    assert (counted.asked, counted.off) == (0, ALL)
    assert day.messages("unit_day_reminder") == []
    assert "nghỉ, không phải xác nhận" in await day.office.get(CHI, "/day")
    day.at("07:10", day=25)
    assert await day.text("0912345680", "Không có sự cố") == "day_confirmed"
    row = (await day.rows(day="2026-11-23"))[UNIT]
    assert (row["state"], row["is_late"]) == ("clean", True)
    await day.office.get(BINH, "/day", status=303)  # somebody of one unit is sent to it
