"""The pages of sessions: a person plans, runs and closes one with forms alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from incidents.reports.letterheads import load_letterheads
from tests.integration.desk.office import AN, BINH, CHI, OTHER_UNIT, UNIT, Office
from tests.report_samples import LETTERHEADS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

    from collector.storage.database import Database

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 08:00 here
FORM = {
    "name": "Hội nghị tháng", "session_class": "A", "starts": "2026-11-23T14:00",
    "ends": "2026-11-23T16:00", "main": "Văn phòng Tỉnh ủy",
    "points": "Văn phòng Tỉnh ủy\nHàm Thuận | Hòa | 0912 345 678\n" + UNIT,
}  # fmt: skip
PNG = b"\x89PNG\r\n\x1a\n" + bytes(300_000)


@pytest.fixture
async def office(tmp_path: Path, db: Database) -> AsyncIterator[Office]:
    """People with roles on a Monday morning."""
    made = Office(tmp_path, db, MONDAY)
    yield made
    await made.close()


async def send(office: Office, path: str, who: str = AN, **form: Any) -> httpx.Response:
    """Send a form."""
    return await (await office.client(who)).post(path, data=form)


async def test_a_session_is_run_with_forms_alone(office: Office) -> None:
    """Plan, confirm, begin, enter, end, close: each leads back to the session and says so."""
    answer = await send(office, "/sessions/new", **FORM)
    assert answer.headers["location"] == "/sessions/1?done=planned"
    office.clock.move(hours=6)
    for path, form, done in (
        ("confirm/2", {}, "logged"),
        ("step/start", {}, "live"),
        ("log", {"kind": "symptom", "code": "no_sound", "point": 2}, "logged"),
        ("log", {"kind": "restored", "point": 2, "at": "2026-11-23T14:00"}, "logged"),
        ("step/end", {}, "ended"),
        ("close", {}, "closed"),
        ("step/reported", {}, "closed"),
    ):
        answer = await send(office, f"/sessions/1/{path}", **form)
        assert answer.status_code == 303, (path, answer.text)
        assert answer.headers["location"] == f"/sessions/1?done={done}"
    page = await office.get(AN, "/sessions/1")
    assert "Đã báo cáo" in page
    assert "Mất tiếng" in page
    assert "0912 345 678" in page


async def test_a_refusal_is_said_on_the_page_and_keeps_what_was_typed(office: Office) -> None:
    """An unknown point, a session that is not known, a unit of somebody else."""
    answer = await send(office, "/sessions/new", **{**FORM, "points": "Atlantis"})
    assert answer.status_code == 409
    assert "Atlantis" in answer.text
    assert 'value="Hội nghị tháng"' in answer.text
    answer = await send(office, "/sessions/new", BINH, **{**FORM, "main": "", "points": OTHER_UNIT})
    assert answer.status_code == 409
    await send(office, "/sessions/new", **FORM)
    await office.get(BINH, "/sessions/1")
    answer = await send(office, "/sessions/1/step/end")
    assert "không chuyển được" in answer.text


async def test_a_former_session_fills_the_form(office: Office) -> None:
    """The points with their technicians, no time; a change keeps it."""
    await send(office, "/sessions/new", **FORM)
    page = await office.get(AN, "/sessions/new", copy=1)
    assert "Đảng ủy xã Hàm Thuận | Hòa | 0912 345 678" in page
    edited = await send(office, "/sessions/1/edit", **{**FORM, "chair": "Bí thư"})
    assert edited.headers["location"] == "/sessions/1?done=changed"
    assert "Bí thư" in await office.get(AN, "/sessions/1")
    moved = await send(office, "/sessions/1/move", starts="2026-11-24T14:00", reason="x")
    assert moved.headers["location"].endswith("moved")


async def test_a_file_is_taken_in_by_who_may(office: Office) -> None:
    """CSV and calendars; a mistake is shown with its line."""
    client = await office.client(AN)
    good = "name,starts,ends,points\nHọp,28/11/2026 08:00,28/11/2026 09:00,Hàm Thuận\n"
    answer = await client.post("/sessions/import", files={"file": ("a.csv", good.encode())})
    assert "1 phiên mới" in answer.text
    bad = good.replace("Hàm Thuận", "Atlantis")
    answer = await client.post("/sessions/import", files={"file": ("a.csv", bad.encode())})
    assert answer.status_code == 409
    assert "sessions.csv" in answer.text
    reader = await (await office.client("Kiên")).post(
        "/sessions/import", files={"file": ("a.csv", good.encode())}
    )
    assert reader.status_code == 403


async def test_a_photo_is_kept_once_and_shown(office: Office) -> None:
    """As a telephone takes it; a picture or refused; the same key is the same entry."""
    await send(office, "/sessions/new", **FORM)
    client = await office.client(AN)
    path = "/api/v1/sessions/1/photos"
    first = await client.post(path, params={"key": "p1", "point": 2, "text": "Đèn đỏ"}, content=PNG)
    again = await client.post(path, params={"key": "p1", "point": 2, "text": "Đèn đỏ"}, content=PNG)
    assert first.status_code == 201, first.text
    assert first.json()["entry"] == again.json()["entry"]
    shown = await client.get(f"{path}/{first.json()['entry']}")
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")
    wrong = await client.post(path, content=b"#!/bin/sh\n")
    assert wrong.status_code == 409
    await office.get(BINH, f"{path}/{first.json()['entry']}")
    await office.get("Lạ", f"{path}/{first.json()['entry']}", 404)
    assert f"{path}/{first.json()['entry']}" in await office.get(AN, "/sessions/1")


async def test_a_calendar_of_a_year_is_taken_in(office: Office) -> None:
    """Longer than any form: nothing between refuses it before it is read."""
    event = (
        "BEGIN:VEVENT\nUID:{n}@x\nSUMMARY:Giao ban {n}\nDTSTART:202612{d:02}T010000Z\n"
        "DTEND:202612{d:02}T020000Z\nDESCRIPTION:" + "x" * 900 + "\nEND:VEVENT\n"
    )
    events = "".join(event.format(n=n, d=n % 28 + 1) for n in range(100))
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\n{events}END:VCALENDAR\n"
    answer = await office.post(AN, "/api/v1/session-imports", {"ics": text})
    assert answer.status_code == 201, answer.text


async def test_what_waits_for_a_person_is_on_the_list_of_what_is_due(office: Office) -> None:
    """A session that nobody began, a log that nobody closed, a report; then nothing."""
    await send(office, "/sessions/new", **FORM)
    office.clock.move(hours=6, minutes=5)
    (item,) = [one for one in await office.get(AN, "/api/v1/due") if one["kind"] == "session"]
    assert (item["term"], item["state"]) == ("start", "qua_han")
    await send(office, "/sessions/1/step/start")
    await send(office, "/sessions/1/step/end")
    (item,) = [one for one in await office.get(AN, "/api/v1/due") if one["kind"] == "session"]
    assert (item["term"], item["state"]) == ("close", "sap_den_han")
    assert re.search(r'href="/sessions/1"', await office.get(AN, "/due"))
    await send(office, "/sessions/1/close", is_clean="true")
    (item,) = [one for one in await office.get(AN, "/api/v1/due") if one["kind"] == "session"]
    assert item["term"] == "report"
    await reported_by_two(office)
    assert not [one for one in await office.get(AN, "/api/v1/due") if one["kind"] == "session"]
    assert "Đã báo cáo" in await office.get(AN, "/sessions/1")


async def reported_by_two(office: Office) -> None:
    """Make the report of the first session with the button on its page, and have it signed."""
    office.province.services.reports.adopt(load_letterheads(LETTERHEADS, file="reports.yaml"))
    assert 'id="make-report"' in await office.get(AN, "/sessions/1")
    made = await send(office, "/reports", kind="session", subject="1")
    assert made.headers["location"] == "/reports/1?done=made"
    assert 'href="/reports/1"' in await office.get(AN, "/sessions/1")
    report = await office.get(AN, "/api/v1/documents/1")
    words = dict.fromkeys(report["missing"], "Không có")
    words["kiem_tra_truoc"] = "Gọi thử lúc 13:30, các điểm cầu đều tốt"
    await office.post(AN, "/api/v1/documents/1/fill", {"fields": words})
    asked = (await office.post(AN, "/api/v1/documents/1/ask", {})).json()
    path, digest = "/api/v1/documents/1/sign", {"digest": asked["digest"]}
    alone = await office.post(AN, path, digest)
    assert not alone.is_success
    assert (await office.get(AN, "/api/v1/sessions/1"))["stage"] == "ended"
    signed = await office.post(CHI, path, digest)
    assert signed.is_success, signed.text
