"""Quiet by design: a healthy province of 5,000 hosts and its usual faults, through a fortnight."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from collector.policy import policy as policies
from collector.simulation import enrolment
from collector.simulation.diary import found_table
from collector.simulation.province import make_province
from collector.simulation.rehearsal import Result, rehearse_days
from collector.simulation.usual import serious_troubles, usual_troubles

if TYPE_CHECKING:
    from pathlib import Path

    from collector.simulation.province import Province
    from collector.simulation.usual import Trouble

DAYS = 14
MOST_INCIDENTS_A_DAY, MOST_PAGES_A_DAY = 20, 10


def rehearse(
    directory: Path,
    province: Province,
    troubles: list[Trouble],
    *,
    days: int,
    calm_seconds: float = 3_600.0,
) -> Result:
    """Let days pass under the shipped rules, with one person on duty."""
    enrolment.copy_policy(None, directory / "policy", province)
    policy = policies.load(directory / "policy")
    return asyncio.run(
        rehearse_days(province, troubles, policy, directory, days=days, calm_seconds=calm_seconds)
    )


@pytest.mark.timeout(1_200)
def test_province_with_its_usual_faults_leaves_people_in_peace(tmp_path: Path) -> None:
    """At most 20 incidents and 10 pages on any day, and everything serious is found.

    The run prints the days, what incidents and pages were of, and the time to detect.
    """
    province = make_province(1, units=150, hosts=5_000)
    troubles = usual_troubles(province, DAYS) + serious_troubles(province)

    result = rehearse(tmp_path, province, troubles, days=DAYS)

    print(result.diary.table())
    print(found_table(result.found))
    for day in result.diary.days:
        assert result.diary.incidents_on(day) <= MOST_INCIDENTS_A_DAY, day
        assert result.diary.pages_on(day) <= MOST_PAGES_A_DAY, day
    assert [item.trouble.name for item in result.found if item.seconds is None] == []
    assert len(result.found) == len([t for t in troubles if t.is_serious])


@pytest.mark.timeout(600)
def test_what_a_rehearsal_leaves_out_changes_nothing(tmp_path: Path) -> None:
    """Reports of hosts to which nothing happens are left out; with them it comes to the same.

    A trend over fewer points is another trend: the lists of disks that fill may differ.
    """
    province = make_province(3, units=20, hosts=600)
    troubles = usual_troubles(province, 1) + serious_troubles(province)
    (tmp_path / "few").mkdir()
    (tmp_path / "all").mkdir()

    few = rehearse(tmp_path / "few", province, troubles, days=1)
    every = rehearse(tmp_path / "all", province, troubles, days=1, calm_seconds=60.0)

    assert few.diary.incidents == every.diary.incidents
    assert few.diary.pages == every.diary.pages
    for diary in (few.diary, every.diary):
        del diary.alerts["worklist FilesystemFillingUp"]
    assert few.diary.alerts == every.diary.alerts
