"""The API over real tables and the real desk: listings, one file, commands, errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from collector.api.health import desk_health
from collector.services import Health
from collector.web import build
from tests.province import open_province

if TYPE_CHECKING:
    from pathlib import Path

    from collector.storage.database import Database
    from tests.province import Province

WORST = "/api/v1/incidents/SC26-0003"


@pytest.fixture
def province(db: Database, tmp_path: Path) -> Province:
    """The seeded province on SQLite and on PostgreSQL: the same promises hold on both."""
    return open_province(tmp_path, db=db)


async def all_items(client: httpx.AsyncClient, path: str, limit: int) -> list[dict[str, Any]]:
    """Walk through a listing page by page."""
    items: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        query = {"limit": limit} | ({} if after is None else {"after": after})
        page = (await client.get(path, params=query)).json()
        items += page["items"]
        if (after := page["next"]) is None:
            return items


@pytest.mark.parametrize("resource", ["units", "agents", "alerts", "worklist", "incidents"])
async def test_listing_is_the_same_in_small_pages(cli: httpx.AsyncClient, resource: str) -> None:
    """Nothing is missed or doubled between pages, and the order is one and the same."""
    path = f"/api/v1/{resource}"
    assert await all_items(cli, path, 2) == (await cli.get(path)).json()["items"]


async def test_units_are_in_vietnamese_order_and_found_without_marks(
    cli: httpx.AsyncClient,
) -> None:
    """Ban, Đảng, Ủy, Văn: the alphabet is the Vietnamese one."""
    names = [unit["name"] for unit in (await cli.get("/api/v1/units")).json()["items"]]
    assert names[0] == "Ban Tổ chức Tỉnh ủy"
    assert names[-2:] == ["Ủy ban Kiểm tra Tỉnh ủy", "Văn phòng Tỉnh ủy"]
    for query in ("mũi né", "mui ne", "MUI NÉ"):
        found = (await cli.get("/api/v1/units", params={"q": query})).json()["items"]
        assert [unit["name"] for unit in found] == ["Đảng ủy phường Mũi Né"]


async def test_search_treats_wildcards_as_letters(cli: httpx.AsyncClient) -> None:
    """A percent sign finds a percent sign, not everything."""
    found = (await cli.get("/api/v1/units", params={"q": "%"})).json()["items"]
    assert found == []


async def test_incidents_come_open_and_worst_first(cli: httpx.AsyncClient) -> None:
    """S2 before S3, the ended one last."""
    items = (await cli.get("/api/v1/incidents")).json()["items"]
    assert [(i["code"], i["severity"]) for i in items] == [
        ("SC26-0003", "S2"),
        ("SC26-0002", "S3"),
        ("SC26-0001", "S4"),
    ]
    assert items[0]["detected_at"] == "2026-11-23T19:08:30Z"


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({"state": "open"}, ["SC26-0003", "SC26-0002"]),
        ({"state": "ended"}, ["SC26-0001"]),
        ({"severity": "S3"}, ["SC26-0002"]),
        ({"unit": "000.01.30"}, ["SC26-0001"]),
        ({"stage": "canh_bao"}, ["SC26-0003"]),
        ({"q": "mat lien lac"}, ["SC26-0002"]),
        ({"q": "khong co"}, []),
    ],
)
async def test_incidents_are_filtered(
    cli: httpx.AsyncClient, query: dict[str, str], codes: list[str]
) -> None:
    """Each filter alone leaves what it says."""
    items = (await cli.get("/api/v1/incidents", params=query)).json()["items"]
    assert [item["code"] for item in items] == codes


async def test_file_of_an_incident_has_all_of_it(cli: httpx.AsyncClient) -> None:
    """Timeline, alerts, paging with reasons, and what may be done now."""
    file = (await cli.get(WORST)).json()
    assert [entry["kind"] for entry in file["entries"]] == ["opened", "notified"]
    assert [alert["rule"] for alert in file["alerts"]] == ["FilesystemAlmostFull"]
    assert {d["reason"] for d in file["decisions"]} == {"first", "severity_not_wanted"}
    assert [delivery["status"] for delivery in file["deliveries"]] == ["sent"]
    kinds = [action["kind"] for action in file["actions"]]
    assert kinds[0] == "acknowledge"
    assert "note" in kinds


async def test_person_takes_an_incident_through_the_api(
    province: Province, cli: httpx.AsyncClient
) -> None:
    """Acknowledge, note, move: each is an entry with the person's name, and pages are told."""
    assert (await cli.post(f"{WORST}/ack")).json()["stage"] == "tiep_nhan"
    assert (await cli.post(f"{WORST}/note", json={"text": "Đang dọn /var"})).status_code == 200
    moved = await cli.post(f"{WORST}/move", json={"stage": "xac_minh"})
    assert moved.json() == {"incident": "SC26-0003", "stage": "xac_minh", "ended": False}
    entries = (await cli.get(f"{WORST}/entries", params={"after": 2})).json()["items"]
    people = [(e["kind"], e["actor"]) for e in entries if e["actor"].startswith("person:")]
    assert people == [("acknowledged", "person:an"), ("note", "person:an"), ("moved", "person:an")]
    assert province.changes.published == [("incident", "SC26-0003")] * 3


async def test_refusal_says_why_and_what_is_needed(cli: httpx.AsyncClient) -> None:
    """In both languages, with the names of the missing conditions."""
    answer = await cli.post(f"{WORST}/close", json={"reason": "xong", "root_cause": "x"})
    body = answer.json()
    assert (answer.status_code, body["code"]) == (409, "refused")
    assert body["reason_vi"]
    assert body["reason_en"]
    assert "tiep_nhan" in body["needed"]


async def test_repeat_with_the_same_key_changes_nothing(cli: httpx.AsyncClient) -> None:
    """The first answer comes again; there is one entry."""
    send = {"json": {"text": "một lần"}, "headers": {"Idempotency-Key": "note-1"}}
    first, second = [await cli.post(f"{WORST}/note", **send) for _ in range(2)]
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    entries = (await cli.get(WORST)).json()["entries"]
    assert [entry["kind"] for entry in entries].count("note") == 1


async def test_same_key_with_another_content_is_refused(cli: httpx.AsyncClient) -> None:
    """A key names one request for ever."""
    headers = {"Idempotency-Key": "note-1"}
    await cli.post(f"{WORST}/note", json={"text": "một"}, headers=headers)
    other = await cli.post(f"{WORST}/note", json={"text": "hai"}, headers=headers)
    assert (other.status_code, other.json()["field"]) == (422, "Idempotency-Key")


async def test_refused_command_may_be_tried_again_with_its_key(cli: httpx.AsyncClient) -> None:
    """A refusal is no answer that is kept: once the condition holds, the same request works."""
    send = {"json": {"stage": "xac_minh"}, "headers": {"Idempotency-Key": "move-1"}}
    assert (await cli.post(f"{WORST}/move", **send)).status_code == 409
    await cli.post(f"{WORST}/ack")
    assert (await cli.post(f"{WORST}/move", **send)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "field"),
    [
        ("GET", "/api/v1/units/none", None, 404, None),
        ("GET", "/api/v1/agents/none", None, 404, None),
        ("GET", "/api/v1/alerts/999", None, 404, None),
        ("GET", "/api/v1/incidents/none", None, 404, None),
        ("POST", "/api/v1/incidents/none/ack", None, 404, None),
        ("POST", "/api/v1/worklist/999/promote", None, 404, None),
        ("GET", "/api/v1/alerts/x", None, 422, "alert"),
        ("GET", "/api/v1/units?limit=501", None, 422, "limit"),
        ("GET", "/api/v1/units?limit=0", None, 422, "limit"),
        ("GET", "/api/v1/units?after=none", None, 422, "after"),
        ("GET", f"/api/v1/alerts?after={1 << 64}", None, 422, "after"),
        ("GET", f"/api/v1/alerts/{1 << 64}", None, 422, "alert"),
        ("POST", f"/api/v1/worklist/{1 << 64}/promote", None, 422, "alert"),
        ("GET", "/api/v1/incidents?state=lost", None, 422, "state"),
        ("POST", f"{WORST}/note", {}, 422, "text"),
        ("POST", f"{WORST}/note", {"text": "x", "extra": 1}, 422, "extra"),
        ("POST", f"{WORST}/note", {"text": "x" * 4001}, 422, "text"),
        ("POST", f"{WORST}/ack", {"extra": 1}, 422, "extra"),
        ("POST", "/api/v1/login-links", {"user": " "}, 422, "user"),
        ("DELETE", WORST, None, 405, None),
    ],
)
async def test_error_has_its_status_and_names_the_field(
    cli: httpx.AsyncClient,
    method: str,
    path: str,
    body: object,
    status: int,
    field: str | None,
) -> None:
    """One form for every error, with words in both languages."""
    answer = await cli.request(method, path, json=body)
    assert answer.status_code == status
    said = answer.json()
    assert said.get("field") == field
    assert {"code", "reason_vi", "reason_en"} <= said.keys()


async def test_worklist_line_is_promoted_once(province: Province, cli: httpx.AsyncClient) -> None:
    """The second click leads to the same incident; the line leaves the list."""
    line = (await cli.get("/api/v1/worklist")).json()["items"][0]
    first = await cli.post(f"/api/v1/worklist/{line['id']}/promote")
    second = await cli.post(f"/api/v1/worklist/{line['id']}/promote")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    left = (await cli.get("/api/v1/worklist")).json()["items"]
    assert line["id"] not in [item["id"] for item in left]
    assert ("worklist", str(line["id"])) in province.changes.published


async def test_agents_carry_what_the_fleet_knows_now(cli: httpx.AsyncClient) -> None:
    """Liveness and last report are those of this moment."""
    silent = (await cli.get("/api/v1/agents/agent-may-tram-07-01")).json()
    assert silent["liveness"] == "silent"
    assert silent["last_report_at"] == "2026-11-23T19:05:40Z"


async def test_metrics_are_those_of_the_given_registry(cli: httpx.AsyncClient) -> None:
    """One registry per application, none of the library's own."""
    answer = await cli.get("/metrics")
    assert "wanwatch_test 7.0" in answer.text
    assert "python_info" not in answer.text


async def test_description_of_the_api_is_behind_login(cli: httpx.AsyncClient) -> None:
    """It names every resource and no page."""
    described = (await cli.get("/api/openapi.json")).json()["paths"]
    assert "/api/v1/incidents/{code}/ack" in described
    assert "/incidents/{code}" not in described


async def test_health_is_503_with_the_reason_when_the_desk_stands_still(tmp_path: Path) -> None:
    """Healthy means a whole desk turn in the last 15 s."""
    assert desk_health(15.0) == Health(ok=True)
    province = open_province(tmp_path, health=lambda: desk_health(23.4))
    transport = httpx.ASGITransport(app=build(province.services))
    async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
        answer = await client.get("/-/healthy")
        assert (answer.status_code, "23 s ago" in answer.text) == (503, True)
        assert (await client.get("/-/ready")).text == "ok\n"
    assert not desk_health(None).ok
    province.db.close()


async def test_runbooks_are_listed_and_read(cli: httpx.AsyncClient) -> None:
    """Heads in the list, the Markdown of both languages in one; unknown names are told apart."""
    rows = (await cli.get("/api/v1/runbooks")).json()["items"]
    assert [row["name"] for row in rows] == sorted(row["name"] for row in rows)
    found = (await cli.get("/api/v1/runbooks/agent-silent")).json()
    assert found["runbook"] in rows
    assert {"kind": "host_hour", "indicator": "cpu_used_ratio"} in found["checks"]
    assert "ba chu kỳ" in found["sections"]["vi"]["meaning"]
    unknown = await cli.get("/api/v1/runbooks/nothing")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
