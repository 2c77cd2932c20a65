"""Block devices: what they read, wrote and how long it took. Source: /proc/diskstats, iostats."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agents.check import Check, NoData, Observation, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.host import HostSource

# Source: node_exporter, collector/diskstats_common.go, the default of --device-exclude.
EXCLUDED = re.compile(r"(z?ram|loop|fd|(h|s|v|xv)d[a-z]+|nvme\d+n\d+p)\d+")
BYTES_PER_SECTOR = 512  # whatever the device's own sectors are: Documentation/block/stat.rst
MILLISECONDS = 0.001
MOST_DEVICES = 24
# Source: Documentation/admin-guide/iostats.rst; the column after the three that name the device.
COLUMNS: dict[str, tuple[int, float]] = {
    "reads_completed_total": (0, 1),
    "read_bytes_total": (2, BYTES_PER_SECTOR),
    "read_time_seconds_total": (3, MILLISECONDS),
    "writes_completed_total": (4, 1),
    "written_bytes_total": (6, BYTES_PER_SECTOR),
    "write_time_seconds_total": (7, MILLISECONDS),
    "io_now": (8, 1),
    "io_time_seconds_total": (9, MILLISECONDS),
    "io_time_weighted_seconds_total": (10, MILLISECONDS),
}


@dataclass(frozen=True, slots=True)
class Disks:
    """Values by metric (without `node_disk_`) of each device, and how many were left out."""

    devices: dict[str, dict[str, float]] = field(default_factory=dict)
    omitted: int = 0


def parse_diskstats(text: str) -> dict[str, dict[str, float]]:
    """Return the values of each whole disk.

    Raises:
        SourceError: A line has fewer than fourteen columns.
    """
    devices = {}
    for line in text.splitlines():
        columns = line.split()
        if len(columns) < 14:
            raise SourceError(f"/proc/diskstats: {line[:80]!r} has fewer than 14 columns")
        if not EXCLUDED.fullmatch(columns[2]):
            values = columns[3:]
            devices[columns[2]] = {
                name: round(int(values[column]) * unit, 3)
                for name, (column, unit) in COLUMNS.items()
            }
    return devices


def read(host: HostSource) -> Disks:
    """Read the first 24 devices by name; those never used since boot come last."""
    found = parse_diskstats(host.proc_text("diskstats")) if host.is_linux else _read_portable(host)
    if not found:
        raise NoData("no disk")
    names = sorted(found, key=lambda name: (not any(found[name].values()), name))
    kept = {name: found[name] for name in names[:MOST_DEVICES]}
    return Disks(kept, max(0, len(found) - MOST_DEVICES))


def _read_portable(host: HostSource) -> dict[str, dict[str, float]]:
    """Return counts and bytes: psutil's times mean different units on different systems."""
    psutil = host.windows.psutil()
    return {
        device: {
            "reads_completed_total": float(io.read_count),
            "read_bytes_total": float(io.read_bytes),
            "writes_completed_total": float(io.write_count),
            "written_bytes_total": float(io.write_bytes),
        }
        for device, io in (psutil.disk_io_counters(perdisk=True) or {}).items()
        if not EXCLUDED.fullmatch(device)
    }


def evaluate(now: Disks, before: Disks | None) -> Iterator[Observation]:  # noqa: ARG001
    """Yield the counters as they are; rates are the collector's."""
    for device, values in now.devices.items():
        for name, value in values.items():
            yield Observation(f"node_disk_{name}", {"device": device}, value)
    yield Observation("wanwatch_check_omitted_objects", {"check": "disk"}, now.omitted)


CHECK = Check(
    "disk", every_seconds=10, limit_seconds=5, read=read, evaluate=evaluate, most_series=220
)
