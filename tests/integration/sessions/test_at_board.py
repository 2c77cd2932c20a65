"""At the board over public HTTP: an entry acknowledges and meets duties; telephones wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from collector.storage.desk_store import DeskStore
from collector.storage.queries.incidents import code_of
from collector.storage.schema import alerts, outbox
from tests.integration.desk.office import AN, KIEN, Office
from tests.integration.sessions.measured import BRIDGE, CODES, Rooms
from tests.province import add_alert, cause_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from collector.storage.database import Database

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.fixture
async def office(tmp_path: Path, db: Database) -> AsyncIterator[Office]:
    """People with roles on a Monday morning."""
    made = Office(tmp_path, db, MONDAY)
    yield made
    await made.close()


async def live(office: Office, rooms: Rooms) -> int:
    """Plan a session of class A that begins now, and begin it."""
    now = office.clock()
    body = {
        "name": "Giao ban", "session_class": "A", "bridge": BRIDGE, "conference": "9001",
        "starts_at": (now + timedelta(minutes=5)).isoformat(),
        "ends_at": (now + timedelta(hours=2)).isoformat(), "points": rooms.points(),
    }  # fmt: skip
    made = await office.post(AN, "/api/v1/sessions", body)
    assert made.status_code == 201, made.text
    number = int(made.json()["id"])
    office.clock.move(minutes=6)
    started = await office.post(AN, f"/api/v1/sessions/{number}/start", {})
    assert started.is_success, started.text
    return number


def breaks(office: Office, target: str, unit: str) -> tuple[int, str]:
    """Let an alert about a target raise an incident; return its number and code."""

    def write(connection: Any) -> tuple[int, str]:
        now = office.clock()
        host = next(h for h in office.province.fleet.hosts.values() if h.unit == unit)
        alert = add_alert(
            connection, host, "EndpointUnreachable", "Không trả lời", now=now,
            agent=f"target:{target}", severity="critical", outcome="incident",
        )  # fmt: skip
        row = connection.execute(select(alerts).where(alerts.c.id == alert)).one()
        cause = cause_of(row, "Đơn vị", class_code="hn_ket_noi", node=f"target:{target}")
        number = office.desk.alert_fired(DeskStore(connection), cause, now)
        return number, code_of(connection, number)

    return office.province.db.write_now(write)


def waiting(office: Office, incident: int) -> list[tuple[str, str, timedelta]]:
    """Return recipient, why it waits and how long, of every page that was queued."""

    def read(connection: Any) -> list[tuple[str, str, timedelta]]:
        rows = connection.execute(
            select(outbox).where(outbox.c.incident == incident, outbox.c.kind == "page")
        )
        return [(row.recipient, row.held, row.due_at - row.created_at) for row in rows]

    return office.province.db.read_now(read)


async def test_logging_a_symptom_acknowledges_what_hits_the_point(office: Office) -> None:
    """Of that point alone; sent again it changes nothing, and who only reads logs nothing."""
    rooms = Rooms(office.province, 3)
    rooms.good(far_end="9001")
    number = await live(office, rooms)
    one, first = breaks(office, "codec-1", CODES[0])
    _, other = breaks(office, "codec-2", CODES[1])
    entry = {"kind": "symptom", "code": "dropped", "point": 1, "key": "k1"}
    path = f"/api/v1/sessions/{number}/log"

    viewer = office.desk.viewer(f"person:{AN}", office.clock())
    boards = office.province.services.boards
    boards.wrote(number)
    found = await boards.board(number, viewer, office.clock())
    assert found is not None
    assert {alarm.code for alarm in found.alarms} == {first, other}
    assert {alarm.acknowledged_at for alarm in found.alarms} == {None}
    assert (await office.post(KIEN, path, {"entries": [entry]})).status_code == 403
    said = await office.post(AN, path, {"entries": [entry]})

    assert said.json()["incidents"] == [one]
    boards.wrote(number)
    found = await boards.board(number, viewer, office.clock() + timedelta(seconds=1))
    assert found is not None
    assert [alarm.code for alarm in found.alarms if alarm.acknowledged_at is None] == [other]
    assert (await office.file(AN, first))["incident"]["acknowledged_by"] == f"person:{AN}"
    assert (await office.file(AN, other))["incident"]["acknowledged_at"] is None
    assert (await office.post(AN, path, {"entries": [entry]})).json()["incidents"] == []


async def test_one_tap_says_that_the_secretariat_was_told(office: Office) -> None:
    """The duty of the live session is met by it, with its instant; an action meets the other."""
    rooms = Rooms(office.province, 3)
    number = await live(office, rooms)
    _, code = breaks(office, "codec-1", CODES[0])
    office.clock.move(minutes=2)
    entries = [
        {"kind": "secretariat", "key": "a"},
        {"kind": "action", "point": 1, "text": "Đổi sang đường dự phòng", "key": "b"},
    ]

    said = await office.post(AN, f"/api/v1/sessions/{number}/log", {"entries": entries})

    assert said.is_success
    rows = await office.get(AN, f"/api/v1/incidents/{code}/deadlines")
    met = {row["code"]: row["met_at"] for row in rows if row["met_at"] is not None}
    assert {"bao_thu_ky", "phuong_an_tam", "ack"} <= met.keys()


async def test_while_somebody_is_at_the_board_pages_wait_for_it(office: Office) -> None:
    """Two minutes; without anybody there they leave at once, and an entry takes them back."""
    rooms = Rooms(office.province, 3)
    number = await live(office, rooms)
    absent, _ = breaks(office, "codec-1", CODES[0])
    assert {(held, wait) for _, held, wait in waiting(office, absent)} == {("", timedelta(0))}
    session = await office.province.services.boards.board(
        number, office.desk.viewer(f"person:{AN}", office.clock()), office.clock()
    )
    assert session is not None

    with office.province.services.presence.at(session.session, AN):
        present, _ = breaks(office, "codec-2", CODES[1])
    found = waiting(office, present)
    assert found
    assert {(held, wait) for _, held, wait in found} == {("board", timedelta(minutes=2))}
