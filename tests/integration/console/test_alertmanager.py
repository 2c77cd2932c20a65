"""Alertmanager's API beside the console: who may ask, and what a browser may not be used for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

    from tests.province import Province


def silence(province: Province, **more: Any) -> dict[str, Any]:
    now = province.clock()
    return {
        "matchers": [{"name": "alertname", "value": "DiskFull", "isRegex": False}],
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(hours=1)).isoformat(),
        "createdBy": "x",
        "comment": "sửa máy",
        **more,
    }


async def test_nobody_unknown_gets_in(stranger: httpx.AsyncClient) -> None:
    """Without a token of a source or of the command line there is nothing."""
    for path in ("alerts", "alerts/groups", "status", "silences", "receivers", "silence/x"):
        assert (await stranger.get(f"/api/v2/{path}")).status_code == 401
    for path in ("/api/v2/alerts", "/api/v1/webhooks/alertmanager", "/api/v2/silences"):
        answer = await stranger.post(path, json=[], headers={"Authorization": "Bearer nobody"})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_person_sees_our_own_alerts_as_alertmanager_shows_them(
    person: httpx.AsyncClient,
) -> None:
    """Groups, filters, links to the runbook; adding alerts is for programs."""
    found = (await person.get("/api/v2/alerts")).json()
    assert found
    one = found[0]
    assert {"alertname", "severity", "unit"} <= set(one["labels"])
    name = one["labels"]["alertname"]
    same = (await person.get("/api/v2/alerts", params={"filter": f'alertname="{name}"'})).json()
    assert {other["labels"]["alertname"] for other in same} == {name}
    groups = (await person.get("/api/v2/alerts/groups")).json()
    assert sum(len(group["alerts"]) for group in groups) == len(found)
    assert (await person.post("/api/v2/alerts", json=[])).status_code == 403
    assert (await person.get("/api/v2/alerts", params={"filter": "x"})).status_code == 400


async def test_silence_of_a_person_is_theirs_whatever_it_says(
    person: httpx.AsyncClient, cli: httpx.AsyncClient, province: Province
) -> None:
    """A session's name stands in it; another site's page cannot make one with its cookie."""
    made = await person.post("/api/v2/silences", json=silence(province))
    assert made.status_code == 200
    path = f"/api/v2/silence/{made.json()['silenceID']}"
    shown = (await cli.get(path)).json()
    assert (shown["createdBy"], shown["status"]["state"]) == ("Nguyễn Văn An", "active")
    listed = (await cli.get("/api/v1/silences")).json()["items"]
    assert [row["rule"] for row in listed if row["created_by"] == "person:Nguyễn Văn An"]

    foreign = {"Sec-Fetch-Site": "cross-site"}
    answer = await person.post("/api/v2/silences", json=silence(province), headers=foreign)
    assert answer.status_code == 403
    assert (await person.delete(path, headers=foreign)).status_code == 403
    assert (await person.delete(path)).status_code == 200
    assert (await person.delete(path)).status_code == 500  # as Alertmanager says it


async def test_large_body_is_taken_where_alerts_are_and_nowhere_else(
    cli: httpx.AsyncClient,
) -> None:
    """A notification of megabytes is one request; beyond the bound it is refused."""
    many = [{"labels": {"alertname": "A", "n": str(n), "pad": "x" * 200}} for n in range(8_000)]
    assert (await cli.post("/api/v2/alerts", json=many)).status_code == 200
    assert (await cli.post("/api/v2/silences", content=b"x" * 100_000)).status_code == 413
    assert (await cli.post("/api/v2/alerts", content=b"x" * (16 << 20))).status_code == 413
    answer = await cli.post("/api/v2/alerts", content=b"[]", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
