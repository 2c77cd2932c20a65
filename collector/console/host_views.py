"""What the host page shows: an hour of each indicator, and the newest values by check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from collector.console import spark
from collector.console.formats import Language, quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from collector.services import HostState, LatestValue, SeriesKey

OLD_AFTER = timedelta(minutes=5)
SUCCESS = "wanwatch_check_success"
CHECK_PREFIX = "wanwatch_check_"
# Which check a metric comes from, by the longest prefix of its name.
CHECKS = {
    "node_bonding_": "bonding",
    "node_boot_": "boot",
    "node_context_": "processes",
    "node_cpu_": "cpu",
    "node_disk_": "disk",
    "node_dmi_": "identity",
    "node_filefd_": "processes",
    "node_filesystem_": "filesystem",
    "node_forks_": "processes",
    "node_intr_": "processes",
    "node_load": "cpu",
    "node_md_": "raid",
    "node_memory_": "memory",
    "node_network_": "network",
    "node_network_info": "interfaces",
    "node_network_mtu_": "interfaces",
    "node_network_speed_": "interfaces",
    "node_nf_conntrack_": "conntrack",
    "node_ntp_": "clock",
    "node_os_": "identity",
    "node_power_supply_": "battery",
    "node_pressure_": "pressure",
    "node_processes_": "processes",
    "node_procs_": "processes",
    "node_service_": "services",
    "node_systemd_": "services",
    "node_textfile_": "textfile",
    "node_time_": "clock",
    "node_timex_": "clock",
    "node_uname_": "identity",
    "node_vmstat_": "memory",
    "wanwatch_agent_": "agent",
    "wanwatch_certificate_": "certificates",
    "wanwatch_cpu": "cpu",
    "wanwatch_filesystem_": "filesystem",
    "wanwatch_last_shutdown_": "boot",
    "wanwatch_memory_": "memory",
    "wanwatch_raid_": "raid",
    "wanwatch_reboot_": "updates",
    "wanwatch_receiver_unknown_traps_": "trap_receiver",
    "wanwatch_spool_": "agent",
    "wanwatch_swap_": "memory",
    "wanwatch_textfile_": "textfile",
    "wanwatch_updates_": "updates",
    "wanwatch_voice_": "quality_receiver",
}
# The order of the page; what is not named follows by its own name.
INDICATORS = (
    "cpu_used_ratio",
    "memory_used_ratio",
    "filesystem_used_ratio_max",
    "swap_used_ratio",
    "load_per_cpu",
    "receive_bytes_per_second",
    "transmit_bytes_per_second",
    "clock_offset_seconds",
)


@dataclass(frozen=True, slots=True)
class IndicatorView:
    """One indicator of the last hour; `value` is None when this minute has no data."""

    name: str
    value: str | None
    lowest: str | None
    highest: str | None
    minutes_missing: int
    graph: spark.Spark


@dataclass(frozen=True, slots=True)
class ValueLine:
    """The newest value of one series; `old` when it is too old to be taken for the present."""

    metric: str
    labels: str
    value: str
    at: datetime
    old: bool


@dataclass(frozen=True, slots=True)
class CheckView:
    """One check with its newest values; `success` is None when it never said."""

    name: str
    success: bool | None
    at: datetime
    lines: tuple[ValueLine, ...]


def indicator_views(host: HostState, now: datetime, language: Language) -> list[IndicatorView]:
    """Return the host's indicators, the best known first."""
    known = [name for name in INDICATORS if name in host.indicators]
    others = sorted(set(host.indicators) - set(known))
    return [
        indicator_view(name, host.indicators[name].last_hour(now.timestamp()), language)
        for name in [*known, *others]
    ]


def indicator_view(name: str, values: list[float | None], language: Language) -> IndicatorView:
    """Return one indicator; a ratio is drawn between 0 and 1, others over their own span."""
    graph = spark.draw(values, bounds=(0.0, 1.0) if "_ratio" in name else None)
    current = values[-1] if values[-1] is not None else values[-2]

    def shown(value: float | None) -> str | None:
        return None if value is None else quantity(name, value, language)

    return IndicatorView(
        name, shown(current), shown(graph.lowest), shown(graph.highest), graph.missing, graph
    )


def check_of(metric: str, labels: Mapping[str, str]) -> str:
    """Return the check that a series comes from, `other` when its name does not tell."""
    if metric.startswith(CHECK_PREFIX):
        return labels.get("check", "other")
    if "receiver" in labels:
        return f"{labels['receiver']}_receiver"
    found = [prefix for prefix in CHECKS if metric.startswith(prefix)]
    return CHECKS[max(found, key=len)] if found else "other"


def check_views(
    latest: Mapping[SeriesKey, LatestValue], now: datetime, language: Language
) -> list[CheckView]:
    """Return the newest values by check, failed checks first, then by name.

    A success that is too old says nothing of the present.
    """
    groups: dict[str, list[tuple[SeriesKey, LatestValue]]] = {}
    for key, value in latest.items():
        groups.setdefault(check_of(key[0], dict(key[1])), []).append((key, value))
    views = [_check(name, series, now, language) for name, series in groups.items()]
    return sorted(views, key=lambda check: (check.success is not False, check.name))


def _check(
    name: str,
    series: Iterable[tuple[SeriesKey, LatestValue]],
    now: datetime,
    language: Language,
) -> CheckView:
    lines, success = [], None
    for (metric, labels), latest in sorted(series, key=lambda pair: pair[0]):
        if metric == SUCCESS and now - latest.at <= OLD_AFTER:
            success = latest.value >= 1
        text = ", ".join(f"{label}={value}" for label, value in labels if label != "check")
        shown = quantity(metric, latest.value, language)
        lines.append(ValueLine(metric, text, shown, latest.at, now - latest.at > OLD_AFTER))
    return CheckView(name, success, max(line.at for line in lines), tuple(lines))
