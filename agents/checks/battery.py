"""Batteries and mains. Source: /sys/class/power_supply, sysfs-class-power."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agents.check import Check, NoData, Observation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.host import HostSource

MOST_SUPPLIES = 6


class Supply(NamedTuple):
    """A source of power; capacity in percent (node_exporter's unit), None is what it lacks."""

    type: str
    status: str
    capacity_percent: float | None
    is_online: bool | None


Supplies = dict[str, Supply]


def read(host: HostSource) -> Supplies:
    """Read the host's own supplies; those of a mouse or a pen are left out."""
    if not host.is_linux:
        return _read_portable(host)
    found = {}
    for name in host.sys_names("class/power_supply")[:MOST_SUPPLIES]:
        if host.sys_text(f"class/power_supply/{name}/scope") == "Device":
            continue
        capacity = host.sys_text(f"class/power_supply/{name}/capacity")
        online = host.sys_text(f"class/power_supply/{name}/online")
        found[name] = Supply(
            host.sys_text(f"class/power_supply/{name}/type") or "",
            host.sys_text(f"class/power_supply/{name}/status") or "",
            float(capacity) if capacity is not None and capacity.isdigit() else None,
            None if online is None else online != "0",
        )
    if not found:
        raise NoData("no battery and no mains that reports")
    return found


def _read_portable(host: HostSource) -> Supplies:
    psutil = host.windows.psutil()
    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    if battery is None:
        raise NoData("no battery")
    return {
        "battery": Supply("Battery", "", float(battery.percent), None),
        "mains": Supply("Mains", "", None, battery.power_plugged),
    }


def evaluate(now: Supplies, before: Supplies | None) -> Iterator[Observation]:  # noqa: ARG001
    """Yield capacity, whether it feeds the host, and what it is."""
    for name, supply in now.items():
        labels = {"power_supply": name}
        if supply.capacity_percent is not None:
            yield Observation("node_power_supply_capacity", labels, supply.capacity_percent)
        if supply.is_online is not None:
            yield Observation("node_power_supply_online", labels, 1 if supply.is_online else 0)
        labels = {"power_supply": name, "type": supply.type, "status": supply.status}
        yield Observation("node_power_supply_info", labels, 1)


CHECK = Check(
    "battery", every_seconds=30, limit_seconds=5, read=read, evaluate=evaluate, most_series=18
)
