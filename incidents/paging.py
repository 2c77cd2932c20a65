"""The paging decision: what happened to an incident → who is told, and why (not).

An acknowledged incident pages again only for a named reason; a recovered one pauses its repeats.
Every answer carries a reason from a closed list, and every answer is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from incidents.incident import Incident
    from incidents.paging_policy import PagingPolicy, Recipient
    from incidents.policy_parts import Severity


class NotifyReason(StrEnum):
    """Why somebody is told."""

    FIRST = "first"
    REPEAT = "repeat"
    SEVERITY_RAISED = "severity_raised"
    NEW_UNIT = "new_unit"
    FIRED_AGAIN = "fired_again"
    DEADLINE_WARNING = "deadline_warning"
    DEADLINE_MISSED = "deadline_missed"
    ACKNOWLEDGEMENT_EXPIRED = "acknowledgement_expired"
    DUTY_DUE_SOON = "duty_due_soon"
    DUTY_OVERDUE = "duty_overdue"
    RECOVERED = "recovered"
    ESCALATED = "escalated"
    PASSED_ON = "passed_on"
    FOUND_OUT = "found_out"
    ACKNOWLEDGEMENT_AWAITED = "acknowledgement_awaited"


class SilentReason(StrEnum):
    """Why somebody is not told."""

    ACKNOWLEDGED = "acknowledged"
    JOINED_SAME_CAUSE = "joined_same_cause"
    FIRED_AGAIN_TOO_SOON = "fired_again_too_soon"
    SEVERITY_NOT_WANTED = "severity_not_wanted"
    RECOVERED = "recovered"
    NOT_PAGED_BEFORE = "not_paged_before"
    ENDED = "ended"
    MUTED = "muted"
    NO_RECIPIENT = "no_recipient"
    TOLD_TOGETHER = "told_together"
    DUTY_MET = "duty_met"
    RESTRICTED = "restricted"
    NOBODY_ON_CALL = "nobody_on_call"
    NO_CONTACT = "no_contact"
    NO_CHANNEL = "no_channel"
    ALREADY_CALLED = "already_called"
    PASSED_ON = "passed_on"
    NOT_ALLOWED = "not_allowed"


WORST = "S1"
# Pages about what people did not do: no silence of a machine covers them.
_OF_PEOPLE = frozenset(
    {
        NotifyReason.DEADLINE_WARNING,
        NotifyReason.DEADLINE_MISSED,
        NotifyReason.ACKNOWLEDGEMENT_EXPIRED,
    }
)


class Happened(StrEnum):
    """What the decision is about."""

    OPENED = "opened"
    JOINED = "joined"
    RAISED = "raised"
    RECOVERED = "recovered"
    ACKNOWLEDGED = "acknowledged"
    ENDED = "ended"
    PASSED_ON = "passed_on"


@dataclass(frozen=True, slots=True)
class Happening:
    """One event; `recovered_at` is since when it had been recovered before an alert joined."""

    what: Happened
    severity_raised: bool = False
    new_unit: bool = False
    recovered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One answer for one recipient; `recipient` is empty where there is nobody to tell.

    Attributes:
        level: Of the escalation; 0: it was not decided by levels.
        detail: What the reason names: a schedule, a role, a silence, another incident.
    """

    notify: bool
    reason: str
    recipient: str
    channel: str
    address: str = ""
    kind: Literal["page", "notice"] = "page"
    level: int = 0
    detail: str = ""


def decide(
    incident: Incident, happening: Happening, policy: PagingPolicy, now: datetime
) -> list[Decision]:
    """Return the answers for every recipient after something happened."""
    if happening.what is Happened.RECOVERED:
        return _recovery(incident, policy)
    if happening.what is Happened.ACKNOWLEDGED:
        return _silent(incident, policy, SilentReason.ACKNOWLEDGED)
    if happening.what is Happened.ENDED:
        return _silent(incident, policy, SilentReason.ENDED)
    reason = page_reason(happening, policy, now)
    if isinstance(reason, SilentReason):
        return _silent(incident, policy, reason)
    return _page(incident, policy, reason)


def due_reasons(incident: Incident, policy: PagingPolicy, now: datetime) -> list[NotifyReason]:
    """Return why an incident pages at this instant, the weightiest first; a due instant is due."""
    if incident.ended:
        return []
    if incident.acknowledged_at is not None:
        at = _expires_at(incident, policy)
        expired = at is not None and at <= now
        return [NotifyReason.ACKNOWLEDGEMENT_EXPIRED] if expired else []
    reasons = deadline_reasons(incident, now)
    repeat_at = _repeat_at(incident, policy)
    if repeat_at is not None and repeat_at <= now:
        reasons.append(NotifyReason.REPEAT)
    return reasons


def deadline_reasons(incident: Incident, now: datetime) -> list[NotifyReason]:
    """Return whether the acknowledge deadline is missed, or warned of, at this instant."""
    due, warn = incident.acknowledge_due_at, incident.acknowledge_warn_at
    if incident.ended or incident.acknowledged_at is not None:
        return []
    if incident.missed_at is None and due is not None and due <= now:
        return [NotifyReason.DEADLINE_MISSED]
    if _is_open(incident) and warn is not None and warn <= now:
        return [NotifyReason.DEADLINE_WARNING]
    return []


def decide_due(incident: Incident, policy: PagingPolicy, reason: NotifyReason) -> list[Decision]:
    """Return the answers for every recipient when `reason` has come due."""
    return _page(incident, policy, reason)


def muted(decisions: Sequence[Decision], severity: str, by: str = "") -> Sequence[Decision]:
    """Return the answers while everything that fires is silenced or under maintenance, and by what.

    A deadline speaks of people and is not muted; neither is the worst severity, nor a notice.
    """
    if severity == WORST:
        return decisions
    return [
        replace(answer, notify=False, reason=str(SilentReason.MUTED), address="", detail=by)
        if answer.notify and answer.kind == "page" and answer.reason not in _OF_PEOPLE
        else answer
        for answer in decisions
    ]


def next_look_at(
    incident: Incident, policy: PagingPolicy, silent_until: datetime | None = None
) -> datetime | None:
    """Return when the incident must be looked at again; None while nothing can come due.

    Args:
        silent_until: Nothing repeats before; None: it is no quiet hour for this incident.
    """
    if incident.ended:
        return None
    if incident.acknowledged_at is not None:
        return _expires_at(incident, policy)
    repeat_at = _repeat_at(incident, policy)
    if repeat_at is not None and silent_until is not None:
        repeat_at = max(repeat_at, silent_until)
    instants = (repeat_at, next_deadline_at(incident))
    return min((at for at in instants if at is not None), default=None)


def next_deadline_at(incident: Incident) -> datetime | None:
    """Return when the acknowledge deadline is warned of, or due; None: neither is to come."""
    if incident.acknowledged_at is not None or incident.missed_at is not None:
        return None
    if _is_open(incident) and incident.acknowledge_warn_at is not None:
        return incident.acknowledge_warn_at
    return incident.acknowledge_due_at


def _is_open(incident: Incident) -> bool:
    """The acknowledge deadline was neither warned of nor missed yet."""
    return incident.warned_at is None and incident.missed_at is None


def page_reason(
    happening: Happening, policy: PagingPolicy, now: datetime
) -> NotifyReason | SilentReason:
    """Return why what happened pages, or why it does not."""
    if happening.what is Happened.PASSED_ON:
        return NotifyReason.PASSED_ON
    if happening.what is Happened.OPENED:
        return NotifyReason.FIRST
    if happening.severity_raised:
        return NotifyReason.SEVERITY_RAISED
    if happening.new_unit:
        return NotifyReason.NEW_UNIT
    if happening.recovered_at is None:
        return SilentReason.JOINED_SAME_CAUSE
    if now - happening.recovered_at >= policy.fired_again_after:
        return NotifyReason.FIRED_AGAIN
    return SilentReason.FIRED_AGAIN_TOO_SOON


def _repeat_at(incident: Incident, policy: PagingPolicy) -> datetime | None:
    """When an unacknowledged page repeats; paused while recovered, off where nobody is told."""
    if incident.recovered_at is not None or incident.last_page_at is None:
        return None
    for severity, interval in policy.repeat.items():
        if severity == incident.severity and policy.wanting(severity):
            return incident.last_page_at + interval
    return None


def _expires_at(incident: Incident, policy: PagingPolicy) -> datetime | None:
    if not policy.wanting(incident.severity):
        return None
    return expires_at(incident, policy.acknowledgement_expires)


def expires_at(incident: Incident, lengths: Mapping[Severity, timedelta]) -> datetime | None:
    """When an acknowledgement expires that nothing followed; every entry of a person renews it."""
    acknowledged_at = incident.acknowledged_at
    if acknowledged_at is None or incident.recovered_at is not None:
        return None
    if incident.moved_at is not None and incident.moved_at >= acknowledged_at:
        return None
    since = max(at for at in (acknowledged_at, incident.acted_at, incident.last_page_at) if at)
    for severity, length in lengths.items():
        if severity == incident.severity:
            return since + length
    return None


def _page(incident: Incident, policy: PagingPolicy, reason: NotifyReason) -> list[Decision]:
    wanting = policy.wanting(incident.severity)
    return [
        answer_to(r, notify=True, reason=reason)
        if r in wanting
        else answer_to(r, notify=False, reason=SilentReason.SEVERITY_NOT_WANTED)
        for r in policy.recipients
    ] or [nobody()]


def _silent(incident: Incident, policy: PagingPolicy, reason: SilentReason) -> list[Decision]:
    wanting = policy.wanting(incident.severity)
    return [answer_to(r, notify=False, reason=reason) for r in wanting] or [nobody()]


def _recovery(incident: Incident, policy: PagingPolicy) -> list[Decision]:
    """A notice to everybody who was paged, once per page: flapping tells nobody twice."""
    told_since = (
        incident.last_notice_at is not None
        and incident.last_page_at is not None
        and incident.last_notice_at >= incident.last_page_at
    )
    answers: list[Decision] = []
    for r in policy.recipients:
        if (r.name, r.channel) not in incident.paged:
            answers.append(answer_to(r, notify=False, reason=SilentReason.NOT_PAGED_BEFORE))
        elif told_since:
            answers.append(answer_to(r, notify=False, reason=SilentReason.RECOVERED))
        else:
            answers.append(answer_to(r, notify=True, reason=NotifyReason.RECOVERED, kind="notice"))
    return answers or [nobody()]


def answer_to(
    recipient: Recipient,
    *,
    notify: bool,
    reason: NotifyReason | SilentReason,
    kind: Literal["page", "notice"] = "page",
    level: int = 0,
    detail: str = "",
) -> Decision:
    """Return the answer for a recipient; where nothing is sent it holds no address."""
    address = recipient.address if notify else ""
    return Decision(
        notify, str(reason), recipient.name, recipient.channel, address, kind, level, detail
    )


def nobody() -> Decision:
    """Return the answer where there is nobody to tell."""
    return Decision(False, str(SilentReason.NO_RECIPIENT), "", "")
