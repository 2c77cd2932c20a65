"""The procedure's page and API over real tables: what is law, who confirms, deadlines by form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from incidents.people import People, Person
from tests.province import open_province

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from collector.storage.database import Database
    from tests.province import Province

WORST = "/incidents/SC26-0003"
CONFIRM = "/api/v1/procedure/confirmations"


@pytest.fixture
def province(db: Database, tmp_path: Path) -> Province:
    """The seeded province on SQLite and on PostgreSQL."""
    return open_province(tmp_path, db=db)


async def test_page_says_what_is_law_what_is_proposed_and_what_is_missing(
    person: httpx.AsyncClient,
) -> None:
    """Every number carries its mark; who is told first outside is asked for; stages are drawn."""
    page = (await person.get("/procedure")).text

    assert "Chưa chọn cơ quan được báo đầu tiên" in page
    assert "cần xác nhận. Các con số đề xuất không phải quy định của pháp luật" in page
    assert re.search(r'id="item-deadlines.bca_24h".*?mark-law', page, re.DOTALL)
    assert re.search(r'id="item-deadlines.ack".*?mark-proposed', page, re.DOTALL)
    assert '<svg class="stages"' in page
    assert "Chờ phê duyệt" in page
    english = (await person.get("/procedure?lang=en")).text
    assert "A proposed number is not a rule of law" in english


async def test_other_rulesets_are_shown_and_compared(person: httpx.AsyncClient) -> None:
    """A shipped one by its id; the difference as a page; an unknown one is a page that says so."""
    assert "Quy trình ứng cứu sự cố" in (await person.get("/procedure?ref=vn-2017-legacy")).text
    diff = (await person.get("/procedure/diff?a=vn-2017-legacy")).text
    assert "deadlines.bca_24h" in diff
    same = (await person.get("/procedure/diff?a=vn-2026")).text
    assert "Hai quy trình giống nhau." in same
    assert (await person.get("/procedure?ref=nothing")).status_code == 404


async def test_person_confirms_a_number_by_a_form_once(person: httpx.AsyncClient) -> None:
    """It stands there with who and when; a second time is refused with words."""
    done = await person.post("/procedure/confirm", data={"item": "deadlines.ack", "note": "QĐ 7"})
    assert done.status_code == 303
    page = (await person.get("/procedure")).text
    again = await person.post("/procedure/confirm", data={"item": "deadlines.ack"})

    row = re.search(r'<tr id="item-deadlines.ack">.*?</tr>', page, re.DOTALL)
    assert row is not None
    assert "Nguyễn Văn An" in row[0]
    assert "mark-unconfirmed" not in row[0]
    assert again.status_code == 409
    assert "đã được xác nhận" in again.text


async def test_confirmation_is_an_entry_of_the_record(cli: httpx.AsyncClient) -> None:
    """Who, what, which content, in which role."""
    answer = (await cli.post(CONFIRM, json={"item": "matrix", "note": "Họp ngày 3/11"})).json()
    (entry,) = (await cli.get("/api/v1/record", params={"kind": "confirmed"})).json()["items"]

    assert answer["confirmed"]
    assert entry["actor"] == "person:an"
    assert answer["digest"] in str(entry)


async def test_only_the_role_that_the_ruleset_names_confirms(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """Roles are declared: the duty officer may not; an unknown item is named with all there are."""
    officers = (Person(name="an", roles=("truc_ca",)), Person(name="binh", roles=("lanh_dao_vp",)))
    province.services.desk.people = People(officers)  # type: ignore[misc]
    refused = await cli.post(CONFIRM, json={"item": "matrix"})
    unknown = await cli.post(
        CONFIRM, json={"item": "matrixx"}, headers={"X-Wanwatch-Actor": "binh"}
    )
    allowed = await cli.post(CONFIRM, json={"item": "matrix"}, headers={"X-Wanwatch-Actor": "binh"})

    assert refused.status_code == 409
    assert refused.json()["needed"] == ["lanh_dao_vp"]
    assert "deadlines.bca_24h" in unknown.json()["reason_en"]
    assert allowed.status_code == 200


async def test_api_returns_a_ruleset_as_written(cli: httpx.AsyncClient) -> None:
    """The one in force, and those that were, by digest."""
    shown = (await cli.get("/api/v1/procedure")).json()
    kept = (await cli.get("/api/v1/procedures")).json()

    assert shown["in_force"]
    assert shown["first_told"] is None
    assert shown["content"]["id"] == "vn-2026"
    assert kept[0]["digest"] == shown["digest"]
    by_digest = await cli.get("/api/v1/procedure", params={"ref": shown["digest"][:12]})
    assert by_digest.json()["id"] == "vn-2026"


async def test_deadlines_of_an_incident_are_listed_and_met_by_a_form(
    person: httpx.AsyncClient, cli: httpx.AsyncClient
) -> None:
    """Countdown, law or proposal, state in words; after the form the row says who did it when."""
    page = (await person.get(WORST)).text
    row = re.search(r'<tr id="deadline-notify_commander".*?</tr>', page, re.DOTALL)
    assert row is not None
    assert "mark-proposed" in row[0]
    assert "Chưa đến hạn" in row[0]
    refused = await person.post(f"{WORST}/meet", data={"deadline": "notify_commander", "how": " "})
    assert refused.status_code == 409
    form = {"deadline": "notify_commander", "how": "Gọi điện", "told": "", "document": "", "at": ""}
    assert (await person.post(f"{WORST}/meet", data=form)).status_code == 303

    after = (await cli.get(f"/api/v1{WORST}/deadlines")).json()
    met = next(line for line in after if line["code"] == "notify_commander")

    assert met["state"] == "hoan_thanh_dung_han"
    assert met["proof"]["by"] == "Nguyễn Văn An"
    assert met["proof"]["how"] == "Gọi điện"
    assert not met["running"]
    assert met["passed_percent"] == 0
    assert "Gọi điện" in (await person.get(WORST)).text


async def test_clock_of_law_is_not_extended_by_anybody(cli: httpx.AsyncClient) -> None:
    """409 with the rule that forbids it; an internal one moves, and says by whose approval."""
    grounds = {"decision": "yes", "reason": "Dịch vụ dừng", "grounds": ["nghiem_trong"]}
    assert (await cli.post(f"/api/v1{WORST}/reportable", json=grounds)).status_code == 200
    more = {"until": "2026-12-30T17:00", "approver": "Lê Bình", "reason": "chờ thiết bị"}
    law = await cli.post(f"/api/v1{WORST}/extend", json={"deadline": "bca_72h", **more})
    own = await cli.post(f"/api/v1{WORST}/extend", json={"deadline": "fix", **more})
    lines = {line["code"]: line for line in (await cli.get(f"/api/v1{WORST}/deadlines")).json()}

    assert law.status_code == 409
    assert "không được gia hạn" in law.json()["reason_vi"]
    assert own.status_code == 200
    assert lines["fix"]["extended_by"] == "Lê Bình"
    assert lines["fix"]["due_at"].startswith("2026-12-30T10:00")
    assert lines["bca_72h"]["legal"]
    assert (await cli.get("/api/v1/incidents/SC26-9999/deadlines")).status_code == 404
