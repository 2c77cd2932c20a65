"""A host made of files and fixed answers, for the checks' tests."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from agents.calls import Calls
from agents.host import DiskUsage, HostSource
from agents.timex import Timex
from tests.recorded_windows import recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agents.windows import Windows

ROOT = Path(__file__).parent / "fixtures" / "host"
NOW = 1_700_000_000.0
MONOTONIC = 10_000.0
USAGE = DiskUsage(1000, 300, 250, 100, 40)


def systemctl(arguments: Sequence[str], limit_seconds: float) -> str:
    """Answer like `systemctl show`."""
    return (ROOT / "systemctl-show.txt").read_text()


def shown_certificate(address: str, limit_seconds: float) -> bytes:
    """Answer as a listener with the fixture's certificate does."""
    return (ROOT / "etc/tls/web.der").read_bytes()


def fake_host(
    *,
    root: Path = ROOT,
    is_linux: bool = True,
    services: tuple[str, ...] = ("sshd.service",),
    disk_usage: Callable[[str], DiskUsage] = lambda path: USAGE,
    timex: Callable[[], Timex] = lambda: Timex(-0.000123, True, 0.5),
    run: Callable[[Sequence[str], float], str] = systemctl,
    hang_limit_seconds: float = 1.0,
    tls_certificate: Callable[[str, float], bytes] = shown_certificate,
    certificates: tuple[str, ...] = ("/etc/tls",),
    tls_ports: tuple[str, ...] = ("localhost:443",),
    windows: Windows | None = None,
) -> HostSource:
    """Return the fixture host, with what a test wants different."""
    return HostSource(
        root=root,
        proc=root / "proc",
        sys=root / "sys",
        is_linux=is_linux,
        services=services,
        calls=Calls(most=8, monotonic=time.monotonic),
        now=lambda: NOW,
        monotonic=lambda: MONOTONIC,
        disk_usage=disk_usage,
        timex=timex,
        run=run,
        hang_limit_seconds=hang_limit_seconds,
        windows=windows or recorded(),
        certificates=certificates,
        tls_ports=tls_ports,
        tls_certificate=tls_certificate,
        textfile_directory=root / "textfile",
    )
