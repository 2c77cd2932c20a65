"""The usual troubles of a province, and who has switched what on when."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from collector.simulation.faults import strike
from collector.simulation.office import DAY_SECONDS, spans_on
from collector.simulation.province import make_province
from collector.simulation.usual import serious_troubles, usual_troubles

PROVINCE = make_province(1, units=150, hosts=5_000)
DAYS = 14


def test_troubles_are_the_same_each_time() -> None:
    """A figure that was measured can be measured again."""
    assert usual_troubles(PROVINCE, 3) == usual_troubles(PROVINCE, 3)


def test_troubles_come_as_often_as_they_are_said_to() -> None:
    """A fortnight has each of the usual kinds, and lines are cut more than once a day."""
    counts = Counter(trouble.name for trouble in usual_troubles(PROVINCE, DAYS))

    assert 25 <= counts["cut"] <= 45
    assert 10 <= counts["mains"] <= 20
    assert counts["power_off"] > 100
    assert counts["reboot_waits"] > 400


def test_every_trouble_strikes_somebody() -> None:
    """No name of a host or unit is wrong."""
    for trouble in (*usual_troubles(PROVINCE, DAYS), *serious_troubles(PROVINCE)):
        struck = strike(PROVINCE, list(trouble.faults))
        assert struck, trouble
        assert not trouble.host or set(struck) == {trouble.host}


def test_serious_troubles_name_rules_that_are_shipped_or_told_of_silence() -> None:
    """What must be found can be found."""
    serious = [trouble for trouble in serious_troubles(PROVINCE) if trouble.is_serious]

    assert len(serious) >= 12
    assert len({trouble.name for trouble in serious}) == len(serious)


@pytest.mark.parametrize("kind", ["workstation", "conference"])
def test_hosts_of_people_rest_at_night_and_at_weekends(kind: str) -> None:
    """A span never begins before it may, never overlaps the next, and mostly ends by evening."""
    hosts = [host for host in PROVINCE.hosts if host.kind == kind]
    for host in hosts[:200]:
        spans = spans_on(host, DAYS)
        assert all(end > start for start, end in spans)
        assert all(a[1] < b[0] for a, b in itertools.pairwise(spans))
        assert all(start // DAY_SECONDS % 7 < 5 for start, _ in spans)


def test_servers_never_rest() -> None:
    """What the province relies on is always on."""
    server = next(host for host in PROVINCE.hosts if host.kind == "server")

    assert spans_on(server, DAYS) == [(0.0, DAYS * DAY_SECONDS)]
