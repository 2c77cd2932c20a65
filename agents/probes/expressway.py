"""A Cisco Expressway or VCS over its XML pages: calls it carries, zones, alarms, identity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.answer import Answer
from agents.check import Observation
from agents.device import Device, DeviceParams, Told, good
from agents.device_poll import METRICS as ADMITTED
from agents.device_poll import poll
from agents.device_text import Node, read_xml, text_of, word_of
from agents.probe import Means, Probe

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "expressway"
MOST_ZONES = 40
KINDS = {
    "Traversal": "traversal", "NonTraversal": "non_traversal", "Cloud": "cloud",
    "CollaborationEdge": "collaboration_edge",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExpresswayParams(DeviceParams):
    """A call control; a user who may read is enough."""


def run(params: ExpresswayParams, means: Means) -> list[Observation]:
    """Ask for four pages, one after the other."""
    return poll(NAME, params, means, _read)


def _read(device: Device) -> Iterator[Observation]:
    of = {"target": device.params.target}
    unit = _page(device, "SystemUnit")
    if not unit.is_there:
        raise Told(Answer.GARBAGE)
    info = {
        "family": NAME,
        "model": unit.text("Product"),
        "software": unit.text("Software/Version"),
        "serial": unit.text("Hardware/SerialNumber"),
    }
    yield Observation("wanwatch_endpoint_info", of | info, 1)
    if (uptime := unit.number("Uptime")) is not None:
        yield Observation("wanwatch_endpoint_uptime_seconds", of, uptime)
    yield from read_calls(of, _page(device, "ResourceUsage"))
    yield from read_zones(of, _page(device, "Zones"))
    yield from read_alarms(of, _page(device, "Warnings"))


def _page(device: Device, name: str) -> Node:
    came = device.get(f"/getxml?location=/Status/{name}", device.basic)
    if came.status == 404:
        return Node(None)  # a version without it
    good(came)
    root = Node(read_xml(came.body))
    status = root.at("Status") if root.at("Status").is_there else root
    return status if status.name == name else status.at(name)


def read_calls(of: dict[str, str], usage: Node) -> Iterator[Observation]:
    """Yield how many calls of each kind there are."""
    for name, kind in KINDS.items():
        count = usage.number(f"Calls/{name}/Current")
        if count is not None:
            yield Observation("wanwatch_bridge_calls", of | {"kind": kind}, count)


def read_zones(of: dict[str, str], zones: Node) -> Iterator[Observation]:
    """Yield whether each zone is active."""
    seen: set[str] = set()
    for one in zones.each("Zone"):
        name, state = one.text("Name"), word_of(one.at("Status").raw)
        if name and state and name not in seen and len(seen) < MOST_ZONES:
            seen.add(name)
            value = int(state == "active")
            yield Observation("wanwatch_bridge_zone_up", of | {"zone": text_of(name)}, value)


def read_alarms(of: dict[str, str], warnings: Node) -> Iterator[Observation]:
    """Yield how many alarms nobody has acknowledged on it; nothing where it has no such page."""
    if warnings.is_there:
        states = [word_of(one.at("State").raw) for one in warnings.each("Warning")]
        yield Observation("wanwatch_endpoint_faults", of, sum(s != "acknowledged" for s in states))


PROBE = Probe(
    NAME,
    every_seconds=10,
    limit_seconds=10,
    params=ExpresswayParams,
    metrics=(
        "wanwatch_endpoint_info",
        "wanwatch_endpoint_uptime_seconds",
        "wanwatch_endpoint_faults",
        "wanwatch_bridge_calls",
        "wanwatch_bridge_zone_up",
        *ADMITTED,
    ),
    most_series=12 + MOST_ZONES,
    run=run,
)
