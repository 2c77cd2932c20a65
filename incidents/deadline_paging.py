"""Who is told of deadlines: at which point, in one message per person, at most one in ten minutes.

The acknowledge deadline has reasons and repeats of its own (`incidents.paging`); a message about it
counts as one here, so that nobody gets two within the ten minutes but for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from incidents.clocks import ACKNOWLEDGE
from incidents.deadlines import come
from incidents.paging import Decision, NotifyReason, SilentReason
from incidents.procedure_clocks import BACKUP, DUE, OWNER, SCREEN
from incidents.state import Draft, Kind
from incidents.timeline import microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from incidents.deadline_rows import DeadlineRow
    from incidents.paging_policy import PagingPolicy, Recipient
    from incidents.procedure import Procedure
    from incidents.state import Incident

# (deadline, run, percent): a point of a clock, as entries name it.
Named = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Telling:
    """One message to some people: what it names, and the decision for each of them."""

    reason: NotifyReason
    named: tuple[Named, ...]
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Tellings:
    """What is told now, what is not, and when there is more to tell."""

    messages: tuple[Telling, ...] = ()
    silent: tuple[Decision, ...] = ()
    next_at: datetime | None = None


def occurrences(
    incident: Incident, rows: Sequence[DeadlineRow], procedure: Procedure, now: datetime
) -> list[Draft]:
    """Return the entries of what has come: warned of, or missed, which stays in the file."""
    drafts = []
    for item in come(rows, incident.clocks, now):
        kind = Kind.DEADLINE_MISSED if item.point.percent >= DUE else Kind.DEADLINE_WARNED
        data: dict[str, Any] = {
            "deadline": item.row.code,
            "run": item.row.run,
            "percent": item.point.percent,
            "due_at": microseconds(item.row.due_at) if item.row.due_at else None,
        }
        if kind is Kind.DEADLINE_MISSED:
            data |= _presumption(incident, item.row.code, procedure)
        drafts.append(Draft(kind, data))
    return drafts


def _presumption(incident: Incident, code: str, procedure: Procedure) -> dict[str, list[str]]:
    """Return the grounds that count from now on, because nobody decided in time."""
    reportable = procedure.file.reportable
    presumed = reportable.presumed.get(incident.severity, ())
    if code != reportable.decided_with or incident.clocks.reporting:
        return {}
    if not presumed or set(presumed) <= set(incident.clocks.presumed):
        return {}
    return {"presumed": list(presumed)}


def tellings(
    incident: Incident,
    rows: Sequence[DeadlineRow],
    policy: PagingPolicy,
    procedure: Procedure,
    now: datetime,
    *,
    new: Iterable[Named] = (),
) -> Tellings:
    """Return who is told of what now.

    Args:
        new: What came just now: why somebody is not told of it yet is kept once.
    """
    merged_for = procedure.file.warnings.merged_for.after(now, procedure.calendar) - now
    just_came = set(new)
    groups: dict[tuple[NotifyReason, tuple[Named, ...]], list[Decision]] = {}
    silent: list[Decision] = []
    later: list[datetime] = []
    pending = _pending(incident, rows, policy, procedure)
    for name, items in pending.items():
        named = tuple(sorted(items))
        over = {channel for channels in items.values() for channel in channels}
        # Whoever has several roles stands there several times.
        channels = list(
            {
                r.channel: r for r in policy.recipients if r.name == name and r.channel in over
            }.values()
        )
        last = incident.clocks.told_at.get(name)
        if last is not None and now - last < merged_for:
            later.append(last + merged_for)
            if just_came & set(named):
                silent += [_silent(r, SilentReason.TOLD_TOGETHER) for r in channels]
            continue
        worst = max(percent for _, _, percent in named)
        reason = NotifyReason.DUTY_OVERDUE if worst >= DUE else NotifyReason.DUTY_DUE_SOON
        groups.setdefault((reason, named), []).extend(_answer(r, reason) for r in channels)
    if just_came and not pending:
        silent.append(Decision(False, str(SilentReason.NO_RECIPIENT), "", ""))
    messages = tuple(
        Telling(reason, named, tuple(answers)) for (reason, named), answers in groups.items()
    )
    return Tellings(messages, tuple(silent), min(later, default=None))


def _pending(
    incident: Incident, rows: Sequence[DeadlineRow], policy: PagingPolicy, procedure: Procedure
) -> dict[str, dict[Named, tuple[str, ...]]]:
    """What each person has still to be told, with the channels it goes over."""
    running = {(r.code, r.run): r for r in rows if r.is_running and r.paused_since is None}
    tell = {point.percent: point.tell for point in procedure.file.warnings.points}
    found: dict[str, dict[Named, tuple[str, ...]]] = {}
    for code, run, percent in sorted(incident.clocks.occurred, key=lambda named: -named[2]):
        row = running.get((code, run))
        if row is None or code == ACKNOWLEDGE or tell.get(percent, SCREEN) == SCREEN:
            continue
        for recipient in assigned(tell[percent], row.who, policy, incident.severity):
            if _was_told(incident, recipient.name, code, run, percent):
                continue
            theirs = found.setdefault(recipient.name, {})
            known = [named for named in theirs if named[:2] == (code, run)]
            named = known[0] if known else (code, run, percent)
            if named[2] == percent and recipient.channel not in theirs.get(named, ()):
                theirs[named] = (*theirs.get(named, ()), recipient.channel)
    return found


def assigned(tell: str, owner: str, policy: PagingPolicy, severity: str) -> tuple[Recipient, ...]:
    """Return who is told at a point: by role; where nobody has it, everybody who wants it."""
    wanting = policy.wanting(severity)
    role = owner if tell in (OWNER, BACKUP) else tell
    holders = tuple(r for r in wanting if r.role == role)
    if tell == BACKUP:
        holders = tuple(r for r in holders if r.backup) or holders
    else:
        holders = tuple(r for r in holders if not r.backup) or holders
    return holders or wanting


def _was_told(incident: Incident, name: str, code: str, run: str, percent: int) -> bool:
    return any(
        (n, c, r) == (name, code, run) and p >= percent for n, c, r, p in incident.clocks.told
    )


def _answer(recipient: Recipient, reason: NotifyReason) -> Decision:
    return Decision(True, str(reason), recipient.name, recipient.channel, recipient.address)


def _silent(recipient: Recipient, reason: SilentReason) -> Decision:
    return Decision(False, str(reason), recipient.name, recipient.channel)


def open_codes(rows: Iterable[DeadlineRow]) -> frozenset[str]:
    """Return the deadlines whose clock runs."""
    return frozenset(row.code for row in rows if row.is_running)


def next_duties(rows: Iterable[DeadlineRow], count: int) -> list[DeadlineRow]:
    """Return the deadlines that run, the soonest due first; overdue ones lead."""
    running = [row for row in rows if row.is_running and row.due_at is not None]
    return sorted(running, key=lambda row: row.due_at or row.start_at)[:count]
