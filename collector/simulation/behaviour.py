"""What a simulated host reads of itself at an instant, in the agent's own metrics."""

from __future__ import annotations

from functools import cache
from math import pi, sin
from typing import TYPE_CHECKING, NamedTuple

from collector.simulation.dice import draw

if TYPE_CHECKING:
    from collector.simulation.effects import Effect
    from collector.simulation.province import SimulatedHost

DAY_SECONDS = 86_400
LOCAL_OFFSET_SECONDS = 7 * 3600
CPUS = 2
GIB = 1 << 30
FULL_RATIO = 0.97
CHECKS = ("boot", "clock", "cpu", "filesystem", "memory", "network", "services")
CENTRAL = frozenset({"server", "shared"})
RAID_STATES = ("active", "failed", "spare")
CERTIFICATE = "/etc/ssl/mo-phong.pem"
# The kernel says 16 s at most when nobody sets its clock.
MOST_CLOCK_ERROR_SECONDS = 16.0
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
    made.append(Series("wanwatch_reboot_required", {}))
    if kind in CENTRAL:
        made += [Series("node_md_disks", {"device": "md0", "state": s}) for s in RAID_STATES]
        made.append(Series("node_power_supply_online", {"power_supply": "AC0"}))
        made.append(Series("node_power_supply_capacity", {"power_supply": "UPS0"}))
        labels = {"path": CERTIFICATE, "subject": "CN=dich-vu-mo-phong", "kind": "file"}
        made.append(Series("wanwatch_certificate_expiry_timestamp_seconds", labels))
    return tuple(made)


def mountpoints(kind: str) -> tuple[str, ...]:
    """Return the disks of a kind of host; the last one is the one that fills."""
    return ("/", "/var") if kind in CENTRAL else ("/",)


def values(host: SimulatedHost, at: float, effect: Effect) -> list[float]:
    """Return a finite value for each series of the host's kind; `at` is Unix seconds, true time."""
    busy = max(effect.cpu_busy, busy_ratio(host, at))
    month = 30 * DAY_SECONDS
    up_seconds = DAY_SECONDS + (at + _own(host, "boot") * month) % month
    if effect.booted_ago_seconds is not None:
        up_seconds = effect.booted_ago_seconds
    ahead = effect.clock_ahead_seconds
    is_alone = bool(ahead) or effect.is_clock_alone
    jitter = 0.002 * sin(at / 97 + _own(host, "clock") * 6)
    found = [
        at + ahead, at + ahead - up_seconds, jitter - ahead, 1.0 - is_alone,
        MOST_CLOCK_ERROR_SECONDS if effect.is_clock_alone else 0.01, float(CPUS),
        busy * CPUS, busy * CPUS * 0.95, busy * CPUS * 0.9, busy,
    ]  # fmt: skip
    found += _memory(host, busy, effect.memory_filled)
    for _ in range(CPUS):  # growth at the mean rate: counters never go back
        found += [up_seconds * share for share in (0.12, 0.05, 0.82, 0.01)]
    mounts = mountpoints(host.kind)
    for mountpoint in mounts:
        filled = effect.disk_filled if mountpoint == mounts[-1] else 0.0
        is_read_only = effect.is_read_only and mountpoint == mounts[-1]
        found += _filesystem(host, mountpoint, at, filled, is_read_only=is_read_only)
    found += _network(host, at, up_seconds, effect.line_errors)
    state = "failed" if effect.is_service_dead else "active"
    found += [1.0 if name == state else 0.0 for name in STATES]
    found += [1.0] * len(CHECKS)
    found.append(float(effect.needs_reboot))
    if host.kind in CENTRAL:
        failed = float(effect.is_raid_degraded)
        found += [2.0 - failed, failed, 0.0]
        found += [1.0 - effect.is_on_battery, effect.battery_percent]
        found.append(at + DAY_SECONDS * effect.certificate_days)
    return found


def busy_ratio(host: SimulatedHost, at: float) -> float:
    """Return the share of processor time in use, 0 to 1: low at night, highest in the afternoon."""
    hour = (at + LOCAL_OFFSET_SECONDS) % DAY_SECONDS / 3600
    day = max(0.0, sin((hour - 6) / 12 * pi))
    noise = sin(at / 31 + _own(host, "phase") * 6) * sin(at / 7.3 + _own(host, "beat") * 6)
    return 0.10 + 0.15 * _own(host, "load") + 0.25 * day + 0.06 * noise


@cache
def _own(host: SimulatedHost, word: str) -> float:
    return draw(host.seed, host.name, word)


def _memory(host: SimulatedHost, busy: float, filled: float) -> list[float]:
    total = 8.0 * GIB if host.kind in CENTRAL else 4.0 * GIB
    used = max(FULL_RATIO * filled, 0.3 + 0.3 * _own(host, "memory") + 0.2 * busy)
    swap = 0.1 * _own(host, "swap")
    available = total * (1 - used)
    return [total, available / 2, available, 2.0 * GIB, 2.0 * GIB * (1 - swap), used, swap]


def _filesystem(
    host: SimulatedHost, mountpoint: str, at: float, filled: float, *, is_read_only: bool
) -> list[float]:
    """A disk grows by 0.5 % a day and is tidied up every thirty."""
    size = 200.0 * GIB
    age = (at / (30 * DAY_SECONDS) + _own(host, "age " + mountpoint)) % 1
    usual = 0.25 + 0.40 * _own(host, "disk " + mountpoint) + 0.15 * age
    used = usual + (FULL_RATIO - usual) * filled
    free = size * (1 - used)
    files = 13_000_000.0
    files_used = 0.02 + 0.2 * usual
    left = files * (1 - files_used)
    return [size, free, free, files, left, float(is_read_only), 0.0, used, files_used]


def _network(host: SimulatedHost, at: float, up_seconds: float, errors: float) -> list[float]:
    mean = 20_000 + 80_000 * _own(host, "traffic")
    swing = 900 * sin(at / 900)  # its slope is at most 1: the sum never goes back
    received = mean * (up_seconds + 900 + 0.5 * swing)
    sent = received / 3
    return [
        received, received / 800, errors, 0.0, sent, sent / 600, 0.0, 0.0, 1.0, 1.0, 125e6, 1500.0,
    ]  # fmt: skip
