"""A site without our agent: node_exporter and a Prometheus in agent mode join the procedure.

Its samples are judged by the same rules, and go on to a Prometheus of the province.
"""

from __future__ import annotations

import json
import subprocess
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from tests.acceptance.world import UNIT, wait_until
from tests.tsdb import free_port, program, prometheus, running

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.world import World

SITE = """
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: node
    static_configs: [{{targets: ["127.0.0.1:{exporter}"]}}]
    relabel_configs: [{{target_label: instance, replacement: "may-cua-so:9100"}}]
remote_write:
  - url: http://127.0.0.1:{collector}/api/v1/write
    authorization: {{credentials_file: {token}}}
    queue_config: {{batch_send_deadline: 200ms}}
"""


def exporter(port: int) -> list[str]:
    """Return the command of a node_exporter that reads little but what rules look at."""
    wanted = ("cpu", "filesystem", "loadavg", "meminfo", "uname")
    return [
        program("prometheus-node-exporter"), f"--web.listen-address=127.0.0.1:{port}",
        "--collector.disable-defaults", *(f"--collector.{name}" for name in wanted),
    ]  # fmt: skip


def host(world: World) -> dict[str, Any] | None:
    found = [row for row in world.get("/api/v1/agents")["items"] if row["host"] == "may-cua-so"]
    return found[0] if found else None


def firing(world: World) -> list[str]:
    return [a["rule"] for a in world.get("/api/v1/alerts")["items"] if not a["resolved_at"]]


def full(free_bytes: float | None) -> bool:
    """Say whether a disk of 4 MiB is."""
    return free_bytes is not None and free_bytes < 400_000


def test_site_without_our_agent_pages_for_a_full_disk(world: World, tmp_path: Path) -> None:
    """It joins the inventory, a full disk pages, and the samples are in the province's TSDB."""
    with ExitStack() as stack:
        tsdb = stack.enter_context(prometheus(tmp_path / "province"))
        world.environment["WANWATCH_REMOTE_WRITE"] = json.dumps(
            [{"name": "province", "url": tsdb.write_url}]
        )
        world.start("collector")
        world.wait_ready()
        made = world.run("source", "add", "so-y-te", "--unit", UNIT, "--samples")
        assert made.returncode == 0, made.stderr
        token = tmp_path / "token"
        token.write_text(made.stdout.strip(), encoding="utf-8")
        node, site = free_port(), free_port()
        config = tmp_path / "site.yml"
        config.write_text(
            SITE.format(exporter=node, collector=world.port, token=token), encoding="utf-8"
        )
        agent_mode = [
            program("prometheus"), "--enable-feature=agent", f"--config.file={config}",
            f"--storage.agent.path={tmp_path / 'wal'}", f"--web.listen-address=127.0.0.1:{site}",
        ]  # fmt: skip
        stack.enter_context(running(exporter(node), f"http://127.0.0.1:{node}/"))
        stack.enter_context(running(agent_mode, f"http://127.0.0.1:{site}/-/ready"))
        wait_until(lambda: (host(world) or {}).get("liveness") == "on_time", "the host is there")

        world.fill()
        wait_until(lambda: world.mailbox.messages, "a page arrives")
        assert "may-cua-so" in world.mailbox.messages[0].get_content()
        assert firing(world) == ["FilesystemAlmostFull"]

        selector = f'{{instance="{UNIT}/may-cua-so",mountpoint="{world.disk}"}}'
        name = "node_filesystem_avail_bytes" + selector
        wait_until(lambda: full(tsdb.value(name)), "the province's Prometheus has it")
        [found] = tsdb.query(name)
        labels = found["metric"]
        assert (labels["unit"], labels["host"], labels["job"]) == (UNIT, "may-cua-so", "node")
        used = f'wanwatch_cpu_used_ratio{{instance="{UNIT}/may-cua-so"}}'
        wait_until(lambda: tsdb.query(used), "what our agent computes is computed")

        linted = subprocess.run(
            [program("promtool"), "check", "metrics"],
            input=world.text("/metrics"),
            capture_output=True,
            text=True,
        )
        assert (linted.returncode, linted.stdout + linted.stderr) == (0, "")

        assert "ERROR" not in world.log("collector")
