"""A unit that is cut off, on every page and for programs: one incident with its hosts inside."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.province import CUT_UNIT, open_province, seed_cut_unit

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from collector.storage.database import Database
    from tests.province import Province

CODE = "SC26-0004"


@pytest.fixture
def province(db: Database, tmp_path: Path) -> Province:
    """The seeded province, with one more trouble."""
    made = open_province(tmp_path, db=db)
    seed_cut_unit(made)
    return made


async def test_programs_find_the_hosts_inside_the_incident(cli: httpx.AsyncClient) -> None:
    """Those that are back come last; each says why it is no incident, and of which it is part."""
    file = (await cli.get(f"/api/v1/incidents/{CODE}")).json()
    children = file["children"]
    assert [alert["rule"] for alert in file["alerts"]] == ["UnitSilent"]
    assert len(children) == file["children_count"] > 3
    assert {child["suppressed"] for child in children} == {"parent"}
    assert {child["root_incident"] for child in children} == {CODE}
    assert {child["incident"] for child in children} == {None}
    assert [bool(child["resolved_at"]) for child in children][-2:] == [False, True]


@pytest.mark.parametrize(("suppressed", "rules"), [("true", {"AgentSilent"}), ("false", None)])
async def test_alerts_are_listed_with_or_without_what_is_not_told(
    cli: httpx.AsyncClient, suppressed: str, rules: set[str] | None
) -> None:
    """One question for the causes, one for everything that hangs on them."""
    query = {"unit": CUT_UNIT, "suppressed": suppressed}
    found = (await cli.get("/api/v1/alerts", params=query)).json()["items"]
    assert {alert["rule"] for alert in found} == (rules or {"UnitSilent", "ClockOffset"})


async def test_incident_page_lists_its_hosts_once(person: httpx.AsyncClient) -> None:
    """Grouped by unit, with who is away and who is back."""
    page = (await person.get(f"/incidents/{CODE}")).text
    inside = page[page.index('id="children"') :]
    inside = inside[: inside.index("</section>")]
    assert "Máy và đơn vị nằm trong sự cố này" in inside
    assert inside.count('class="away"') > 2
    assert inside.count('class="back"') == 1
    assert f'href="/units/{CUT_UNIT}"' in page


async def test_unit_counts_its_cause_and_not_its_hosts(person: httpx.AsyncClient) -> None:
    """One critical alert, however many hosts are silent."""
    page = (await person.get("/")).text
    row = page[page.index(f'id="unit-{CUT_UNIT}"') :]
    row = row[: row.index("</tr>")]
    counted = re.findall(r"</svg>\s*(\d+)</span>", row)
    assert counted[-2:] == ["1", "1"]  # critical: the unit; warning: a clock
    rail = page[page.index("firing-title") :]
    assert f'href="/units/{CUT_UNIT}"' in rail
    assert "Mất liên lạc với" not in rail


async def test_alert_of_a_unit_leads_to_the_unit(person: httpx.AsyncClient) -> None:
    """There is no page of a host for it; its hosts lead to theirs and to the incident."""
    page = (await person.get(f"/alerts?unit={CUT_UNIT}")).text
    assert "/hosts/unit" not in page
    assert "Cả đơn vị" in page
    assert "Nằm trong sự cố" in page
    assert f'href="/incidents/{CODE}"' in page


async def test_runbook_of_a_unit_opens_without_a_host(person: httpx.AsyncClient) -> None:
    """What the alert's link leads to."""
    page = await person.get(f"/runbooks/unit-silent?agent=unit:{CUT_UNIT}")
    assert page.status_code == 200
