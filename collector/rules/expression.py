"""The text of a rule's `value:` and of durations → what `collector.rules.values` evaluates."""

from __future__ import annotations

import re
from typing import get_args

from collector.rules.values import MAX_WINDOW_SECONDS, Function, Value
from collector.wire import METRIC_NAME

_CALL = re.compile(r"(\w+)\(([^()]*)\)")
_DURATION = re.compile(r"(\d{1,6})(s|m|h|d)")
_UNIT_SECONDS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_FORMS: dict[str, tuple[str, ...]] = {
    "last": ("metric",),
    "rate": ("metric",),
    "absent": ("metric",),
    "age": ("metric",),
    "increase": ("metric", "window"),
    "avg": ("metric", "window"),
    "min": ("metric", "window"),
    "max": ("metric", "window"),
    "ratio": ("metric", "other"),
    "fills_within": ("metric", "size", "horizon"),
}
assert set(_FORMS) == set(get_args(Function))


def parse_duration(text: str) -> float:
    """Return the seconds in `30s`, `5m`, `24h` or `2d`.

    Raises:
        ValueError: It says something else.
    """
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise ValueError("write a whole number and a unit: 30s, 5m, 24h or 2d")
    return int(found[1]) * _UNIT_SECONDS[found[2]]


def parse_value(text: str) -> Value:
    """Read one call such as `increase(node_vmstat_oom_kill, 5m)`.

    Raises:
        ValueError: It is none of the closed language; the message lists what is.
    """
    call = _CALL.fullmatch(text.strip())
    if call is None or call[1] not in _FORMS:
        allowed = ", ".join(f"{name}({', '.join(form)})" for name, form in _FORMS.items())
        raise ValueError(f"one call and nothing else is allowed: {allowed}")
    form = _FORMS[call[1]]
    arguments = [argument.strip() for argument in call[2].split(",")]
    if len(arguments) != len(form):
        raise ValueError(f"{call[1]} takes {', '.join(form)}; {len(arguments)} given")
    given = dict(zip(form, arguments, strict=True))
    return Value(
        function=call[1],  # type: ignore[arg-type]
        metric=_metric(given["metric"]),
        other=_other(given),
        seconds=_seconds(given),
    )


def _other(given: dict[str, str]) -> str | float | None:
    if "other" in given:
        return _metric(given["other"])
    size = given.get("size")
    if size is None:
        return None
    return float(size) if re.fullmatch(r"[1-9]\d*", size) else _metric(size)


def _seconds(given: dict[str, str]) -> float:
    if "horizon" in given:
        return _at_least_a_minute(parse_duration(given["horizon"]))
    if "window" not in given:
        return 0.0
    seconds = _at_least_a_minute(parse_duration(given["window"]))
    if seconds > MAX_WINDOW_SECONDS:
        raise ValueError(f"a window is at most 60m; {given['window']} given")
    return seconds


def _at_least_a_minute(seconds: float) -> float:
    if seconds < 60:
        raise ValueError("a window is at least 1m")
    return seconds


def _metric(text: str) -> str:
    if METRIC_NAME.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not a metric name")
    return text
