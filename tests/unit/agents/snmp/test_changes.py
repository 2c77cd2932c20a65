"""Changes of a device's configuration and parts, and whom its SNMP turned away."""

from __future__ import annotations

import pytest

from agents.snmp.counters import WRAP_32
from agents.snmp.family import Identity, Value
from tests.snmp_walks import Device, by_name

CHANGED, SAVED = "1.3.6.1.4.1.9.9.43.1.1.1.0", "1.3.6.1.4.1.9.9.43.1.1.2.0"
PARTS = "1.3.6.1.2.1.47.1.4.1.0"
DAY = 8_640_000
COUNT = "wanwatch_device_config_changes_total"


def at(device: Device, ticks: int, **values: Value) -> list[float]:
    """Return how many changes were seen by a poll at an uptime, a minute after the last one."""
    names = {"changed": CHANGED, "saved": SAVED, "parts": PARTS}
    device.values = {names[key]: value for key, value in values.items()}
    device.identity = Identity("", "1.3.6.1.4.1.9.1.1", ticks, "r1")
    device.at += 60
    found = device.poll(device.at)
    return [one.value for one in found if one.name.endswith("_changes_total")]


def test_each_change_that_was_seen_counts_once() -> None:
    """The first poll knows of none; the same instant again is the same change."""
    known = Device("cisco_config", {})
    assert at(known, DAY, changed=1_000_000) == [0]
    assert at(known, DAY + 6_000, changed=1_000_000) == [0]
    assert at(known, DAY + 12_000, changed=DAY + 9_000) == [1]
    assert at(known, DAY + 18_000, changed=DAY + 9_000) == [1]
    assert at(known, DAY + 24_000, changed=DAY + 20_000) == [2]


def test_a_restart_is_no_change() -> None:
    """What is read from the store as the device starts was there before."""
    known = Device("cisco_config", {})
    at(known, DAY, changed=1_000_000)
    assert at(known, 2_000, changed=1_500) == [0]
    assert at(known, 8_000, changed=4_000) == [0]
    assert at(known, 40_000, changed=4_000) == [0]
    assert at(known, 46_000, changed=45_000) == [1]


@pytest.mark.parametrize(
    ("ticks", "changed", "saved", "age", "unsaved"),
    [
        (DAY, DAY - 6_000, DAY - 3_000, 60, 0),
        (DAY, DAY - 3_000, DAY - 6_000, 30, 1),
        # From before the 497 days were over.
        (6_000, WRAP_32 - 6_000, 3_000, 120, 0),
        (6_000, WRAP_32 - 3_000, WRAP_32 - 6_000, 90, 1),
        # Nobody changed anything since it started.
        (DAY, 3_000, 0, 86_370, 0),
    ],
)
def test_what_would_be_gone_after_a_restart_is_told(
    ticks: int, changed: int, saved: int, age: float, unsaved: float
) -> None:
    """A change that nobody saved is lost when the power fails."""
    values: dict[str, Value] = {CHANGED: changed, SAVED: saved}
    found = Device("cisco_config", values, Identity("", "", ticks, "")).poll()
    assert by_name(found, "wanwatch_device_config_age_seconds") == [age]
    assert by_name(found, "wanwatch_device_config_unsaved") == [unsaved]


def test_a_module_that_was_pulled_out_is_a_change_of_parts() -> None:
    """ENTITY-MIB dates it by the uptime."""
    known = Device("entity", {})
    assert at(known, DAY, parts=5_000) == [0]
    assert at(known, DAY + 6_000, parts=DAY + 5_000) == [1]


def test_who_was_turned_away_is_counted_by_why() -> None:
    """Wrong communities and wrong passwords are two things; what is not there is not 0."""
    values: dict[str, Value] = {"1.3.6.1.2.1.11.4.0": 3_364, "1.3.6.1.6.3.15.1.1.5.0": 2}
    found = Device("snmp_access", values).poll()
    assert {one.labels["reason"]: one.value for one in found} == {"community": 3_364, "password": 2}
