"""Sessions out of CSV, calendars and the weekly schedule: the same again changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from collector.sessions.feeds import feeds_of
from collector.sessions.keeper import SessionKeeper
from collector.storage.session_tables import conference_sessions
from collector.targets.targets import NO_TARGETS
from incidents.sessions.policy import Known, load_sessions
from tests.integration.desk.office import AN, Office
from tests.province import UNITS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from collector.storage.database import Database

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 08:00 here
UNITS_BY_CODE = {code: name for code, name, *_ in UNITS}
WEEKLY = """
points:
  - {name: Hội trường Tỉnh ủy, unit: "000.01.30", aliases: [HT-TU-01, Phòng họp A]}
  - {name: Hàm Thuận, unit: "000.12.30", aliases: [HTB cũ], technician: Trực ca}
weekly:
  - {code: giao_ban, name: Giao ban tuần, class: B, day: T5, at: "08:00", until: "09:30",
     main: Phòng họp A}
"""
EVENT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//y//
BEGIN:VEVENT
UID:hop-1@vp
DTSTAMP:20261101T000000Z
SUMMARY:Hội nghị sơ kết
DTSTART;TZID=Asia/Ho_Chi_Minh:{start}
DTEND;TZID=Asia/Ho_Chi_Minh:{end}
DESCRIPTION:Hạng: A\\nChủ trì: Phó Bí thư\\nĐiểm cầu: Văn phòng Tỉnh ủy\\; Hàm Thuận\\; Sao Hỏa
{more}END:VEVENT
END:VCALENDAR
"""


def event(start: str = "20261125T080000", end: str = "20261125T100000", more: str = "") -> str:
    """Return a calendar of one event."""
    return EVENT.format(start=start, end=end, more=more).replace("\n", "\r\n")


@pytest.fixture
async def office(tmp_path: Path, db: Database) -> AsyncIterator[Office]:
    """People with roles on a Monday morning."""
    made = Office(tmp_path, db, MONDAY)
    yield made
    await made.close()


def keeper(office: Office, *places: object) -> SessionKeeper:
    """Return what follows these calendars."""
    services = office.province.services
    feeds = feeds_of("\n".join(map(str, places)))
    return SessionKeeper(services.db, services.sessions, office.province.changes, feeds)  # type: ignore[arg-type]


def adopt(office: Office, text: str) -> None:
    """Go by another sessions.yaml."""
    policy = load_sessions(text, file="sessions.yaml", known=Known(units=UNITS_BY_CODE))
    office.province.services.sessions.adopt(policy, NO_TARGETS)


async def listed(office: Office, when: str = "coming") -> list[dict[str, Any]]:
    """Return the sessions of a listing."""
    return list((await office.get(AN, "/api/v1/sessions", when=when))["items"])


async def take_in(office: Office, status: int = 201, **body: str) -> dict[str, Any]:
    """Take a file in."""
    answer = await office.post(AN, "/api/v1/session-imports", body)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


async def test_a_calendar_is_taken_in_and_its_meeting_moved_once(office: Office) -> None:
    """The same event is the same session, its technicians hear of another time once."""
    first = await take_in(office, ics=event())
    assert [len(first[name]) for name in ("made", "changed", "problems")] == [1, 0, 0]
    number = first["made"][0]
    found = await office.get(AN, f"/api/v1/sessions/{number}")
    assert (found["session_class"], found["chair"]) == ("A", "Phó Bí thư")
    assert [point["name"] for point in found["points"]] == [
        "Văn phòng Tỉnh ủy", "Đảng ủy xã Hàm Thuận"
    ]  # fmt: skip
    log = await office.get(AN, f"/api/v1/sessions/{number}/log")
    assert log[-1]["text"] == "Không rõ điểm cầu: Sao Hỏa"
    assert (await take_in(office, ics=event()))["known"] == 1

    moved = event("20261126T080000", "20261126T100000")
    assert (await take_in(office, ics=moved))["changed"] == [number]
    assert (await take_in(office, ics=moved))["changed"] == []
    kinds = [entry["kind"] for entry in await office.get(AN, f"/api/v1/sessions/{number}/log")]
    assert kinds.count("moved") == 1
    assert (await take_in(office, ics=event(more="STATUS:CANCELLED\n")))["cancelled"] == [number]


async def test_what_a_person_changed_stands_until_the_calendar_says_something_new(
    office: Office,
) -> None:
    """The subscription comes by every ten minutes and leaves a moved session where it was put."""
    (number,) = (await take_in(office, ics=event()))["made"]
    await office.post(AN, f"/api/v1/sessions/{number}/move", {"starts_at": "2026-11-25T14:00"})
    await take_in(office, ics=event())
    found = await office.get(AN, f"/api/v1/sessions/{number}")
    assert found["starts_at"] == "2026-11-25T07:00:00Z"


async def test_a_recurring_event_is_written_out_and_one_time_moves_alone(office: Office) -> None:
    """RRULE, EXDATE, RECURRENCE-ID; a time that went elsewhere is not held twice."""
    more = (
        "RRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;TZID=Asia/Ho_Chi_Minh:20261202T080000\nEND:VEVENT\n"
        "BEGIN:VEVENT\nUID:hop-1@vp\nRECURRENCE-ID;TZID=Asia/Ho_Chi_Minh:20261209T080000\n"
        "SUMMARY:Hội nghị sơ kết\nDTSTART;TZID=Asia/Ho_Chi_Minh:20261210T140000\n"
        "DTEND;TZID=Asia/Ho_Chi_Minh:20261210T150000\nDESCRIPTION:Điểm cầu: Hàm Thuận\n"
    )
    made = (await take_in(office, ics=event(more=more)))["made"]
    starts = [(await office.get(AN, f"/api/v1/sessions/{n}"))["starts_at"] for n in made]
    assert sorted(starts) == ["2026-11-25T01:00:00Z", "2026-12-10T07:00:00Z"]


async def test_a_subscription_follows_its_file(office: Office, tmp_path: Path) -> None:
    """Made, moved, cancelled when it is gone; a calendar that cannot be read changes nothing."""
    place = tmp_path / "hop.ics"
    place.write_text(event(), encoding="utf-8")
    following = keeper(office, place)
    await following.follow(office.clock())
    (row,) = await listed(office)
    place.write_text("this is no calendar", encoding="utf-8")
    await following.follow(office.clock())
    assert len(await listed(office)) == 1
    (feed,) = await office.get(AN, "/api/v1/session-calendars")
    assert feed["name"].startswith("hop.ics ")
    assert "không đọc được" in feed["error"] or "VEVENT" in feed["error"]
    assert str(tmp_path) not in feed["name"] + feed["error"]
    place.write_text(event().replace("hop-1@vp", "hop-2@vp"), encoding="utf-8")
    await following.follow(office.clock())
    assert [one["id"] for one in await listed(office)] != [row["id"]]
    assert [one["id"] for one in await listed(office, "past")] == [row["id"]]


async def test_the_weekly_schedule_makes_and_unmakes_sessions(office: Office) -> None:
    """Three weeks ahead, once each, by the aliases of the office; what it drops is cancelled."""
    adopt(office, WEEKLY)
    following = keeper(office)
    await following.turn(office.clock())
    await following.turn(office.clock())
    rows = await listed(office)
    assert [row["starts_at"][:10] for row in rows] == ["2026-11-26", "2026-12-03", "2026-12-10"]
    found = await office.get(AN, f"/api/v1/sessions/{rows[0]['id']}")
    assert [point["name"] for point in found["points"]] == ["Hội trường Tỉnh ủy", "Hàm Thuận"]
    await office.post(AN, f"/api/v1/sessions/{rows[1]['id']}/cancel", {"reason": "Nghỉ lễ"})
    adopt(office, WEEKLY.replace("T5", "T6").replace("giao_ban", "giao_ban_2"))
    await following.turn(office.clock())
    assert [row["starts_at"][:10] for row in await listed(office)] == [
        "2026-11-27", "2026-12-04", "2026-12-11"
    ]  # fmt: skip
    (feed,) = await office.get(AN, "/api/v1/session-calendars")
    assert (feed["name"], feed["events"], feed["error"]) == ("lịch tuần", 3, "")
    told = [subject for name, subject, _ in office.messages() if name == "Trực ca"]
    assert len([one for one in told if one.startswith("HỦY PHIÊN")]) == 3


async def test_csv_is_taken_in_whole_or_not_at_all(office: Office) -> None:
    """Every mistake has its line; a good file is planned, and the same again changes nothing."""
    head = "Name;Class;Starts;Ends;Main;Points\n"
    bad = head + "Họp;D;28/11/2026 08:00;28/11/2026 09:00;;000.12.30\n"
    said = await take_in(office, 409, csv=bad + "Họp 2;A;mai;28/11/2026 09:00;;Atlantis\n")
    assert "sessions.csv:2" in said["reason_en"]
    assert "sessions.csv:3" in said["reason_en"]
    good = head + "Họp;B;28/11/2026 08:00;28/11/2026 09:00;000.01.30;Hàm Thuận|Phan Thiết\n"
    (number,) = (await take_in(office, csv=good))["made"]
    assert (await take_in(office, csv=good))["known"] == 1
    found = await office.get(AN, f"/api/v1/sessions/{number}")
    assert [point["is_main"] for point in found["points"]] == [True, False, False]


async def test_a_rule_plans_a_series(office: Office) -> None:
    """Local time stays local time, and the series is one."""
    body = {
        "name": "Giao ban", "session_class": "C", "starts_at": "2026-11-25T08:00",
        "ends_at": "2026-11-25T09:00", "points": ["Hàm Thuận"], "rrule": "FREQ=WEEKLY;COUNT=4",
    }  # fmt: skip
    answer = await office.post(AN, "/api/v1/sessions", body)
    assert len(answer.json()["ids"]) == 4

    def read(connection: Any) -> set[str]:
        return set(connection.scalars(select(conference_sessions.c.series)))

    assert len(office.province.db.read_now(read)) == 1
    wrong = await office.post(AN, "/api/v1/sessions", body | {"rrule": "FREQ=SECONDLY"})
    assert wrong.json()["needed"] == ["rrule"]
