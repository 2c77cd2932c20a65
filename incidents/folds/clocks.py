"""What starts, stops, pauses, meets and moves the deadlines of an incident."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from incidents.clocks import ACKNOWLEDGE, Extension, Met, Reporting, Visit, Weight
from incidents.state import Kind
from incidents.timeline import instant
from incidents.work import YES

if TYPE_CHECKING:
    from incidents.folds.change import Change
    from incidents.state import Incident
    from incidents.timeline import Entry


def _changed(incident: Incident, **changes: Any) -> Incident:
    return replace(incident, clocks=replace(incident.clocks, **changes))


def _visited(incident: Incident, entry: Entry) -> Incident:
    stage = entry.data["stage"] if "stage" in entry.data else entry.data["to"]
    return _changed(incident, visits=(*incident.clocks.visits, Visit(stage, entry.at)))


def _reopened(incident: Incident, entry: Entry) -> Incident:
    again = _visited(incident, entry)
    return _changed(again, reopened=(*incident.clocks.reopened, entry.at))


def _weighed(incident: Incident, entry: Entry) -> Incident:
    severities = incident.clocks.severities
    if severities and severities[-1].severity == entry.data["severity"]:
        return incident
    return _changed(incident, severities=(*severities, Weight(entry.data["severity"], entry.at)))


def _recovered(incident: Incident, entry: Entry) -> Incident:
    return _changed(incident, recovered=(*incident.clocks.recovered, (entry.at, None)))


def _fired(incident: Incident, entry: Entry) -> Incident:
    spans = incident.clocks.recovered
    if not spans or spans[-1][1] is not None:
        return incident
    return _changed(incident, recovered=(*spans[:-1], (spans[-1][0], entry.at)))


def _contained(incident: Incident, entry: Entry) -> Incident:
    if incident.clocks.contained_at is not None:
        return incident
    return _changed(incident, contained_at=entry.at)


def _met(incident: Incident, entry: Entry) -> Incident:
    words = entry.texts or {}
    met = Met(
        deadline=entry.data["deadline"],
        at=instant(entry.data["met_at"]),
        recorded_at=entry.at,
        by=entry.actor,
        how=words.get("how", ""),
        told=words.get("told", ""),
        document=words.get("document", ""),
    )
    return _changed(incident, met=(*incident.clocks.met, met))


def _extended(incident: Incident, entry: Entry) -> Incident:
    data, approver = entry.data, (entry.texts or {}).get("approver", "")
    more = Extension(data["deadline"], instant(data["until"]), entry.at, approver)
    return _changed(incident, extended=(*incident.clocks.extended, more))


def _decided(incident: Incident, entry: Entry) -> Incident:
    made = Reporting(
        entry.at, entry.data["decision"] == YES, tuple(entry.data.get("grounds") or ())
    )
    return _changed(incident, reporting=(*incident.clocks.reporting, made))


def _told_role(incident: Incident, entry: Entry) -> Incident:
    told = (entry.data["role"], instant(entry.data["at"]))
    return _changed(incident, told_roles=(*incident.clocks.told_roles, told))


def _classified(incident: Incident, entry: Entry) -> Incident:
    """Another nature opens the decision on reporting again; what was decided counts until then."""
    if "nature" not in entry.data:
        return incident
    return _changed(incident, undecided=(*incident.clocks.undecided, entry.at))


def _occurred(incident: Incident, entry: Entry) -> Incident:
    data = entry.data
    if data["deadline"] == ACKNOWLEDGE or "run" not in data:
        return incident
    key = (data["deadline"], data["run"], data["percent"])
    after = _changed(incident, occurred=incident.clocks.occurred | {key})
    if not data.get("presumed"):
        return after
    return _changed(after, presumed=tuple(data["presumed"]), presumed_at=entry.at)


def _told(incident: Incident, entry: Entry) -> Incident:
    """Keep what a message about deadlines named, and when each person got one."""
    data = entry.data
    if data["kind"] != "page" or not (
        "duties" in data or data["reason"] in ("deadline_warning", "deadline_missed")
    ):
        return incident
    names = [name for name, _ in data["recipients"]]
    named = {
        (name, code, run, percent)
        for name in names
        for code, run, percent in data.get("duties", ())
    }
    return _changed(
        incident,
        told=incident.clocks.told | named,
        told_at={**incident.clocks.told_at, **dict.fromkeys(names, entry.at)},
    )


CHANGES: dict[str, Change] = {
    Kind.ACKNOWLEDGED: _visited,
    Kind.MOVED: _visited,
    Kind.CLOSED: _visited,
    Kind.REOPENED: _reopened,
    Kind.SEVERITY_CHANGED: _weighed,
    Kind.RECOVERED: _recovered,
    Kind.ALERT_JOINED: _fired,
    Kind.FIRED_AGAIN: _fired,
    Kind.CONTAINED: _contained,
    Kind.REPORTABLE_DECIDED: _decided,
    Kind.TOLD: _told_role,
    Kind.CLASSIFIED: _classified,
    Kind.DEADLINE_MET: _met,
    Kind.DEADLINE_EXTENDED: _extended,
    Kind.DEADLINE_WARNED: _occurred,
    Kind.DEADLINE_MISSED: _occurred,
    Kind.NOTIFIED: _told,
}
