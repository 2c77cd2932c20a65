"""An alert as a set of labels, whoever raised it: what matchers see and Alertmanagers are told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.alerts import Firing

# The columns that `view_of_row` reads.
VIEWED = ("rule", "agent", "host", "unit", "severity", "labels")


def label_view(change: Firing) -> dict[str, str]:
    """Return the labels of an alert; its own count over what is known of it here."""
    return _view(
        dict(change.labels),
        {"rule": change.rule, "agent": change.agent, "host": change.host, "unit": change.unit,
         "severity": change.severity},
    )  # fmt: skip


def view_of_row(row: Any) -> dict[str, str]:
    """Return the same of a stored alert."""
    own = json.loads(row.labels)
    own = own if isinstance(own, dict) else {}
    return _view(own, {name: getattr(row, name) for name in VIEWED[:-1]})


def _view(own: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    said = {
        "alertname": known["rule"],
        "agent": known["agent"],
        "host": known["host"],
        "unit": known["unit"],
        "severity": known["severity"],
        **own,
    }
    return {name: value for name, value in said.items() if value}
