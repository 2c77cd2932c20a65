"""What a fault does to a host's readings, so that a rule can find it."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest

from collector.simulation.behaviour import series, values
from collector.simulation.effects import NO_EFFECT, effect_of
from collector.simulation.faults import Fault, Kind, Where
from collector.simulation.province import make_province

if TYPE_CHECKING:
    from collector.simulation.effects import Effect

PROVINCE = make_province(1, units=20, hosts=200)
SERVER = next(host for host in PROVINCE.hosts if host.kind == "server")
AT = 1_795_000_000.0
# What a kind changes, beside what it is named for; the rest stays with whoever sends.
SEEN = {
    "disk_fills": "wanwatch_filesystem_used_ratio", "disk_read_only": "node_filesystem_readonly",
    "raid_fails": "node_md_disks", "memory_fills": "wanwatch_memory_used_ratio",
    "cpu_busy": "wanwatch_cpu_used_ratio", "service_dies": "node_systemd_unit_state",
    "line_errors": "node_network_receive_errs_total", "on_battery": "node_power_supply_online",
    "clock_wrong": "node_timex_offset_seconds", "clock_drifts": "node_timex_offset_seconds",
    "clock_alone": "node_timex_maxerror_seconds", "reboot_waits": "wanwatch_reboot_required",
    "certificate_ends": "wanwatch_certificate_expiry_timestamp_seconds",
}  # fmt: skip
NOT_SEEN_IN_VALUES = {"link_cut", "power_off", "flood", "clone"}


def readings(effect: Effect) -> dict[tuple[str, str], float]:
    """The values of the server by series."""
    names = [(s.name, str(s.labels)) for s in series(SERVER.kind)]
    return dict(zip(names, values(SERVER, AT, effect), strict=True))


def test_every_kind_is_seen_somewhere() -> None:
    """A new kind of fault says what it changes."""
    assert set(SEEN) | NOT_SEEN_IN_VALUES == set(get_args(Kind))


@pytest.mark.parametrize("kind", SEEN)
def test_fault_changes_the_metric_that_its_rule_looks_at(kind: Kind) -> None:
    """During the fault, and no longer afterwards; a counter stays where it came to."""
    faults = [Fault(kind, 100, 1_000, Where())]
    usual, during = readings(NO_EFFECT), readings(effect_of(faults, 600))
    after = readings(effect_of(faults, 1_100))

    changed = {name for (name, labels), value in during.items() if usual[name, labels] != value}

    assert SEEN[kind] in changed
    if kind == "line_errors":
        assert effect_of(faults, 1_100).line_errors == effect_of(faults, 9_999).line_errors > 0
    else:
        assert after == usual


def test_host_without_power_has_booted_afterwards() -> None:
    """Its uptime counts from the end of the last fault."""
    faults = [Fault("power_off", 0, 60, Where()), Fault("power_off", 1_000, 60, Where())]

    assert effect_of(faults, 30).is_off
    assert effect_of(faults, 500).booted_ago_seconds == 440
    assert effect_of(faults, 2_000).booted_ago_seconds == 940


def test_battery_runs_down_within_an_hour() -> None:
    """From full to empty while there is no mains, and full again after it."""
    faults = [Fault("on_battery", 0, 7_200, Where())]

    charges = [effect_of(faults, at).battery_percent for at in (0, 1_800, 3_600, 5_000, 7_200)]

    assert charges == [100, 50, 0, 0, 100]
