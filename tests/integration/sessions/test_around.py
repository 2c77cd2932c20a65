"""What breaks while a session goes on: weighed, timed, and ordinary again when it ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.storage.desk_store import DeskStore
from collector.storage.queries.incidents import code_of
from collector.targets.targets_file import read_targets
from incidents.causes import Cause
from incidents.sessions.policy import Known, load_sessions
from tests.integration.desk.office import AN, Office
from tests.province import UNITS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from collector.storage.database import Database

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 08:00 here
UNITS_BY_CODE = {code: name for code, name, *_ in UNITS}
TARGETS = read_targets("""
targets:
  - {name: loi, address: 10.0.0.1}
  - {name: duong-bac, address: 10.0.0.2, via: [loi]}
  - {name: codec-ht, address: 10.0.0.3, via: [duong-bac], kind: conference}
  - {name: codec-bb, address: 10.0.0.4, via: [duong-bac], kind: conference}
  - {name: cau, address: 10.0.0.5, via: [loi], kind: conference}
""")
POINTS = """
points:
  - {name: Hàm Thuận, unit: "000.12.30", target: codec-ht}
  - {name: Bắc Bình, unit: "000.11.30", target: codec-bb}
  - {name: Phan Thiết, unit: "000.13.30", way: telephone}
"""
PLAN = {
    "name": "Hội nghị", "session_class": "A", "starts_at": "2026-11-23T14:00", "bridge": "cau",
    "ends_at": "2026-11-23T17:00", "points": ["Hàm Thuận", "Bắc Bình", "Phan Thiết"],
}  # fmt: skip


@pytest.fixture
async def office(tmp_path: Path, db: Database) -> AsyncIterator[Office]:
    """People with roles, codecs behind a line."""
    made = Office(tmp_path, db, MONDAY)
    policy = load_sessions(POINTS, file="sessions.yaml", known=Known(units=UNITS_BY_CODE))
    made.province.services.sessions.adopt(policy, TARGETS)
    yield made
    await made.close()


async def live(office: Office, **values: Any) -> int:
    """Plan a session and begin it."""
    answer = await office.post(AN, "/api/v1/sessions", PLAN | values)
    number = int(answer.json()["id"])
    office.clock.move(hours=6)
    await office.post(AN, f"/api/v1/sessions/{number}/start", {})
    return number


def fire(office: Office, node: str, alert: int, class_code: str = "hn_ket_noi") -> str:
    """Let an alert open an incident; return its code."""
    cause = Cause(
        alert_id=alert, dedup_key=f"{node} {alert}", rule="x", class_code=class_code, impact="I2",
        scope="P1", severity="critical", unit="", unit_name="", host=node, summary_vi="Lỗi",
        summary_en="Fault", value="1", started_at=office.clock(), runbook="", node=node,
    )  # fmt: skip

    def write(connection: Any) -> str:
        tx = DeskStore(connection)
        number = office.desk.alert_fired(tx, cause, office.clock())  # type: ignore[attr-defined]
        return code_of(connection, number)

    return office.province.db.write_now(write)


async def test_a_codec_in_a_live_session_has_the_clocks_of_the_session(office: Office) -> None:
    """Class A is one level up; two minutes to acknowledge, five for workaround and secretariat."""
    number = await live(office)
    code = fire(office, "target:codec-ht", 1)
    opened = await office.data(AN, code, "opened")
    assert (opened["severity"], opened["modifiers"]) == ("S3", [["phien_hang_a", "S4", "S3"]])
    assert opened["session"]["id"] == number
    assert opened["session"]["point_names"] == ["Hàm Thuận"]
    rows = await office.deadlines(code, AN)
    now = office.clock()
    due = {name: rows[name].due_at - now for name in ("ack", "phuong_an_tam", "bao_thu_ky")}
    assert due == {
        "ack": timedelta(minutes=2), "phuong_an_tam": timedelta(minutes=5),
        "bao_thu_ky": timedelta(minutes=5),
    }  # fmt: skip
    await office.do(AN, code, "ack")
    office.clock.move(minutes=3)
    await office.do(AN, code, "tell", role="thu_ky_hn", who="Thư ký", how="phone")
    rows = await office.deadlines(code, AN)
    assert rows["bao_thu_ky"].met_at == office.clock()
    said = [body for _, _, body in office.messages()]
    assert any("Phiên hội nghị: Hội nghị · điểm cầu: Hàm Thuận" in body for body in said)
    assert f'href="/sessions/{number}"' in await office.get(AN, f"/incidents/{code}")


async def test_one_line_names_every_point_behind_it(office: Office) -> None:
    """A line hits the points behind it, a bridge all of them; another device none."""
    await live(office)
    line = await office.data(AN, fire(office, "target:duong-bac", 1), "opened")
    assert line["session"]["points"] == [1, 2]
    bridge = await office.data(AN, fire(office, "target:cau", 2), "opened")
    assert bridge["session"]["points"] == [1, 2, 3]
    other = await office.data(AN, fire(office, "target:may-in", 3), "opened")
    assert "session" not in other
    assert other["severity"] == "S4"


async def test_class_b_is_raised_only_where_a_point_is_cut_off(office: Office) -> None:
    """No picture and no sound: the connection is gone; sound alone is not."""
    await live(office, session_class="B")
    cut = await office.data(AN, fire(office, "target:codec-ht", 1), "opened")
    sound = await office.data(AN, fire(office, "target:codec-bb", 2, "hn_tieng"), "opened")
    assert (cut["severity"], sound["severity"]) == ("S3", "S4")


async def test_at_the_end_open_incidents_are_ordinary_with_their_detection(office: Office) -> None:
    """What came due in the session stays; open clocks start at the first detection."""
    number = await live(office)
    early = fire(office, "target:codec-ht", 1)
    detected = office.clock()
    office.pass_time(minutes=10)
    late = fire(office, "target:codec-bb", 2)
    ended = detected + timedelta(minutes=11)
    office.pass_time(minutes=1)
    answer = await office.post(AN, f"/api/v1/sessions/{number}/end", {})
    assert answer.is_success, answer.text
    rows, rows_late = await office.deadlines(early, AN), await office.deadlines(late, AN)
    assert rows["ack"].due_at == detected + timedelta(minutes=2)
    assert rows_late["ack"].due_at == detected + timedelta(minutes=40)
    assert rows_late["bao_thu_ky"].stopped_at == ended
    kinds = [entry["kind"] for entry in (await office.file(AN, late))["entries"]]
    assert kinds.count("session_over") == 1
    file = await office.file(AN, late)
    assert file["incident"]["detected_at"].startswith("2026-11-23T07:10")


async def test_the_pre_check_weighs_and_has_no_clock_of_its_own(office: Office) -> None:
    """An hour before a class A session a fault is one level up, with the usual time to answer."""
    answer = await office.post(AN, "/api/v1/sessions", PLAN)
    office.clock.move(hours=5, minutes=30)
    desk = office.province.services.sessions
    office.province.db.write_now(lambda c: desk.turn(c, office.clock()))
    opened = await office.data(AN, fire(office, "target:codec-ht", 1), "opened")
    assert opened["severity"] == "S3"
    assert not opened["session"]["live"]
    code = fire(office, "target:codec-bb", 2)
    rows = await office.deadlines(code, AN)
    assert rows["ack"].due_at - office.clock() == timedelta(minutes=30)
    assert "bao_thu_ky" not in rows
    assert answer.status_code == 201


async def test_a_peak_period_tightens_clocks_but_never_those_of_law(office: Office) -> None:
    """Half the time for everything that is ours; the law's 72 hours are 72 hours."""
    peak = POINTS + (
        "peaks:\n  - {code: dai_hoi, vi: Đại hội, en: Congress, from: 2026-11-20, to: 2026-11-30,"
        " clock_percent: 50, freezes: refuse}\n"
    )
    policy = load_sessions(peak, file="sessions.yaml", known=Known(units=UNITS_BY_CODE))
    office.province.services.sessions.adopt(policy, TARGETS)
    code = await office.open(AN, impact="I2", scope="P2")  # S3
    rows = await office.deadlines(code, AN)
    detected = rows["ack"].start_at
    assert rows["ack"].due_at - detected == timedelta(minutes=15)
    assert rows["restore"].due_at - detected == timedelta(hours=12)
    window = {
        "unit": "000.12.30", "reason": "Thay thẻ", "owner": "An",
        "starts_at": "2026-11-24T10:00:00Z", "ends_at": "2026-11-24T11:00:00Z",
    }  # fmt: skip
    refused = await office.post(AN, "/api/v1/maintenance", window)
    assert "Đại hội" in refused.json()["reason_vi"]


async def test_maintenance_is_frozen_around_a_session(office: Office) -> None:
    """Class A refuses and names the session, class B warns once, what is not in its path goes."""
    await office.post(AN, "/api/v1/sessions", PLAN)
    await office.post(AN, "/api/v1/sessions", PLAN | {"session_class": "B", "name": "Giao ban",
        "starts_at": "2026-11-24T14:00", "ends_at": "2026-11-24T17:00"})  # fmt: skip
    window = {
        "unit": "000.12.30", "reason": "Thay thẻ", "owner": "An",
        "starts_at": "2026-11-23T06:30:00Z", "ends_at": "2026-11-23T06:45:00Z",
    }  # fmt: skip
    refused = await office.post(AN, "/api/v1/maintenance", window)
    assert refused.status_code == 409
    assert "Hội nghị" in refused.json()["reason_vi"]
    later = window | {"starts_at": "2026-11-24T08:00:00Z", "ends_at": "2026-11-24T09:00:00Z"}
    warned = await office.post(AN, "/api/v1/maintenance", later)
    assert warned.json()["needed"] == ["despite_session"]
    assert "Giao ban" in warned.json()["reason_vi"]
    done = await office.post(AN, "/api/v1/maintenance", later | {"despite_session": True})
    assert done.status_code == 201
    elsewhere = await office.post(AN, "/api/v1/maintenance", window | {"unit": "000.14.30"})
    assert elsewhere.status_code == 201
