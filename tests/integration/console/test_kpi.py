"""Figures over the real tables: every one of them opens the records that it is made of."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from collector.coverage import Covered
from collector.kpi_book import this_month
from collector.storage.coverage import save_coverage
from tests.province import open_province

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from collector.storage.database import Database
    from tests.province import Province


@pytest.fixture
def province(db: Database, tmp_path: Path) -> Province:
    """The seeded incidents and alerts, and the coverage of two days."""
    made = open_province(tmp_path, db=db)
    first, today = this_month(made.clock())
    units = sorted({host.unit for host in made.services.fleet.hosts.values()})  # type: ignore[attr-defined]
    days = [Covered(unit, day, 100, 90) for unit in units for day in {first, today}]
    db.write_now(lambda c: save_coverage(c, days, today=today))
    return made


async def test_every_figure_is_the_sum_of_its_records(cli: httpx.AsyncClient) -> None:
    """Recomputed from what `/records` gives, and equal in the CSV."""
    figures = (await cli.get("/api/v1/kpi")).json()
    assert {one["name"] for one in figures} >= {
        "on_time", "on_time_unit", "acknowledge", "availability_unit", "coverage",
    }  # fmt: skip
    for one in figures:
        asked = {"figure": one["name"], "key": one["key"]}
        records = (await cli.get("/api/v1/kpi/records", params=asked)).json()
        assert len(records) == one["records"]
        if one["name"] in {"on_time", "on_time_unit", "coverage"}:
            good, total = (sum(r[name] for r in records) for name in ("good", "total"))
            assert one["value"] == pytest.approx(good / total)
        if one["name"] in {"acknowledge", "restore"}:
            assert one["value"] == pytest.approx(sum(r["seconds"] for r in records) / len(records))

    answer = await cli.get("/api/v1/kpi.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    written = {(row["figure"], row["key"]): row["value"] for row in rows}
    assert written == {
        (one["name"], one["key"]): "" if one["value"] is None else repr(one["value"])
        for one in figures
    }


async def test_a_period_is_days_in_their_order(cli: httpx.AsyncClient) -> None:
    """Anything else is refused with what is allowed; an empty one has no figures of incidents."""
    wrong = await cli.get("/api/v1/kpi", params={"from": "2026-11-02", "to": "2026-11-01"})
    assert wrong.status_code == 422
    assert "at most 400" in wrong.text
    empty = (await cli.get("/api/v1/kpi", params={"from": "2020-01-01", "to": "2020-01-31"})).json()
    assert {one["name"] for one in empty} == {"availability_unit", "availability_link"}
    assert {one["value"] for one in empty} == {None}  # nobody watched: that is not 100 %
    month = (await cli.get("/api/v1/kpi")).json()
    assert all(one["value"] is not None for one in month if one["name"].startswith("availability"))


async def test_pages_show_the_figures_and_what_they_are_made_of(
    person: httpx.AsyncClient, cli: httpx.AsyncClient
) -> None:
    """Every link of the page leads to records; a figure that is not there is not found."""
    shown = (await person.get("/kpi")).text
    assert "Tỷ lệ đúng hạn theo thời hạn" in shown
    for one in (await cli.get("/api/v1/kpi")).json():
        asked = {"figure": one["name"], "key": one["key"]}
        assert (await person.get("/kpi/records", params=asked)).status_code == 200
    missing = await person.get("/kpi/records", params={"figure": "on_time", "key": "nothing"})
    assert missing.status_code == 404
