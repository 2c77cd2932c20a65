"""Colours of a panel: what is worse is red, from the value on that is said."""

from __future__ import annotations

import pytest

from collector.dashboards import ways
from collector.dashboards.panels import YES, Steps, number, or_zero
from collector.dashboards.words import Words


@pytest.mark.parametrize(
    ("steps", "colors"),
    [
        (None, [(None, "blue")]),
        (Steps(1, 10), [(None, "green"), (1, "yellow"), (10, "red")]),
        (Steps(0.98, 0.9), [(None, "red"), (0.9, "yellow"), (0.98, "green")]),
        (Steps(1, 1), [(None, "green"), (1, "red")]),
        (YES, [(None, "red"), (0.5, "yellow"), (1, "green")]),
    ],
)
def test_more_is_worse_unless_red_is_below_yellow(
    steps: Steps | None, colors: list[tuple[float | None, str]]
) -> None:
    """Without steps a number is neither good nor bad."""
    panel = number(Words("vi"), "fleet.silent", "a", ways.UNITS, steps=steps).build()
    thresholds = panel.field_config.defaults.thresholds  # type: ignore[union-attr]
    assert [(one.value, one.color) for one in thresholds.steps] == colors  # type: ignore[union-attr]


def test_zero_needs_somebody_who_counts() -> None:
    """Nothing found is 0 only while the collector is read."""
    assert or_zero("sum(a)") == "sum(a) or 0 * max(wanwatch_console_info)"
