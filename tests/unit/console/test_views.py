"""From rows and the fleet to what the pages show: the worst first, no data never good."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from collector.console import host_lines, host_views, views
from collector.console.views import HostCounts, Standing, Troubles
from collector.storage.queries.alerts import FiringCount
from collector.storage.queries.incidents import OpenCount
from collector.storage.queries.units import UnitRow
from tests.web_fakes import NOW, Host, Hour, Latest, Liveness


def unit(code: str) -> UnitRow:
    """Return a unit of which only the code matters."""
    return UnitRow(code, f"Đơn vị {code}", "party", None, "Bắc", "", "", None, None)


@pytest.mark.parametrize(
    ("hosts", "troubles", "standing"),
    [
        ({"on_time": 3}, {}, Standing.GOOD),
        ({"off_hours": 3}, {}, Standing.OFF_HOURS),
        ({"stopped": 3}, {}, Standing.OFF_HOURS),
        ({"off_hours": 3, "on_time": 1}, {}, Standing.GOOD),
        ({}, {}, Standing.NO_DATA),
        ({"silent": 2}, {}, Standing.NO_DATA),
        ({"never": 2}, {}, Standing.NO_DATA),
        ({"on_time": 3, "never": 1}, {}, Standing.NO_DATA),
        ({"on_time": 3, "silent": 1}, {}, Standing.WARNING),
        ({"on_time": 3, "late": 1}, {}, Standing.WARNING),
        ({"on_time": 3}, {"warning": 1}, Standing.WARNING),
        ({"on_time": 3}, {"incidents": 1, "worst_severity": "S3"}, Standing.WARNING),
        ({"on_time": 3}, {"incidents": 1, "worst_severity": "S2"}, Standing.CRITICAL),
        ({"silent": 3}, {"critical": 1}, Standing.CRITICAL),
    ],
)
def test_unit_stands_as_its_worst_part(
    hosts: dict[str, int], troubles: dict[str, Any], standing: Standing
) -> None:
    """A unit is good only when every host is heard from and nothing is wrong."""
    counts = HostCounts(**hosts)
    awaited = counts.missed + counts.late
    assert views.unit_standing(counts, Troubles(**troubles), awaited) is standing


def test_machine_that_people_switch_off_leaves_its_unit_good() -> None:
    """Only a host that must always be on is waited for."""
    hosts = [Host("a", "a", "u"), Host("b", "b", "u", liveness=Liveness.SILENT, is_always=False)]
    (card,) = views.units_at_a_glance([unit("u")], hosts, [], [])
    assert card.standing is Standing.GOOD


def test_units_come_worst_first_and_equals_stay_in_order() -> None:
    """Critical, warning, no data, good; among equals the given (Vietnamese) order."""
    units = [unit(code) for code in ("good1", "none", "good2", "warn", "crit")]
    hosts = [Host(code, code, code) for code in ("good1", "good2", "warn", "crit")]
    cards = views.units_at_a_glance(
        units, hosts, [FiringCount("warn", 0, 2)], [OpenCount("crit", "S1", 1, 1)]
    )
    assert [card.unit.code for card in cards] == ["crit", "warn", "none", "good1", "good2"]
    assert cards[0].troubles.worst_severity == "S1"


def test_totals_add_everything_up() -> None:
    """The first line of the page is the sum of the lines below it."""
    hosts = [Host("a", "a", "u"), Host("b", "b", "u", liveness=Liveness.SILENT)]
    opened = [OpenCount("u", "S3", 2, 1), OpenCount("u", "S1", 1, 1)]
    cards = views.units_at_a_glance([unit("u")], hosts, [FiringCount("u", 1, 4)], opened)
    totals = views.totals(cards, opened)
    assert (totals.hosts.on_time, totals.hosts.silent, totals.hosts.total) == (1, 1, 2)
    assert (totals.critical, totals.warning, totals.incidents) == (1, 4, 3)
    assert (totals.unacknowledged, dict(totals.by_severity)) == (2, {"S3": 2, "S1": 1})


def test_bar_is_filled_to_its_whole_width() -> None:
    """The parts follow each other and end at 100."""
    hosts = [Host("a", "a", "u"), Host("b", "b", "u", liveness=Liveness.LATE)]
    card = views.units_at_a_glance([unit("u")], hosts, [], [])[0]
    assert [(part.name, part.x, part.width) for part in card.segments] == [
        ("on_time", 0.0, 50.0),
        ("late", 50.0, 50.0),
    ]


def test_host_that_is_not_heard_from_has_no_data() -> None:
    """Silence is grey until a rule says what it means."""
    assert host_lines.host_standing("SILENT", 0, 0) is Standing.NO_DATA
    assert host_lines.host_standing("NEVER", 0, 0) is Standing.NO_DATA
    assert host_lines.host_standing("SILENT", 1, 0) is Standing.CRITICAL
    assert host_lines.host_standing("ON_TIME", 0, 0) is Standing.GOOD


def test_host_that_nobody_expects_is_neither_good_nor_missing() -> None:
    """Off hours and an orderly end are grey; an alert of such a host still counts."""
    for liveness in ("OFF_HOURS", "STOPPED"):
        assert host_lines.host_standing(liveness, 0, 0) is Standing.OFF_HOURS
        assert host_lines.host_standing(liveness, 0, 1) is Standing.WARNING


def test_value_of_two_minutes_ago_is_not_shown_as_the_present() -> None:
    """Only this minute and the one before count as now."""
    host = Host("a", "a", "u")
    host.indicators["cpu_used_ratio"] = Hour([0.1] * 57 + [0.4, 0.5, None])
    assert host_lines.newest(host, "cpu_used_ratio", NOW) == 0.5
    host.indicators["cpu_used_ratio"] = Hour([0.1] * 58 + [None, None])
    assert host_lines.newest(host, "cpu_used_ratio", NOW) is None
    assert host_lines.newest(host, "unknown", NOW) is None


def test_indicator_without_a_present_value_says_so() -> None:
    """The last hour is drawn, the present is no data."""
    view = host_views.indicator_view("cpu_used_ratio", [0.5] * 50 + [None] * 10, "vi")
    assert view.value is None
    assert (view.highest, view.minutes_missing) == ("50 %", 10)


def test_check_is_good_only_while_its_word_is_fresh() -> None:
    """A success of ten minutes ago is neither good nor bad now."""
    key = ("wanwatch_check_success", (("check", "cpu"),))
    fresh = host_views.check_views({key: Latest(1, NOW)}, NOW, "vi")
    old = host_views.check_views({key: Latest(1, NOW - timedelta(minutes=10))}, NOW, "vi")
    failed = host_views.check_views({key: Latest(0, NOW)}, NOW, "vi")
    assert [views[0].success for views in (fresh, old, failed)] == [True, None, False]
    assert old[0].lines[0].old


@pytest.mark.parametrize(
    ("metric", "labels", "check"),
    [
        ("node_memory_MemFree_bytes", {}, "memory"),
        ("node_filesystem_avail_bytes", {"mountpoint": "/"}, "filesystem"),
        ("wanwatch_check_success", {"check": "services"}, "services"),
        ("something_else", {}, "other"),
    ],
)
def test_series_is_listed_under_its_check(metric: str, labels: dict[str, str], check: str) -> None:
    """The name of a metric says which check it comes from."""
    assert host_views.check_of(metric, labels) == check
