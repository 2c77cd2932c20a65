"""Every query of every board and rule, asked of a Prometheus that our own collector filled."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from collector.dashboards.rule_files import RECORDED, all_alerts
from tests import boards
from tests.integration.prometheus.site import HOST
from tests.node_selectors import NODE_EXPORTER_FULL, NODE_JOINS, NODE_MIXIN, selectors
from tests.promql import filled
from tests.tsdb import program

if TYPE_CHECKING:
    from tests.integration.prometheus.filled import Filled

# The other language asks the same: tests/contracts/test_dashboards.py.
BOARDS = [boards.load(file) for file in boards.of_language("vi")]
_LABEL_VALUES = re.compile(r"label_values\((.*), (\w+)\)")
_OPERAND = re.compile(r"[a-z_:0-9]+(?=(?:\s*[<>]=?\s*[\d.]+)?$)")


def test_every_query_of_every_board_finds_something(fleet: Filled) -> None:
    """Panels and marks: no query is empty for the simulated fleet, its site and its session."""
    asked = [one for board in BOARDS for one in boards.queries(board)]
    assert len(asked) > 150
    assert [one for one in asked if not fleet.asked(filled(one.expr, fleet.chosen))] == []


def test_every_query_of_every_board_finds_something_in_victoria_metrics(fleet: Filled) -> None:
    """The other store answers every board, too."""
    asked = [one for board in BOARDS for one in boards.queries(board)]
    empty = [
        one for one in asked if not fleet.asked(filled(one.expr, fleet.chosen), fleet.victoria)
    ]
    assert empty == []


def test_every_choice_of_every_board_has_what_is_chosen(fleet: Filled) -> None:
    """What stands above the panels offers the value that the queries were asked with."""
    for name, query in (pair for board in BOARDS for pair in boards.choices(board).items()):
        text, label = filled(query, fleet.chosen), name
        if (values := _LABEL_VALUES.fullmatch(text)) is not None:
            text, label = values.groups()
        text = text.removeprefix("query_result(").removesuffix(")")
        offered = {one["metric"].get(label) for one in fleet.asked(text)}
        assert offered - {None}, query
        assert name == "target" or fleet.chosen[name] in offered


def test_every_rule_has_recorded_or_looks_at_something(fleet: Filled) -> None:
    """The server evaluated the shipped files; an alert whose condition has no series is none."""
    recorded = [rule.name for group in RECORDED for rule in group.rules]
    assert [name for name in recorded if not fleet.asked(name)] == []
    conditions = [rule.value for rule in all_alerts()]
    conditions += [one for rule in all_alerts() for one in _OPERAND.findall(rule.also)]
    assert [one for one in conditions if not fleet.asked(one)] == []


def test_no_rule_of_the_server_has_failed(fleet: Filled) -> None:
    """No evaluation went wrong: no series stood twice where one was expected."""
    [found] = fleet.asked("sum(prometheus_rule_evaluation_failures_total)")
    assert float(found["value"][1]) == 0


def test_boards_and_rules_for_node_exporter_find_our_hosts(fleet: Filled) -> None:
    """By `job` and `instance`, as what was made for node_exporter filters, and by nothing else."""
    [named] = fleet.asked(f'node_uname_info{{job="node",host="{HOST}"}}')
    instance = named["metric"]["instance"]
    assert named["metric"]["nodename"]
    empty = []
    for selector in (*selectors(NODE_EXPORTER_FULL), *selectors(NODE_MIXIN)):
        metric, _, rest = selector.rstrip("}").partition("{")
        ours = f'{metric}{{job="node",instance="{instance}"{"," if rest else ""}{rest}}}'
        empty += [] if fleet.asked(ours) else [ours]
    assert empty == []


def test_what_rules_for_node_exporter_compare_has_the_same_labels(fleet: Filled) -> None:
    """Shares, differences and conditions over two metrics have a result for our host."""
    for join in selectors(NODE_JOINS):
        found = fleet.asked(join.replace("{J", '{job="node"'))
        assert [one for one in found if one["metric"].get("host") == HOST], join


def test_promtool_has_nothing_to_say_about_the_exposition(fleet: Filled) -> None:
    """Names, units and help of `/metrics` are as the conventions want them."""
    checked = subprocess.run(
        [program("promtool"), "check", "metrics"],
        input=fleet.exposition,
        text=True,
        capture_output=True,
    )
    assert (checked.returncode, checked.stderr, checked.stdout) == (0, "", "")
