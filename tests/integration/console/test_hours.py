"""Expected hours and who was missing, for programs and people."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from collector.storage.hours import load_approved
from tests.province import CUT_UNIT, open_province, seed_hours

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from collector.storage.database import Database
    from tests.province import Province

HOURS = "T2-T6 07:00-17:00"


@pytest.fixture
def province(db: Database, tmp_path: Path) -> Province:
    """A unit that keeps hours nobody expects, and a morning with somebody missing."""
    made = open_province(tmp_path, db=db)
    seed_hours(made)
    return made


async def test_proposal_is_approved_and_no_longer_proposed(
    cli: httpx.AsyncClient, province: Province
) -> None:
    """Nothing is expected before; afterwards who approved it, and when."""
    (proposal,) = (await cli.get("/api/v1/hours/proposals")).json()
    assert (proposal["unit"], proposal["kind"], proposal["hours"]) == (CUT_UNIT, "", HOURS)
    assert province.db.read_now(load_approved) == {}
    body = {"unit": CUT_UNIT, "hours": proposal["hours"]}
    assert (await cli.post("/api/v1/hours", json=body)).status_code == 200
    (decided,) = (await cli.get("/api/v1/hours")).json()
    assert (decided["approved"], decided["decided_by"]) == (True, "person:an")
    assert list(province.db.read_now(load_approved)) == [(CUT_UNIT, "")]

    forgotten = await cli.post("/api/v1/hours/forget", json={"unit": CUT_UNIT})
    assert forgotten.status_code == 200
    assert (await cli.post("/api/v1/hours/forget", json={"unit": CUT_UNIT})).status_code == 404


async def test_declined_proposal_is_not_proposed_again(
    cli: httpx.AsyncClient, province: Province
) -> None:
    """Neither is it expected."""
    body = {"unit": CUT_UNIT, "hours": HOURS, "approve": False}
    await cli.post("/api/v1/hours", json=body)
    assert (await cli.get("/api/v1/hours/proposals")).json() == []
    assert province.db.read_now(load_approved) == {}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"unit": "nowhere", "hours": HOURS}, 404),
        ({"unit": CUT_UNIT, "hours": "now and then"}, 409),
        ({"unit": CUT_UNIT, "hours": ""}, 409),
        ({"unit": CUT_UNIT, "hours": HOURS, "kind": "toaster"}, 409),
        ({"unit": CUT_UNIT}, 422),
    ],
)
async def test_decision_that_makes_no_sense_is_refused(
    cli: httpx.AsyncClient, body: dict[str, str], status: int
) -> None:
    """It says what is wrong."""
    assert (await cli.post("/api/v1/hours", json=body)).status_code == status


async def test_person_changes_a_proposal_and_approves_it(
    province: Province, person: httpx.AsyncClient
) -> None:
    """What was edited in the form is what is expected."""
    page = (await person.get("/hours")).text
    assert f'value="{HOURS}"' in page
    data = {"unit": CUT_UNIT, "kind": "", "hours": "T2-T6 06:30-17:30", "key": "k"}
    done = await person.post("/hours/approve", data=data)
    assert done.headers["location"] == "/hours?done=approved"
    page = (await person.get("/hours?done=approved")).text
    assert "T2-T6 06:30-17:30" in page
    wrong = await person.post("/hours/approve", data=data | {"hours": "xyz", "key": "l"})
    assert wrong.status_code == 409
    assert "Giờ không đúng" in wrong.text


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_missing_is_one_list_for_each_region(
    person: httpx.AsyncClient, province: Province, language: str
) -> None:
    """Who came since says so; another day is one choice away."""
    page = (await person.get(f"/missing?lang={language}")).text
    assert page.index("Khu vực Bắc") < page.index("Khu vực Nam")
    assert page.count('class="back"') == 1
    assert page.count('class="off"') == 2
    empty = await person.get("/missing?day=2020-01-01")
    assert empty.status_code == 200
    assert 'class="off"' not in empty.text


async def test_programs_read_the_list_of_a_day_or_a_region(
    cli: httpx.AsyncClient, province: Province
) -> None:
    """Today unless said."""
    found = (await cli.get("/api/v1/missing")).json()
    assert [unit["region"] for unit in found] == ["Khu vực Bắc", "Khu vực Nam"]
    south = (await cli.get("/api/v1/missing", params={"region": "Khu vực Nam"})).json()
    assert [item["host"] for item in south[0]["items"]] == ["may-tram-07-01"]
    yesterday = date.fromisoformat(found[0]["day"]) - timedelta(days=1)
    assert (await cli.get(f"/api/v1/missing?day={yesterday}")).json() == []
