"""Boards as they are shipped: made from the code, what Grafana understands, nothing unknown."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from collector.dashboards.board import SOURCE_UID
from collector.dashboards.configuration import data_sources
from collector.dashboards.rule_files import RECORDED, all_alerts
from collector.dashboards.ways import CONSOLE
from collector.dashboards.words import LANGUAGES, Words
from collector.dashboards.written import BOARDS as MODULES
from collector.dashboards.written import files
from collector.forward.metrics import ForwardMetrics
from tests import boards
from tests.integration.desk import route_table
from tests.promql import metrics_of

if TYPE_CHECKING:
    from pathlib import Path

ROOT = boards.ROOT
EACH = pytest.mark.parametrize("file", boards.BOARDS, ids=lambda f: f"{f.parent.name}-{f.stem}")
# Part of every Grafana since 9, with nothing to install.
CORE_PANELS = {"row", "stat", "table", "timeseries", "state-timeline"}
NEWEST_SCHEMA = 42
# What Prometheus makes itself of every scrape.
OF_PROMETHEUS = {"up", "scrape_duration_seconds"}
SOURCES = (
    *(ROOT / "collector" / "metrics").glob("*.py"),
    *(ROOT / "collector").glob("*/metrics.py"),
)


def known_metrics() -> set[str]:
    """Return what documents and the collector's own metrics name; counters end in `_total`."""
    texts = [file.read_text(encoding="utf-8") for file in (ROOT / "docs").glob("*.md")]
    texts += [file.read_text(encoding="utf-8") for file in SOURCES]
    names = set(re.findall(r"\b(?:node|wanwatch)_[a-zA-Z0-9_]+\b", "".join(texts)))
    handed_on = ForwardMetrics(SimpleNamespace(senders=()), SimpleNamespace(end=None), now=_epoch)  # type: ignore[arg-type]
    names |= {family.name for family in handed_on.collect()}
    recorded = {rule.name for group in RECORDED for rule in group.rules}
    return names | {f"{name}_total" for name in names} | recorded | OF_PROMETHEUS


def _epoch() -> datetime:
    return datetime.fromtimestamp(0, UTC)


def test_what_is_shipped_is_what_the_code_makes() -> None:
    """`make dashboards` changes nothing, and there is no board that the code does not make."""
    made = files()
    changed = [path for path, text in made.items() if not _is_written(ROOT / path, text)]
    shipped = {str(path.relative_to(ROOT)) for path in (ROOT / "deploy" / "grafana").rglob("*.*")}
    assert changed == []
    assert shipped <= set(made)


def _is_written(file: Path, text: str) -> bool:
    return file.is_file() and file.read_text(encoding="utf-8") == text


@EACH
def test_board_is_what_the_types_of_grafana_say(file: Path) -> None:
    """Read by Grafana's own types it comes out as it went in; its schema is one that exists."""
    board = boards.load(file)
    again = json.loads(json.dumps(Dashboard.from_json(dict(board)), cls=JSONEncoder))
    for one in (board, again):
        one.pop("annotations")  # the types leave out what the data source of Prometheus reads
    assert again == board
    assert 30 < board["schemaVersion"] <= NEWEST_SCHEMA
    assert "id" not in board


@EACH
def test_panels_are_core_panels_each_in_its_own_place(file: Path) -> None:
    """Nothing has to be installed; numbers are unique, nothing lies over anything else."""
    board = boards.load(file)
    assert {panel["type"] for panel in board["panels"]} <= CORE_PANELS
    assert max(Counter(panel["id"] for panel in board["panels"]).values()) == 1
    cells = Counter(
        (x, y)
        for panel in board["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    )
    assert max(cells.values()) == 1
    assert max(x for x, _ in cells) < 24


@EACH
def test_board_asks_the_data_source_that_is_chosen_above_it(file: Path) -> None:
    """Panels, queries, marks and choices; the one chosen first is provisioned."""
    board = boards.load(file)
    [chosen] = [one for one in board["templating"]["list"] if one["type"] == "datasource"]
    assert chosen["current"]["value"] == SOURCE_UID
    assert SOURCE_UID in {one["uid"] for one in data_sources()["datasources"]}
    asked = [one for panel in boards.panels(board) for one in (panel, *panel["targets"])]
    asked += board["annotations"]["list"]
    asked += [one for one in board["templating"]["list"] if one["type"] == "query"]
    sources = {(one["datasource"]["type"], one["datasource"]["uid"]) for one in asked}
    assert sources == {("prometheus", "${datasource}")}


@EACH
def test_every_panel_leads_to_a_page_of_the_console(file: Path) -> None:
    """The page exists; what stands in its path is a variable of the board or a label."""
    board = boards.load(file)
    gets = [path.removeprefix("GET ") for path in _routes() if path.startswith("GET ")]
    pages = re.compile("|".join(re.sub(r"\{\w+\}", r"[^/]+", path) for path in gets))
    variables = {one["name"] for one in board["templating"]["list"]}
    for panel in boards.panels(board):
        links = panel["fieldConfig"]["defaults"]["links"]
        assert links, panel["title"]
        for link in links:
            assert link["url"].startswith(CONSOLE + "/")
            path = link["url"].removeprefix(CONSOLE).split("?")[0]
            assert pages.fullmatch(path), link["url"]
            named = set(re.findall(r"\$\{([^}]+)\}", link["url"]))
            assert all(name in variables or name.startswith("__") for name in named)
            fields = re.findall(r"__data\.fields\.(\w+)", link["url"])
            assert all(_has_column(panel, field) for field in fields), link["url"]


def _routes() -> set[str]:
    tables = (value for value in vars(route_table).values() if isinstance(value, dict))
    return {path for table in tables for path in table if isinstance(path, str)}


def _has_column(panel: dict[str, Any], label: str) -> bool:
    """Say whether every query of a table keeps a label."""
    return all(re.search(rf"by \([^)]*\b{label}\b", one["expr"]) for one in panel["targets"])


@EACH
def test_board_names_no_unknown_metric(file: Path) -> None:
    """A name is documented, or the collector's own."""
    board, known = boards.load(file), known_metrics()
    named = {name for asked in boards.queries(board) for name in metrics_of(asked.expr)}
    for query in boards.choices(board).values():
        inner = re.sub(r"^(label_values|query_result)\(|(, \w+)?\)$", "", query)
        named |= metrics_of(inner)
    assert sorted(named - known) == []


@pytest.mark.parametrize("file", boards.of_language("en"), ids=lambda f: f.stem)
def test_english_board_asks_what_the_vietnamese_one_asks(file: Path) -> None:
    """Words differ and nothing else."""
    vi = boards.load(file.parents[1] / "vi" / file.name)
    en = boards.load(file)
    assert [one.expr for one in boards.queries(en)] == [one.expr for one in boards.queries(vi)]
    assert boards.choices(en) == boards.choices(vi)
    assert {panel["title"] for panel in boards.panels(en)}.isdisjoint(
        panel["title"] for panel in boards.panels(vi) if "(MOS)" not in panel["title"]
    )


def test_rules_name_no_unknown_metric() -> None:
    """The same for what is recorded and alerted on."""
    exprs = [rule.expr for group in RECORDED for rule in group.rules]
    exprs += [rule.expr for rule in all_alerts()]
    known = known_metrics()
    assert sorted({name for expr in exprs for name in metrics_of(expr)} - known) == []


def test_both_languages_say_the_same_and_nothing_in_vain() -> None:
    """The keys are the same, each is used, and a board has a name of its own in each language."""
    used: set[str] = set()

    class Noting(Words):
        def __call__(self, key: str) -> str:
            used.add(key)
            return super().__call__(key)

        def about(self, key: str) -> str:
            used.add(f"{key}.about")
            return super().about(key)

    vi, en = Noting("vi"), Noting("en")
    assert set(vi.texts) == set(en.texts)
    uids = [module.build(words).uid for words in (vi, en) for module in MODULES]
    assert len(set(uids)) == len(uids) == len(boards.BOARDS) == len(LANGUAGES) * len(MODULES)
    of_alerts = {f"alert.{rule.name}" for rule in all_alerts()}
    assert set(vi.texts) - used == of_alerts


@EACH
def test_no_panel_makes_a_zero_out_of_nothing(file: Path) -> None:
    """Where nothing is known a panel says so: a green 0 would be a lie."""
    asked = list(boards.queries(boards.load(file)))
    assert [one for one in asked if "vector(" in one.expr or "absent(" in one.expr] == []
    for panel in boards.panels(boards.load(file)):
        assert panel["fieldConfig"]["defaults"]["noValue"]
