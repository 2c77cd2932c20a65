"""What each interface is: address, speed, size of packets. Source: sysfs-class-net."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.check import Check, NoData, Observation
from agents.checks.network import MOST_DEVICES, is_watched

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agents.host import HostSource

BYTES_PER_MEGABIT = 1_000_000 // 8
FILES = ("address", "broadcast", "duplex", "ifalias", "operstate")
IFF_UP = 1  # Source: netdevice(7)
DUPLEX = {1: "half", 2: "full"}  # Source: psutil, NicDuplex


@dataclass(frozen=True, slots=True)
class Interface:
    """node_exporter's labels; None is what the interface does not say."""

    labels: dict[str, str]
    speed_megabits: int | None
    mtu_bytes: int | None


Interfaces = dict[str, Interface]


def read(host: HostSource) -> Interfaces:
    """Read the first 28 interfaces by name."""
    if not host.is_linux:
        return _read_portable(host)
    found = {}
    for device in [name for name in host.sys_names("class/net") if is_watched(name)][:MOST_DEVICES]:
        flags = host.sys_text(f"class/net/{device}/flags")
        if flags is not None:
            found[device] = _interface(host, device, int(flags, 16))
    if not found:
        raise NoData("no interface")
    return found


def _interface(host: HostSource, device: str, flags: int) -> Interface:
    labels = {name: host.sys_text(f"class/net/{device}/{name}") or "" for name in FILES}
    labels |= {"device": device, "adminstate": "up" if flags & IFF_UP else "down"}
    return Interface(labels, _number(host, device, "speed"), _number(host, device, "mtu"))


def _number(host: HostSource, device: str, name: str) -> int | None:
    """Return what the interface says; a speed it does not know is -1."""
    text = host.sys_text(f"class/net/{device}/{name}")
    return int(text) if text is not None and text.isdigit() else None


def _read_portable(host: HostSource) -> Interfaces:
    psutil = host.windows.psutil()
    addresses = psutil.net_if_addrs()
    return {
        device: Interface(
            _portable_labels(device, state, addresses.get(device, ()), psutil.AF_LINK),
            speed_megabits=state.speed if state.speed > 0 else None,
            mtu_bytes=state.mtu if state.mtu > 0 else None,
        )
        for device, state in sorted(psutil.net_if_stats().items())[:MOST_DEVICES]
    }


def _portable_labels(
    device: str, state: Any, addresses: Iterable[Any], link: int
) -> dict[str, str]:
    """Return the same labels; the address as Linux writes it, 00:15:5d:01:02:03."""
    own = next((a.address for a in addresses if a.family == link), "")
    return dict.fromkeys(FILES, "") | {
        "device": device,
        "address": own.replace("-", ":").lower(),
        "adminstate": "",
        "duplex": DUPLEX.get(int(state.duplex), ""),
        "operstate": "up" if state.isup else "down",
    }


def evaluate(now: Interfaces, before: Interfaces | None) -> Iterator[Observation]:  # noqa: ARG001
    """Yield what the `network` check leaves out because it changes so seldom."""
    for device, interface in now.items():
        labels = {"device": device}
        if interface.speed_megabits is not None:
            speed = interface.speed_megabits * BYTES_PER_MEGABIT
            yield Observation("node_network_speed_bytes", labels, speed)
        if interface.mtu_bytes is not None:
            yield Observation("node_network_mtu_bytes", labels, interface.mtu_bytes)
        yield Observation("node_network_info", interface.labels, 1)


CHECK = Check(
    "interfaces", every_seconds=60, limit_seconds=5, read=read, evaluate=evaluate, most_series=84
)
