"""Decisions, evidence, isolation, who was told, tasks: what people did beside moving it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from incidents.folds.opening import optional
from incidents.state import Kind
from incidents.timeline import instant
from incidents.work import Decided, Isolation, Preserved, Task, ToldPerson

if TYPE_CHECKING:
    from incidents.folds.change import Change
    from incidents.state import Incident
    from incidents.timeline import Entry


def _working(incident: Incident, **changes: Any) -> Incident:
    return replace(incident, work=replace(incident.work, **changes))


def _handled(incident: Incident, entry: Entry) -> Incident:
    return replace(incident, handlers=incident.handlers | {entry.actor})


def _classified(incident: Incident, entry: Entry) -> Incident:
    data = entry.data
    after = replace(
        incident,
        class_code=data.get("class", incident.class_code),
        nature=data.get("nature", incident.nature),
        root_cause=data.get("root_cause", incident.root_cause),
    )
    work = after.work
    after = _working(
        after,
        tlp=data.get("tlp", work.tlp),
        detected_by=data.get("detected_by", work.detected_by),
        is_pointer_only=work.is_pointer_only or data.get("pointer_only", False),
    )
    if "nature" not in data:
        return after
    return _working(after, decided=None, undecided_since=entry.at)


def _weighed(incident: Incident, entry: Entry) -> Incident:
    if not entry.data.get("pointer_only", False):
        return incident
    return _working(incident, is_pointer_only=True)


def _decided(incident: Incident, entry: Entry) -> Incident:
    data = entry.data
    made = Decided(data["decision"], tuple(data["grounds"]), entry.at, entry.actor)
    return _working(incident, decided=made)


def _preserved(incident: Incident, entry: Entry) -> Incident:
    step = Preserved(entry.at, entry.actor, entry.data["waived"])
    return _handled(_working(incident, evidence=(*incident.work.evidence, step)), entry)


def _contained(incident: Incident, entry: Entry) -> Incident:
    data = entry.data
    isolation = Isolation(
        seq=entry.seq,
        at=entry.at,
        by=entry.actor,
        is_emergency=data["emergency"],
        is_before_evidence=data["before_evidence"],
        reason_due_at=optional(data["reason_due_at"]),
    )
    changed = _working(incident, isolations=(*incident.work.isolations, isolation))
    return _handled(changed, entry)


def _explained(incident: Incident, entry: Entry) -> Incident:
    return _working(
        incident,
        isolations=tuple(
            replace(one, explained_at=entry.at) if one.seq == entry.data["entry"] else one
            for one in incident.work.isolations
        ),
    )


def _told(incident: Incident, entry: Entry) -> Incident:
    data = entry.data
    person = ToldPerson(data["role"], instant(data["at"]), data["how"], entry.actor, entry.seq)
    return _working(incident, told=(*incident.work.told, person))


def _task_added(incident: Incident, entry: Entry) -> Incident:
    data = entry.data
    task = Task(data["task"], data["owner"], instant(data["due_at"]), entry.at, entry.seq)
    return _working(incident, tasks=(*incident.work.tasks, task))


def _task_done(incident: Incident, entry: Entry) -> Incident:
    return _working(
        incident,
        tasks=tuple(
            replace(task, done_at=entry.at, done_by=entry.actor)
            if task.number == entry.data["task"]
            else task
            for task in incident.work.tasks
        ),
    )


def _closed(incident: Incident, entry: Entry) -> Incident:
    """Approving the end is approving the internal final report."""
    return _working(incident, final_approved_at=entry.at, final_approved_by=entry.actor)


CHANGES: dict[str, Change] = {
    Kind.CLASSIFIED: _classified,
    Kind.SEVERITY_CHANGED: _weighed,
    Kind.REPORTABLE_DECIDED: _decided,
    Kind.EVIDENCE_PRESERVED: _preserved,
    Kind.CONTAINED: _contained,
    Kind.CONTAINMENT_EXPLAINED: _explained,
    Kind.TOLD: _told,
    Kind.TASK_ADDED: _task_added,
    Kind.TASK_DONE: _task_done,
    Kind.CLOSED: _closed,
}
