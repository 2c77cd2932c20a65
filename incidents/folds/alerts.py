"""Alerts that join an incident and recover."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from incidents.state import Kind

if TYPE_CHECKING:
    from incidents.folds.change import Change
    from incidents.state import Incident
    from incidents.timeline import Entry


def _alert_joined(incident: Incident, entry: Entry) -> Incident:
    unit = entry.data["unit"]
    units = incident.units if unit in incident.units else (*incident.units, unit)
    return replace(
        incident,
        units=units,
        open_alerts=incident.open_alerts | {entry.data["alert"]},
        recovered_at=None,
    )


def _alert_recovered(incident: Incident, entry: Entry) -> Incident:
    return replace(incident, open_alerts=incident.open_alerts - {entry.data["alert"]})


def _recovered(incident: Incident, entry: Entry) -> Incident:
    return replace(incident, recovered_at=entry.at)


CHANGES: dict[str, Change] = {
    Kind.ALERT_JOINED: _alert_joined,
    Kind.FIRED_AGAIN: _alert_joined,
    Kind.ALERT_RECOVERED: _alert_recovered,
    Kind.RECOVERED: _recovered,
}
