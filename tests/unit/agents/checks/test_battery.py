"""Batteries and mains."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from agents.check import NoData
from agents.checks.battery import Supply, evaluate, read
from tests.fake_host import fake_host
from tests.recorded_windows import recorded

if TYPE_CHECKING:
    from pathlib import Path


def test_battery_reads_what_each_supply_has() -> None:
    """Mains has no capacity, a battery is not online or offline."""
    found = read(fake_host())

    assert found == {
        "AC": Supply("Mains", "", None, False),
        "BAT0": Supply("Battery", "Discharging", 81, None),
    }
    values = {(o.name, o.labels["power_supply"]): o.value for o in evaluate(found, None)}
    assert values["node_power_supply_online", "AC"] == 0
    assert values["node_power_supply_capacity", "BAT0"] == 81
    assert len(values) == 4


def test_battery_has_no_data_on_a_host_without_one(tmp_path: Path) -> None:
    """The battery of a mouse is not the host's."""
    mouse = tmp_path / "sys/class/power_supply/hidpp_battery_0"
    mouse.mkdir(parents=True)
    (mouse / "scope").write_text("Device\n")
    with pytest.raises(NoData):
        read(fake_host(root=tmp_path))


def test_battery_reads_a_notebook_without_sysfs() -> None:
    """Windows has the charge and whether the mains feeds it; a desktop has neither."""
    found = evaluate(read(fake_host(is_linux=False)), None)
    values = {(o.name, o.labels["power_supply"]): o.value for o in found}

    assert values["node_power_supply_capacity", "battery"] == 81
    assert values["node_power_supply_online", "mains"] == 0
    desktop = recorded(psutil=SimpleNamespace(sensors_battery=lambda: None))
    with pytest.raises(NoData):
        read(fake_host(is_linux=False, windows=desktop))
