"""The figures of the last thirty days as metrics: one family for each kind of figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.core import GaugeMetricFamily

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client import Metric

    from incidents.kpi import Figure, Name

_FAMILIES: dict[Name, tuple[str, str, str]] = {
    "on_time": (
        "wanwatch_kpi_on_time_ratio",
        "Terms met in time, of those that were met or have passed in 30 days.",
        "deadline",
    ),
    "on_time_unit": ("wanwatch_kpi_unit_on_time_ratio", "The same, by unit.", "unit"),
    "acknowledge": (
        "wanwatch_kpi_acknowledge_seconds",
        "Mean time from detection to acknowledgement in 30 days.",
        "severity",
    ),
    "restore": (
        "wanwatch_kpi_restore_seconds",
        "Mean time from detection to the restored service in 30 days.",
        "severity",
    ),
    "availability_unit": (
        "wanwatch_kpi_unit_availability_ratio",
        "Share of a unit's hours in which it was not silent as a whole, in 30 days.",
        "unit",
    ),
    "availability_link": (
        "wanwatch_kpi_target_availability_ratio",
        "Share of 30 days in which a link or device was not down.",
        "target",
    ),
    "coverage": (
        "wanwatch_kpi_coverage_ratio",
        "Share of expected hosts that were heard in 30 days; of all units where `unit` is empty.",
        "unit",
    ),
}


def figure_families(figures: Iterable[Figure]) -> Iterator[Metric]:
    """Yield every family; a figure without a value has no sample."""
    families = {
        name: GaugeMetricFamily(metric, text, labels=[label])
        for name, (metric, text, label) in _FAMILIES.items()
    }
    for figure in figures:
        if figure.value is not None:
            families[figure.name].add_metric([figure.key], figure.value)
    yield from families.values()
