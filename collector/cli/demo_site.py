"""`wanwatch demo-site`: a simulated site beside a running collector, measured by an agent."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from collector import settings
from collector.cli import supervisor
from collector.cli.client import Client, Data, connect
from collector.cli.output import fail
from collector.cli.up import tell
from collector.cli.words import say
from collector.settings import SettingsError
from collector.simulation.site.codec import Codec
from collector.simulation.site.router import COMMUNITY, Router, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "diem-cau-mau"
MARK = "# Written by `wanwatch demo-site`, which removes it when it ends.\n"
TARGETS = """{mark}targets:
  - name: mau-codec
    vi: Phòng họp mẫu
    en: Sample meeting room
    kind: conference
    unit: {unit}
    address: 127.0.0.1
    from: ["{unit}/{host}"]
    probes:
      - {{probe: sip, every: 10s, port: {sip}}}
      - {{probe: h323, every: 20s, port: {h323}}}
  - name: mau-router
    vi: Bộ định tuyến mẫu
    en: Sample router
    unit: {unit}
    address: 127.0.0.1
    rate_kbit: 10000
    carrier: Nhà mạng mẫu
    circuit: MLL-MAU-01
    from: ["{unit}/{host}"]
    probes:
      - {{probe: snmp, every: 20s, port: {snmp}, credentials: demo}}
      - {{probe: icmp, every: 20s}}
  - name: mau-duong-truyen
    vi: Đường truyền mẫu
    en: Sample path
    unit: {unit}
    address: 127.0.0.1
    via: [mau-router]
    from: ["{unit}/{host}"]
    probes:
      - {{probe: stamp, every: 20s, seconds: 5, port: {stamp}, codec: G.711}}
"""
CREDENTIALS = f'[demo]\nversion = "2c"\ncommunity = "{COMMUNITY}"\n'
ENROL_SECONDS = 60


def demo_site(
    data: Data = Path("var"),
    policy: Annotated[Path | None, typer.Option(help="Its policy directory [DATA/policy].")] = None,
    stamp_port: Annotated[
        int, typer.Option(help="UDP port of the reflector; 0 is a free one.")
    ] = 0,
) -> None:
    """Show a codec, a router and a measured path, all simulated here; Ctrl-C takes them away."""
    data = data.absolute()
    client = connect(data)
    try:
        config = settings.load(None, os.environ, {"data": data, "policy": policy})
        stamp_port = stamp_port or free_port("127.0.0.1")
        with _devices() as (codec, router):
            unit = _unit(client)
            text = TARGETS.format(
                mark=MARK, unit=unit, host=HOST, sip=codec.sip_port, h323=codec.h323_port,
                snmp=router.port, stamp=stamp_port,
            )  # fmt: skip
            with _policy(client, config.policy_directory / "targets.yaml", text):
                _measure(client, data / "demo-site", unit, stamp_port)
    except (OSError, SettingsError, supervisor.GaveUp) as error:
        fail(str(error), code=2)


@contextlib.contextmanager
def _devices() -> Iterator[tuple[Codec, Router]]:
    codec, router = Codec(), Router(time.monotonic)
    codec.start()
    router.start()
    try:
        yield codec, router
    finally:
        codec.stop()
        router.stop()


def _unit(client: Client) -> str:
    units = client.get("/api/v1/units", limit=1)["items"]
    if not units:
        raise OSError("the collector has no unit; add one to units.csv and reload")
    return str(units[0]["code"])


@contextlib.contextmanager
def _policy(client: Client, file: Path, text: str) -> Iterator[None]:
    """Have the site in the policy while it is there; a file that is not ours is left alone."""
    if file.exists() and not file.read_text(encoding="utf-8").startswith(MARK):
        raise OSError(f"{file} is yours and stays as it is; move it away to see the sample site")
    file.write_text(text, encoding="utf-8")
    client.post("/api/v1/policy/reload", {"reason": "wanwatch demo-site"})
    try:
        yield
    finally:
        file.unlink(missing_ok=True)
        client.post("/api/v1/policy/reload", {"reason": "wanwatch demo-site"})


def _measure(client: Client, directory: Path, unit: str, stamp_port: int) -> None:
    """Run an agent that measures the site until asked to stop."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    credentials = directory / "credentials.toml"
    credentials.touch(mode=0o600)
    credentials.write_text(CREDENTIALS, encoding="utf-8")
    asked = {"unit": unit, "kind": "server", "host": HOST, "presence": "sometimes",
             "interval_seconds": 5, "expires_in_seconds": 600, "uses": 1}  # fmt: skip
    token = client.post("/api/v1/enrolment-tokens", asked)["token"]
    agent = [sys.executable, "-m", "agents"]
    where = ["--data", str(directory / "agent"), "--collector", client.url]
    environment = {
        **os.environ,
        "WANWATCH_AGENT_PROBE_NETWORKS": "127.0.0.0/8",
        "WANWATCH_AGENT_PROBE_CREDENTIALS": str(credentials),
        "WANWATCH_AGENT_STAMP_LISTEN": f"127.0.0.1:{stamp_port}",
        "WANWATCH_AGENT_STAMP_PEERS": "127.0.0.0/8",
    }
    subprocess.run(
        [*agent, "enrol", *where, "--token-file", "-"],
        input=token.encode(),
        check=True,
        timeout=ENROL_SECONDS,
        env=environment,
    )
    os.environ.update(environment)
    child = supervisor.Child("agent", [*agent, "run", *where, "--interval-seconds", "5"])
    asked_to_stop = threading.Event()
    with supervisor.stop_on_signals(asked_to_stop):
        supervisor.start(child, time.monotonic())
        tell(
            say(
                "a simulated site is measured: {url}/targets  (Ctrl-C takes it away)",
                url=client.url,
            )
        )
        try:
            while not asked_to_stop.wait(supervisor.POLL_SECONDS):
                supervisor.look_after(child, time.monotonic(), tell)
        finally:
            supervisor.stop([child])
