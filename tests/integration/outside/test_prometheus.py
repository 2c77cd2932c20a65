"""A real Prometheus and a real Alertmanager fire at the collector."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

from collector.storage.schema import alerts, outbox
from collector.targets.targets_file import read_targets
from tests.conftest import missing
from tests.outside_site import TOKENS, Site, free_port, program, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

RULES = 2_000
STORM = 5_000
POLICY = """
routes:
  - {name: down, matchers: ['alertname=~".*Down"'], unreachable: true, class: kt_duong_truyen}
"""
TARGETS = """
targets: [{name: tuyen-bac, vi: Tuyến phía Bắc, en: Northern line, address: 192.0.2.1}]
units: [{unit: H42.01, via: [tuyen-bac]}, {unit: H42.02, via: [tuyen-bac]}]
"""


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with serving(Site(tmp_path, POLICY)) as made:
        yield made


@contextmanager
def prometheus(folder: Path, site: Site) -> Iterator[None]:
    """Run a Prometheus whose rules all fire, and that sends at us."""
    command = shutil.which("prometheus")
    if command is None:
        missing("prometheus is not installed")
    rules = [
        {"alert": f"Rule{n}", "expr": "vector(1)",
         "labels": {"severity": "critical", "unit": "H42.01"},
         "annotations": {"summary": f"rule {n}"}}
        for n in range(RULES)
    ]  # fmt: skip
    groups = [{"name": f"g{n}", "rules": rules[n::20]} for n in range(20)]
    (folder / "rules.yml").write_text(json.dumps({"groups": groups}))
    target = site.address.removeprefix("http://")
    (folder / "prometheus.yml").write_text(
        f"""
global: {{evaluation_interval: 1s}}
rule_files: [{folder}/rules.yml]
alerting:
  alertmanagers:
    - authorization: {{credentials: {TOKENS["prom"]}}}
      static_configs: [{{targets: ["{target}"]}}]
"""
    )
    address = f"127.0.0.1:{free_port()}"
    with program(
        command, f"--config.file={folder}/prometheus.yml", f"--web.listen-address={address}",
        f"--storage.tsdb.path={folder}/tsdb", "--rules.alert.resend-delay=5s",
        ready=f"http://{address}/-/ready",
    ):  # fmt: skip
        yield


async def test_two_thousand_rules_are_known_once_through_restarts(
    site: Site, tmp_path: Path
) -> None:
    """Neither its restart nor ours tells anything again, ends anything or loses anything."""
    with prometheus(tmp_path, site):
        await site.until(lambda: len(site.world.book) == RULES)
        site.restart()
    stopped_at = site.clock.now()
    with prometheus(tmp_path, site):
        await site.until(
            lambda: sum(one.alert.updated_at > stopped_at for one in site.world.book) == RULES
        )
        await site.until(lambda: site.count() == RULES)

    rows = site.world.rows()
    assert {row["resolved_at"] for row in rows} == {None}
    assert len({row["rule"] for row in rows}) == RULES
    assert len(site.world.incidents()) == 1  # one unit, one class
    assert len(site.world.rows(outbox)) == 1
    assert site.world.alerts_door.results["accepted"] == site.world.alerts_door.results.total()

    await site.turn(600)
    await site.until(lambda: site.count(alerts.c.resolved_at.is_(None)) == 0)
    assert site.world.incidents()[0]["recovered_at"] is not None


@contextmanager
def alertmanager(folder: Path, site: Site) -> Iterator[str]:
    """Run an Alertmanager that notifies us; its address."""
    command = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if command is None:
        missing("alertmanager is not installed")
    (folder / "alertmanager.yml").write_text(
        f"""
route: {{receiver: us, group_by: [alertname], group_wait: 1s, group_interval: 1s}}
receivers:
  - name: us
    webhook_configs:
      - url: {site.address}/api/v1/webhooks/alertmanager
        http_config: {{authorization: {{credentials: {TOKENS["am"]}}}}}
"""
    )
    address = f"127.0.0.1:{free_port()}"
    with program(
        command, f"--config.file={folder}/alertmanager.yml", f"--web.listen-address={address}",
        f"--storage.path={folder}/am", "--cluster.listen-address=",
        ready=f"http://{address}/-/ready",
    ):  # fmt: skip
        yield f"http://{address}"


async def test_storm_behind_one_line_is_one_page(site: Site, tmp_path: Path) -> None:
    """Five thousand hosts behind one line: the line is told, they are recorded under it."""
    site.world.fleet.set_targets(read_targets(TARGETS))
    with alertmanager(tmp_path, site) as address:
        now = site.clock.now()
        times = {"startsAt": now.isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat()}
        hosts = [
            {"labels": {"alertname": "InstanceDown", "severity": "critical",
                        "unit": f"H42.0{1 + n % 2}", "instance": f"10.0.{n // 250}.{n % 250}:9100"},
             "annotations": {"summary": "no answer"}, **times}
            for n in range(STORM)
        ]  # fmt: skip
        line = {"labels": {"alertname": "LineDown", "target": "tuyen-bac", "severity": "critical"}}
        async with httpx.AsyncClient(base_url=address, timeout=30) as client:
            for start in range(0, STORM, 1_000):
                batch = hosts[start : start + 1_000]
                assert (await client.post("/api/v2/alerts", json=batch)).status_code == 200
            assert (await client.post("/api/v2/alerts", json=[line | times])).status_code == 200
            await site.until(lambda: len(site.world.book) == STORM + 1)
            # What is silent waits for what may explain it.
            await site.until(lambda: site.count() == STORM + 1, step_seconds=1.0)

            assert len(site.world.incidents()) == len(site.world.rows(outbox)) == 1
            children = [row for row in site.world.rows() if row["rule"] == "InstanceDown"]
            assert {row["suppressed"] for row in children} == {"parent"}

            ended = {"endsAt": (site.clock.now() - timedelta(seconds=site.clock.ahead)).isoformat()}
            whole = [one | ended for one in (*hosts, line | times)]
            for start in range(0, len(whole), 1_000):
                await client.post("/api/v2/alerts", json=whole[start : start + 1_000])
            await site.until(lambda: not site.world.book.firing_by_source())
            await site.until(lambda: site.count(alerts.c.resolved_at.is_(None)) == 0)
    pages = [row for row in site.world.rows(outbox) if row["kind"] == "page"]
    assert len(pages) == len(site.world.incidents()) == 1
    assert site.world.incidents()[0]["recovered_at"] is not None
