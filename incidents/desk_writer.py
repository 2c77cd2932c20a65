"""How the desk writes what was decided: entries, who is told of them, rows, in one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from incidents import deadline_paging, escalation, paging
from incidents.clocks import ACKNOWLEDGE
from incidents.desk_step import Step, happening_of
from incidents.discretion import policy_for
from incidents.emptying import emptied
from incidents.escalation import Answer, not_wanted_any_more
from incidents.incident import Draft, Kind, apply, fold
from incidents.paging import Happened, Happening, NotifyReason
from incidents.scribe import DESK
from incidents.shelf import Rules
from incidents.switchboard import acknowledging_role
from incidents.timeline import FIRST_PREVIOUS
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from incidents.desk_store import DeskTransaction
    from incidents.incident import Incident
    from incidents.levels import Plan
    from incidents.paging import Decision
    from incidents.paging_policy import PagingPolicy
    from incidents.procedure import Procedure
    from incidents.roster import Roster
    from incidents.scribe import Scribe
    from incidents.shelf import Shelf
    from incidents.switchboard import Switchboard
    from incidents.timeline import Entry

MUTED_AGAIN = timedelta(minutes=10)
_OF_DEADLINES = {
    NotifyReason.DEADLINE_WARNING: Kind.DEADLINE_WARNED,
    NotifyReason.DEADLINE_MISSED: Kind.DEADLINE_MISSED,
}


class Writer:
    """Writes for the desk; each incident by the rules that were in force when it began.

    Args:
        policy: By which incidents that open now are told of.
        scribe: Makes a scribe of a procedure, a policy and a plan.
        switchboard: Who can be called today.
    """

    def __init__(
        self,
        shelf: Shelf,
        policy: PagingPolicy,
        scribe: Callable[[Procedure, PagingPolicy, Plan | None], Scribe],
        switchboard: Switchboard,
    ) -> None:
        self._shelf, self._policy, self._scribe = shelf, policy, scribe
        self._switchboard = switchboard
        self._known: tuple[DeskTransaction, datetime, Roster] | None = None

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
        data = {**draft.data, "paging_digest": self._policy.digest}
        if (oncall := self._switchboard.oncall).escalates:
            tx.keep_oncall(oncall, now)
            data["oncall_digest"] = oncall.digest
        draft = replace(draft, data=data)
        scribe = self._scribe(procedure, self._policy, None)
        year = now.astimezone(ZONE).year
        prefix = procedure.file.natures[draft.data["nature"]].prefix
        code = f"{prefix}{year % 100:02d}-{tx.next_number(year, prefix):04d}"
        entry = scribe.entry(code, 1, FIRST_PREVIOUS, draft, actor, now)
        opened = apply(None, entry)
        incident = tx.create(scribe.projection(opened, now))
        tx.append(incident, [entry])
        step = Step(incident, opened, (entry,))
        happening = Happening(Happened.OPENED)
        rules = self._narrowed(tx, Rules(procedure, self._policy), opened, now)
        answer = self._answer(step.after, happening, rules, now)
        scribe = self._scribe(*rules)
        step = self._tell(tx, step, answer, answer.decisions, scribe, now)
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
        rules = self._narrowed(tx, rules, step.after, now)
        scribe = self._scribe(*rules)
        happening = happening_of(before, step.after, drafts, rules.procedure)
        if happening is not None:
            answer = self._answer(step.after, happening, rules, now, by=actor)
            decisions = self._unless_muted(tx, incident, step.after, answer.decisions)
            step = self._tell(tx, step, answer, decisions, scribe, now)
            for persons, why in not_wanted_any_more(before, step.after, actor):
                tx.cancel_pages(incident, persons, why, now)
        after = scribe.projection(step.after, now)
        tx.project(incident, after)
        still_open = deadline_paging.open_codes(after.deadlines)
        if deadline_paging.open_codes(scribe.rows(before)) - still_open:
            tx.cancel_duties(incident, still_open, now)
        scribe.hush(tx, incident, before, step.after, now)
        return list(step.entries)

    def found_out(
        self, tx: DeskTransaction, incident: int, before: Incident, draft: Draft, now: datetime
    ) -> list[Entry]:
        """Write what was found out by itself, and let those know who were or will be told."""
        rules = self._narrowed(tx, self._shelf.rules_of(tx, before), before, now)
        scribe = self._scribe(*rules)
        step = scribe.write(tx, incident, before, [draft], DESK, now)
        step = scribe.found_out(tx, step, now)
        tx.project(incident, scribe.projection(step.after, now))
        return list(step.entries)

    def turn(self, tx: DeskTransaction, incident: int, now: datetime) -> None:
        """Do what is due on one incident by the clock."""
        state = fold(tx.timeline(incident, lock=True))
        rules = self._narrowed(tx, self._shelf.rules_of(tx, state), state, now)
        scribe = self._scribe(*rules)
        answers = self._due(state, rules, scribe, now)
        drafts = deadline_paging.occurrences(state, scribe.rows(state), rules.procedure, now)
        for reason in paging.deadline_reasons(state, now):
            drafts.append(Draft(_OF_DEADLINES[reason], {"deadline": ACKNOWLEDGE}))
        step = scribe.write(tx, incident, state, drafts, DESK, now)
        is_silent = bool(answers)
        for answer in answers:
            decisions = self._unless_muted(tx, incident, step.after, answer.decisions)
            is_silent = is_silent and not any(decision.notify for decision in decisions)
            step = self._tell(tx, step, answer, decisions, scribe, now)
        step = self._tell_duties(tx, step, rules, drafts, now)
        tx.project(incident, scribe.projection(step.after, now))
        if is_silent:  # nothing was sent, so nothing else puts off the next turn
            due_at = paging.next_deadline_at(step.after)
            tx.postpone(incident, min(due_at or now + MUTED_AGAIN, now + MUTED_AGAIN))

    def reachable(
        self, tx: DeskTransaction, state: Incident, now: datetime
    ) -> frozenset[str] | None:
        """Return who can be called for an incident now, in lower case; None: nobody by levels."""
        plan = self._narrowed(tx, self._shelf.rules_of(tx, state), state, now).plan
        return None if plan is None else escalation.reachable(plan)

    def _due(self, state: Incident, rules: Rules, scribe: Scribe, now: datetime) -> list[Answer]:
        """Return the pages that are due by the clock, the weightiest first."""
        if rules.plan is not None:
            points = rules.procedure.file.warnings.points
            owner = acknowledging_role(rules.procedure)
            return escalation.due(state, rules.plan, points, owner, now)
        reasons = paging.due_reasons(state, rules.policy, now)[:1]
        if reasons == [NotifyReason.REPEAT] and scribe.silent_until(state, now):
            return []  # the digest in the morning says it once
        return [Answer(tuple(paging.decide_due(state, rules.policy, one))) for one in reasons]

    def _answer(
        self, state: Incident, happening: Happening, rules: Rules, now: datetime, *, by: str = ""
    ) -> Answer:
        """Return who is told after something happened."""
        if rules.plan is not None:
            answer = escalation.decide(state, happening, rules.plan, now, by=by)
            board = self._scribe(*rules).at_board(state)
            seconds = board.seconds if board.people else ()
            return escalation.with_seconds(answer, rules.plan, seconds)
        return Answer(tuple(paging.decide(state, happening, rules.policy, now)))

    def _tell(
        self,
        tx: DeskTransaction,
        step: Step,
        answer: Answer,
        decisions: Sequence[Decision],
        scribe: Scribe,
        now: datetime,
    ) -> Step:
        """Write who is told, and that nobody of the levels could be reached."""
        step = scribe.tell(tx, step, decisions, now, answer.calls)
        if not answer.is_unreached:
            return step
        noted = Draft(Kind.NOBODY_REACHED, {"level": step.after.calls.level})
        after = scribe.write(tx, step.incident, step.after, [noted], DESK, now)
        return Step(step.incident, after.after, (*step.entries, *after.entries))

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
            step.after, rows, scribe.told_by_role, rules.procedure, now, new=new
        )
        points, plan = rules.procedure.file.warnings.points, rules.plan
        unreached = [] if plan is None else escalation.unreached(plan, rows, points, new)
        for decision in (*told.silent, *unreached):
            tx.record(step.incident, now, decision, None)
        for telling in told.messages:
            step = scribe.tell_duties(tx, step, telling, rows, now)
        return step

    def _narrowed(self, tx: DeskTransaction, rules: Rules, state: Incident, now: datetime) -> Rules:
        """Return the rules of an incident with those alone who may be told of it."""
        policy = policy_for(state, rules.policy, rules.procedure)
        # Without a single channel nobody can be called, by levels or without.
        kept = self._shelf.oncall_of(tx, state) if self._policy.channels else None
        if kept is None:
            return rules._replace(policy=policy)
        board, roster = self._switchboard, self._roster(tx, now)
        plan = board.plan(state, kept, policy, rules.procedure, roster, now)
        return rules._replace(policy=policy, plan=plan)

    def _roster(self, tx: DeskTransaction, now: datetime) -> Roster:
        """Return who can be called now; looked up once in a turn."""
        if self._known is None or self._known[:2] != (tx, now):
            board, procedure = self._switchboard, self._shelf.procedure
            roster = board.roster(tx.overrides(now), self._policy, procedure, now)
            self._known = (tx, now, roster)
        return self._known[2]

    def _unless_muted(
        self, tx: DeskTransaction, incident: int, state: Incident, decisions: Sequence[Decision]
    ) -> Sequence[Decision]:
        """Page nobody while everything of an incident that fires is muted."""
        if not any(decision.notify for decision in decisions):
            return decisions
        by = tx.muted_by(incident)
        return paging.muted(decisions, state.severity, ", ".join(by)) if by else decisions
