"""What may be quietened from an incident's page, and how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.storage.queries.alerts import AlertRow
    from collector.storage.queries.incidents import IncidentRow

# Offered lengths in minutes; the second is chosen.
MINUTES = (30, 120, 240, 480, 1440)
MOST_HOSTS = 10
WORST = "S1"
_SCOPES = frozenset({"agent", "unit", "rule"})


class Quiet(NamedTuple):
    """One choice: `what` is host, unit or rule, `value` its name for the form."""

    what: str
    value: str
    label: str


def choices(incident: IncidentRow, alerts: Sequence[AlertRow]) -> list[Quiet]:
    """Return what a person may silence from an incident's page; nothing of the worst severity."""
    if incident.severity == WORST or incident.ended:
        return []
    firing = [alert for alert in alerts if alert.resolved_at is None]
    hosts = {alert.agent: alert.host for alert in firing if alert.is_of_host}
    units = {alert.unit: alert.unit_name for alert in firing}
    rules = dict.fromkeys(alert.rule for alert in firing)
    return [
        *(
            Quiet("host", f"agent:{agent}", name)
            for agent, name in list(hosts.items())[:MOST_HOSTS]
        ),
        *(Quiet("unit", f"unit:{code}", name) for code, name in units.items()),
        *(Quiet("rule", f"rule:{rule}", rule) for rule in rules),
    ]


def scope_of(value: str) -> dict[str, str]:
    """Return the names that a choice stands for; an unknown one names nothing."""
    what, _, name = value.partition(":")
    return {"agent": "", "unit": "", "rule": ""} | ({what: name} if what in _SCOPES else {})
