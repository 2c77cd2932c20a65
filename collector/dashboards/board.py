"""What every board has: its name and language, what is chosen above it, marks of what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import dashboard as models

from collector.dashboards.panels import DATA_SOURCE, WIDTH
from collector.dashboards.ways import CONSOLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.dashboards.panels import Panel
    from collector.dashboards.words import Words

ZONE = "Asia/Ho_Chi_Minh"
TAG = "wanwatch"
SOURCE_UID, SOURCE_NAME = "wanwatch-prometheus", "Prometheus (wanwatch)"
Variable = dashboard.QueryVariable | dashboard.DatasourceVariable
# How the data source is asked for a choice.
LABEL_VALUES, QUERY_RESULT = 1, 3
# Grafana names a choice by the first group and uses the second one.
UNIT_NAMES = '/name="(?<text>[^"]+)|unit="(?<value>[^"]+)/g'


class Mark(models.AnnotationQuery):
    """Marks from a query of Prometheus, with the fields that its data source reads beside ours."""

    title_format: str = ""
    is_value_time: bool = False

    def to_json(self) -> dict[str, object]:
        """Return it as Grafana stores it."""
        more = {"titleFormat": self.title_format, "useValueForTime": self.is_value_time}
        return super().to_json() | more | {"step": "60s", "tagKeys": "unit,severity,class"}


class _MarkBuilder(dashboard.AnnotationQuery):
    def __init__(self, mark: Mark) -> None:
        self._internal = mark


def board(
    words: Words,
    key: str,
    groups: Sequence[tuple[str, Sequence[Panel]]],
    variables: Sequence[Variable] = (),
    *,
    since: str = "now-6h",
    incidents: str = "",
) -> models.Dashboard:
    """Return a whole board.

    Args:
        groups: The key of each row's words behind `row.`, and its panels from left to right.
        incidents: Label matchers of the incidents that are marked; empty: all of them.
    """
    made = (
        dashboard.Dashboard(words(f"board.{key}"))
        .uid(uid(words, key))
        .description(words(f"board.{key}.about"))
        .tags([TAG, f"{TAG}-{words.language}"])
        .timezone(ZONE)
        .week_start("monday")
        .refresh("30s")
        .time(since, "now")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .editable()
        .variables([_source(words), _console(words), *variables])
        .annotations([_sessions(words), _incidents(words, incidents)])
        .links([_others(words), _to_console(words)])
    ).build()
    made.panels = list(_laid_out(words, groups))
    return made


def uid(words: Words, key: str) -> str:
    """Return the lasting name of a board, by which links find it."""
    return f"{TAG}-{key}" + ("" if words.language == "vi" else f"-{words.language}")


def choice(
    words: Words, name: str, query: str, *, regex: str = "", everything: bool = False
) -> dashboard.QueryVariable:
    """Return a choice above the panels, from what is there."""
    kind = QUERY_RESULT if query.startswith("query_result") else LABEL_VALUES
    made = (
        dashboard.QueryVariable(name)
        .label(words(f"choice.{name}"))
        .datasource(DATA_SOURCE)
        .query({"qryType": kind, "query": query, "refId": name})
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_CASE_INSENSITIVE_ASC)
        .regex(regex)
    )
    if not everything:
        return made
    everything_chosen = models.VariableOption(True, [words("choice.all")], ["$__all"])
    return made.multi(True).include_all(True).all_value(".*").current(everything_chosen)


def unit_choice(words: Words) -> dashboard.QueryVariable:
    """Return the choice of a unit by its name."""
    return choice(words, "unit", "query_result(wanwatch_unit_info)", regex=UNIT_NAMES)


def _source(words: Words) -> dashboard.DatasourceVariable:
    return (
        dashboard.DatasourceVariable("datasource")
        .label(words("choice.datasource"))
        .type("prometheus")
        .current(models.VariableOption(True, SOURCE_NAME, SOURCE_UID))
    )


def _console(words: Words) -> dashboard.QueryVariable:
    """The console's address, which the collector says itself."""
    query = "label_values(wanwatch_console_info, url)"
    return choice(words, "console", query).hide(models.VariableHide.HIDE_VARIABLE)


def _sessions(words: Words) -> _MarkBuilder:
    expr = 'max by (session, class) (wanwatch_session_info{stage="live"})'
    return _mark("sessions", expr, words, "blue")


def _incidents(words: Words, matchers: str) -> _MarkBuilder:
    metric = "wanwatch_incident_detected_timestamp_seconds"
    metric += f"{{{matchers}}}" if matchers else ""
    made = _mark("incidents", f"1000 * max by (incident, severity, unit) ({metric})", words, "red")
    made.build().is_value_time = True  # type: ignore[attr-defined]
    return made


def _mark(key: str, expr: str, words: Words, color: str) -> _MarkBuilder:
    mark = Mark(words(f"mark.{key}"), DATA_SOURCE, icon_color=color, expr=expr)
    mark.title_format = words(f"mark.{key}.title")
    return _MarkBuilder(mark)


def _others(words: Words) -> dashboard.DashboardLink:
    return (
        dashboard.DashboardLink(words("link.boards"))
        .type(models.DashboardLinkType.DASHBOARDS)
        .tags([f"{TAG}-{words.language}"])
        .as_dropdown(True)
        .include_vars(True)
        .keep_time(True)
    )


def _to_console(words: Words) -> dashboard.DashboardLink:
    return (
        dashboard.DashboardLink(words("link.console"))
        .type(models.DashboardLinkType.LINK)
        .url(CONSOLE)
        .target_blank(True)
    )


def _laid_out(
    words: Words, groups: Sequence[tuple[str, Sequence[Panel]]]
) -> list[models.Panel | models.RowPanel]:
    """Give every panel its number and its place: lines from the left, rows between them."""
    placed: list[models.Panel | models.RowPanel] = []
    x = y = tallest = 0
    for key, panels in groups:
        y, x, tallest = y + tallest, 0, 0
        row = dashboard.Row(words(f"row.{key}")).grid_pos(models.GridPos(h=1, w=WIDTH, x=0, y=y))
        row_made = row.id(len(placed) + 1).build()
        placed.append(row_made)
        y += 1
        for panel in (one.build() for one in panels):
            place = panel.grid_pos or models.GridPos()
            if x + place.w > WIDTH:
                y, x, tallest = y + tallest, 0, 0
            panel.grid_pos = models.GridPos(h=place.h, w=place.w, x=x, y=y)
            panel.id_val = len(placed) + 1
            x, tallest = x + place.w, max(tallest, place.h)
            placed.append(panel)
    return placed
