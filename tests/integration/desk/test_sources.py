"""Outside sources: made by whoever keeps the service, shown once, rotated, revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import cramjam
import httpx

from agents.exposition import INFO
from collector.api.write import CONTENT_TYPE as CONTENT
from collector.api.write import V2
from collector.source_tokens import SD_PATH, WRITE_PATH, SourceBook
from collector.storage.schema import identity_log
from collector.storage.sources import load_sources, save_seen
from tests.integration.desk.office import BASE, OTHER_UNIT, UNIT
from tests.integration.desk.office import CHI as KEEPER
from tests.web_fakes import Latest

if TYPE_CHECKING:
    from tests.integration.desk.office import Office

PATH = "/api/v1/sources"


async def test_token_is_shown_once_rotated_and_revoked(office: Office) -> None:
    """Tables hold digests; a rotated token is good for a day, a revoked one for nothing."""
    client, now = await office.client(KEEPER), office.clock()
    unit = (await client.get("/api/v1/units")).json()["items"][0]["code"]
    body = {"name": "prometheus-1", "unit": unit, "kinds": ["samples"], "interval_seconds": 15}
    made = await client.post(PATH, json=body, headers={"Idempotency-Key": "key-number-1"})
    assert made.status_code == 201
    token, book = made.json()["token"], office.province.services.sources
    found = book.of(token, "samples", now)
    assert found is not None
    assert (found.name, found.unit, found.interval_seconds) == ("prometheus-1", unit, 15)
    assert book.of(token, "alerts", now) is None
    again = await client.post(PATH, json=body, headers={"Idempotency-Key": "key-number-1"})
    assert again.json()["token"] == token
    stored = await office.province.db.read(load_sources)
    assert token not in str(stored)
    assert await office.province.db.write(lambda c: save_seen(c, book.take_seen())) is None
    rows = (await client.get(PATH)).json()
    assert [(row["name"], row["kinds"], row["last_seen_at"] is None) for row in rows] == [
        ("prometheus-1", ["samples"], False)
    ]
    rotated = (await client.post(f"{PATH}/prometheus-1/rotate")).json()["token"]
    assert rotated != token
    assert book.of(rotated, "samples", now) == book.of(token, "samples", now) == found
    assert book.of(token, "samples", now + timedelta(days=1)) is None
    restarted = SourceBook(await office.province.db.read(load_sources))
    assert restarted.of(token, "samples", now) == found
    assert (await client.post(f"{PATH}/prometheus-1/revoke")).json() == {"revoked": "prometheus-1"}
    assert book.of(rotated, "samples", now) is None
    assert (await client.post(f"{PATH}/prometheus-1/rotate")).status_code == 404
    log = await office.province.db.read(lambda c: c.execute(identity_log.select()).all())
    assert [row.what for row in log] == ["source_made", "source_rotated", "source_revoked"]


async def test_samples_need_a_unit_and_alerts_do_not(office: Office) -> None:
    """A host belongs to a unit; what one Alertmanager brings may be of many."""
    client = await office.client(KEEPER)
    refused = await client.post(PATH, json={"name": "x", "kinds": ["samples", "alerts"]})
    assert refused.status_code == 422
    assert "unit" in refused.text
    unknown = await client.post(PATH, json={"name": "x", "unit": "không", "kinds": ["samples"]})
    assert unknown.status_code == 404
    made = await client.post(PATH, json={"name": "alertmanager", "kinds": ["alerts"]})
    found = office.province.services.sources.of(made.json()["token"], "alerts", office.clock())
    assert found is not None
    assert found.unit is None


async def test_samples_are_taken_from_whom_they_may_come_alone(office: Office) -> None:
    """No token, another kind's, another version, another packing: refused with the reason."""
    client = await office.client(KEEPER)
    unit = (await client.get("/api/v1/units")).json()["items"][0]["code"]
    body = {"name": "vm", "unit": unit, "kinds": ["samples"]}
    token = (await client.post(PATH, json=body)).json()["token"]
    alerts = (await client.post(PATH, json={"name": "am", "kinds": ["alerts"]})).json()["token"]
    stranger = httpx.AsyncClient(transport=httpx.ASGITransport(app=office.app), base_url=BASE)
    proto = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}
    empty = bytes(cramjam.snappy.compress_raw(b""))
    async with stranger:
        for secret, more, content, status in (
            ("", {}, empty, 401),
            (alerts, {}, empty, 401),
            (token, {"Content-Type": "application/json"}, empty, 415),
            (token, {"Content-Type": f"{CONTENT};proto={V2}.Request"}, empty, 415),
            (token, {"Content-Encoding": "gzip"}, empty, 415),
            (token, {}, b"\xff\xff\xff\xff\xff\xff", 400),
            (token, {}, b"\x00" * (2 << 20), 413),
            (token, {}, empty, 204),
        ):
            headers = {**proto, **more, "Authorization": f"Bearer {secret}"}
            answer = await stranger.post(WRITE_PATH, content=content, headers=headers)
            assert answer.status_code == status, (status, answer.text)
            assert secret not in answer.text or not secret
        basic = await stranger.post(WRITE_PATH, content=empty, headers=proto, auth=("x", token))
        assert basic.status_code == 204


async def test_prometheus_reads_metrics_and_agents_to_scrape_by_a_token_for_that(
    office: Office,
) -> None:
    """It may read these two and nothing else; of one unit it sees the agents of that alone."""
    client, hosts = await office.client(KEEPER), office.province.fleet.hosts
    named = {"name": "prometheus", "kinds": ["metrics"]}
    whole = (await client.post(PATH, json=named)).json()["token"]
    one = {"name": "prometheus-xa", "unit": UNIT, "kinds": ["metrics"]}
    own = (await client.post(PATH, json=one)).json()["token"]
    mine, other, local = list(hosts.values())[:3]
    mine.unit, other.unit = UNIT, OTHER_UNIT
    for host, address in (
        (mine, "10.0.0.1:9100"), (other, "[fd00::2]:9100"), (local, "127.0.0.1:9100")
    ):  # fmt: skip
        host.latest[INFO, (("address", address),)] = Latest(1.0, office.clock())
    stranger = httpx.AsyncClient(transport=httpx.ASGITransport(app=office.app), base_url=BASE)
    async with stranger:

        async def get(path: str, token: str) -> httpx.Response:
            return await stranger.get(path, headers={"Authorization": f"Bearer {token}"})

        listed = (await get(SD_PATH, whole)).json()
        assert sorted(group["targets"][0] for group in listed) == [
            "10.0.0.1:9100", "[fd00::2]:9100"
        ]  # fmt: skip
        [group] = (await get(SD_PATH, own)).json()
        assert group["labels"] == {
            "instance": f"{UNIT}/{mine.host}",
            "job": "node",
            "unit": UNIT,
            "host": mine.host,
            "__meta_wanwatch_kind": mine.kind,
            "__meta_wanwatch_liveness": mine.liveness.value,
        }
        assert (await get("/metrics", whole)).status_code == 200
        assert (await get("/metrics", own)).status_code == 403
        for path in ("/api/v1/units", "/api/v1/incidents", "/", SD_PATH + "/x"):
            assert (await get(path, whole)).status_code in (401, 404), path
        assert (await get(SD_PATH, "x" * 32)).status_code == 401
