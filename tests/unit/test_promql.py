"""The tests' own reader of expressions, so that what rests on it proves something."""

from __future__ import annotations

import pytest

from tests.promql import filled, metrics_of


@pytest.mark.parametrize(
    ("expr", "names"),
    [
        ("up", {"up"}),
        ('sum by (unit, name) (a{x="b(c)", y=~"d|e"}) / on (unit) group_left (z) f', {"a", "f"}),
        ("topk(10, 1 - avg by (host) (rate(n_total[$__rate_interval])))", {"n_total"}),
        ('label_replace(i{a!=""}, "t", "$1", "p", "(.+)") or vector(0)', {"i"}),
        ("predict_linear((max without (d) (m))[6h:5m], 4 * 3600) < 0 and l:m:o > 0.8",
         {"m", "l:m:o"}),
        ("count((x) == 0) or time() - y offset 5m > bool 1e3", {"x", "y"}),
    ],
)  # fmt: skip
def test_metrics_of_an_expression(expr: str, names: set[str]) -> None:
    """Functions, labels, texts and numbers are none."""
    assert metrics_of(expr) == names


def test_variables_are_filled_in_and_places_of_expressions_stay() -> None:
    """A variable without a value is a mistake of the board."""
    assert filled('a{u="$unit"}[$__rate_interval]', {"unit": "H"}) == 'a{u="H"}[1m]'
    assert filled('f(a, "$1")', {}) == 'f(a, "$1")'
    with pytest.raises(KeyError):
        filled("a{u=~'${where}'}", {})
