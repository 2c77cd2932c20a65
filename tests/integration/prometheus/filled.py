"""A real Prometheus and a real VictoriaMetrics, filled by a real collector for some seconds.

A simulated province reports, one host of it with a whole site; a session is live, incidents are
open. Everything is written once, and all tests of this folder ask the same instant.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

import httpx
import yaml

from collector import settings, starter
from collector.app import now
from collector.coverage import Covered
from collector.simulation.connection import Address
from collector.simulation.drive import Driver, Run
from collector.simulation.enrolment import enrol, write_province
from collector.simulation.identities import identity_of
from collector.simulation.province import ROOT as UNIT
from collector.simulation.province import Province, SimulatedHost, make_province
from collector.simulation.reporter import Reporter
from collector.storage.coverage import save_coverage
from collector.storage.schema import agents
from tests.acceptance.world import free_port, wait_until
from tests.boards import ROOT
from tests.integration.prometheus.site import CODEC, HOST, PATH, TARGETS, SiteReporter
from tests.tsdb import Tsdb, program, prometheus, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SEED, UNITS, HOSTS = 7, 16, 40
REPORT_SECONDS, SCRAPE = 1, "1s"
# The fleet reports until all of these find something: what is counted seldom has been counted.
MOST_SECONDS = 60.0
AWAITED = (
    'wanwatch_session_info{stage="live"}',
    'wanwatch_incident_detected_timestamp_seconds{class="khac"}',
    "rate(node_cpu_seconds_total[1m])",
    "rate(wanwatch_remote_write_samples_total[1m])",
    "wanwatch_outside_firing_alerts > 0",
)
# By rules, which VictoriaMetrics leaves to others.
RECORDED = (
    "instance_device:node_network_receive_errs:ratio_rate5m",
    "region:wanwatch_stamp_losing_units:sum",
)
SESSION = {
    "name": "Giao ban", "session_class": "A",
    "points": [{"name": "Phòng họp", "unit": UNIT, "target": CODEC, "path": PATH}],
}  # fmt: skip
# Nobody takes mail there: messages wait.
CHANNELS = """
channels: {mail: {kind: email, host: 127.0.0.1, port: 9, from: wanwatch@example.vn}}
recipients: [{name: Trực ca, channel: mail, address: a@example.vn, severities: [S1, S2, S3, S4]}]
quiet: null
"""
# An alert that fires at once, and is an incident; none of the shipped ones should fire.
FIRES = """
groups: [{name: fires, rules: [{alert: Fires, expr: vector(1), labels: {severity: critical}}]}]
"""
RESENT = ("--rules.alert.resend-delay=1s",)
# Told and never reached.
ALERTMANAGERS = '[{"name": "nobody", "url": "http://127.0.0.1:9"}]'
STAGES = ("xac_minh", "ung_cuu_ban_dau", "khoi_phuc")


@dataclass(frozen=True)
class Filled:
    """The servers' addresses, the instant to ask for (Unix seconds), what the boards choose."""

    client: httpx.Client
    prometheus: str
    victoria: str
    at: float
    chosen: dict[str, str]
    exposition: str

    def asked(self, expr: str, server: str = "") -> list[dict[str, Any]]:
        """Return what an expression finds; in Prometheus unless an address is given."""
        asked = {"query": expr, "time": f"{self.at:.3f}"}
        answer = self.client.get(f"{server or self.prometheus}/api/v1/query", params=asked)
        assert answer.status_code == 200, (expr, answer.text)
        found: list[dict[str, Any]] = answer.json()["data"]["result"]
        return found


class Collector:
    """The collector as a process over a prepared directory."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.port, self.url = data, port, f"http://127.0.0.1:{port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, receivers: str) -> None:
        """Start it and wait until it is ready."""
        listen = f"127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "collector", "collector", "--data", str(self.data)]
        with (self.data / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--listen", listen],
                cwd=ROOT, stdout=log, stderr=log,
                env={
                    "PATH": "/usr/bin:/bin",
                    "WANWATCH_REMOTE_WRITE": receivers,
                    "WANWATCH_ALERTMANAGERS": ALERTMANAGERS,
                },
            )  # fmt: skip
        wait_until(self._is_ready, "the collector is ready")

    def stop(self) -> None:
        """End it in order."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(15)
            self._process = None

    def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Ask with the token of the command line."""
        token = (self.data / "cli.token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.request(method, self.url + path, json=body, headers=headers, timeout=10)
        assert answer.is_success, (path, answer.text)
        return answer

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/-/ready", timeout=1).is_success
        except httpx.HTTPError:
            return False


@contextmanager
def filled(folder: Path) -> Iterator[Filled]:
    """Fill a Prometheus and give it as long as the block lasts."""
    collector = Collector(folder / "data", free_port())
    province = _prepare(collector.data)
    port = free_port()
    config = _configuration(folder, port, collector)
    (folder / "fires.yaml").write_text(FIRES)
    with (
        prometheus(folder / "prometheus", config, port=port, more=RESENT) as tsdb,
        _victoria(folder / "prometheus") as victoria,
    ):
        urls = {"prometheus": tsdb.write_url, "victoria": victoria.write_url}
        receivers = json.dumps([{"name": name, "url": url} for name, url in urls.items()])
        try:
            collector.start(receivers)
            _sources(collector)
            _past(collector)
            collector.stop()  # figures of the last days are counted at the start
            collector.start(receivers)
            session = _session(collector)
            asyncio.run(_drive(province, collector, (tsdb, victoria)))
            at = time.time()  # noqa: TID251 - the composition root of this test
            exposition = collector.ask("GET", "/metrics").text
        finally:
            collector.stop()
        chosen = {"unit": UNIT, "host": HOST, "session": session, "target": ".*"}
        victoria.flush()
        with httpx.Client(timeout=20) as client:
            chosen["console"] = collector.url
            yield Filled(client, tsdb.address, victoria.address, at, chosen, exposition)


@contextmanager
def _victoria(folder: Path) -> Iterator[Tsdb]:
    """Run a VictoriaMetrics that reads what Prometheus reads, as in deploy/compose.yaml."""
    port = free_port()
    command = [
        program("victoria-metrics"), f"-storageDataPath={folder / 'vm'}",
        f"-httpListenAddr=127.0.0.1:{port}", "-search.latencyOffset=0s",
        f"-promscrape.config={folder / 'prometheus.yml'}", "-promscrape.config.strictParse=false",
    ]  # fmt: skip
    with running(command, f"http://127.0.0.1:{port}/health"):
        yield Tsdb(port, "/api/v1/write")


def _prepare(data: Path) -> Province:
    """Write policy and keys of a province, one host of which has a whole site beside it."""
    simulated = make_province(SEED, units=UNITS, hosts=HOSTS)
    site = SimulatedHost(HOST, UNIT, simulated.hosts[0].region, "server", "always", SEED)
    province = Province(simulated.units, (*simulated.hosts, site))
    config = settings.load(None, {}, {"data": data})
    config.policy_directory.mkdir(parents=True)
    (config.policy_directory / "channels.yaml").write_text(CHANNELS)
    for shipped in ("collector/simulation/examples/oncall.yaml", "deploy/policy/alerts.yaml"):
        shutil.copy(ROOT / shipped, config.policy_directory)
    write_province(config.policy_directory, province)
    (config.policy_directory / "targets.yaml").write_text(TARGETS.format(unit=UNIT))
    enrol(config, province, interval_seconds=REPORT_SECONDS, now=now())
    engine = starter.open_database(config)
    today, heard = now().date(), now() - timedelta(days=10)
    with engine.execution_options(wanwatch_writes=True).begin() as connection:
        days = [Covered(unit.code, today - timedelta(days=1), 40, 38) for unit in province.units]
        save_coverage(connection, days, today=today)
        connection.execute(agents.update().values(enrolled_at=heard, last_report_at=heard))
    engine.dispose()
    return province


def _configuration(folder: Path, port: int, collector: Collector) -> str:
    """Return the shipped configuration with the addresses and the pace of this test."""
    shipped = ROOT / "deploy" / "prometheus" / "prometheus.yml"
    config = yaml.safe_load(shipped.read_text(encoding="utf-8"))
    config["global"] = {"scrape_interval": SCRAPE, "evaluation_interval": SCRAPE}
    config["rule_files"] = [str(shipped.parent / name) for name in config["rule_files"]]
    config["rule_files"].append(str(folder / "fires.yaml"))
    # The collector in the place of an Alertmanager, and no other one.
    config["alerting"]["alertmanagers"] = config["alerting"]["alertmanagers"][:1]
    text = yaml.safe_dump(config).replace("collector:8440", f"127.0.0.1:{collector.port}")
    text = text.replace("localhost:9090", f"localhost:{port}")
    return text.replace("/run/secrets", str(collector.data))


def _sources(collector: Collector) -> None:
    """Let Prometheus read and tell, and another one bring samples."""
    reads: dict[str, object] = {"name": "prometheus-reads", "kinds": ["metrics"]}
    made = collector.ask("POST", "/api/v1/sources", reads).json()
    (collector.data / "metrics_token").write_text(made["token"])
    tells = {"name": "prometheus-tells", "kinds": ["alerts"]}
    made = collector.ask("POST", "/api/v1/sources", tells).json()
    (collector.data / "alerts_token").write_text(made["token"])
    brings = {"name": "prometheus-ngoai", "kinds": ["samples"], "unit": UNIT}
    collector.ask("POST", "/api/v1/sources", brings)


def _past(collector: Collector) -> None:
    """Let an incident be reported, taken and restored, so that there are figures."""
    report = {
        "unit": UNIT,
        "class_code": "kt_phan_mem",
        "summary": "Máy in không in được",
        "detected_at": (now() - timedelta(days=10)).isoformat(),
    }
    code = collector.ask("POST", "/api/v1/incidents", report).json()["incident"]
    collector.ask("POST", f"/api/v1/incidents/{code}/ack", {})
    for stage in STAGES:
        collector.ask("POST", f"/api/v1/incidents/{code}/move", {"stage": stage, "reason": "x"})


def _session(collector: Collector) -> str:
    times = {
        "starts_at": (now() - timedelta(minutes=5)).isoformat(),
        "ends_at": (now() + timedelta(hours=2)).isoformat(),
    }
    planned = collector.ask("POST", "/api/v1/sessions", {**SESSION, **times}).json()
    number = str(planned["sessions"][0] if "sessions" in planned else planned["id"])
    collector.ask("POST", f"/api/v1/sessions/{number}/start")
    return number


async def _drive(province: Province, collector: Collector, stores: Sequence[Tsdb]) -> None:
    """Let every host report each second until both servers have what is awaited."""
    reporters: list[Reporter] = [
        (SiteReporter if host.name == HOST else Reporter)(
            host, identity_of(host), f"127.0.0.1:{collector.port}"
        )
        for host in province.hosts
    ]
    run = Run(Address("127.0.0.1", collector.port), REPORT_SECONDS, MOST_SECONDS, {})
    driver = Driver(run, now=time.time, monotonic=time.monotonic)  # noqa: TID251
    stop = asyncio.Event()
    driving = asyncio.create_task(driver.drive(reporters, stop))
    try:
        for expr, store in (*product(AWAITED, stores), *product(RECORDED, stores[:1])):
            found = partial(_flushed, store, expr)
            what = f"{expr} is filled in {store.address}"
            await asyncio.to_thread(wait_until, found, what, MOST_SECONDS)
    finally:
        stop.set()
        await driving


def _flushed(store: Tsdb, expr: str) -> list[dict[str, Any]]:
    store.flush()
    return store.query(expr)
