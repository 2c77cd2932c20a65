"""An incident is its timeline: entries fold into what the incident is now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from incidents.timeline import instant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from incidents.timeline import Entry

PERSON, MACHINE = "person:", "machine:"


class Kind(StrEnum):
    """What an entry says."""

    OPENED = "opened"
    ALERT_JOINED = "alert_joined"
    ALERT_RECOVERED = "alert_recovered"
    RECOVERED = "recovered"
    FIRED_AGAIN = "fired_again"
    ACKNOWLEDGED = "acknowledged"
    NOTE = "note"
    MOVED = "moved"
    SEVERITY_CHANGED = "severity_changed"
    CLOSED = "closed"
    REOPENED = "reopened"
    NOTIFIED = "notified"
    DEADLINE_WARNED = "deadline_warned"
    DEADLINE_MISSED = "deadline_missed"


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be: the desk gives it its place, instant, salt and hash."""

    kind: Kind
    data: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Incident:
    """What the entries up to `last_seq` make of an incident.

    Attributes:
        units: Every unit hit so far, the first one first.
        open_alerts: Alerts that fire now; empty for an incident raised by hand.
        recovered_at: When its last alert recovered; None while one fires.
        handlers: Persons who acknowledged or moved it; none of them approves an S1 or S2.
        acted_at: The last entry of a person.
        moved_at: The last move after the acknowledgement.
        warned_at, missed_at: When the acknowledge deadline was warned of, when it was missed.
        paged: Recipients that were paged; a recovery is told to them.
    """

    code: str
    ruleset: str
    dedup_key: str | None
    unit: str
    unit_name: str
    host: str
    class_code: str
    nature: str
    impact: str
    scope: str
    severity: str
    stage: str
    detected_at: datetime
    started_at: datetime
    summary_vi: str
    summary_en: str
    runbook: str = ""
    ended: bool = False
    ended_at: datetime | None = None
    units: tuple[str, ...] = ()
    open_alerts: frozenset[int] = frozenset()
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    acknowledge_due_at: datetime | None = None
    acknowledge_warn_at: datetime | None = None
    warned_at: datetime | None = None
    missed_at: datetime | None = None
    recovered_at: datetime | None = None
    root_cause: str | None = None
    handlers: frozenset[str] = frozenset()
    acted_at: datetime | None = None
    moved_at: datetime | None = None
    paged: frozenset[tuple[str, str]] = frozenset()
    pages: int = 0
    last_page_at: datetime | None = None
    last_notice_at: datetime | None = None
    last_seq: int = 0
    last_hash: str = ""


def is_person(actor: str) -> bool:
    """Say whether a person acts: only a person acknowledges, moves and closes."""
    return actor.startswith(PERSON) and len(actor) > len(PERSON)


def fold(entries: Iterable[Entry]) -> Incident:
    """Return the incident that the entries make.

    Raises:
        ValueError: There is no entry, or the first does not open an incident.
    """
    incident: Incident | None = None
    for entry in entries:
        incident = apply(incident, entry)
    if incident is None:
        raise ValueError("an incident without entries")
    return incident


def apply(incident: Incident | None, entry: Entry) -> Incident:
    """Return the incident after one more entry; a kind it does not know changes nothing."""
    if incident is None:
        if entry.kind != Kind.OPENED:
            raise ValueError(f"{entry.code}: the first entry is {entry.kind!r}, not 'opened'")
        after = _opened(entry)
    else:
        change = _CHANGES.get(entry.kind)
        after = incident if change is None else change(incident, entry)
    if is_person(entry.actor):
        after = replace(after, acted_at=entry.at)
    return replace(after, last_seq=entry.seq, last_hash=entry.hash())


def _opened(entry: Entry) -> Incident:
    data, texts = entry.data, entry.texts or {}
    return Incident(
        code=entry.code,
        ruleset=data["ruleset"],
        dedup_key=data["dedup_key"],
        unit=data["unit"],
        unit_name=data["unit_name"],
        host=data["host"],
        class_code=data["class"],
        nature=data["nature"],
        impact=data["impact"],
        scope=data["scope"],
        severity=data["severity"],
        stage=data["stage"],
        detected_at=instant(data["detected_at"]),
        started_at=instant(data["started_at"]),
        summary_vi=texts.get("summary_vi", "(đã niêm phong)"),
        summary_en=texts.get("summary_en", "(sealed)"),
        runbook=data["runbook"],
        units=(data["unit"],),
        open_alerts=frozenset() if data["alert"] is None else frozenset({data["alert"]}),
        acknowledge_due_at=_optional(data["acknowledge_due_at"]),
        acknowledge_warn_at=_optional(data["acknowledge_warn_at"]),
    )


def _optional(count: int | None) -> datetime | None:
    return None if count is None else instant(count)


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


def _acknowledged(incident: Incident, entry: Entry) -> Incident:
    return replace(
        incident,
        stage=entry.data["stage"],
        acknowledged_at=entry.at,
        acknowledged_by=entry.actor,
        handlers=incident.handlers | {entry.actor},
    )


def _moved(incident: Incident, entry: Entry) -> Incident:
    data = entry.data
    return replace(
        incident,
        stage=data["to"],
        ended=data["ends"],
        ended_at=entry.at if data["ends"] else None,
        dedup_key=None if data["ends"] else incident.dedup_key,
        root_cause=data.get("root_cause", incident.root_cause),
        handlers=incident.handlers | {entry.actor},
        moved_at=entry.at,
    )


def _closed(incident: Incident, entry: Entry) -> Incident:
    closed = _moved(incident, entry)
    if incident.acknowledged_at is not None:
        return closed
    return replace(closed, acknowledged_at=entry.at, acknowledged_by=entry.actor)


def _severity_changed(incident: Incident, entry: Entry) -> Incident:
    data = entry.data
    changed = replace(
        incident, impact=data["impact"], scope=data["scope"], severity=data["severity"]
    )
    if "acknowledge_due_at" not in data:
        return changed
    return replace(
        changed,
        acknowledge_due_at=_optional(data["acknowledge_due_at"]),
        acknowledge_warn_at=_optional(data["acknowledge_warn_at"]),
    )


def _notified(incident: Incident, entry: Entry) -> Incident:
    if entry.data["kind"] != "page":
        return replace(incident, last_notice_at=entry.at)
    told = {(name, channel) for name, channel in entry.data["recipients"]}
    return replace(
        incident,
        paged=incident.paged | told,
        pages=incident.pages + len(told),
        last_page_at=entry.at,
    )


def _deadline_warned(incident: Incident, entry: Entry) -> Incident:
    return replace(incident, warned_at=entry.at)


def _deadline_missed(incident: Incident, entry: Entry) -> Incident:
    return replace(incident, missed_at=entry.at)


_CHANGES: dict[str, Callable[[Incident, Entry], Incident]] = {
    Kind.ALERT_JOINED: _alert_joined,
    Kind.FIRED_AGAIN: _alert_joined,
    Kind.ALERT_RECOVERED: _alert_recovered,
    Kind.RECOVERED: _recovered,
    Kind.ACKNOWLEDGED: _acknowledged,
    Kind.MOVED: _moved,
    Kind.REOPENED: _moved,
    Kind.CLOSED: _closed,
    Kind.SEVERITY_CHANGED: _severity_changed,
    Kind.NOTIFIED: _notified,
    Kind.DEADLINE_WARNED: _deadline_warned,
    Kind.DEADLINE_MISSED: _deadline_missed,
}
