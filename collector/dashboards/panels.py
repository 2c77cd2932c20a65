"""Panels in the few shapes that the boards use: numbers, curves, tables, states over time."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from grafana_foundation_sdk.builders import common, dashboard, prometheus
from grafana_foundation_sdk.builders.stat import Panel as Stat
from grafana_foundation_sdk.builders.statetimeline import Panel as StateTimeline
from grafana_foundation_sdk.builders.table import Panel as Table
from grafana_foundation_sdk.builders.timeseries import Panel as TimeSeries
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    DataTransformerConfig,
    DynamicConfigValue,
    FieldColorModeId,
    Threshold,
    ThresholdsMode,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from collector.dashboards.ways import Way, link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from collector.dashboards.words import Words

DATA_SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
GREEN, YELLOW, RED, BLUE = "green", "yellow", "red", "blue"
WIDTH, HEIGHT, NUMBER_HEIGHT = 24, 8, 4
Asked = TypeVar("Asked")
Panel = Stat | Table | TimeSeries | StateTimeline


class Query(NamedTuple):
    """An expression, and what its curve or column is called: a text with `{{label}}` in it."""

    expr: str
    legend: str = ""


class Steps(NamedTuple):
    """From which value on a number is yellow and red; the other way round where less is worse."""

    yellow: float
    red: float


# 1 is green and 0 is red.
YES = Steps(yellow=1, red=0.5)


def or_zero(expr: str) -> str:
    """Return an expression that is 0 where it finds nothing while the collector is read.

    Where nothing is known the panel says so: a 0 would look as if all were well.
    """
    return f"{expr} or 0 * max(wanwatch_console_info)"


class Column(NamedTuple):
    """A column of a table: the key of its words behind `column.`, its unit and its colours.

    Attributes:
        key: Empty: the value says nothing beside the row's labels and is not shown.
    """

    key: str = ""
    unit: str = ""
    steps: Steps | None = None


def number(
    words: Words,
    key: str,
    expr: str,
    way: Way,
    *,
    unit: str = "none",
    steps: Steps | None = None,
    width: int = 4,
) -> Stat:
    """Return one number; where nothing is known it says so instead of showing a 0."""
    return (
        Stat()
        .title(words(key))
        .description(words.about(key))
        .datasource(DATA_SOURCE)
        .unit(unit)
        .no_value(words("no_data"))
        .thresholds(_thresholds(steps))
        .color_mode(common_models.BigValueColorMode.VALUE)
        .graph_mode(common_models.BigValueGraphMode.AREA)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .data_links([link(words, way)])
        .with_target(_target("A", Query(expr)))
        .span(width)
        .height(NUMBER_HEIGHT)
    )


def curves(
    words: Words,
    key: str,
    queries: Sequence[Query],
    way: Way,
    *,
    unit: str = "short",
    width: int = 12,
    stacked: bool = False,
    steps: Steps | None = None,
    most: float | None = None,
) -> TimeSeries:
    """Return curves over time; a gap in the data is a gap in the curve."""
    panel = (
        TimeSeries()
        .title(words(key))
        .description(words.about(key))
        .datasource(DATA_SOURCE)
        .unit(unit)
        .min(0)
        .no_value(words("no_data"))
        .fill_opacity(30 if stacked else 5)
        .line_width(1)
        .show_points(common_models.VisibilityMode.NEVER)
        .span_nulls(False)
        .thresholds(_thresholds(steps))
        .legend(
            common.VizLegendOptions()
            .show_legend(True)
            .display_mode(common_models.LegendDisplayMode.TABLE)
            .placement(common_models.LegendPlacement.BOTTOM)
            .calcs(["lastNotNull", "max"])
        )
        .tooltip(
            common.VizTooltipOptions()
            .mode(common_models.TooltipDisplayMode.MULTI)
            .sort(common_models.SortOrder.DESCENDING)
        )
        .data_links([link(words, way)])
        .targets([_target(letter, query) for letter, query in _lettered(queries)])
        .span(width)
        .height(HEIGHT)
    )
    if stacked:
        panel = panel.stacking(common.StackingConfig().mode(common_models.StackingMode.NORMAL))
    if steps is not None:
        style = common.GraphThresholdsStyleConfig()
        panel = panel.thresholds_style(style.mode(common_models.GraphThresholdsStyleMode.DASHED))
    return panel if most is None else panel.max(most)


def table(
    words: Words,
    key: str,
    queries: Sequence[tuple[str, Column]],
    way: Way,
    *,
    names: Sequence[str],
    width: int = 12,
    height: int = HEIGHT,
) -> Table:
    """Return a table: one row for each set of labels, a column for each query.

    Args:
        names: The labels that are columns, in words behind `column.`; every expression keeps
            these labels and no other.
    """
    panel = (
        Table()
        .title(words(key))
        .description(words.about(key))
        .datasource(DATA_SOURCE)
        .no_value(words("no_data"))
        .targets(
            [
                _target(letter, Query(expr), as_table=True)
                for letter, (expr, _) in _lettered(queries)
            ]
        )
        .data_links([link(words, way)])
        .override_by_name("Time", [DynamicConfigValue("custom.hidden", True)])
        .span(width)
        .height(height)
    )
    for name in names:
        shown = DynamicConfigValue("displayName", words(f"column.{name}"))
        panel = panel.override_by_name(name, [shown])
    for letter, (_, column) in _lettered(queries):
        field = "Value" if len(queries) == 1 else f"Value #{letter}"
        panel = panel.override_by_name(field, _column(words, column))
    if len(queries) > 1:
        panel = panel.with_transformation(DataTransformerConfig("merge", options={}))
    return panel


def states(
    words: Words, key: str, queries: Sequence[Query], way: Way, *, width: int = WIDTH
) -> StateTimeline:
    """Return 1 as green and 0 as red over time; no value is no colour."""
    return (
        StateTimeline()
        .title(words(key))
        .description(words.about(key))
        .datasource(DATA_SOURCE)
        .no_value(words("no_data"))
        .show_value(common_models.VisibilityMode.NEVER)
        .thresholds(_thresholds(YES))
        .color_scheme(dashboard.FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .targets([_target(letter, query) for letter, query in _lettered(queries)])
        .data_links([link(words, way)])
        .span(width)
        .height(HEIGHT)
    )


def _lettered(queries: Iterable[Asked]) -> Iterator[tuple[str, Asked]]:
    """Yield each query with the letter that Grafana knows it by."""
    yield from zip(string.ascii_uppercase, queries, strict=False)


def _target(name: str, query: Query, *, as_table: bool = False) -> prometheus.Dataquery:
    target = prometheus.Dataquery().ref_id(name).datasource(DATA_SOURCE).expr(query.expr)
    if as_table:
        return target.instant().format(PromQueryFormat.TABLE)
    return target.range().legend_format(query.legend or "__auto")


def _column(words: Words, column: Column) -> list[DynamicConfigValue]:
    if not column.key:
        return [DynamicConfigValue("custom.hidden", True)]
    shown = [DynamicConfigValue("displayName", words(f"column.{column.key}"))]
    if column.unit:
        shown.append(DynamicConfigValue("unit", column.unit))
    if column.steps is not None:
        shown.append(DynamicConfigValue("thresholds", _thresholds(column.steps).build()))
        cell: dict[str, Any] = {"type": "color-text"}
        shown.append(DynamicConfigValue("custom.cellOptions", cell))
    return shown


def _thresholds(steps: Steps | None) -> dashboard.ThresholdsConfig:
    made = dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE)
    if steps is None:
        return made.steps([Threshold(value=None, color=BLUE)])
    if steps.red < steps.yellow:
        found = [(None, RED), (steps.red, YELLOW), (steps.yellow, GREEN)]
    else:
        found = [(None, GREEN), (steps.yellow, YELLOW), (steps.red, RED)]
    if steps.yellow == steps.red:
        del found[1]
    return made.steps([Threshold(value=value, color=color) for value, color in found])
