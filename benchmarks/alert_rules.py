"""Twenty alerting rules for Prometheus over the series that a simulated host reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from pathlib import Path

_AVAILABLE = "node_filesystem_avail_bytes / node_filesystem_size_bytes"
RULES: dict[str, tuple[str, str]] = {
    "DiskWarning": (f"{_AVAILABLE} < 0.10", "0s"),
    "DiskCritical": (f"{_AVAILABLE} < 0.05", "0s"),
    "InodesWarning": ("wanwatch_filesystem_files_used_ratio > 0.95", "10m"),
    "InodesCritical": ("wanwatch_filesystem_files_used_ratio > 0.97", "10m"),
    "ReadOnly": ("node_filesystem_readonly > 0", "1m"),
    "DeviceError": ("node_filesystem_device_error > 0", "5m"),
    "CpuHigh": ("avg_over_time(wanwatch_cpu_used_ratio[5m]) > 0.9", "15m"),
    "Saturated": ("node_load1 > 4", "15m"),
    "MemoryWarning": ("wanwatch_memory_used_ratio > 0.90", "10m"),
    "MemoryCritical": ("wanwatch_memory_used_ratio > 0.95", "10m"),
    "SwapHigh": ("wanwatch_swap_used_ratio > 0.8", "15m"),
    "ReceiveErrors": ("rate(node_network_receive_errs_total[1m]) > 1", "15m"),
    "TransmitErrors": ("rate(node_network_transmit_errs_total[1m]) > 1", "15m"),
    "ClockAhead": ("node_timex_offset_seconds > 0.05", "10m"),
    "ClockBehind": ("node_timex_offset_seconds < -0.05", "10m"),
    "NotSynchronised": ("node_timex_maxerror_seconds > 16", "10m"),
    "ServiceFailed": ('node_systemd_unit_state{state="failed"} > 0', "5m"),
    "CheckFailing": ("wanwatch_check_success < 1", "10m"),
    "Rebooted": ("time() - node_boot_time_seconds < 600", "0s"),
    "DataMissing": ("absent(wanwatch_cpu_used_ratio)", "10m"),
}


def write_rules(directory: Path) -> Path:
    """Write the configuration of Prometheus and its rules; return the former's path."""
    rules = [{"alert": name, "expr": text, "for": held} for name, (text, held) in RULES.items()]
    group = {"name": "hosts", "interval": "10s", "rules": rules}
    (directory / "rules.yml").write_text(yaml.safe_dump({"groups": [group]}))
    config = directory / "prometheus.yml"
    config.write_text(
        yaml.safe_dump({"global": {"evaluation_interval": "10s"}, "rule_files": ["rules.yml"]})
    )
    return config
