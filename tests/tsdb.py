"""Real Prometheus and VictoriaMetrics servers on free ports, and what they answer."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from tests.conftest import missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

START_SECONDS = 30.0
OUT_OF_ORDER = "storage: {tsdb: {out_of_order_time_window: 2d}}\n"


class Tsdb:
    """A server that takes samples and answers queries in PromQL."""

    def __init__(self, port: int, write_path: str) -> None:
        self.port, self.address = port, f"http://127.0.0.1:{port}"
        self.write_url = self.address + write_path

    def query(self, text: str, at: float | None = None) -> list[dict[str, Any]]:
        """Return what an instant query finds at an instant, or now."""
        asked = {"query": text} if at is None else {"query": text, "time": f"{at:.3f}"}
        answer = httpx.get(f"{self.address}/api/v1/query", params=asked, timeout=10)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]["result"]
        return found

    def value(self, text: str, at: float | None = None) -> float | None:
        """Return the value of the one series that a query finds; None where it finds none."""
        found = self.query(text, at)
        assert len(found) < 2, found
        return float(found[0]["value"][1]) if found else None

    def raw(self, selector: str, at: float, seconds: float) -> list[tuple[float, float]]:
        """Return every sample of the one series of a selector in the time before an instant."""
        found = self.query(f"{selector}[{seconds:.0f}s]", at)
        assert len(found) < 2, found
        return [(float(when), float(value)) for when, value in found[0]["values"]] if found else []

    def flush(self) -> None:
        """Make what was written visible to queries at once, where it otherwise is not."""
        if self.write_url.endswith("/api/v1/write"):
            httpx.get(f"{self.address}/internal/force_flush", timeout=10)


def free_port() -> int:
    """Return a port of the loopback that nobody has."""
    with socket.socket() as tcp:
        tcp.bind(("127.0.0.1", 0))
        return int(tcp.getsockname()[1])


@contextmanager
def running(command: Sequence[str], ready: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; it is ready when an address answers 200."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_ready(process, ready)
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until_ready(process: subprocess.Popen[bytes], address: str) -> None:
    """Wait until a server answers."""
    for _ in range(int(START_SECONDS * 20)):
        assert process.poll() is None, f"{process.args!r} ended with {process.returncode}"
        try:
            if httpx.get(address, timeout=1).status_code == 200:
                return
        except httpx.TransportError:
            pass
        threading.Event().wait(0.05)
    raise AssertionError(f"{address} did not answer")


def program(name: str) -> str:
    """Return the path of a program, or skip."""
    found = shutil.which(name)
    return found or missing(f"{name} is not installed: tests/setup-services.sh")


@contextmanager
def prometheus(
    folder: Path, config: str = OUT_OF_ORDER, *, port: int = 0, more: Sequence[str] = ()
) -> Iterator[Tsdb]:
    """Run a Prometheus that takes remote write, with its data under a folder."""
    port = port or free_port()
    folder.mkdir(exist_ok=True)
    file = folder / "prometheus.yml"
    file.write_text(config, encoding="utf-8")
    command = [
        program("prometheus"), f"--config.file={file}", f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}", "--web.enable-remote-write-receiver", *more,
    ]  # fmt: skip
    with running(command, f"http://127.0.0.1:{port}/-/ready"):
        yield Tsdb(port, "/api/v1/write")


@contextmanager
def victoria_metrics(folder: Path) -> Iterator[Tsdb]:
    """Run a VictoriaMetrics with its data under a folder."""
    port = free_port()
    command = [
        program("victoria-metrics"), f"-storageDataPath={folder / 'vm'}",
        f"-httpListenAddr=127.0.0.1:{port}", "-retentionPeriod=10y",
    ]  # fmt: skip
    with running(command, f"http://127.0.0.1:{port}/health"):
        yield Tsdb(port, "/api/v1/write")
