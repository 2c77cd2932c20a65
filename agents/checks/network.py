"""What goes over the interfaces. Source: /proc/net/dev, proc(5), and sysfs-class-net."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agents.check import Check, Observation, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.host import HostSource

# Source: proc(5): eight receive columns, then eight transmit columns.
COLUMNS = {"bytes": 0, "packets": 1, "errs": 2, "drop": 3}
TRANSMIT_FROM = 8
MOST_DEVICES = 28
# One end of a container's cable: the other end and the bridge count the same bytes.
CONTAINER_CABLE = re.compile(r"(veth|cali|lxc|tap)[0-9a-f]{6,}|veth.*")


@dataclass(frozen=True, slots=True)
class Interface:
    """Counters by `receive_bytes` and so on; None is what the interface does not say."""

    counters: dict[str, float] = field(default_factory=dict)
    is_up: bool | None = None
    has_carrier: bool | None = None


Interfaces = dict[str, Interface]


def parse_net_dev(text: str) -> dict[str, dict[str, float]]:
    """Return the counters of each device.

    Raises:
        SourceError: A device has fewer than sixteen columns.
    """
    devices = {}
    for line in text.splitlines()[2:]:
        device, _, rest = line.rpartition(":")
        values = rest.split()
        if len(values) < 2 * TRANSMIT_FROM:
            raise SourceError(f"/proc/net/dev: {line[:80]!r} has fewer than 16 columns")
        devices[device.strip()] = {
            f"{direction}_{name}": float(values[start + column])
            for direction, start in (("receive", 0), ("transmit", TRANSMIT_FROM))
            for name, column in COLUMNS.items()
        }
    return devices


def is_watched(device: str) -> bool:
    """Say whether an interface is the host's own, and not its end of a container's cable."""
    return CONTAINER_CABLE.fullmatch(device) is None


def read(host: HostSource) -> Interfaces:
    """Read every interface but the host's ends of container cables."""
    if not host.is_linux:
        return _read_portable(host)
    return {
        device: _interface(host, device, counters)
        for device, counters in parse_net_dev(host.proc_text("net/dev")).items()
        if is_watched(device)
    }


def _interface(host: HostSource, device: str, counters: dict[str, float]) -> Interface:
    state = host.sys_text(f"class/net/{device}/operstate")
    carrier = host.sys_text(f"class/net/{device}/carrier")
    return Interface(
        counters,
        is_up=None if state is None else state == "up",
        has_carrier=None if carrier is None else carrier == "1",
    )


def _read_portable(host: HostSource) -> Interfaces:
    psutil = host.windows.psutil()
    states = psutil.net_if_stats()
    found = {}
    for device, io in psutil.net_io_counters(pernic=True).items():
        counters = {
            "receive_bytes": io.bytes_recv,
            "receive_packets": io.packets_recv,
            "receive_errs": io.errin,
            "receive_drop": io.dropin,
            "transmit_bytes": io.bytes_sent,
            "transmit_packets": io.packets_sent,
            "transmit_errs": io.errout,
            "transmit_drop": io.dropout,
        }
        state = states.get(device)
        found[device] = Interface(
            {name: float(value) for name, value in counters.items()},
            is_up=None if state is None else state.isup,
        )
    return found


def evaluate(now: Interfaces, before: Interfaces | None) -> Iterator[Observation]:  # noqa: ARG001
    """Yield counters and link of the first 28 interfaces by name.

    `node_network_up` is 1 only for the operational state `up`: the loopback's is `unknown`.
    """
    for device, interface in sorted(now.items())[:MOST_DEVICES]:
        labels = {"device": device}
        for name, value in interface.counters.items():
            yield Observation(f"node_network_{name}_total", labels, value)
        if interface.is_up is not None:
            yield Observation("node_network_up", labels, 1 if interface.is_up else 0)
        if interface.has_carrier is not None:
            yield Observation("node_network_carrier", labels, 1 if interface.has_carrier else 0)
    omitted = max(0, len(now) - MOST_DEVICES)
    yield Observation("wanwatch_check_omitted_objects", {"check": "network"}, omitted)


CHECK = Check(
    "network", every_seconds=10, limit_seconds=5, read=read, evaluate=evaluate, most_series=285
)
