"""A conference session from its plan to its closed log, over public HTTP on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.desk.office import AN, BINH, KIEN, OTHER_UNIT, UNIT, Office

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from collector.storage.database import Database

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 08:00 here
PLAN = {
    "name": "Hội nghị trực tuyến Tỉnh ủy",
    "session_class": "A",
    "chair": "Bí thư Tỉnh ủy",
    "starts_at": "2026-11-23T14:00",
    "ends_at": "2026-11-23T17:00",
    "main": "Văn phòng Tỉnh ủy",
    "points": [
        "Văn phòng Tỉnh ủy",
        {"name": "Hàm Thuận", "technician": "Trực ca", "phone": "0912 345 678"},
        {"name": UNIT, "technician": "Không ai biết"},
    ],
}


@pytest.fixture
async def office(tmp_path: Path, db: Database) -> AsyncIterator[Office]:
    """People with roles on a Monday morning."""
    made = Office(tmp_path, db, MONDAY)
    yield made
    await made.close()


async def plan(office: Office, who: str = AN, **values: Any) -> int:
    """Plan a session and return its number."""
    answer = await office.post(who, "/api/v1/sessions", PLAN | values)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


async def act(office: Office, number: int, name: str, status: int = 200, **body: Any) -> Any:
    """Do something with a session."""
    answer = await office.post(AN, f"/api/v1/sessions/{number}{name}", body)
    assert answer.status_code == status, answer.text
    return answer.json()


def turn(office: Office) -> list[int]:
    """Let the clock move sessions."""
    desk = office.province.services.sessions
    return office.province.db.write_now(lambda c: desk.turn(c, office.clock()))


async def kinds(office: Office, number: int) -> list[tuple[str, str]]:
    """Return kind and code of every entry of the log."""
    found = await office.get(AN, f"/api/v1/sessions/{number}/log")
    return [(entry["kind"], entry["code"]) for entry in found]


async def test_a_session_lives_from_plan_to_report(office: Office) -> None:
    """Every transition stands in the log with who and when, and a repeat changes nothing."""
    number = await plan(office)
    found = await office.get(AN, f"/api/v1/sessions/{number}")
    assert [point["name"] for point in found["points"]][:2] == [
        "Văn phòng Tỉnh ủy", "Đảng ủy xã Hàm Thuận"
    ]  # fmt: skip
    assert found["points"][0]["is_main"]
    assert found["stage"] == "planned"

    office.clock.move(hours=5)
    assert turn(office) == [number]
    assert turn(office) == []
    await act(office, number, "/points/2/confirm", is_there=True)
    assert not (await act(office, number, "/points/2/confirm", is_there=True))["changed"]
    office.clock.move(minutes=62)
    assert (await act(office, number, "/start"))["changed"]
    assert not (await act(office, number, "/start"))["changed"]
    office.clock.move(minutes=10)
    entry = {"kind": "symptom", "code": "no_sound", "point": 2, "key": "a1"}
    first = await act(office, number, "/log", 201, entries=[entry])
    again = await act(office, number, "/log", 201, entries=[entry])
    assert first["entries"] == again["entries"]
    office.clock.move(minutes=4)
    await act(office, number, "/log", 201, entries=[{"kind": "restored", "point": 2, "key": "a2"}])
    lost = await office.get(AN, f"/api/v1/sessions/{number}/minutes")
    assert lost["seconds"] == 240
    office.clock.move(hours=2)
    await act(office, number, "/end")
    refused = await act(office, number, "/close", 409, is_clean=True)
    assert "is_clean" in refused["needed"]
    assert "closed" in (await act(office, number, "/reported", 409))["needed"]
    await act(office, number, "/close", is_clean=False)
    await act(office, number, "/reported")
    assert await kinds(office, number) == [
        ("planned", ""), ("stage", "pre_check"), ("confirmed", ""), ("stage", "live"),
        ("symptom", "no_sound"), ("restored", ""), ("stage", "ended"), ("closed", ""),
        ("stage", "reported"),
    ]  # fmt: skip


async def test_a_moved_session_tells_its_technicians_once(office: Office) -> None:
    """Whoever cannot be reached stands in the log; the same move again tells nobody."""
    number = await plan(office)
    office.clock.move(hours=5)
    turn(office)
    body = {"starts_at": "2026-11-24T14:00", "reason": "Bí thư đi công tác"}
    assert (await act(office, number, "/move", **body))["changed"]
    assert not (await act(office, number, "/move", **body))["changed"]

    found = await office.get(AN, f"/api/v1/sessions/{number}")
    assert found["stage"] == "planned"
    assert found["ends_at"] == "2026-11-24T10:00:00Z"
    said = [subject for name, subject, _ in office.messages() if name == "Trực ca"]
    assert len([subject for subject in said if subject.startswith("ĐỔI GIỜ")]) == 1
    log = await office.get(AN, f"/api/v1/sessions/{number}/log")
    told = [entry["data"] for entry in log if entry["kind"] == "told"]
    assert told == [{"told": ["Trực ca"], "missed": ["Không ai biết"]}]
    assert [e["text"] for e in log if e["kind"] == "moved"] == ["Bí thư đi công tác"]


async def test_entries_made_offline_stand_where_they_happened(office: Office) -> None:
    """The error of the browser's clock cancels; what comes after the closing is kept and marked."""
    number = await plan(office)
    office.clock.move(hours=6)
    await act(office, number, "/start")
    office.clock.move(minutes=30)
    await act(office, number, "/end")
    await act(office, number, "/close", is_clean=True)
    office.clock.move(minutes=30)
    # The browser's clock is two hours fast: forty minutes ago by its own time.
    late = {"kind": "symptom", "code": "no_picture", "point": 3, "at": "2026-11-23T16:20:00+07:00"}
    sent_at = "2026-11-23T17:00:00+07:00"
    await act(office, number, "/log", 201, sent_at=sent_at, entries=[late])
    log = await office.get(AN, f"/api/v1/sessions/{number}/log")
    entry = next(entry for entry in log if entry["kind"] == "symptom")
    assert entry["at"] == "2026-11-23T07:20:00Z"
    assert entry["noted_at"] == "2026-11-23T08:00:00Z"
    assert entry["data"] == {"after_closing": True}


async def test_a_session_is_seen_by_who_sees_one_of_its_units(office: Office) -> None:
    """Others hear that there is none; a copy and a search find what they may."""
    mine, other = await plan(office), await plan(office, points=[OTHER_UNIT], main="")
    await office.get(BINH, f"/api/v1/sessions/{mine}")
    await office.get(BINH, f"/api/v1/sessions/{other}", 404)
    listed = (await office.get(BINH, "/api/v1/sessions"))["items"]
    assert [row["id"] for row in listed] == [mine]
    found = await office.get(KIEN, "/api/v1/sessions", search="ham thuan")
    assert [row["id"] for row in found["items"]] == [mine]
    answer = await office.post(
        BINH, "/api/v1/sessions", PLAN | {"points": [OTHER_UNIT], "main": ""}
    )
    assert "points" in answer.json()["needed"]
    for path, body in (
        ("/cancel", {"reason": "x"}), ("/start", {}), ("/points/2/confirm", {"is_there": True}),
    ):  # fmt: skip
        answer = await office.post(BINH, f"/api/v1/sessions/{mine}{path}", body)
        assert answer.status_code == 403, (path, answer.text)
    own = await office.post(BINH, f"/api/v1/sessions/{mine}/points/3/confirm", {"is_there": True})
    assert own.is_success, own.text
    note = {"entries": [{"kind": "note", "text": "Đã bật thiết bị", "point": 3}]}
    assert (await office.post(BINH, f"/api/v1/sessions/{mine}/log", note)).is_success
    points = await office.get(KIEN, f"/api/v1/sessions/{mine}/points", find="hth")
    assert [point["name"] for point in points] == ["Đảng ủy xã Hàm Thuận"]
    copied = await act(office, mine, "/copy", 201, starts_at="2026-11-30T14:00")
    twin = await office.get(AN, f"/api/v1/sessions/{copied['id']}")
    assert len(twin["points"]) == 3
    assert twin["ends_at"] == "2026-11-30T10:00:00Z"


async def test_what_cannot_be_planned_says_why(office: Office) -> None:
    """An unknown name, one name for two, no time, the past."""
    for wrong, field in (
        ({"points": ["Atlantis"]}, "points"),
        ({"points": [], "main": ""}, "points"),
        ({"points": [UNIT, UNIT], "main": ""}, "points"),
        ({"ends_at": "2026-11-23T13:00"}, "ends_at"),
        ({"starts_at": "2026-11-20T07:00", "ends_at": "2026-11-20T09:00"}, "ends_at"),
        ({"name": "  "}, "name"),
    ):
        answer = await office.post(AN, "/api/v1/sessions", PLAN | wrong)
        assert answer.status_code == 409, (wrong, answer.text)
        assert answer.json()["needed"] == [field]


async def test_the_clock_takes_off_what_nobody_began_or_ended(office: Office) -> None:
    """The log says that it was the clock, and why."""
    number, running = await plan(office), await plan(office)
    office.clock.move(hours=6)
    await act(office, running, "/start")
    office.clock.move(days=2)
    assert set(turn(office)) == {number, running}
    stages = [(await office.get(AN, f"/api/v1/sessions/{n}"))["stage"] for n in (number, running)]
    assert stages == ["cancelled", "ended"]
    last = (await office.get(AN, f"/api/v1/sessions/{running}/log"))[-1]
    assert last["data"]["why"] == "left_running"
    assert last["actor"] == "machine:sessions"
    assert last["at"] == "2026-11-23T22:00:00Z"
