"""An hour as a picture: where data is missing there is no line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from collector.console.spark import HEIGHT, WIDTH, draw

HOURS = st.lists(st.none() | st.floats(-1e12, 1e12, allow_nan=False), min_size=60, max_size=60)


def test_line_breaks_where_data_is_missing() -> None:
    """Six minutes without data make two lines and one band between them, never one line across."""
    values: list[float | None] = [0.5] * 20 + [None] * 6 + [0.5] * 34
    spark = draw(values, bounds=(0.0, 1.0))
    assert len(spark.lines) == 2
    assert [(gap.x, gap.width) for gap in spark.gaps] == [(80.0, 24.0)]
    assert spark.missing == 6


def test_hour_without_data_draws_nothing_but_the_band() -> None:
    """No data is not zero."""
    spark = draw([None] * 60)
    assert (spark.lines, spark.areas, spark.last, spark.lowest) == ((), (), None, None)
    assert spark.gaps[0].width == WIDTH


def test_ratio_is_drawn_between_zero_and_one() -> None:
    """Half full is in the middle, whatever the rest of the hour was."""
    spark = draw([0.5] * 60, bounds=(0.0, 1.0))
    assert spark.last == (238.0, HEIGHT / 2)


def test_single_minute_is_a_dot() -> None:
    """One minute between two gaps can still be seen."""
    spark = draw([None] * 30 + [1.0] + [None] * 29)
    assert len(spark.lines) == 1
    assert not spark.areas


@given(HOURS)
def test_everything_stays_in_the_picture(values: list[float | None]) -> None:
    """No value, however large or negative, is drawn outside."""
    spark = draw(values)
    points = [
        tuple(map(float, point.split()))
        for line in spark.lines
        for point in line.removeprefix("M").split("L")
    ]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert spark.missing == values.count(None)
