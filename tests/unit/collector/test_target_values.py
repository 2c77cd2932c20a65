"""What a target comes to: old values are no data, and no data is never good."""

from __future__ import annotations

import pytest

from collector.targets.target_values import Value, standing_of, value_of

NOW = 1_000.0


def value(age: float, spacing: float = 20.0) -> Value:
    labels = (("target", "cx"), ("protocol", "sip"))
    return value_of("m", labels, 1.0, NOW - age, now=NOW, spacing_seconds=spacing)


def test_a_value_is_old_when_three_should_have_come_since() -> None:
    """Half a minute at the least; the name of the target is not said again."""
    assert [value(age).is_old for age in (0, 60, 61)] == [False, False, True]
    assert [value(age, 1).is_old for age in (30, 31)] == [False, True]
    assert value(5).labels == {"protocol": "sip"}
    assert value(-5).age_seconds == 0


@pytest.mark.parametrize(
    ("ages", "firing", "is_measured", "standing"),
    [
        ((1,), (), True, "good"),
        ((1, 500), (), True, "good"),
        ((500,), (), True, "no_data"),
        ((), (), True, "no_data"),
        ((), (), False, "not_measured"),
        ((500,), ("warning",), True, "warning"),
        ((1,), ("warning", "critical"), True, "critical"),
    ],
)
def test_the_worst_that_is_known_is_what_is_said(
    ages: tuple[float, ...], firing: tuple[str, ...], is_measured: bool, standing: str
) -> None:
    """An alert that fires says more than a value that is old."""
    values = [value(age) for age in ages]
    assert standing_of(values, firing, is_measured=is_measured) == standing
