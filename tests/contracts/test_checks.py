"""What every check promises: loads, runs, names its metrics as Prometheus does, is documented."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil as real_psutil
import pytest

from agents import checks
from agents.__main__ import host_source
from agents.check import Check, NoData, Observation
from agents.checks.textfile import OWN
from agents.scanner import scan
from agents.settings import Settings
from collector.console.host_views import check_of
from collector.console.texts import table
from tests.fake_host import fake_host
from tests.recorded_windows import PSUTIL, recorded

if TYPE_CHECKING:
    from agents.host import HostSource
    from collector.console.formats import Language

CHECKS = list(scan().checks.values())
EVERY_CHECK = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
DOCUMENT = Path(__file__).parents[2] / "docs" / "checks.md"
MAX_SERIES_OF_AN_AGENT = 2000
NEEDS_TIME_TO_PASS = {"wanwatch_cpu_used_ratio"}
NEEDS_A_LOG_OF_BOOTS = {"wanwatch_last_shutdown_clean"}
OF_THE_FIXTURES_FILES = {"backup_last_success_timestamp_seconds"}
OWN_SERIES = 8 + 2 * len(CHECKS)

# node_exporter's names and labels that this project reports, written down by hand.
FILESYSTEM = {"device", "mountpoint", "fstype", "device_error"}
NODE_EXPORTER: dict[str, set[str]] = {
    "node_cpu_seconds_total": {"cpu", "mode"},
    "node_load1": set(),
    "node_load5": set(),
    "node_load15": set(),
    "node_time_seconds": set(),
    "node_boot_time_seconds": set(),
    "node_timex_offset_seconds": set(),
    "node_timex_sync_status": set(),
    "node_timex_maxerror_seconds": set(),
    "node_memory_MemTotal_bytes": set(),
    "node_memory_MemFree_bytes": set(),
    "node_memory_MemAvailable_bytes": set(),
    "node_memory_Buffers_bytes": set(),
    "node_memory_Cached_bytes": set(),
    "node_memory_SwapTotal_bytes": set(),
    "node_memory_SwapFree_bytes": set(),
    "node_filesystem_size_bytes": FILESYSTEM,
    "node_filesystem_free_bytes": FILESYSTEM,
    "node_filesystem_avail_bytes": FILESYSTEM,
    "node_filesystem_files": FILESYSTEM,
    "node_filesystem_files_free": FILESYSTEM,
    "node_filesystem_readonly": FILESYSTEM,
    "node_filesystem_device_error": FILESYSTEM,
    "node_network_receive_bytes_total": {"device"},
    "node_network_receive_packets_total": {"device"},
    "node_network_receive_errs_total": {"device"},
    "node_network_receive_drop_total": {"device"},
    "node_network_transmit_bytes_total": {"device"},
    "node_network_transmit_packets_total": {"device"},
    "node_network_transmit_errs_total": {"device"},
    "node_network_transmit_drop_total": {"device"},
    "node_network_up": {"device"},
    "node_network_carrier": {"device"},
    "node_network_speed_bytes": {"device"},
    "node_network_mtu_bytes": {"device"},
    "node_memory_SwapCached_bytes": set(),
    "node_memory_Slab_bytes": set(),
    "node_memory_SReclaimable_bytes": set(),
    "node_memory_PageTables_bytes": set(),
    "node_memory_HardwareCorrupted_bytes": set(),
    "node_vmstat_pgmajfault": set(),
    "node_vmstat_pswpin": set(),
    "node_vmstat_pswpout": set(),
    "node_vmstat_oom_kill": set(),
    "node_procs_running": set(),
    "node_procs_blocked": set(),
    "node_forks_total": set(),
    "node_context_switches_total": set(),
    "node_intr_total": set(),
    "node_filefd_allocated": set(),
    "node_filefd_maximum": set(),
    "node_pressure_cpu_waiting_seconds_total": set(),
    "node_pressure_io_waiting_seconds_total": set(),
    "node_pressure_io_stalled_seconds_total": set(),
    "node_pressure_memory_waiting_seconds_total": set(),
    "node_pressure_memory_stalled_seconds_total": set(),
    "node_pressure_irq_stalled_seconds_total": set(),
    "node_disk_reads_completed_total": {"device"},
    "node_disk_read_bytes_total": {"device"},
    "node_disk_read_time_seconds_total": {"device"},
    "node_disk_writes_completed_total": {"device"},
    "node_disk_written_bytes_total": {"device"},
    "node_disk_write_time_seconds_total": {"device"},
    "node_disk_io_now": {"device"},
    "node_disk_io_time_seconds_total": {"device"},
    "node_disk_io_time_weighted_seconds_total": {"device"},
    "node_network_info": {"device", "address", "adminstate", "broadcast", "duplex", "ifalias"}
    | {"operstate"},
    "node_uname_info": {"sysname", "release", "version", "machine", "nodename", "domainname"},
    "node_os_info": {
        "build_id",
        "id",
        "id_like",
        "image_id",
        "image_version",
        "name",
        "pretty_name",
        "variant",
        "variant_id",
        "version",
        "version_codename",
        "version_id",
    },
    "node_dmi_info": {
        "bios_date",
        "bios_vendor",
        "bios_version",
        "board_name",
        "board_vendor",
        "product_family",
        "product_name",
        "product_version",
        "system_vendor",
    },
    "node_bonding_active": {"master"},
    "node_bonding_slaves": {"master"},
    "node_nf_conntrack_entries": set(),
    "node_nf_conntrack_entries_limit": set(),
    "node_processes_max_processes": set(),
    "node_processes_pids": set(),
    "node_processes_threads": set(),
    "node_md_state": {"device", "state"},
    "node_md_disks": {"device", "state"},
    "node_md_disks_required": {"device"},
    "node_power_supply_capacity": {"power_supply"},
    "node_power_supply_online": {"power_supply"},
    "node_power_supply_info": {"power_supply", "type", "status"},
    "node_textfile_mtime_seconds": {"file"},
    "node_textfile_scrape_error": set(),
    "node_systemd_unit_state": {"name", "state", "type"},
    "node_systemd_service_restart_total": {"name"},
}
SAYS_WHAT_IT_KNOWS = {"node_dmi_info"}
# Prometheus, "Metric and label naming": snake case, base units, no colon outside recording rules.
OWN_NAME = re.compile(r"wanwatch_[a-z][a-z0-9]*(_[a-z0-9]+)*")
UNIT = re.compile(
    r"_(required|clean|read_error|seconds|bytes|ratio|total|cpus|disks|objects|packages|samples|info)$"
)
NOT_BASE_UNITS = re.compile(
    r"_(milliseconds|ms|minutes|hours|percent|kilobytes|megabytes|mb|kb|bits|megabits)(_|$)"
)
LABEL = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*")


def observe(check: Check[Any], host: HostSource, times: int = 2) -> list[Observation]:
    """Read and evaluate as the scheduler does, so that rates have something before them."""
    found: list[Observation] = []
    before = None
    for _ in range(times):
        try:
            now = check.read(host)
        except NoData:
            return []
        found = list(check.evaluate(now, before))
        before = now
    return found


def judge(check: Check[Any], found: list[Observation]) -> None:
    series = [(o.name, tuple(sorted(o.labels.items()))) for o in found]
    assert len(series) == len(set(series)), "a series twice in one evaluation"
    assert len(series) <= check.most_series
    for name, labels, value in found:
        assert float("-inf") < value < float("inf"), name
        assert all(LABEL.fullmatch(label) for label in labels), name
        assert all(isinstance(text, str) for text in labels.values()), name
        if check.name == "textfile" and not OWN.fullmatch(name):
            continue  # another program's name
        if name.startswith("node_"):
            has_only = set(labels) <= NODE_EXPORTER[name]
            assert has_only if name in SAYS_WHAT_IT_KNOWS else set(labels) == NODE_EXPORTER[name]
        else:
            assert OWN_NAME.fullmatch(name), name
            assert UNIT.search(name), f"{name}: no base unit at its end"
            assert not NOT_BASE_UNITS.search(name), name
        if name.endswith("_ratio"):
            assert 0 <= value <= 1, name


@EVERY_CHECK
def test_check_reports_good_series_on_the_fixture_host(check: Check[Any]) -> None:
    """Every value there is, under its right name, each series once."""
    found = observe(check, fake_host())

    assert found
    judge(check, found)


@EVERY_CHECK
def test_check_reports_good_series_on_this_host(check: Check[Any]) -> None:
    """The same on a real machine, whatever it has."""
    judge(check, observe(check, host_source(Settings(data=Path()))))


@EVERY_CHECK
@pytest.mark.parametrize("psutil", [PSUTIL, real_psutil], ids=["windows", "this host"])
def test_check_reports_good_series_without_procfs(check: Check[Any], psutil: Any) -> None:
    """The readers of other systems use the same names; nothing absent is reported as 0."""
    host = fake_host(is_linux=False, windows=recorded(psutil=psutil))
    judge(check, observe(check, host))


@EVERY_CHECK
def test_check_is_documented(check: Check[Any]) -> None:
    """One row in docs/checks.md, with every metric that the check reports and its interval."""
    rows = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| `")]
    (row,) = [line for line in rows if line.startswith(f"| `{check.name}` |")]

    names = {observation.name for observation in observe(check, fake_host())}
    for name in names - OF_THE_FIXTURES_FILES:
        assert re.search(rf"`{name}[`{{]", row), f"{name} is not in the row of {check.name}"
    assert f"| {check.every_seconds:g} s |" in row
    assert len(rows) == len(CHECKS)


def test_checks_documented_are_metrics_that_exist() -> None:
    """A name in the document that no check reports has drifted."""
    seen = {o.name for check in CHECKS for o in observe(check, fake_host())}
    rows = (line for line in DOCUMENT.read_text().splitlines() if line.startswith("| `"))
    named = {name for row in rows for name in re.findall(r"`((?:node|wanwatch)_\w+)", row)}

    assert named == (seen - OF_THE_FIXTURES_FILES) | NEEDS_TIME_TO_PASS | NEEDS_A_LOG_OF_BOOTS


def test_checks_own_names_are_refused_from_files() -> None:
    """Another program's file cannot speak for a check."""
    seen = {o.name for check in CHECKS for o in observe(check, fake_host())}

    assert [name for name in seen - OF_THE_FIXTURES_FILES if not OWN.fullmatch(name)] == []


def test_checks_together_stay_below_the_limit_of_an_agent() -> None:
    """The largest host's report is within what the collector accepts of one agent."""
    assert sum(check.most_series for check in CHECKS) + OWN_SERIES <= MAX_SERIES_OF_AN_AGENT


@pytest.mark.parametrize("language", ["vi", "en"])
def test_checks_have_a_name_on_the_page(language: Language) -> None:
    """A duty officer reads of the check in both languages."""
    words = table(language)

    assert [check.name for check in CHECKS if f"check.{check.name}" not in words] == []


def test_checks_values_stand_together_on_the_page() -> None:
    """Each metric is shown under its own check; another program's stand under `other`."""
    found = {(o.name, check.name) for check in CHECKS for o in observe(check, fake_host())}
    strangers = {
        (name, check)
        for name, check in found
        if name not in OF_THE_FIXTURES_FILES and check_of(name, {"check": check}) != check
    }

    assert strangers == set()


def test_checks_are_one_file_each() -> None:
    """The file has the check's name."""
    directory = Path(next(iter(checks.__path__)))

    assert {p.stem for p in directory.glob("*.py")} - {"__init__"} == {c.name for c in CHECKS}
