"""When the host booted and how it went down before. Source: /proc/stat, proc(5); utmp(5)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.check import Check, Observation, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.host import HostSource

WTMP_FILE = "var/log/wtmp"
# Source: utmp(5) and <bits/utmp.h> where instants have 32 bits: type, pid, line, id, user, host,
# exit status, session, seconds, microseconds, address, unused.
RECORD = struct.Struct("@hi32s4s32s256shhiii16s20s")
RUN_LVL, BOOT_TIME, MOST_TYPE = 1, 2, 9
SHUTDOWN_USER = b"shutdown"
MAX_WTMP_BYTES = RECORD.size * 640
# The record is written some seconds after the kernel started; a clock set in between (a machine
# without a battery for it) leaves it untold which boot a record means.
SAME_BOOT_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Boot:
    """Unix time in seconds; how the host went down before is None where nobody wrote it."""

    booted_at: float
    was_shut_down: bool | None


def parse_btime(text: str) -> float:
    """Return when the host booted.

    Raises:
        SourceError: There is no `btime` line.
    """
    for line in text.splitlines():
        if line.startswith("btime "):
            return float(line.split()[1])
    raise SourceError("/proc/stat: no btime line; is this procfs?")


def parse_wtmp(content: bytes, booted_at: float) -> bool | None:
    """Say whether a shutdown was written down before this boot.

    Only a log that goes on after the former boot can tell: it has this boot's record, and before
    it anything at all. One that was begun anew, or has another layout or clock, gives None.
    """
    if not content or len(content) % RECORD.size:
        return None
    records = [RECORD.unpack_from(content, at) for at in range(0, len(content), RECORD.size)]
    if any(not 0 <= record[0] <= MOST_TYPE for record in records):
        return None
    boots = [at for at, record in enumerate(records) if record[0] == BOOT_TIME]
    if not boots or boots[-1] == 0 or abs(records[boots[-1]][9] - booted_at) > SAME_BOOT_SECONDS:
        return None
    for kind, _, _, _, user, *_ in reversed(records[: boots[-1]]):
        if kind == BOOT_TIME:
            return False
        if kind == RUN_LVL and user.rstrip(b"\0") == SHUTDOWN_USER:
            return True
    return False


def read(host: HostSource) -> Boot:
    """Read the instant, and the end of the log of boots where the system keeps one."""
    if not host.is_linux:
        return Boot(host.windows.psutil().boot_time(), None)
    booted_at = parse_btime(host.proc_text("stat"))
    return Boot(booted_at, parse_wtmp(_end_of_wtmp(host), booted_at))


def _end_of_wtmp(host: HostSource) -> bytes:
    try:
        with (host.root / WTMP_FILE).open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - MAX_WTMP_BYTES) if size % RECORD.size == 0 else 0)
            return file.read(MAX_WTMP_BYTES)
    except OSError:
        return b""


def evaluate(now: Boot, before: Boot | None) -> Iterator[Observation]:  # noqa: ARG001
    """Yield the instant, and 1 or 0 for a former run that ended in order or did not."""
    yield Observation("node_boot_time_seconds", {}, now.booted_at)
    if now.was_shut_down is not None:
        yield Observation("wanwatch_last_shutdown_clean", {}, 1 if now.was_shut_down else 0)


CHECK = Check(
    "boot", every_seconds=60, limit_seconds=5, read=read, evaluate=evaluate, most_series=2
)
