"""The board of one host, from the agent's own checks; the names are node_exporter's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.dashboards import ways
from collector.dashboards.board import board, choice, unit_choice
from collector.dashboards.panels import Column, Query, Steps, curves, number, states, table

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Dashboard

    from collector.dashboards.panels import Panel
    from collector.dashboards.words import Words

KEY = "host"
HERE = 'unit="$unit",host="$host"'
TO = ways.CHOSEN_HOST
RATE = "[$__rate_interval]"
FAILED = 'state="failed"'
REAL = 'device!="lo"'


def build(words: Words) -> Dashboard:
    """Return the board."""
    hosts = choice(words, "host", 'label_values(node_time_seconds{unit="$unit"}, host)')
    groups = (
        ("now", _now(words)),
        ("processor", _processor(words)),
        ("disks", _disks(words)),
        ("network", _network(words)),
        ("upkeep", _upkeep(words)),
    )
    return board(words, KEY, groups, [unit_choice(words), hosts], incidents='unit="$unit"')


def of(metric: str, more: str = "") -> str:
    """Return the selector of a metric of the chosen host."""
    return f"{metric}{{{HERE}{',' if more else ''}{more}}}"


def _now(words: Words) -> list[Panel]:
    idle = of("node_cpu_seconds_total", 'mode="idle"')
    memory = f"1 - {of('node_memory_MemAvailable_bytes')} / {of('node_memory_MemTotal_bytes')}"
    disk = f"1 - {of('node_filesystem_avail_bytes')} / {of('node_filesystem_size_bytes')}"
    uptime = f"{of('node_time_seconds')} - {of('node_boot_time_seconds')}"
    failed = f"sum({of('node_systemd_unit_state', FAILED)})"
    return [
        number(words, "host.uptime", f"max({uptime})", TO, unit="s"),
        number(words, "host.cpu_now", f"1 - avg(rate({idle}{RATE}))", TO, unit="percentunit",
               steps=Steps(0.8, 0.9)),
        number(words, "host.memory_now", f"max({memory})", TO, unit="percentunit",
               steps=Steps(0.9, 0.95)),
        number(words, "host.disk_now", f"max({disk})", TO, unit="percentunit",
               steps=Steps(0.9, 0.95)),
        number(words, "host.failed", failed, TO, steps=Steps(1, 3)),
        number(words, "host.clock", f"max(abs({of('node_timex_offset_seconds')}))", TO, unit="s",
               steps=Steps(0.05, 1)),
    ]  # fmt: skip


def _processor(words: Words) -> list[Panel]:
    busy = of("node_cpu_seconds_total", 'mode!="idle"')
    modes = f"avg by (mode) (rate({busy}{RATE}))"
    total, free = of("node_memory_MemTotal_bytes"), of("node_memory_MemAvailable_bytes")
    swap = f"max({of('node_memory_SwapTotal_bytes')} - {of('node_memory_SwapFree_bytes')})"
    waits = [
        Query(
            f"max(rate({of(f'node_pressure_{name}_seconds_total')}{RATE}))", words(f"legend.{key}")
        )
        for key, name in (
            ("cpu", "cpu_waiting"), ("memory", "memory_waiting"), ("disk", "io_waiting"),
        )
    ]  # fmt: skip
    return [
        curves(words, "host.cpu", [Query(modes, "{{mode}}")], TO, unit="percentunit", stacked=True,
               most=1),
        curves(words, "host.load",
               [Query(f"max({of('node_load1')})", "1 min"),
                Query(f"max({of('node_load15')})", "15 min"),
                Query(f"max({of('wanwatch_cpus')})", words("legend.cpus"))], TO),
        curves(words, "host.memory",
               [Query(f"max({total} - {free})", words("legend.used")),
                Query(f"max({total})", words("legend.total")), Query(swap, words("legend.swap"))],
               TO, unit="bytes"),
        curves(words, "host.pressure", waits, TO, unit="percentunit"),
    ]  # fmt: skip


def _disks(words: Words) -> list[Panel]:
    used = f"1 - {of('node_filesystem_avail_bytes')} / {of('node_filesystem_size_bytes')}"
    files = f"1 - {of('node_filesystem_files_free')} / {of('node_filesystem_files')}"

    def of_device(name: str) -> str:
        return f"max by (device) (rate({of(f'node_disk_{name}_total')}{RATE}))"

    return [
        curves(words, "host.filesystems",
               [Query(f"max by (mountpoint) ({used})", "{{mountpoint}}")], TO,
               unit="percentunit", most=1, steps=Steps(0.9, 0.95)),
        curves(words, "host.files", [Query(f"max by (mountpoint) ({files})", "{{mountpoint}}")], TO,
               unit="percentunit", most=1, steps=Steps(0.95, 0.97)),
        curves(words, "host.disk",
               [Query(of_device("read_bytes"), f"{{{{device}}}} {words('legend.read')}"),
                Query(of_device("written_bytes"), f"{{{{device}}}} {words('legend.written')}")],
               TO, unit="Bps"),
        curves(words, "host.disk_busy", [Query(of_device("io_time_seconds"), "{{device}}")], TO,
               unit="percentunit"),
    ]  # fmt: skip


def _network(words: Words) -> list[Panel]:
    def of_device(name: str) -> str:
        return f"max by (device) (rate({of(f'node_network_{name}_total', REAL)}{RATE}))"

    received, sent = (f"{{{{device}}}} {words(f'legend.{key}')}" for key in ("received", "sent"))
    return [
        curves(words, "host.traffic",
               [Query(of_device("receive_bytes"), received),
                Query(of_device("transmit_bytes"), sent)],
               TO, unit="Bps"),
        curves(words, "host.errors",
               [Query(of_device("receive_errs"), received), Query(of_device("transmit_errs"), sent),
                Query(of_device("receive_drop"), f"{received} ({words('legend.dropped')})")],
               TO, unit="pps"),
    ]  # fmt: skip


def _upkeep(words: Words) -> list[Panel]:
    left = of("wanwatch_certificate_expiry_timestamp_seconds")
    failed = of("node_systemd_unit_state", FAILED)
    return [
        states(words, "host.checks",
               [Query(f"min by (check) ({of('wanwatch_check_success')})", "{{check}}")], TO),
        table(words, "host.services",
              [(f"max by (name) ({failed})", Column("failed", "bool_yes_no", Steps(1, 1)))],
              TO, names=("name",)),
        table(words, "host.certificates",
              [(f"min by (subject, path) ({left} - time())",
                Column("left", "s", Steps(30 * 86_400, 7 * 86_400)))],
              TO, names=("subject", "path")),
    ]  # fmt: skip
