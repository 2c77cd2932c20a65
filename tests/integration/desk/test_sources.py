"""Outside sources: made by whoever keeps the service, shown once, rotated, revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collector.source_tokens import SourceBook
from collector.storage.schema import identity_log
from collector.storage.sources import load_sources, save_seen
from tests.integration.desk.office import CHI as KEEPER

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
