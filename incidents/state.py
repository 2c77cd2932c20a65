"""What an incident is now, and the words of its entries: the values that folding makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from incidents.calls import NO_CALLS, Calls
from incidents.clocks import NO_CLOCKS, Clocks
from incidents.in_session import NOTHING_AROUND, Around
from incidents.work import NO_WORK, Work

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from incidents.piece import Piece

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
    CLASSIFIED = "classified"
    REPORTABLE_DECIDED = "reportable_decided"
    EVIDENCE_PRESERVED = "evidence_preserved"
    CONTAINED = "contained"
    CONTAINMENT_EXPLAINED = "containment_explained"
    TOLD = "told"
    TASK_ADDED = "task_added"
    TASK_DONE = "task_done"
    LINKED = "linked"
    MERGED = "merged"
    VISIBILITY_CHANGED = "visibility_changed"
    POINTER = "pointer"
    SHARED = "shared"
    SHARE_RECEIVED = "share_received"
    DEADLINE_MET = "deadline_met"
    DEADLINE_EXTENDED = "deadline_extended"
    EVIDENCE = "evidence"
    EVIDENCE_READ = "evidence_read"
    EVIDENCE_WAIVED = "evidence_waived"
    CUSTODY = "custody"
    EXPORTED = "exported"
    SEAL_ASKED = "seal_asked"
    SEALED = "sealed"
    CONTENT_REMOVED = "content_removed"
    ALSO_ACKNOWLEDGED = "also_acknowledged"
    PASSED_ON = "passed_on"
    NOBODY_REACHED = "nobody_reached"
    DIAGNOSED = "diagnosed"
    SESSION_OVER = "session_over"
    REPORT = "report"  # what was done to a report about it
    CARRIER_TOLD = "carrier_told"
    CARRIER_PROMISED = "carrier_promised"
    CARRIER_BACK = "carrier_back"


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be: the desk gives it its place, instant, salt and hash.

    Attributes:
        on: The code of the other incident that it belongs to; empty: the one that was asked for.
    """

    kind: Kind
    data: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    on: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """What the entries up to `last_seq` make of an incident.

    Attributes:
        rule: What raised it; empty for a person.
        units: Every unit hit so far, the first one first.
        open_alerts: Alerts that fire now; empty for an incident raised by hand.
        recovered_at: When its last alert recovered; None while one fires.
        handlers: Persons who acknowledged or moved it; none of them approves an S1 or S2.
        acted_at: The last entry of a person.
        moved_at: The last move after the acknowledgement.
        warned_at, missed_at: When the acknowledge deadline was warned of, when it was missed.
        paged: Recipients that were paged; a recovery is told to them.
        work: What people did with it beside moving it.
        ruleset_digest: Of the ruleset in force when it was detected; empty in old files.
        paging_digest: Of the paging policy in force when it was raised; empty in old files.
        clocks: What its deadlines are computed from.
        evidence: Pieces by the number of the entry that took them in.
        waived: Kinds of evidence that there will not be.
        seal_asked: Entries that somebody wants sealed: who, and in which entry.
        holes: Entries whose words were removed.
        is_emptied: All content was removed after its time.
        oncall_digest: Of the escalation in force when it was raised; empty: nobody is called by
            levels.
        calls: How far the levels have come.
        found, found_en: What was found out by itself when it opened, a line each; `found_said`:
            what of it telephones may be told.
        around: The conference session or peak period in which it began.
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
    rule: str = ""
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
    work: Work = NO_WORK
    ruleset_digest: str = ""
    paging_digest: str = ""
    clocks: Clocks = NO_CLOCKS
    evidence: Mapping[int, Piece] = field(default_factory=dict)
    waived: frozenset[str] = frozenset()
    seal_asked: Mapping[int, tuple[str, int]] = field(default_factory=dict)
    holes: frozenset[int] = frozenset()
    is_emptied: bool = False
    oncall_digest: str = ""
    calls: Calls = NO_CALLS
    found: tuple[str, ...] = ()
    found_en: tuple[str, ...] = ()
    found_said: tuple[str, ...] = ()
    around: Around = NOTHING_AROUND
    last_seq: int = 0
    last_hash: str = ""


def is_person(actor: str) -> bool:
    """Say whether a person acts: only a person acknowledges, moves and closes."""
    return actor.startswith(PERSON) and len(actor) > len(PERSON)
