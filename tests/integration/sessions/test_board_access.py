"""Boards that only show: what their secret opens, and when it no longer does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

from collector.sessions.board_access import COOKIE
from collector.storage import sessions as store
from incidents.sessions.model import Point, Session, Stage
from tests.integration.desk.office import AN, BASE, KIEN, Office
from tests.province import UNITS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from collector.storage.database import Database
    from incidents.sessions.model import SessionClass

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.fixture
async def office(tmp_path: Path, db: Database) -> AsyncIterator[Office]:
    """People with roles on a Monday morning."""
    made = Office(tmp_path, db, MONDAY)
    yield made
    await made.close()


def keep(office: Office, session_class: SessionClass = "A") -> int:
    """Keep a session that goes on."""
    now = office.clock()
    new = Session(
        0, "Giao ban", session_class, now, now + timedelta(hours=2), began_at=now, stage=Stage.LIVE,
        points=(Point(1, UNITS[0][0], "Tỉnh ủy"),),
    )  # fmt: skip
    return office.province.db.write_now(lambda c: store.add_session(c, new, "person:An", now))


async def linked(office: Office, number: int) -> str:
    """Let somebody make a link for another screen; return its path."""
    client = await office.client(AN)
    page = (await client.post(f"/sessions/{number}/boards", data={"key": "k"})).text
    again = (await client.post(f"/sessions/{number}/boards", data={"key": "k"})).text
    found = page.partition('id="board-link">')[2].partition("<")[0]
    assert found
    assert found in again
    return "/board/" + found.partition("/board/")[2]


async def test_a_link_opens_one_board_to_look_at_and_nothing_else(office: Office) -> None:
    """Not another session's, no other page, no entry; and it ends with the session."""
    number, other = keep(office), keep(office)
    path = await linked(office, number)
    transport = httpx.ASGITransport(app=office.app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as wall:
        assert (await wall.get(f"/sessions/{number}/live")).status_code == 401
        opened = await wall.get(path)
        assert (opened.status_code, opened.headers["location"]) == (
            303,
            f"/sessions/{number}/live?wall=1",
        )
        shown = await wall.get(f"/sessions/{number}/live")
        assert shown.status_code == 200
        assert 'id="logger"' not in shown.text
        for closed in (f"/sessions/{other}/live", f"/sessions/{number}", "/incidents"):
            assert (await wall.get(closed)).status_code == 401
        entry = {"entries": [{"kind": "note", "text": "x"}]}
        log = f"/api/v1/sessions/{number}/log"
        assert (await wall.post(log, json=entry)).status_code == 401
        office.clock.move(hours=20)
        assert (await wall.get(f"/sessions/{number}/live")).status_code == 200

        ended = await office.post(AN, f"/api/v1/sessions/{number}/end", {})
        assert ended.is_success
        assert (await wall.get(f"/sessions/{number}/live")).status_code == 401
        assert (await wall.get(path)).status_code == 404


@pytest.mark.parametrize(("session_class", "goes_on"), [("A", True), ("B", False)])
async def test_the_board_of_class_a_outlives_the_log_in(
    office: Office, session_class: SessionClass, *, goes_on: bool
) -> None:
    """The page itself gets the secret; opened again it keeps the one it has."""
    number = keep(office, session_class)
    client = await office.client(AN)
    first = await client.get(f"/sessions/{number}/live")
    assert (COOKIE in first.cookies) == goes_on
    assert COOKIE not in (await client.get(f"/sessions/{number}/live")).cookies
    office.clock.move(hours=13)

    later = await client.get(f"/sessions/{number}/live")

    assert later.status_code == (200 if goes_on else 401)
    assert (await client.get("/incidents")).status_code == 401


async def test_who_only_reads_makes_no_link_and_logs_nothing(office: Office) -> None:
    """They see the board, without its keys."""
    number = keep(office)
    client = await office.client(KIEN)

    shown = await client.get(f"/sessions/{number}/live")

    assert shown.status_code == 200
    assert 'id="logger"' not in shown.text
    assert (await client.post(f"/sessions/{number}/boards", data={})).status_code == 403
