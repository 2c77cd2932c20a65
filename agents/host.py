"""The host as checks see it: files under settable roots, and the few calls that are not files."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from agents.check import SourceError
from agents.notes import Notes
from agents.windows import THIS_HOST as WINDOWS_ITSELF

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from agents.calls import Calls
    from agents.timex import Timex
    from agents.windows import Windows

MAX_FILE_BYTES = 4 << 20
PIECE_BYTES = 16 << 10
MAX_COMMAND_OUTPUT_BYTES = 4 << 20


class DiskUsage(NamedTuple):
    """What statvfs(3) says, in bytes and numbers of files; `files` is 0 where there is no limit."""

    size_bytes: int
    free_bytes: int
    avail_bytes: int
    files: int
    files_free: int


def tls_certificate(address: str, limit_seconds: float) -> bytes:
    """Return the DER of the certificate that HOST:PORT shows; nothing is trusted for it.

    Raises:
        OSError: Nobody answers, or not with TLS.
    """
    import socket
    import ssl

    host, _, port = address.rpartition(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # what is shown is looked at, whoever signed it
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:!aNULL:@SECLEVEL=0")  # and however old the listener is
    where = (host.strip("[]"), int(port))
    with (
        socket.create_connection(where, timeout=limit_seconds) as plain,
        context.wrap_socket(plain, server_hostname=where[0]) as tls,
    ):
        return tls.getpeercert(binary_form=True) or b""


@dataclass(frozen=True, slots=True)
class HostSource:
    """Where a check reads; a test points the roots at a fake host and replaces the calls.

    Attributes:
        is_linux: Read /proc and /sys; otherwise what psutil gives on every system.
        services: Units that are always reported, whatever their state.
        calls: Threads for what may hang, one for each mount that does.
        now: Unix time in seconds.
        monotonic: Seconds of CLOCK_MONOTONIC.
        hang_limit_seconds: How long the mounts may take to answer.
        windows: Registry, services and psutil.
        certificates: PEM or DER files, and directories of them.
        tls_ports: HOST:PORT of listeners on this host whose certificates are watched.
        tls_certificate: Asks a listener for its certificate, within seconds.
        notes: What checks remember over a restart.
        textfile_directory: Where `*.prom` files are; None where there are none.
    """

    root: Path
    proc: Path
    sys: Path
    is_linux: bool
    services: tuple[str, ...]
    calls: Calls
    now: Callable[[], float]
    monotonic: Callable[[], float]
    disk_usage: Callable[[str], DiskUsage]
    timex: Callable[[], Timex]
    run: Callable[[Sequence[str], float], str]
    hang_limit_seconds: float
    windows: Windows = WINDOWS_ITSELF
    certificates: tuple[str, ...] = ()
    tls_ports: tuple[str, ...] = ()
    textfile_directory: Path | None = None
    tls_certificate: Callable[[str, float], bytes] = tls_certificate
    notes: Notes = field(default_factory=lambda: Notes(None))

    def proc_text(self, name: str) -> str:
        """Return a file under /proc.

        Raises:
            SourceError: It cannot be read.
        """
        path = f"{self.proc}/{name}"
        try:
            return _read(path)
        except OSError as error:
            raise SourceError(f"read {path}: {error.strerror}") from error

    def proc_names(self) -> list[str]:
        """Return the names under /proc: a number is a process.

        Raises:
            SourceError: It cannot be read.
        """
        try:
            with os.scandir(self.proc) as entries:
                return [entry.name for entry in entries]
        except OSError as error:
            raise SourceError(f"read {self.proc}: {error.strerror}") from error

    def root_text(self, name: str) -> str:
        """Return a file of the host, named from its root.

        Raises:
            SourceError: It cannot be read.
        """
        path = f"{self.root}/{name}"
        try:
            return _read(path)
        except OSError as error:
            raise SourceError(f"read {path}: {error.strerror}") from error

    def sys_text(self, name: str) -> str | None:
        """Return a file under /sys without the newline; None where the device does not say."""
        try:
            return _read(f"{self.sys}/{name}").strip()
        except OSError:
            return None

    def sys_names(self, name: str) -> list[str]:
        """Return the sorted names in a directory under /sys; none where there is no such thing."""
        try:
            with os.scandir(f"{self.sys}/{name}") as entries:
                return sorted(entry.name for entry in entries)
        except OSError:
            return []


def _read(path: str) -> str:
    """Bytes that are not UTF-8 (a mount point) survive as surrogates.

    In pieces: the kernel refuses one read of 4 MiB from /proc/sys with ENOMEM.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        found = os.read(descriptor, PIECE_BYTES)
        while len(found) < MAX_FILE_BYTES and (piece := os.read(descriptor, PIECE_BYTES)):
            found += piece
    finally:
        os.close(descriptor)
    return found.decode("utf-8", "surrogateescape")


def disk_usage(path: str) -> DiskUsage:
    """Return the usage of the file system at `path`; may hang for as long as its server is dead."""
    if not hasattr(os, "statvfs"):
        return usage_by_psutil(WINDOWS_ITSELF.psutil().disk_usage(path))
    found = os.statvfs(path)
    return DiskUsage(
        size_bytes=found.f_blocks * found.f_frsize,
        free_bytes=found.f_bfree * found.f_frsize,
        avail_bytes=found.f_bavail * found.f_frsize,
        files=found.f_files,
        files_free=found.f_ffree,
    )


def usage_by_psutil(found: Any) -> DiskUsage:
    """Return what psutil's `disk_usage` says; it knows nothing of numbers of files."""
    return DiskUsage(found.total, found.total - found.used, found.free, 0, 0)


def run_command(arguments: Sequence[str], limit_seconds: float) -> str:
    """Return the standard output of a command; it is killed at the limit.

    Raises:
        SourceError: It does not exist, ran too long, failed without output, or said too much.
    """
    import subprocess  # only hosts with systemd need it

    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    try:
        ended = subprocess.run(
            list(arguments),
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=limit_seconds,
            env=environment,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SourceError(f"{arguments[0]}: {error}") from error
    if len(ended.stdout) > MAX_COMMAND_OUTPUT_BYTES:
        raise SourceError(f"{arguments[0]}: more than {MAX_COMMAND_OUTPUT_BYTES} bytes of output")
    if ended.returncode != 0 and not ended.stdout:
        reason = ended.stderr.decode(errors="replace").strip()[:200]
        raise SourceError(f"{arguments[0]}: exit code {ended.returncode}: {reason}")
    return ended.stdout.decode(errors="replace")
