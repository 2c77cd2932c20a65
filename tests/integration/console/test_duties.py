"""Recurring duties and the list of what is due, for programs and people."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from collector.duties.keeper import DutyKeeper
from collector.storage import duties as store
from collector.storage.record import stored_record
from collector.storage.schema import outbox
from tests.province import open_province

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from collector.storage.database import Database
    from tests.province import Province


@pytest.fixture
def province(db: Database, tmp_path: Path) -> Province:
    """The register in use for some months."""
    made = open_province(tmp_path, db=db)
    db.write_now(lambda c: store.note_first_day(c, date(2026, 10, 1)))
    return made


async def test_a_duty_is_recorded_once_and_stays(
    cli: httpx.AsyncClient, province: Province
) -> None:
    """With its proof and who recorded it; the database itself refuses to change it."""
    rows = (await cli.get("/api/v1/duties")).json()
    late = next(row for row in rows if row["state"] == "qua_han")
    where = f"/api/v1/duties/{late['duty']}/{late['period']}/done"
    empty = await cli.post(where, json={"proof": " "})
    assert (empty.status_code, empty.json()["needed"]) == (409, ["proof"])
    future = await cli.post(where, json={"proof": "x", "done_at": "2040-01-01T00:00:00Z"})
    assert future.json()["needed"] == ["done_at"]

    answer = await cli.post(where, json={"proof": "05-BC/VP ngày 06/11/2026"})
    assert answer.json()["state"] == "hoan_thanh_tre"
    assert (await cli.post(where, json={"proof": "again"})).status_code == 409
    rows = (await cli.get("/api/v1/duties")).json()
    (row,) = [r for r in rows if (r["duty"], r["period"]) == (late["duty"], late["period"])]
    assert (row["actor"], row["proof"]) == ("person:an", "05-BC/VP ngày 06/11/2026")
    recorded = province.db.read_now(lambda c: list(stored_record(c)))
    (entry,) = [one for one in recorded if one.kind == "duty"]
    assert (entry.actor, "05-BC/VP" in (entry.text or "")) == ("person:an", True)
    for change in ("UPDATE duties_done SET proof = 'y'", "DELETE FROM duties_done"):
        with pytest.raises(DBAPIError, match="append-only"):
            province.db.write_now(lambda c, sql=change: c.execute(text(sql)))  # type: ignore[misc]


async def test_an_unknown_duty_is_refused(cli: httpx.AsyncClient) -> None:
    """Naming those that there are."""
    answer = await cli.post("/api/v1/duties/nothing/2026/done", json={"proof": "x"})
    assert answer.status_code == 409
    assert "bc_thang" in answer.json()["reason_en"]


async def test_one_list_holds_incidents_and_duties(
    cli: httpx.AsyncClient, person: httpx.AsyncClient
) -> None:
    """What is overdue comes first; the page shows the same figure as the list."""
    items = (await cli.get("/api/v1/due")).json()
    assert {item["kind"] for item in items} == {"deadline", "duty"}
    states = [item["state"] == "qua_han" for item in items]
    assert states == sorted(states, reverse=True)
    shown = (await person.get("/due")).text
    assert f"{sum(states)} việc đã quá hạn." in shown
    assert "đề xuất" in shown


async def test_a_form_records_a_duty(person: httpx.AsyncClient, cli: httpx.AsyncClient) -> None:
    """A form without proof comes back with the reason; with it the duty leaves the list."""
    rows = (await cli.get("/api/v1/duties")).json()
    late = next(row for row in rows if row["state"] == "qua_han")
    where = f"/due/{late['duty']}/{late['period']}"
    refused = await person.post(where, data={"key": "k1", "proof": ""})
    assert refused.status_code == 409
    done = await person.post(where, data={"key": "k2", "proof": "Biên bản", "on": "2026-11-05"})
    assert done.status_code == 303
    undone = [item for item in (await cli.get("/api/v1/due")).json() if item["kind"] == "duty"]
    assert (late["duty"], late["period"]) not in {(one["code"], one["term"]) for one in undone}


async def test_people_are_told_once(province: Province) -> None:
    """One message for all that is near or overdue; the next turn says nothing."""
    services = province.services
    keeper = DutyKeeper(
        province.db, services.duties, services.desk, new_message_id=iter("abcdefgh").__next__
    )

    def told() -> list[str]:
        rows = province.db.read_now(
            lambda c: c.execute(
                outbox.select().where(outbox.c.incident.is_(None)).order_by(outbox.c.id)
            ).all()
        )
        return [row.body for row in rows]

    await keeper.turn(province.clock())
    first, second = told()  # the same words to both recipients
    assert first == second
    assert "QUÁ HẠN" in first
    await keeper.turn(province.clock())
    assert len(told()) == 2
