"""Whom levels called, who acknowledged, who passed it on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from incidents.calls import Calls
from incidents.state import PERSON, Kind
from incidents.timeline import instant

if TYPE_CHECKING:
    from incidents.folds.change import Change
    from incidents.state import Incident
    from incidents.timeline import Entry

# Levels begun with for these reasons know nothing of what was answered before.
_AFRESH = frozenset({"first", "fired_again", "acknowledgement_expired"})


def _called(incident: Incident, entry: Entry) -> Incident:
    data = entry.data.get("calls")
    if data is None:
        return incident
    calls, reason = incident.calls, entry.data["reason"]
    if data["begins"]:
        kept = Calls() if reason in _AFRESH else calls
        calls = replace(
            Calls(begun=calls.begun + 1),
            acknowledged=kept.acknowledged,
            owed=kept.owed,
            is_handed_on=kept.is_handed_on,
            passed=frozenset(map(str.casefold, data["passed"])),
        )
    names = [name.casefold() for name in data["persons"]]
    owing = {name for name in names if data["all"]} - calls.acknowledged
    waits = data["waits_until"]
    at = entry.at if waits is None else max(entry.at, instant(waits))
    is_new = data["begins"] or data["level"] != calls.level or reason == "passed_on"
    calls = replace(
        calls,
        level=data["level"],
        level_at=at if is_new else calls.level_at,
        called_at=at,
        reason=reason,
        called={**dict.fromkeys(names, data["level"]), **calls.called},
        counts={**calls.counts, **{name: calls.counts.get(name, 0) + 1 for name in names}},
        owed=calls.owed | owing,
    )
    return replace(incident, calls=calls)


def _acknowledged(incident: Incident, entry: Entry) -> Incident:
    calls, name = incident.calls, _name(entry)
    below = calls.called.get(name, 0)
    # Whoever was called because others did not answer stands in for them.
    answered = {one for one in calls.owed if one == name or calls.called.get(one, 0) < below}
    changed = replace(
        calls,
        acknowledged=calls.acknowledged | {name},
        owed=calls.owed - answered,
        passed=calls.passed - {name},
        is_handed_on=False,
    )
    return replace(incident, calls=changed)


def _also_acknowledged(incident: Incident, entry: Entry) -> Incident:
    took = incident.calls.is_handed_on
    after = _acknowledged(incident, entry)
    return replace(
        after,
        acknowledged_by=entry.actor if took else incident.acknowledged_by,
        handlers=incident.handlers | {entry.actor},
    )


def _passed_on(incident: Incident, entry: Entry) -> Incident:
    calls, name = incident.calls, _name(entry)
    had_it = incident.acknowledged_at is not None and entry.actor == incident.acknowledged_by
    changed = replace(
        calls,
        acknowledged=calls.acknowledged - {name},
        owed=calls.owed - {name},
        passed=calls.passed | {name},
        is_handed_on=calls.is_handed_on or had_it,
    )
    return replace(incident, calls=changed)


def _nobody_reached(incident: Incident, entry: Entry) -> Incident:
    return replace(
        incident, calls=replace(incident.calls, level=0, level_at=entry.at, called_at=entry.at)
    )


def _name(entry: Entry) -> str:
    return entry.actor.removeprefix(PERSON).casefold()


CHANGES: dict[str, Change] = {
    Kind.NOTIFIED: _called,
    Kind.ACKNOWLEDGED: _acknowledged,
    Kind.ALSO_ACKNOWLEDGED: _also_acknowledged,
    Kind.PASSED_ON: _passed_on,
    Kind.NOBODY_REACHED: _nobody_reached,
}
