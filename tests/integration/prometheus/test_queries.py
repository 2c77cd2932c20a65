"""Every query of every board and rule, asked of a Prometheus that our own collector filled."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from collector.dashboards.rule_files import RECORDED, all_alerts
from tests import boards
from tests.integration.prometheus.site import HOST
from tests.node_selectors import NODE_EXPORTER_FULL, NODE_MIXIN, selectors
from tests.promql import filled
from tests.tsdb import program

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.prometheus.filled import Filled

pytestmark = pytest.mark.xdist_group("prometheus")
# The other language asks the same: tests/contracts/test_dashboards.py.
EACH = pytest.mark.parametrize("file", boards.of_language("vi"), ids=lambda f: f.stem)
_LABEL_VALUES = re.compile(r"label_values\((.*), (\w+)\)")


@EACH
def test_every_query_of_a_board_finds_something(fleet: Filled, file: Path) -> None:
    """Panels and marks: no query is empty for the simulated fleet, its site and its session."""
    asked = list(boards.queries(boards.load(file)))
    empty = [one for one in asked if not fleet.asked(filled(one.expr, fleet.chosen))]
    assert asked
    assert empty == []


@EACH
def test_every_choice_of_a_board_has_what_is_chosen(fleet: Filled, file: Path) -> None:
    """What stands above the panels offers the value that the queries were asked with."""
    for name, query in boards.choices(boards.load(file)).items():
        text = filled(query, fleet.chosen)
        values = _LABEL_VALUES.fullmatch(text)
        if values is None:
            text, label = text.removeprefix("query_result(").removesuffix(")"), name
        else:
            text, label = values.groups()
        offered = {one["metric"].get(label) for one in fleet.asked(text)}
        assert offered - {None}, query
        if name != "target":
            assert fleet.chosen[name] in offered


@pytest.mark.parametrize("rule", [rule.name for group in RECORDED for rule in group.rules])
def test_every_rule_that_records_has_recorded(fleet: Filled, rule: str) -> None:
    """The shipped file is evaluated by the server itself."""
    assert fleet.asked(rule)


@pytest.mark.parametrize("rule", list(all_alerts()), ids=lambda rule: rule.name)
def test_every_alert_looks_at_something(fleet: Filled, rule: object) -> None:
    """Without its limit the condition finds series: an alert that can never fire is none."""
    value, also = rule.value, rule.also  # type: ignore[attr-defined]
    assert fleet.asked(value)
    for metric in re.findall(r"[a-z_:0-9]+(?=(?:\s*[<>]=?\s*[\d.]+)?$)", also):
        assert fleet.asked(metric)


def test_no_rule_of_the_server_has_failed(fleet: Filled) -> None:
    """No evaluation went wrong: no series stood twice where one was expected."""
    [found] = fleet.asked("sum(prometheus_rule_evaluation_failures_total)")
    assert float(found["value"][1]) == 0


@pytest.mark.parametrize("text", [NODE_EXPORTER_FULL, NODE_MIXIN], ids=["full", "mixin"])
def test_boards_and_rules_for_node_exporter_find_our_hosts(fleet: Filled, text: str) -> None:
    """By `job` and `instance`, as what was made for node_exporter filters, and by nothing else."""
    [named] = fleet.asked(f'node_uname_info{{job="node",host="{HOST}"}}')
    instance = named["metric"]["instance"]
    assert named["metric"]["nodename"]
    empty = []
    for selector in selectors(text):
        metric, _, rest = selector.rstrip("}").partition("{")
        ours = f'{metric}{{job="node",instance="{instance}"{"," if rest else ""}{rest}}}'
        empty += [] if fleet.asked(ours) else [ours]
    assert empty == []


def test_promtool_has_nothing_to_say_about_the_exposition(fleet: Filled) -> None:
    """Names, units and help of `/metrics` are as the conventions want them."""
    checked = subprocess.run(
        [program("promtool"), "check", "metrics"],
        input=fleet.exposition,
        text=True,
        capture_output=True,
    )
    assert (checked.returncode, checked.stderr, checked.stdout) == (0, "", "")
