"""Network interfaces. Source: /proc/net/dev, proc(5), and /sys/class/net, sysfs-class-net."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agents.check import Check, Observation, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agents.host import HostSource

# Source: proc(5): eight receive columns, then eight transmit columns.
COLUMNS = {"bytes": 0, "packets": 1, "errs": 2, "drop": 3}
TRANSMIT_FROM = 8
BYTES_PER_MEGABIT = 1_000_000 // 8
MOST_DEVICES = 28
INFO_FILES = ("address", "broadcast", "duplex", "ifalias", "operstate")
IFF_UP = 1  # Source: netdevice(7)
DUPLEX = {1: "half", 2: "full"}  # Source: psutil, NicDuplex
# One end of a container's cable: the other end and the bridge count the same bytes.
CONTAINER_CABLE = re.compile(r"(veth|cali|lxc|tap)[0-9a-f]{6,}|veth.*")


@dataclass(frozen=True, slots=True)
class Interface:
    """Counters by `receive_bytes` and so on; None is what the device does not say."""

    counters: dict[str, float] = field(default_factory=dict)
    is_up: bool | None = None
    has_carrier: bool | None = None
    speed_megabits: int | None = None
    mtu_bytes: int | None = None
    info: dict[str, str] | None = None


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


def read(host: HostSource) -> Interfaces:
    """Read every interface but the host's ends of container cables."""
    if not host.is_linux:
        return _read_portable(host)
    return {
        device: _interface(host, device, counters)
        for device, counters in parse_net_dev(host.proc_text("net/dev")).items()
        if not CONTAINER_CABLE.fullmatch(device)
    }


def _interface(host: HostSource, device: str, counters: dict[str, float]) -> Interface:
    state = host.sys_text(f"class/net/{device}/operstate")
    carrier = _number(host, device, "carrier")
    return Interface(
        counters,
        is_up=None if state is None else state == "up",
        has_carrier=None if carrier is None else carrier == 1,
        speed_megabits=_number(host, device, "speed"),
        mtu_bytes=_number(host, device, "mtu"),
        info=_info(host, device),
    )


def _info(host: HostSource, device: str) -> dict[str, str] | None:
    """Return node_exporter's labels; empty is what the device does not say."""
    flags = host.sys_text(f"class/net/{device}/flags")
    if flags is None:
        return None
    labels = {name: host.sys_text(f"class/net/{device}/{name}") or "" for name in INFO_FILES}
    is_up = int(flags, 16) & IFF_UP
    return labels | {"device": device, "adminstate": "up" if is_up else "down"}


def _number(host: HostSource, device: str, name: str) -> int | None:
    """Return what the device says; a speed it does not know is -1."""
    text = host.sys_text(f"class/net/{device}/{name}")
    return int(text) if text is not None and text.isdigit() else None


def _read_portable(host: HostSource) -> Interfaces:
    psutil = host.windows.psutil()
    states, addresses = psutil.net_if_stats(), psutil.net_if_addrs()
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
            speed_megabits=state.speed if state and state.speed > 0 else None,
            mtu_bytes=state.mtu if state and state.mtu > 0 else None,
            info=_portable_info(device, state, addresses.get(device, ()), psutil.AF_LINK),
        )
    return found


def _portable_info(device: str, state: Any, addresses: Iterable[Any], link: int) -> dict[str, str]:
    """Return the same labels; the address as Linux writes it, 00:15:5d:01:02:03."""
    own = next((a.address for a in addresses if a.family == link), "")
    is_up = state is not None and state.isup
    return dict.fromkeys(INFO_FILES, "") | {
        "device": device,
        "address": own.replace("-", ":").lower(),
        "duplex": DUPLEX.get(int(state.duplex), "") if state else "",
        "operstate": "up" if is_up else "down",
        "adminstate": "",
    }


def evaluate(now: Interfaces, before: Interfaces | None) -> Iterator[Observation]:  # noqa: ARG001
    """Yield counters and state of the first 28 interfaces by name.

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
        if interface.speed_megabits is not None:
            speed = interface.speed_megabits * BYTES_PER_MEGABIT
            yield Observation("node_network_speed_bytes", labels, speed)
        if interface.mtu_bytes is not None:
            yield Observation("node_network_mtu_bytes", labels, interface.mtu_bytes)
        if interface.info is not None:
            yield Observation("node_network_info", interface.info, 1)
    omitted = max(0, len(now) - MOST_DEVICES)
    yield Observation("wanwatch_check_omitted_objects", {"check": "network"}, omitted)


CHECK = Check(
    "network", every_seconds=10, limit_seconds=5, read=read, evaluate=evaluate, most_series=370
)
