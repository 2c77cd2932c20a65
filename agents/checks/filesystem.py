"""Mounted file systems. Source: /proc/1/mounts (fstab(5) escapes) and statvfs(3)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from agents.check import Check, Observation, SourceError, ratio

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agents.host import DiskUsage, HostSource

# Source: node_exporter, collector/filesystem_linux.go, the defaults of --fs-types-exclude and
# --mount-points-exclude. `/` is kept whatever its type: in a container it is an overlay.
PSEUDO_TYPES = re.compile(
    r"autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|erofs|fusectl|hugetlbfs"
    r"|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs"
    r"|sysfs|tracefs"
)
PSEUDO_MOUNTPOINTS = re.compile(
    r"/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)"
)
MOST_MOUNTS = 40
# node_exporter's own word for a mount that does not answer.
HANGING = "mountpoint timeout"


class Mount(NamedTuple):
    """One line of the mount table; `mountpoint` may hold surrogates for bytes that are no text."""

    device: str
    mountpoint: str
    fstype: str
    is_readonly: bool


@dataclass(frozen=True, slots=True)
class Filesystems:
    """Each mount with its usage or the reason why there is none, and how many were left out."""

    usage: dict[Mount, DiskUsage] = field(default_factory=dict)
    errors: dict[Mount, str] = field(default_factory=dict)
    omitted: int = 0


def parse_mounts(text: str) -> list[Mount]:
    """Return the mounts worth watching; of several on one mount point the last, which hides them.

    Raises:
        SourceError: A line has fewer than four columns.
    """
    mounts: dict[str, Mount] = {}
    for line in text.splitlines():
        columns = line.split()
        if len(columns) < 4:
            raise SourceError(f"mount table: {line[:80]!r} has fewer than four columns")
        mount = Mount(
            _unescape(columns[0]),
            _unescape(columns[1]),
            columns[2],
            "ro" in columns[3].split(","),
        )
        mounts.pop(mount.mountpoint, None)
        mounts[mount.mountpoint] = mount
    return [mount for mount in mounts.values() if _is_watched(mount)]


def _unescape(text: str) -> str:
    r"""Undo the kernel's `\040` for a space; bytes beyond ASCII are not escaped."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)


def _is_watched(mount: Mount) -> bool:
    if mount.mountpoint == "/":
        return mount.fstype != "rootfs"
    if PSEUDO_TYPES.fullmatch(mount.fstype):
        return False
    return PSEUDO_MOUNTPOINTS.match(mount.mountpoint) is None


def read(host: HostSource) -> Filesystems:
    """Ask each mount in turn; one that hangs is marked, and skipped until it answers."""
    mounts = _linux_mounts(host) if host.is_linux else _portable_mounts(host)
    found = Filesystems(omitted=max(0, len(mounts) - MOST_MOUNTS))
    asked = {f"filesystem {_path(host, mount)}": mount for mount in mounts[:MOST_MOUNTS]}
    questions = {name: partial(host.disk_usage, _path(host, m)) for name, m in asked.items()}
    answers = host.calls.run(questions, host.hang_limit_seconds)
    for name, mount in asked.items():
        try:
            if name in answers:
                found.usage[mount] = answers[name].result()
            else:
                found.errors[mount] = HANGING
        except OSError as error:
            found.errors[mount] = error.strerror or type(error).__name__
    return found


def _path(host: HostSource, mount: Mount) -> str:
    return f"{host.root}/{mount.mountpoint.lstrip('/')}" if host.is_linux else mount.mountpoint


def _linux_mounts(host: HostSource) -> list[Mount]:
    """The table of process 1 is the host's; only root may read it."""
    try:
        return parse_mounts(host.proc_text("1/mounts"))
    except SourceError:
        return parse_mounts(host.proc_text("self/mounts"))


def _portable_mounts(host: HostSource) -> list[Mount]:
    """Return the local drives; one without a medium in it (a card reader) has no file system."""
    psutil = host.windows.psutil()
    return [
        Mount(part.device, part.mountpoint, part.fstype, "ro" in part.opts.split(","))
        for part in psutil.disk_partitions(all=False)
        if part.fstype and "cdrom" not in part.opts
    ]


def _labels(mount: Mount, error: str = "") -> dict[str, str]:
    return {
        "device": _printable(mount.device),
        "mountpoint": _printable(mount.mountpoint),
        "fstype": mount.fstype,
        "device_error": error,
    }


def _printable(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def evaluate(now: Filesystems, before: Filesystems | None) -> Iterator[Observation]:
    """Yield usage and errors; a file system without blocks is a dummy and is left out.

    An error is a label, so a series of its own: when it ends, that series is set to 0 once.
    """
    for mount, usage in now.usage.items():
        if usage.size_bytes > 0:
            yield from _usage(mount, usage)
    for mount, error in now.errors.items():
        yield from _state(mount, error)
    for mount, error in (before.errors if before else {}).items():
        if now.errors.get(mount) != error:
            yield Observation("node_filesystem_device_error", _labels(mount, error), 0)
    yield Observation("wanwatch_check_omitted_objects", {"check": "filesystem"}, now.omitted)


def _state(mount: Mount, error: str) -> Iterable[Observation]:
    labels = _labels(mount, error)
    yield Observation("node_filesystem_device_error", labels, 1 if error else 0)
    yield Observation("node_filesystem_readonly", labels, 1 if mount.is_readonly else 0)


def _usage(mount: Mount, usage: DiskUsage) -> Iterable[Observation]:
    """Used is what df(1) says: the blocks kept for root are neither used nor available."""
    yield from _state(mount, "")
    labels = _labels(mount)
    yield Observation("node_filesystem_size_bytes", labels, usage.size_bytes)
    yield Observation("node_filesystem_free_bytes", labels, usage.free_bytes)
    yield Observation("node_filesystem_avail_bytes", labels, usage.avail_bytes)
    used = usage.size_bytes - usage.free_bytes
    if used + usage.avail_bytes > 0:
        share = ratio(used, used + usage.avail_bytes)
        yield Observation("wanwatch_filesystem_used_ratio", labels, share)
    if usage.files > 0:
        yield Observation("node_filesystem_files", labels, usage.files)
        yield Observation("node_filesystem_files_free", labels, usage.files_free)
        share = ratio(usage.files - usage.files_free, usage.files)
        yield Observation("wanwatch_filesystem_files_used_ratio", labels, share)


CHECK = Check(
    "filesystem", every_seconds=10, limit_seconds=10, read=read, evaluate=evaluate, most_series=410
)
