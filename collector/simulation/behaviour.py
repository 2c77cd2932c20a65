"""What a simulated host reads of itself at an instant, in the agent's own metrics."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import pi, sin
from typing import TYPE_CHECKING, NamedTuple

from collector.simulation.dice import draw

if TYPE_CHECKING:
    from collector.simulation.province import SimulatedHost

DAY_SECONDS = 86_400
LOCAL_OFFSET_SECONDS = 7 * 3600
CPUS = 2
GIB = 1 << 30
FULL_RATIO = 0.97
CHECKS = ("boot", "clock", "cpu", "filesystem", "memory", "network", "services")
STATES = ("active", "activating", "deactivating", "inactive", "failed")
_MODES = ("user", "system", "idle", "iowait")
_FILESYSTEM = (
    "node_filesystem_size_bytes", "node_filesystem_free_bytes", "node_filesystem_avail_bytes",
    "node_filesystem_files", "node_filesystem_files_free", "node_filesystem_readonly",
    "node_filesystem_device_error", "wanwatch_filesystem_used_ratio",
    "wanwatch_filesystem_files_used_ratio",
)  # fmt: skip
_MEMORY = (
    "node_memory_MemTotal_bytes", "node_memory_MemFree_bytes", "node_memory_MemAvailable_bytes",
    "node_memory_SwapTotal_bytes", "node_memory_SwapFree_bytes", "wanwatch_memory_used_ratio",
    "wanwatch_swap_used_ratio",
)  # fmt: skip
_NETWORK = (
    *(
        f"node_network_{way}_{what}_total"
        for way in ("receive", "transmit")
        for what in ("bytes", "packets", "errs", "drop")
    ),
    "node_network_up", "node_network_carrier", "node_network_speed_bytes", "node_network_mtu_bytes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Effect:
    """What the faults of an instant do to a host.

    Attributes:
        disk_filled: From 0 (its usual use) to 1 (all but full).
        clock_ahead_seconds: How much its clock is ahead; below 0 when it is behind.
    """

    disk_filled: float = 0.0
    is_service_dead: bool = False
    clock_ahead_seconds: float = 0.0
    is_cut_off: bool = False
    is_off: bool = False
    reports_at_once: int = 1
    is_cloned: bool = False


class Series(NamedTuple):
    """A name and the labels it has."""

    name: str
    labels: dict[str, str]


@cache
def series(kind: str) -> tuple[Series, ...]:
    """Return the series of a kind of host, in the order of `values`."""
    names = [
        "node_time_seconds", "node_boot_time_seconds", "node_timex_offset_seconds",
        "node_timex_sync_status", "node_timex_maxerror_seconds", "wanwatch_cpus",
        "node_load1", "node_load5", "node_load15", "wanwatch_cpu_used_ratio", *_MEMORY,
    ]  # fmt: skip
    made = [Series(name, {}) for name in names]
    for cpu in range(CPUS):
        made += [Series("node_cpu_seconds_total", {"cpu": str(cpu), "mode": m}) for m in _MODES]
    for number, mountpoint in enumerate(mountpoints(kind)):
        labels = {"device": f"/dev/sda{number + 1}", "mountpoint": mountpoint, "fstype": "ext4"}
        made += [Series(name, labels | {"device_error": ""}) for name in _FILESYSTEM]
    made += [Series(name, {"device": "eth0"}) for name in _NETWORK]
    service = {"name": "dich-vu-mo-phong.service", "type": "simple"}
    made += [Series("node_systemd_unit_state", service | {"state": s}) for s in STATES]
    made += [Series("wanwatch_check_success", {"check": check}) for check in CHECKS]
    return tuple(made)


def mountpoints(kind: str) -> tuple[str, ...]:
    """Return the disks of a kind of host; the last one is the one that fills."""
    return ("/", "/var") if kind in {"server", "shared"} else ("/",)


def values(host: SimulatedHost, at: float, effect: Effect) -> list[float]:
    """Return a finite value for each series of the host's kind; `at` is Unix seconds, true time."""
    busy = busy_ratio(host, at)
    month = 30 * DAY_SECONDS
    up_seconds = DAY_SECONDS + (at + _own(host, "boot") * month) % month
    ahead = effect.clock_ahead_seconds
    is_synchronised = 0.0 if ahead else 1.0
    jitter = 0.002 * sin(at / 97 + _own(host, "clock") * 6)
    found = [
        at + ahead, at + ahead - up_seconds, jitter - ahead, is_synchronised, 0.01, float(CPUS),
        busy * CPUS, busy * CPUS * 0.95, busy * CPUS * 0.9, busy,
    ]  # fmt: skip
    found += _memory(host, busy)
    for _ in range(CPUS):  # growth at the mean rate: counters never go back
        found += [up_seconds * share for share in (0.12, 0.05, 0.82, 0.01)]
    mounts = mountpoints(host.kind)
    for mountpoint in mounts:
        filled = effect.disk_filled if mountpoint == mounts[-1] else 0.0
        found += _filesystem(host, mountpoint, at, filled)
    found += _network(host, at, up_seconds)
    state = "failed" if effect.is_service_dead else "active"
    found += [1.0 if name == state else 0.0 for name in STATES]
    return found + [1.0] * len(CHECKS)


def busy_ratio(host: SimulatedHost, at: float) -> float:
    """Return the share of processor time in use, 0 to 1: low at night, highest in the afternoon."""
    hour = (at + LOCAL_OFFSET_SECONDS) % DAY_SECONDS / 3600
    day = max(0.0, sin((hour - 6) / 12 * pi))
    noise = sin(at / 31 + _own(host, "phase") * 6) * sin(at / 7.3 + _own(host, "beat") * 6)
    return 0.10 + 0.15 * _own(host, "load") + 0.25 * day + 0.06 * noise


@cache
def _own(host: SimulatedHost, word: str) -> float:
    return draw(host.seed, host.name, word)


def _memory(host: SimulatedHost, busy: float) -> list[float]:
    total = 8.0 * GIB if host.kind in {"server", "shared"} else 4.0 * GIB
    used = 0.3 + 0.3 * _own(host, "memory") + 0.2 * busy
    swap = 0.1 * _own(host, "swap")
    available = total * (1 - used)
    return [total, available / 2, available, 2.0 * GIB, 2.0 * GIB * (1 - swap), used, swap]


def _filesystem(host: SimulatedHost, mountpoint: str, at: float, filled: float) -> list[float]:
    """A disk grows by 0.5 % a day and is tidied up every thirty."""
    size = 200.0 * GIB
    age = (at / (30 * DAY_SECONDS) + _own(host, "age " + mountpoint)) % 1
    usual = 0.25 + 0.40 * _own(host, "disk " + mountpoint) + 0.15 * age
    used = usual + (FULL_RATIO - usual) * filled
    free = size * (1 - used)
    files = 13_000_000.0
    files_used = 0.02 + 0.2 * usual
    return [size, free, free, files, files * (1 - files_used), 0.0, 0.0, used, files_used]


def _network(host: SimulatedHost, at: float, up_seconds: float) -> list[float]:
    mean = 20_000 + 80_000 * _own(host, "traffic")
    swing = 900 * sin(at / 900)  # its slope is at most 1: the sum never goes back
    received = mean * (up_seconds + 900 + 0.5 * swing)
    sent = received / 3
    return [
        received, received / 800, 0.0, 0.0, sent, sent / 600, 0.0, 0.0, 1.0, 1.0, 125e6, 1500.0,
    ]  # fmt: skip
