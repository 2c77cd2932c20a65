"""What dashboards and alerts made for node_exporter select is there: names, labels, values.

`job` and `instance` are Prometheus's own, or the collector's where it hands samples on.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agents.check import NoData
from agents.scanner import scan
from tests.fake_host import fake_host
from tests.node_selectors import NODE_EXPORTER_FULL, NODE_MIXIN, selectors

if TYPE_CHECKING:
    from agents.check import Observation

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


@pytest.mark.parametrize("text", [NODE_EXPORTER_FULL, NODE_MIXIN], ids=["full", "mixin"])
def test_checks_publish_what_the_popular_dashboard_and_alerts_select(text: str) -> None:
    """Every selector finds a series of the fixture host."""
    found = published()

    wanted = selectors(text)
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
