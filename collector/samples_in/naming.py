"""A series of another program → whose host it is of and what we call it, or why it is not taken.

Prometheus, vmagent, Alloy and node_exporter keep their names: ours are the same. Telegraf and
windows_exporter call a few figures otherwise, which rules look at: these are called as here.

Source: conventions of windows_exporter; Telegraf's inputs cpu, mem, swap, disk and system.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agents.checks.filesystem import PSEUDO_MOUNTPOINTS, PSEUDO_TYPES
from collector.host_names import check_host_name
from collector.wire import METRIC_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

# What a scrape says of itself: written also while its target does not answer.
ABOUT_SCRAPES = "scrape_"
UP = "up"
# What every exporter says of its own process: several on one host differ by their port.
_OF_EXPORTERS = ("go_", "process_", "promhttp_", "python_", "scrape_")
_PORT = re.compile(r":\d{1,5}$")
_DRIVE = re.compile(r"[A-Za-z]:")
_ITSELF = frozenset({"localhost", "127.0.0.1", "--1"})  # the last is ::1, without its colons
_HOST_LABELS = ("instance", "host")


class Named(NamedTuple):
    """A series as it is taken.

    Attributes:
        refused: Why it is not; empty: it is. `host`: the name of its host.
        scale, offset: What brings its values to ours: `offset + scale * value`.
    """

    host: str = ""
    name: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    scale: float = 1.0
    offset: float = 0.0
    refused: str = ""


class _Renamed(NamedTuple):
    """Another name of a figure of ours.

    Attributes:
        labels: Which labels it keeps, and as what. `only`: values without which it is another one.
    """

    name: str
    labels: Mapping[str, str] = {}
    only: Mapping[str, str] = {}
    scale: float = 1.0
    offset: float = 0.0


_DISK = {"device": "device", "path": "mountpoint", "fstype": "fstype"}
_RENAMED: Mapping[str, _Renamed] = {
    "cpu_usage_idle": _Renamed(
        "wanwatch_cpu_used_ratio", only={"cpu": "cpu-total"}, scale=-0.01, offset=1.0
    ),
    "mem_total": _Renamed("node_memory_MemTotal_bytes"),
    "mem_available": _Renamed("node_memory_MemAvailable_bytes"),
    "swap_total": _Renamed("node_memory_SwapTotal_bytes"),
    "swap_free": _Renamed("node_memory_SwapFree_bytes"),
    "system_load1": _Renamed("node_load1"),
    "system_n_cpus": _Renamed("wanwatch_cpus"),
    "disk_total": _Renamed("node_filesystem_size_bytes", _DISK),
    "disk_free": _Renamed("node_filesystem_avail_bytes", _DISK),
    "disk_inodes_total": _Renamed("node_filesystem_files", _DISK),
    "disk_inodes_free": _Renamed("node_filesystem_files_free", _DISK),
    "windows_cpu_time_total": _Renamed("node_cpu_seconds_total", {"core": "cpu", "mode": "mode"}),
    "windows_memory_available_bytes": _Renamed("node_memory_MemAvailable_bytes"),
    "windows_memory_physical_total_bytes": _Renamed("node_memory_MemTotal_bytes"),
    "windows_logical_disk_size_bytes": _Renamed(
        "node_filesystem_size_bytes", {"volume": "mountpoint"}
    ),
    "windows_logical_disk_free_bytes": _Renamed(
        "node_filesystem_avail_bytes", {"volume": "mountpoint"}
    ),
}


def named(labels: Mapping[str, str], own_host: str) -> Named:
    """Say whose a series is and what it is called here.

    The host is what `instance` says without its port, else `host`. Both labels go: the inventory
    says where a host belongs. A series of no host (a sum over many) is not taken.

    Args:
        own_host: What a host is called that only says that it is itself.
    """
    name = labels.get("__name__", "")
    if METRIC_NAME.fullmatch(name) is None:
        return Named(refused="name")
    told = next((labels[key] for key in _HOST_LABELS if labels.get(key)), "")
    host, port = host_of(told)
    if host in _ITSELF:
        host = labels.get("host") or own_host
    if check_host_name(host) is not None:
        return Named(refused="no_host")
    own = {
        key: value
        for key, value in labels.items()
        if value and key not in _HOST_LABELS and not key.startswith("__")
    }
    if name == UP or name.startswith(_OF_EXPORTERS):
        own |= {"port": port} if port else {}
    found = _Renamed(name, {key: key for key in own}) if name not in _RENAMED else _RENAMED[name]
    if any(own.get(key) != value for key, value in found.only.items()):
        return Named(refused="not_needed")
    kept = {ours: own[theirs] for theirs, ours in found.labels.items() if theirs in own}
    if _is_pseudo(found.name, kept):
        return Named(refused="not_needed")
    return Named(host, found.name, tuple(sorted(kept.items())), found.scale, found.offset)


def host_of(instance: str) -> tuple[str, str]:
    """Return the host and the port of an `instance`: NAME:PORT, [IPV6]:PORT, a URL, or a name."""
    bare = instance.partition("://")[2] or instance
    bare = bare.partition("/")[0].strip()
    port = _PORT.search(bare)
    host = bare[: port.start()] if port and not _is_bare_ipv6(bare) else bare
    return host.strip("[]").replace(":", "-"), port[0][1:] if port and host != bare else ""


def _is_bare_ipv6(text: str) -> bool:
    return text.count(":") > 1 and not text.startswith("[")


def _is_pseudo(name: str, labels: Mapping[str, str]) -> bool:
    """Say whether it is of a file system that nobody watches: ours leave it out as well."""
    if not name.startswith("node_filesystem_"):
        return False
    mountpoint, fstype = labels.get("mountpoint", ""), labels.get("fstype", "")
    if "fstype" not in labels:  # a drive of Windows
        return _DRIVE.fullmatch(mountpoint) is None
    if mountpoint == "/":
        return fstype == "rootfs"
    return bool(PSEUDO_TYPES.fullmatch(fstype) or PSEUDO_MOUNTPOINTS.match(mountpoint))


def is_sign_of_life(name: str, value: float) -> bool:
    """Say whether a sample shows that its host answered: a scraper writes of those, too, that
    did not.
    """
    return value > 0 if name == UP else not name.startswith(ABOUT_SCRAPES)
