"""Which metrics an expression of Prometheus names, and what Grafana makes of its variables."""

from __future__ import annotations

import re

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_MATCHERS = re.compile(r"\{[^{}]*\}")
_WINDOW = re.compile(r"\[[^\]]*\]")
_LABELS = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*(?!\s*\(|[a-zA-Z0-9_:])")
_WORDS = {"and", "or", "unless", "bool", "offset", "by", "on", "group_left", "group_right"}
# Grafana fills these in by itself; the least that a scrape every 15 s gives.
BUILT_IN = {"__rate_interval": "1m", "__interval": "15s", "__range": "6h"}


def metrics_of(expr: str) -> set[str]:
    """Return the metrics that an expression names."""
    text = _QUOTED.sub('""', expr)
    for pattern in (_MATCHERS, _WINDOW, _LABELS):
        text = pattern.sub(" ", text)
    text = re.sub(r"\b\d[\w.]*", " ", text)
    return set(_NAME.findall(text)) - _WORDS


def filled(expr: str, chosen: dict[str, str]) -> str:
    """Return an expression as Grafana sends it.

    Raises:
        KeyError: It names a variable that has no value.
    """
    values = {**BUILT_IN, **chosen}
    pattern = re.compile(r"\$(?:\{(\w+)\}|([a-zA-Z_]\w*))")
    return pattern.sub(lambda found: values[found[1] or found[2]], expr)
