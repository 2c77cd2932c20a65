"""How the desk writes what was decided: entries, who is told of them, rows, in one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from incidents import deadline_paging, paging
from incidents.clocks import ACKNOWLEDGE
from incidents.desk_step import Step, happening_of
from incidents.discretion import policy_for
from incidents.emptying import emptied
from incidents.incident import Draft, Kind, apply, fold
from incidents.paging import Happened, Happening, NotifyReason
from incidents.scribe import DESK
from incidents.shelf import Rules
from incidents.timeline import FIRST_PREVIOUS
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from incidents.desk_store import DeskTransaction
    from incidents.incident import Incident
    from incidents.paging import Decision
    from incidents.paging_policy import PagingPolicy
    from incidents.procedure import Procedure
    from incidents.scribe import Scribe
    from incidents.shelf import Shelf
    from incidents.timeline import Entry

MUTED_AGAIN = timedelta(minutes=10)


class Writer:
    """Writes for the desk; each incident by the rules that were in force when it began.

    Args:
        policy: By which incidents that open now are told of.
        scribe: Makes a scribe of a procedure and a policy.
    """

    def __init__(
        self,
        shelf: Shelf,
        policy: PagingPolicy,
        scribe: Callable[[Procedure, PagingPolicy], Scribe],
    ) -> None:
        self._shelf, self._policy, self._scribe = shelf, policy, scribe

    def open(
        self,
        tx: DeskTransaction,
        draft: Draft,
        procedure: Procedure,
        actor: str,
        now: datetime,
    ) -> int:
        """Open an incident and return its number."""
        tx.keep_ruleset(procedure, now)
        tx.keep_policy(self._policy, now)
        draft = replace(draft, data={**draft.data, "paging_digest": self._policy.digest})
        scribe = self._scribe(procedure, self._policy)
        year = now.astimezone(ZONE).year
        prefix = procedure.file.natures[draft.data["nature"]].prefix
        code = f"{prefix}{year % 100:02d}-{tx.next_number(year, prefix):04d}"
        entry = scribe.entry(code, 1, FIRST_PREVIOUS, draft, actor, now)
        opened = apply(None, entry)
        incident = tx.create(scribe.projection(opened, now))
        tx.append(incident, [entry])
        step = Step(incident, opened, (entry,))
        happening = Happening(Happened.OPENED)
        rules = self._narrowed(Rules(procedure, self._policy), opened)
        decisions = paging.decide(step.after, happening, rules.policy, now)
        scribe = self._scribe(*rules)
        step = scribe.tell(tx, step, decisions, now)
        tx.project(incident, scribe.projection(step.after, now))
        return incident

    def store(
        self,
        tx: DeskTransaction,
        incident: int,
        before: Incident,
        drafts: list[Draft],
        actor: str,
        now: datetime,
    ) -> list[Entry]:
        """Write the entries, then who is told of them and who is not, then the projection."""
        if not drafts:
            return []
        rules = self._shelf.rules_of(tx, before)
        scribe = self._scribe(*rules)
        step = scribe.write(tx, incident, before, drafts, actor, now)
        step = emptied(tx, step, now)
        rules = self._narrowed(rules, step.after)
        scribe = self._scribe(*rules)
        happening = happening_of(before, step.after, drafts, rules.procedure)
        if happening is not None:
            decisions = paging.decide(step.after, happening, rules.policy, now)
            decisions = self._unless_muted(tx, incident, step.after, decisions)
            step = scribe.tell(tx, step, decisions, now)
        after = scribe.projection(step.after, now)
        tx.project(incident, after)
        still_open = deadline_paging.open_codes(after.deadlines)
        if deadline_paging.open_codes(scribe.rows(before)) - still_open:
            tx.cancel_duties(incident, still_open, now)
        return list(step.entries)

    def turn(self, tx: DeskTransaction, incident: int, now: datetime) -> None:
        """Do what is due on one incident by the clock."""
        state = fold(tx.timeline(incident, lock=True))
        rules = self._narrowed(self._shelf.rules_of(tx, state), state)
        scribe = self._scribe(*rules)
        reasons = paging.due_reasons(state, rules.policy, now)
        drafts = deadline_paging.occurrences(state, scribe.rows(state), rules.procedure, now)
        if NotifyReason.DEADLINE_WARNING in reasons:
            drafts.append(Draft(Kind.DEADLINE_WARNED, {"deadline": ACKNOWLEDGE}))
        if NotifyReason.DEADLINE_MISSED in reasons:
            drafts.append(Draft(Kind.DEADLINE_MISSED, {"deadline": ACKNOWLEDGE}))
        step = scribe.write(tx, incident, state, drafts, DESK, now)
        is_muted = False
        if reasons[:1] == [NotifyReason.REPEAT] and scribe.silent_until(step.after, now):
            reasons = []  # the digest in the morning says it once
        if reasons:
            wanted = paging.decide_due(step.after, rules.policy, reasons[0])
            decisions = self._unless_muted(tx, incident, step.after, wanted)
            is_muted = decisions != wanted
            step = scribe.tell(tx, step, decisions, now)
        step = self._tell_duties(tx, step, rules, drafts, now)
        tx.project(incident, scribe.projection(step.after, now))
        if is_muted:  # nothing was sent, so nothing else puts off the next turn
            due_at = paging.next_deadline_at(step.after)
            tx.postpone(incident, min(due_at or now + MUTED_AGAIN, now + MUTED_AGAIN))

    def _tell_duties(
        self, tx: DeskTransaction, step: Step, rules: Rules, drafts: list[Draft], now: datetime
    ) -> Step:
        """Tell of the deadlines that have come, one message a person."""
        scribe = self._scribe(*rules)
        rows = scribe.rows(step.after)
        new = [
            (draft.data["deadline"], draft.data["run"], draft.data["percent"])
            for draft in drafts
            if "run" in draft.data
        ]
        told = deadline_paging.tellings(
            step.after, rows, rules.policy, rules.procedure, now, new=new
        )
        for decision in told.silent:
            tx.record(step.incident, now, decision, None)
        for telling in told.messages:
            step = scribe.tell_duties(tx, step, telling, rows, now)
        return step

    def _narrowed(self, rules: Rules, state: Incident) -> Rules:
        """Return the rules of an incident with those alone who may be told of it."""
        return rules._replace(policy=policy_for(state, rules.policy, rules.procedure))

    def _unless_muted(
        self, tx: DeskTransaction, incident: int, state: Incident, decisions: list[Decision]
    ) -> list[Decision]:
        """Page nobody while everything of an incident that fires is muted."""
        if not any(decision.notify for decision in decisions) or not tx.is_muted(incident):
            return decisions
        return paging.muted(decisions, state.severity)
