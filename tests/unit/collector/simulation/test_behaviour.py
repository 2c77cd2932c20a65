"""What simulated hosts say: the agent's own metrics, finite, with counters that only grow."""

from __future__ import annotations

import math
import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from collector.simulation.behaviour import CHECKS, series, values
from collector.simulation.effects import Effect
from collector.simulation.province import make_province

HOSTS = make_province(1, units=5, hosts=60).hosts
USUAL = Effect()
DOCUMENT = Path(__file__).parents[4] / "docs" / "checks.md"
SOME_DAY = st.floats(1.7e9, 2.0e9)
host = st.sampled_from(HOSTS)


@given(host, SOME_DAY, st.floats(0, 1), st.floats(-1e6, 1e6))
def test_every_value_is_finite_whatever_the_instant(h, at, filled, ahead) -> None:  # type: ignore[no-untyped-def]
    """No report is refused for a value, and each series has its value."""
    found = values(h, at, Effect(disk_filled=filled, clock_ahead_seconds=ahead))

    assert all(math.isfinite(value) for value in found)
    assert len(found) == len(series(h.kind))


@given(host, st.floats(1.7e9, 1.9e9), st.floats(1, 600))
def test_counters_never_go_back_while_the_host_is_up(h, at, later) -> None:  # type: ignore[no-untyped-def]
    """A rate over them is never negative; a boot is the one exception."""
    names = series(h.kind)
    before, after = values(h, at, USUAL), values(h, at + later, USUAL)
    boot = next(n for n, s in enumerate(names) if s.name == "node_boot_time_seconds")
    if abs(after[boot] - before[boot]) > 1:
        return
    pairs = zip(names, before, after, strict=True)

    assert [s for s, a, b in pairs if s.name.endswith("_total") and b < a] == []


@given(host, SOME_DAY)
def test_ratios_stay_between_nothing_and_all(h, at) -> None:  # type: ignore[no-untyped-def]
    """And usual days cross no threshold: a healthy province is quiet."""
    pairs = zip(series(h.kind), values(h, at, USUAL), strict=True)
    ratios = {s.name: value for s, value in pairs if s.name.endswith("_ratio")}

    assert all(0 <= value < 0.9 for value in ratios.values()), ratios


def test_every_metric_is_one_that_the_agent_reports() -> None:
    """The list is closed: docs/checks.md names each of them, with its labels."""
    text = DOCUMENT.read_text(encoding="utf-8")
    known = set(re.findall(r"`((?:node|wanwatch)_\w+)", text))
    used = {s.name for h in HOSTS for s in series(h.kind)}

    assert used - known == set()
    assert {f"`{check}`" for check in CHECKS} <= set(re.findall(r"`\w+`", text))


def test_host_reports_about_sixty_series_each_once() -> None:
    """A load test drives what real agents send."""
    for kind in ("server", "workstation"):
        names = [(s.name, tuple(sorted(s.labels.items()))) for s in series(kind)]
        assert len(names) == len(set(names))
        assert 50 <= len(names) <= 75
