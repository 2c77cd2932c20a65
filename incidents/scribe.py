"""How the desk writes one change: entries, decisions, messages and the row beside the timeline."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from incidents import deadlines, escalation, paging
from incidents.channel import PUBLIC
from incidents.commands.ways import reopen_until
from incidents.deadline_messages import write_duties
from incidents.deadline_paging import tellings
from incidents.desk_step import Step, search_text
from incidents.desk_store import Outgoing, Projection
from incidents.discretion import discreet, is_drill, readers_of
from incidents.incident import MACHINE, Draft, Kind, apply
from incidents.messages import write
from incidents.paging import Decision, NotifyReason
from incidents.public_words import is_hidden, nothing, write_public
from incidents.quiet import held_until, silent_until
from incidents.sessions.at_board import HELD, NOBODY_THERE, wait_until
from incidents.timeline import new_entry
from incidents.vietnamese import marks_key, search_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from incidents.channel import Reach
    from incidents.deadline_paging import Telling
    from incidents.deadline_rows import DeadlineRow
    from incidents.desk_store import DeskTransaction
    from incidents.incident import Incident
    from incidents.levels import Plan
    from incidents.messages import Words
    from incidents.paging_policy import PagingPolicy
    from incidents.procedure import Procedure
    from incidents.sessions.at_board import AtBoard
    from incidents.timeline import ClockState, Entry

DESK = MACHINE + "desk"
NOT_AT_ALL = timedelta(0)
# The number of the entry that opens an incident.
OPENING = 1


class Scribe:
    """Writes through a transaction; what to write is decided elsewhere."""

    def __init__(
        self,
        procedure: Procedure,
        policy: PagingPolicy,
        plan: Plan | None = None,
        *,
        new_message_id: Callable[[], str],
        new_salt: Callable[[], str],
        console_url: str,
        clock: Callable[[], ClockState | None] = lambda: None,
        public_facts: Callable[[Incident], Sequence[str]] = lambda _incident: (),
        at_board: Callable[[Incident], AtBoard] = lambda _incident: NOBODY_THERE,
        looks_into: Callable[[Incident], timedelta] = lambda _incident: NOT_AT_ALL,
    ) -> None:
        self._procedure = procedure
        self._policy = policy
        self._plan = plan
        self._new_message_id = new_message_id
        self._new_salt = new_salt
        self._console_url = console_url
        self._clock = clock
        self._public_facts = public_facts
        self.at_board = at_board
        self._looks_into = looks_into

    def write(
        self,
        tx: DeskTransaction,
        incident: int,
        before: Incident,
        drafts: Sequence[Draft],
        actor: str,
        now: datetime,
    ) -> Step:
        """Append the drafts to a timeline and return what the incident is after them."""
        state = before
        entries: list[Entry] = []
        for draft in drafts:
            entry = self.entry(before.code, state.last_seq + 1, state.last_hash, draft, actor, now)
            state = apply(state, entry)
            entries.append(entry)
        tx.append(incident, entries)
        return Step(incident, state, tuple(entries))

    def tell(
        self,
        tx: DeskTransaction,
        step: Step,
        decisions: Sequence[Decision],
        now: datetime,
        calls: Mapping[str, Any] | None = None,
    ) -> Step:
        """Queue what is to be sent, keep every decision, and note in the timeline who is told.

        Args:
            calls: What the entry keeps of the levels.
        """
        told: list[Decision] = []
        for decision in decisions:
            outbox = self._queue(tx, step, decision, now) if decision.notify else None
            tx.record(step.incident, now, decision, outbox)
            if decision.notify:
                told.append(decision)
        if not told:
            return step
        data = {
            "kind": told[0].kind,
            "reason": told[0].reason,
            "recipients": [[decision.recipient, decision.channel] for decision in told],
            **escalation.as_told(calls, told),
        }
        noted = self.write(tx, step.incident, step.after, [Draft(Kind.NOTIFIED, data)], DESK, now)
        return Step(step.incident, noted.after, (*step.entries, *noted.entries))

    def tell_duties(
        self,
        tx: DeskTransaction,
        step: Step,
        telling: Telling,
        rows: Sequence[DeadlineRow],
        now: datetime,
    ) -> Step:
        """Queue one message about deadlines for each who gets it, and note it in the timeline."""
        inside = write_duties(step.after, telling, rows, self._procedure, self._console_url, now)
        codes = tuple(sorted({code for code, _, _ in telling.named}))
        for decision in telling.decisions:
            outgoing = self._outgoing(step, decision, inside, rows, now, codes)
            tx.record(step.incident, now, decision, tx.queue(outgoing, now))
        data = {
            "kind": "page",
            "reason": str(telling.reason),
            "recipients": [[answer.recipient, answer.channel] for answer in telling.decisions],
            "duties": [list(named) for named in telling.named],
        }
        noted = self.write(tx, step.incident, step.after, [Draft(Kind.NOTIFIED, data)], DESK, now)
        return Step(step.incident, noted.after, (*step.entries, *noted.entries))

    def rows(self, incident: Incident) -> tuple[DeadlineRow, ...]:
        """Return the deadlines of an incident."""
        return deadlines.rows(incident, self._procedure)

    @property
    def told_by_role(self) -> PagingPolicy:
        """Return whom deadlines are told to."""
        return self._policy if self._plan is None else self._plan.by_role

    def _next_look_at(self, incident: Incident, now: datetime) -> datetime | None:
        if self._plan is None:
            return paging.next_look_at(incident, self._policy, self.silent_until(incident, now))
        return escalation.next_look_at(incident, self._plan)

    def projection(self, incident: Incident, now: datetime) -> Projection:
        """Return the rows of an incident, with the instant at which the desk looks again."""
        text = search_text(incident, self._procedure)
        rows, replay = self.rows(incident), incident.work.replay
        looks = (
            self._next_look_at(incident, now),
            deadlines.next_at(rows, incident.clocks),
            tellings(incident, rows, self.told_by_role, self._procedure, now).next_at,
            None if incident.ended or replay is None else replay.next_at,
        )
        next_at = min((at for at in looks if at is not None), default=None)
        return Projection(
            incident,
            next_at,
            search_key(text),
            marks_key(text),
            rows,
            readers=readers_of(incident, self._procedure),
            is_drill=is_drill(incident, self._procedure),
            reopen_until=reopen_until(incident, self._procedure),
        )

    def entry(
        self, code: str, seq: int, previous: str, draft: Draft, actor: str, now: datetime
    ) -> Entry:
        """Give a draft its place, instant, salt and hash."""
        return new_entry(
            code=code,
            seq=seq,
            at=now,
            actor=actor,
            kind=str(draft.kind),
            data=draft.data,
            texts=draft.texts,
            salt=self._new_salt(),
            previous=previous,
            clock=self._clock(),
        )

    def _queue(self, tx: DeskTransaction, step: Step, decision: Decision, now: datetime) -> int:
        inside = write(step.after, decision.reason, self._procedure, self._console_url)
        return tx.queue(self._outgoing(step, decision, inside, self.rows(step.after), now), now)

    def _outgoing(
        self,
        step: Step,
        decision: Decision,
        inside: Words,
        rows: Sequence[DeadlineRow],
        now: datetime,
        duties: tuple[str, ...] = (),
    ) -> Outgoing:
        reach = self._policy.reach_of(decision.channel)
        board = self.at_board(step.after)
        board_until = wait_until(step.after, decision, board, now)
        quiet_until = self._held_until(step.after, decision, duties, rows, now)
        words = self._worded(step.after, decision.reason, reach, inside, rows)
        return Outgoing(
            incident=step.incident,
            channel=decision.channel,
            recipient=decision.recipient,
            address=decision.address,
            kind=decision.kind,
            reason=decision.reason,
            severity=step.after.severity,
            message_id=self._new_message_id(),
            subject=words.subject,
            body=words.body,
            duties=duties,
            reach=reach,
            held_until=board_until or quiet_until,
            held_for=HELD if board_until else "",
            waits_until=self._waits_until(step.after, decision, now),
        )

    def _worded(
        self,
        incident: Incident,
        reason: str,
        reach: Reach,
        inside: Words,
        rows: Sequence[DeadlineRow],
    ) -> Words:
        """Return the words for where a message may be read."""
        if reach != PUBLIC:
            return discreet(inside, incident, self._procedure, self._console_url)
        facts = (*self._public_facts(incident), *incident.found_said)
        return write_public(incident, reason, self._procedure, rows, facts)

    def _waits_until(
        self, incident: Incident, decision: Decision, now: datetime
    ) -> datetime | None:
        """Return until when the first page by telephone waits for what is being found out."""
        settings = self._policy.channels.get(decision.channel)
        is_first = decision.reason == NotifyReason.FIRST and incident.last_seq == OPENING
        if settings is None or not settings.waits_for_findings or not is_first:
            return None
        seconds = self._looks_into(incident)
        return now + seconds if seconds else None

    def found_out(self, tx: DeskTransaction, step: Step, now: datetime) -> Step:
        """Let the pages that waited for it go with what was found, and follow up the others."""
        rows = self.rows(step.after)

        def reword(reach: Reach, reason: str) -> Words:
            inside = write(step.after, reason, self._procedure, self._console_url)
            return self._worded(step.after, reason, reach, inside, rows)

        waited = tx.release(step.incident, reword, now)
        decisions = [
            Decision(
                notify=True,
                reason=NotifyReason.FOUND_OUT,
                recipient=recipient,
                channel=channel,
                address=address,
                kind="notice",
            )
            for recipient, channel, address in tx.told(step.incident)
            if (recipient, channel) not in waited
        ]
        return self.tell(tx, step, decisions, now)

    def hush(
        self, tx: DeskTransaction, number: int, before: Incident, after: Incident, now: datetime
    ) -> None:
        """Take back what still waits and says more than may be known since a change."""
        procedure = self._procedure
        if not is_hidden(after, procedure) or is_hidden(before, procedure):
            return
        if procedure.only_role(after.nature) is not None:
            tx.take_back(number, None, now)  # whoever may be told now is told anew
            return

        def reword(reach: Reach, words: Words) -> Words:
            if reach == PUBLIC:
                return nothing()
            return discreet(words, after, procedure, self._console_url)

        tx.take_back(number, reword, now)

    def _held_until(
        self,
        incident: Incident,
        decision: Decision,
        duties: tuple[str, ...],
        rows: Sequence[DeadlineRow],
        now: datetime,
    ) -> datetime | None:
        """Return until when a message waits for the morning; a clock of law waits for nothing."""
        settings = self._policy.channels.get(decision.channel)
        of_law = any(row.is_legal for row in rows if row.code in duties)
        if of_law or (settings is not None and not settings.quiet):
            return None
        return held_until(incident, self._policy.quiet, self._procedure, now)

    def silent_until(self, incident: Incident, now: datetime) -> datetime | None:
        """Return until when nothing about an incident repeats; None: it may."""
        return silent_until(incident, self._policy.quiet, self._procedure, now)
