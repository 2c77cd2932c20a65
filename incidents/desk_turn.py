"""What the desk does by the clock: reminders, warnings and missed deadlines of one incident."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from incidents import deadline_paging, paging
from incidents.clocks import ACKNOWLEDGE
from incidents.discretion import policy_for
from incidents.incident import Draft, Kind, fold
from incidents.paging import NotifyReason
from incidents.scribe import DESK

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from incidents.desk_step import Step
    from incidents.desk_store import DeskTransaction
    from incidents.incident import Incident
    from incidents.paging import Decision
    from incidents.paging_policy import PagingPolicy
    from incidents.procedure import Procedure
    from incidents.scribe import Scribe
    from incidents.shelf import Rules, Shelf

MUTED_AGAIN = timedelta(minutes=10)


def turn_of(
    tx: DeskTransaction,
    shelf: Shelf,
    new_scribe: Callable[[Procedure, PagingPolicy], Scribe],
    incident: int,
    now: datetime,
) -> None:
    """Write what has come due of one incident and tell whom it concerns."""
    state = fold(tx.timeline(incident, lock=True))
    rules = narrowed(shelf.rules_of(tx, state), state)
    scribe = new_scribe(*rules)
    reasons = paging.due_reasons(state, rules.policy, now)
    drafts = deadline_paging.occurrences(state, scribe.rows(state), rules.procedure, now)
    if NotifyReason.DEADLINE_WARNING in reasons:
        drafts.append(Draft(Kind.DEADLINE_WARNED, {"deadline": ACKNOWLEDGE}))
    if NotifyReason.DEADLINE_MISSED in reasons:
        drafts.append(Draft(Kind.DEADLINE_MISSED, {"deadline": ACKNOWLEDGE}))
    step = scribe.write(tx, incident, state, drafts, DESK, now)
    is_muted = False
    if reasons:
        wanted = paging.decide_due(step.after, rules.policy, reasons[0])
        decisions = unless_muted(tx, incident, step.after, wanted)
        is_muted = decisions != wanted
        step = scribe.tell(tx, step, decisions, now)
    step = _tell_duties(tx, step, rules, scribe, drafts, now)
    tx.project(incident, scribe.projection(step.after, now))
    if is_muted:  # nothing was sent, so nothing else puts off the next turn
        due_at = paging.next_deadline_at(step.after)
        tx.postpone(incident, min(due_at or now + MUTED_AGAIN, now + MUTED_AGAIN))


def _tell_duties(
    tx: DeskTransaction,
    step: Step,
    rules: Rules,
    scribe: Scribe,
    drafts: list[Draft],
    now: datetime,
) -> Step:
    """Tell of the deadlines that have come, one message a person."""
    rows = scribe.rows(step.after)
    new = [
        (draft.data["deadline"], draft.data["run"], draft.data["percent"])
        for draft in drafts
        if "run" in draft.data
    ]
    told = deadline_paging.tellings(step.after, rows, rules.policy, rules.procedure, now, new=new)
    for decision in told.silent:
        tx.record(step.incident, now, decision, None)
    for telling in told.messages:
        step = scribe.tell_duties(tx, step, telling, rows, now)
    return step


def narrowed(rules: Rules, state: Incident) -> Rules:
    """Return the rules of an incident with those alone who may be told of it."""
    return rules._replace(policy=policy_for(state, rules.policy, rules.procedure))


def unless_muted(
    tx: DeskTransaction, incident: int, state: Incident, decisions: list[Decision]
) -> list[Decision]:
    """Page nobody while everything of an incident that fires is muted."""
    if not any(decision.notify for decision in decisions) or not tx.is_muted(incident):
        return decisions
    return paging.muted(decisions, state.severity)
