"""Silences and maintenance for programs and people: made, shown on each alert, ended, refused."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from collector.storage import schema
from tests.province import open_province

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from collector.storage.database import Database
    from tests.province import Province

HOST = "agent-may-chu-05-00"
UNIT = "000.11.30"
QUIET = {"agent": HOST, "reason": "đang thay ổ đĩa"}


@pytest.fixture
def province(db: Database, tmp_path: Path) -> Province:
    """The seeded province on both databases."""
    return open_province(tmp_path, db=db)


def plan(province: Province, **changes: Any) -> dict[str, Any]:
    """A window of two hours from now on."""
    now = province.clock()
    body = {
        "unit": UNIT,
        "reason": "thay bộ định tuyến",
        "owner": "Tổ CNTT",
        "starts_at": now.isoformat(),
        "ends_at": (now + timedelta(hours=2)).isoformat(),
    }
    return body | changes


async def test_silence_is_made_listed_and_ended(cli: httpx.AsyncClient, province: Province) -> None:
    """Two hours unless said otherwise, with who made it and why."""
    made = await cli.post("/api/v1/silences", json=QUIET)
    assert made.status_code == 201
    (row,) = (await cli.get("/api/v1/silences")).json()["items"]
    assert (row["id"], row["host"], row["created_by"]) == (
        made.json()["id"],
        "may-chu-05-00",
        "person:an",
    )
    assert row["reason"] == "đang thay ổ đĩa"
    assert row["ends_at"].startswith((province.clock() + timedelta(hours=2)).isoformat()[:16])

    ended = await cli.post(f"/api/v1/silences/{row['id']}/expire")
    assert ended.json() == {"id": row["id"], "ended": True}
    again = await cli.post(f"/api/v1/silences/{row['id']}/expire")
    assert again.json()["ended"] is False
    assert (await cli.get("/api/v1/silences")).json()["items"] == []
    (over,) = (await cli.get("/api/v1/silences?state=over")).json()["items"]
    assert over["ended_by"] == "person:an"


@pytest.mark.parametrize(
    ("body", "needed"),
    [
        ({"reason": "x"}, ["scope"]),
        ({"agent": HOST, "reason": "  "}, ["reason"]),
        ({"unit": "nowhere", "reason": "x"}, ["unit"]),
        ({"agent": "nobody", "rule": "NoSuchRule", "reason": "x"}, ["agent", "rule"]),
    ],
)
async def test_silence_that_covers_nothing_is_refused(
    cli: httpx.AsyncClient, body: dict[str, str], needed: list[str]
) -> None:
    """Everything that is missing is said at once."""
    answer = await cli.post("/api/v1/silences", json=body)
    assert answer.status_code == 409
    assert answer.json()["needed"] == needed


async def test_repeated_request_makes_one_silence(cli: httpx.AsyncClient) -> None:
    """The same key gets the first answer again."""
    headers = {"Idempotency-Key": "k-1"}
    first = await cli.post("/api/v1/silences", json=QUIET, headers=headers)
    second = await cli.post("/api/v1/silences", json=QUIET, headers=headers)
    assert first.json() == second.json()
    assert len((await cli.get("/api/v1/silences")).json()["items"]) == 1


async def test_maintenance_is_planned_and_taken_back(
    cli: httpx.AsyncClient, province: Province
) -> None:
    """Once, or week after week; an owner is needed."""
    made = await cli.post("/api/v1/maintenance", json=plan(province, weekly="T7 22:00-24:00"))
    assert made.status_code == 201
    number = made.json()["id"]
    (row,) = (await cli.get("/api/v1/maintenance")).json()["items"]
    assert (row["weekly"], row["owner"], row["unit_name"]) == (
        "T7 22:00-24:00",
        "Tổ CNTT",
        "Đảng ủy xã Bắc Bình",
    )
    assert (await cli.get(f"/api/v1/maintenance/{number}/reports")).json() == []
    assert (await cli.post(f"/api/v1/maintenance/{number}/remove")).json()["ended"]
    assert (await cli.post("/api/v1/maintenance/99/remove")).status_code == 404
    assert (await cli.get("/api/v1/silences")).json()["items"] == []


@pytest.mark.parametrize(
    ("changes", "needed"),
    [
        ({"owner": " "}, "owner"),
        ({"weekly": "never"}, "weekly"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "ends_at"),
        ({"ends_at": "2030-01-01T00:00:00Z"}, "ends_at"),
    ],
)
async def test_senseless_window_is_refused(
    cli: httpx.AsyncClient, province: Province, changes: dict[str, str], needed: str
) -> None:
    """It says what is needed."""
    answer = await cli.post("/api/v1/maintenance", json=plan(province, **changes))
    assert answer.status_code == 409
    assert answer.json()["needed"] == [needed]


async def test_person_quietens_a_host_from_the_incident(
    province: Province, person: httpx.AsyncClient
) -> None:
    """The form offers host, unit and rule; the alert says who silenced it, why and until when."""
    page = (await person.get("/incidents/SC26-0003")).text
    values = re.findall(r'<option value="((?:agent|unit|rule):[^"]*)">', page)
    assert values == [f"agent:{HOST}", f"unit:{UNIT}", "rule:FilesystemAlmostFull"]

    data = {"scope": values[0], "minutes": "120", "reason": "đang thay ổ đĩa", "key": "k"}
    done = await person.post("/incidents/SC26-0003/silence", data=data)
    assert done.status_code == 303
    assert done.headers["location"] == "/incidents/SC26-0003?done=silence"

    def mark(connection: Any) -> None:
        (number,) = connection.scalars(select(schema.mutes.c.id))
        connection.execute(
            update(schema.alerts)
            .where(schema.alerts.c.agent == HOST)
            .values(suppressed="silence", suppressed_by=str(number))
        )

    province.db.write_now(mark)
    for path in ("/incidents/SC26-0003", f"/alerts?agent={HOST}"):
        shown = (await person.get(path)).text
        assert "Nguyễn Văn An" in shown
        assert "đang thay ổ đĩa" in shown


async def test_silence_without_a_reason_is_refused_on_the_page(
    person: httpx.AsyncClient,
) -> None:
    """The incident's page says what is missing; nothing was made."""
    data = {"scope": f"agent:{HOST}", "minutes": "120", "reason": "", "key": "k"}
    answer = await person.post("/incidents/SC26-0003/silence", data=data)
    assert answer.status_code == 409
    assert "Cần ghi lý do" in answer.text
    assert "Không có." in (await person.get("/mutes")).text


async def test_worst_incident_offers_no_silence(
    province: Province, person: httpx.AsyncClient
) -> None:
    """An S1 has no such form, and a request for it is refused."""
    worst = schema.incidents.c.code == "SC26-0003"
    province.db.write_now(
        lambda c: c.execute(update(schema.incidents).where(worst).values(severity="S1"))
    )
    assert "form-silence" not in (await person.get("/incidents/SC26-0003")).text
    data = {"scope": f"agent:{HOST}", "minutes": "120", "reason": "x", "key": "k"}
    answer = await person.post("/incidents/SC26-0003/silence", data=data)
    assert answer.status_code == 409
    assert "S1" in answer.text


async def test_person_plans_and_ends_on_the_page(
    province: Province, person: httpx.AsyncClient
) -> None:
    """Times of the form are local; the row shows them so, and has a button that ends it."""
    data = {
        "unit": UNIT,
        "starts": "2026-11-28T22:00",
        "ends": "2026-11-29T02:00",
        "owner": "Tổ CNTT",
        "reason": "thay bộ định tuyến",
        "key": "k",
    }
    done = await person.post("/mutes/maintenance", data=data)
    assert done.headers["location"] == "/mutes?done=maintenance"
    page = (await person.get("/mutes")).text
    assert "28/11/2026 22:00" in page
    (action,) = re.findall(r'action="(/mutes/maintenance/\d+/end)"', page)
    assert (await person.post(action, data={"key": "e"})).status_code == 303
    assert "/end" not in (await person.get("/mutes")).text


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_page_is_prefilled_from_a_host_or_a_unit(
    person: httpx.AsyncClient, language: str
) -> None:
    """One click from where the disturbance is seen."""
    page = (await person.get(f"/mutes?agent={HOST}&lang={language}")).text
    assert f'name="agent" value="{HOST}"' in page
    page = (await person.get(f"/mutes?unit={UNIT}&lang={language}")).text
    assert f'<option value="{UNIT}" selected>' in page


async def test_silenced_lines_leave_the_worklist_and_the_counts(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """What is quiet asks nothing of anybody; it is found by asking for it."""
    before = len((await cli.get("/api/v1/worklist")).json()["items"])
    number = (await cli.post("/api/v1/silences", json={"rule": "MemoryHigh", "reason": "x"})).json()
    province.db.write_now(
        lambda c: c.execute(
            update(schema.alerts)
            .where(schema.alerts.c.rule == "MemoryHigh")
            .values(suppressed="silence", suppressed_by=str(number["id"]))
        )
    )
    assert len((await cli.get("/api/v1/worklist")).json()["items"]) == before - 1
    (row,) = (await cli.get("/api/v1/silences")).json()["items"]
    assert row["alerts"] == 1
    found = (await cli.get("/api/v1/alerts?suppressed=true")).json()["items"]
    assert [(a["rule"], a["muted_by"], a["mute_reason"]) for a in found] == [
        ("MemoryHigh", "person:an", "x")
    ]
