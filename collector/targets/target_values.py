"""What was measured of a target, with the age of every value, and what it comes to: no guesses.

A value that should have come again and did not is old; a target all of whose values are old, or
that nobody measured yet, has no data, whatever its last values said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

Standing = Literal["critical", "warning", "no_data", "good", "not_measured"]
# The order of a list: what is worst first.
WORST_FIRST: tuple[Standing, ...] = ("critical", "warning", "no_data", "good", "not_measured")
OLD_SPACINGS, MIN_OLD_SECONDS = 3.0, 30.0


class Value(NamedTuple):
    """The newest value of one series.

    Attributes:
        labels: Without `target`.
        at: Unix seconds by the collector's clock.
        is_old: Another one should have come since.
    """

    metric: str
    labels: dict[str, str]
    value: float
    at: float
    age_seconds: float
    is_old: bool


def value_of(
    metric: str,
    labels: Collection[tuple[str, str]],
    value: float,
    at: float,
    *,
    now: float,
    spacing_seconds: float,
    least_old_seconds: float = MIN_OLD_SECONDS,
) -> Value:
    """Return a value as it is shown.

    Args:
        spacing_seconds: Between its last two values, or how far apart they are asked for.
        least_old_seconds: Below this age no value is old, however often it should have come.
    """
    age_seconds = max(0.0, now - at)
    is_old = age_seconds > max(least_old_seconds, OLD_SPACINGS * spacing_seconds)
    kept = {name: text for name, text in labels if name != "target"}
    return Value(metric, kept, value, at, round(age_seconds, 1), is_old)


def standing_of(values: Sequence[Value], firing: Collection[str], *, is_measured: bool) -> Standing:
    """Return what a target comes to.

    Args:
        firing: The severities of its alerts.
        is_measured: Whether anybody is asked to measure it.
    """
    if "critical" in firing:
        return "critical"
    if "warning" in firing:
        return "warning"
    if not is_measured:
        return "not_measured"
    return "good" if any(not value.is_old for value in values) else "no_data"
