"""What dashboards and alerts made for node_exporter select is there: names, labels, values.

Source: Node Exporter Full (rYdddlPWk, schema 41), its variables and its two open rows; node-mixin,
alerts and recording rules with their default selectors. `job` and `instance` are Prometheus's own.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agents.check import NoData
from agents.scanner import scan
from tests.fake_host import fake_host

if TYPE_CHECKING:
    from agents.check import Observation

NODE_EXPORTER_FULL = """
    node_uname_info{nodename=~".+"}
    node_pressure_cpu_waiting_seconds_total
    node_pressure_memory_waiting_seconds_total
    node_pressure_memory_stalled_seconds_total
    node_pressure_io_waiting_seconds_total
    node_pressure_io_stalled_seconds_total
    node_pressure_irq_stalled_seconds_total
    node_cpu_seconds_total{mode="idle"}
    node_cpu_seconds_total{mode="system"}
    node_cpu_seconds_total{mode="user"}
    node_cpu_seconds_total{mode="iowait"}
    node_cpu_seconds_total{mode=~".*irq"}
    node_cpu_seconds_total{mode!="idle",mode!="user",mode!="system",mode!="iowait",mode!="irq"}
    node_load1
    node_memory_MemTotal_bytes
    node_memory_MemAvailable_bytes
    node_memory_MemFree_bytes
    node_memory_Cached_bytes
    node_memory_Buffers_bytes
    node_memory_SReclaimable_bytes
    node_memory_SwapTotal_bytes
    node_memory_SwapFree_bytes
    node_filesystem_avail_bytes{mountpoint="/",fstype!="rootfs"}
    node_filesystem_size_bytes{mountpoint="/",fstype!="rootfs"}
    node_filesystem_avail_bytes{device!~"rootfs"}
    node_filesystem_size_bytes{device!~"rootfs"}
    node_time_seconds
    node_boot_time_seconds
    node_network_receive_bytes_total{device!="lo"}
    node_network_transmit_bytes_total{device!="lo"}
"""
DEVICE = 'device=~"(/dev/)?(mmcblk.p.+|nvme.+|rbd.+|sd.+|vd.+|xvd.+|dm-.+|md.+|dasd.+)"'
NODE_MIXIN = f"""
    node_filesystem_avail_bytes{{fstype!="",mountpoint!=""}}
    node_filesystem_size_bytes{{fstype!="",mountpoint!=""}}
    node_filesystem_readonly{{fstype!="",mountpoint!=""}}
    node_filesystem_files_free{{fstype!="",mountpoint!=""}}
    node_filesystem_files{{fstype!="",mountpoint!=""}}
    node_network_receive_errs_total
    node_network_receive_packets_total
    node_network_receive_bytes_total{{device!="lo"}}
    node_network_receive_drop_total{{device!="lo"}}
    node_network_transmit_errs_total
    node_network_transmit_packets_total
    node_network_transmit_bytes_total{{device!="lo"}}
    node_network_transmit_drop_total{{device!="lo"}}
    node_nf_conntrack_entries
    node_nf_conntrack_entries_limit
    node_textfile_scrape_error
    node_timex_offset_seconds
    node_timex_sync_status
    node_timex_maxerror_seconds
    node_md_disks_required{{{DEVICE}}}
    node_md_disks{{state="active",{DEVICE}}}
    node_md_disks{{state="failed",{DEVICE}}}
    node_filefd_allocated
    node_filefd_maximum
    node_cpu_seconds_total{{mode!~"idle|iowait"}}
    node_cpu_seconds_total{{mode="idle"}}
    node_load1
    node_vmstat_pgmajfault
    node_memory_MemAvailable_bytes
    node_memory_MemTotal_bytes
    node_memory_MemFree_bytes
    node_memory_Buffers_bytes
    node_memory_Cached_bytes
    node_memory_Slab_bytes
    node_disk_io_time_seconds_total{{{DEVICE}}}
    node_disk_io_time_weighted_seconds_total{{{DEVICE}}}
    node_systemd_unit_state{{state="failed"}}
    node_systemd_service_restart_total
    node_bonding_slaves
    node_bonding_active
"""
SELECTOR = re.compile(r"(\w+)(?:\{(.*)\})?")
MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"')
DOCUMENT = Path(__file__).parents[2] / "docs" / "checks.md"


def published() -> list[Observation]:
    """Return all that the checks report of the fixture host."""
    host = fake_host()
    found: list[Observation] = []
    for check in scan().checks.values():
        try:
            found += check.evaluate(check.read(host), None)
        except NoData:
            continue
    return found


def selects(selector: str, observation: Observation) -> bool:
    """Say what Prometheus would: a missing label is empty, an expression matches the whole."""
    name, matchers = SELECTOR.fullmatch(selector).groups()  # type: ignore[union-attr]
    if name != observation.name:
        return False
    for label, operator, text in MATCHER.findall(matchers or ""):
        value = observation.labels.get(label, "")
        is_equal = re.fullmatch(text, value) is not None if "~" in operator else value == text
        if is_equal == operator.startswith("!"):
            return False
    return True


@pytest.mark.parametrize("selectors", [NODE_EXPORTER_FULL, NODE_MIXIN], ids=["full", "mixin"])
def test_checks_publish_what_the_popular_dashboard_and_alerts_select(selectors: str) -> None:
    """Every selector finds a series of the fixture host."""
    found = published()

    wanted = [line.strip() for line in selectors.split("\n") if line.strip()]
    assert [s for s in wanted if not any(selects(s, o) for o in found)] == []


@pytest.mark.parametrize(
    ("selector", "is_selected"),
    [
        ("a", True),
        ("b", False),
        ('a{x="1"}', True),
        ('a{x=~"."}', True),
        ('a{x!="1"}', False),
        ('a{x!~"1|2"}', False),
        ('a{y=""}', True),
        ('a{x="1",y!=""}', False),
    ],
)
def test_selectors_are_read_as_prometheus_does(selector: str, is_selected: bool) -> None:
    """The test's own reader, so that the one above proves something."""
    from agents.check import Observation

    assert selects(selector, Observation("a", {"x": "1"}, 1)) is is_selected


def test_document_says_where_job_and_instance_come_from() -> None:
    """Both boards filter by them; the agent sends neither."""
    text = DOCUMENT.read_text(encoding="utf-8")

    assert "`job`" in text
    assert "`instance`" in text
