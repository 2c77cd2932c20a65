"""The incident desk: load → decide → store entries, decisions and messages in one transaction.

The only orchestrator. It holds the procedure and the paging policy, and does no I/O but through
the transaction it is given. Whatever happens, an incident is one timeline that only grows.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from incidents import causes, commands, conditions, deadlines, opening, replay
from incidents.actor import may_see
from incidents.beside import facts_of
from incidents.desk_alerts import AlertsOfDesk
from incidents.desk_around import noted, nothing_around
from incidents.desk_step import by_way
from incidents.desk_store import Conflict
from incidents.desk_writer import Writer
from incidents.discretion import readers_of
from incidents.evidence import missing_evidence
from incidents.findings import draft_of
from incidents.incident import Draft, Kind, fold
from incidents.people import UNDECLARED
from incidents.retrying import retried
from incidents.scribe import Scribe
from incidents.sessions.at_board import NOBODY_THERE
from incidents.shelf import Shelf
from incidents.switchboard import NO_SWITCHBOARD
from incidents.timeline import microseconds
from incidents.who_may import WhoMay

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from incidents.actor import Actor
    from incidents.causes import HandReport
    from incidents.commands import Action, Command
    from incidents.deadline_rows import DeadlineRow
    from incidents.desk_store import DeskTransaction
    from incidents.findings import Finding
    from incidents.in_session import Around, Where
    from incidents.incident import Incident
    from incidents.paging_policy import PagingPolicy
    from incidents.people import People
    from incidents.procedure_evidence import EvidenceKind, RequiredEvidence
    from incidents.rulesets import Rulesets
    from incidents.sessions.at_board import AtBoard
    from incidents.switchboard import Switchboard
    from incidents.timeline import ClockState, Entry

TURN_BATCH = 10
POSTPONED = timedelta(hours=1)

_log = logging.getLogger(__name__)


class Desk(AlertsOfDesk, WhoMay):
    """Everything that may happen to an incident; after a reload of policy, `adopt` the new one.

    Attributes:
        around: Returns the session or peak period that something breaks in.
        at_board: Returns who looks at the board of the session that an incident began in.
        public_facts: Returns what rules and inventory add to words that leave the network.
        looks_into: Returns for how long the first page by telephone of an incident that has just
            opened waits for what is being found out.

    Args:
        new_message_id: Returns an identifier that no other message has.
        new_salt: Returns 16 random bytes in hexadecimal.
        console_url: Where a person acknowledges, without a slash at its end; may be empty.
        clock: Returns what is known of this host's clock; each entry keeps it.
    """

    def __init__(
        self,
        rulesets: Rulesets,
        paging: PagingPolicy,
        *,
        new_message_id: Callable[[], str],
        new_salt: Callable[[], str],
        console_url: str = "",
        people: People = UNDECLARED,
        switchboard: Switchboard = NO_SWITCHBOARD,
        clock: Callable[[], ClockState | None] = lambda: None,
    ) -> None:
        self._scribe = partial(
            Scribe,
            new_message_id=new_message_id,
            new_salt=new_salt,
            console_url=console_url,
            clock=clock,
            public_facts=lambda incident: self.public_facts(incident),  # noqa: PLW0108 - set later
            at_board=lambda incident: self.at_board(incident),  # noqa: PLW0108 - set later
            looks_into=lambda incident: self.looks_into(incident),  # noqa: PLW0108 - set later
        )
        self.at_board: Callable[[Incident], AtBoard] = lambda _incident: NOBODY_THERE
        self.looks_into: Callable[[Incident], timedelta] = lambda _incident: timedelta(0)
        self.public_facts: Callable[[Incident], Sequence[str]] = lambda _incident: ()
        self.around: Callable[[DeskTransaction, Where, datetime], Around] = nothing_around
        self.console_url = console_url
        self.adopt(rulesets, paging, people, switchboard=switchboard)

    def adopt(
        self,
        rulesets: Rulesets,
        paging: PagingPolicy,
        people: People = UNDECLARED,
        now: datetime | None = None,
        switchboard: Switchboard = NO_SWITCHBOARD,
    ) -> None:
        """Work by other rulesets, policy, people and schedules from now on.

        An incident keeps the ruleset and the policy that were in force when it began.
        """
        self.people = people
        self.policy = paging
        self.switchboard = switchboard
        self._shelf = Shelf(rulesets, paging, now, switchboard.oncall)
        self._writer = Writer(self._shelf, paging, self._scribe, switchboard)

    @property
    def rulesets(self) -> Rulesets:
        """Those of the policy directory."""
        return self._shelf.rulesets

    def keep(self, tx: DeskTransaction, now: datetime) -> None:
        """Keep the rulesets and the policy of today by their digests, before anything uses them."""
        for procedure in self.rulesets.procedures:
            tx.keep_ruleset(procedure, now)
        tx.keep_policy(self.policy, now)
        tx.keep_oncall(self.switchboard.oncall, now)

    def deadlines_of(self, tx: DeskTransaction, incident: int) -> tuple[DeadlineRow, ...]:
        """Return every deadline of an incident, by its own ruleset."""
        state = fold(tx.timeline(incident, lock=False))
        return deadlines.rows(state, self.procedure_of(tx, state))

    def open_by_hand(
        self, tx: DeskTransaction, report: HandReport, actor: str, now: datetime
    ) -> int:
        """Open an incident that a person reports; return its number.

        Raises:
            Refused: The actor is a machine or lacks the role, or the report is not usable.
        """
        conditions.check_hand_report(report, actor, now)
        procedure = self.rulesets.at(report.detected_at)
        opening.check(report, self.people.actor(actor, now), procedure)
        where = causes.where_of(report)

        def once() -> int:
            around = self.around(tx, where, now)
            draft = causes.opening_by_hand(replace(report, around=around), procedure)
            return noted(tx, self._writer.open(tx, draft, procedure, actor, now), around)

        return retried(tx, once)

    def start_drill(
        self, tx: DeskTransaction, source: int, pace_percent: int, actor: str, now: datetime
    ) -> int:
        """Open a drill that replays an ended incident, and return its number.

        Raises:
            Refused: It has not ended, is a drill itself, or the actor lacks the role.
        """
        entries = tx.timeline(source, lock=False)
        before = fold(entries)
        procedure = self.rulesets.at(now)
        opening.check_drill(before, self.people.actor(actor, now), procedure)
        first_at = replay.first_at(entries, pace_percent, now)
        plan = {
            "pace_percent": pace_percent,
            "next_at": None if first_at is None else microseconds(first_at),
        }
        draft = causes.opening_drill(entries[0], before.code, procedure, now, plan)
        return retried(tx, lambda: self._writer.open(tx, draft, procedure, actor, now))

    def command(
        self,
        tx: DeskTransaction,
        incident: int,
        command: Command,
        actor: str,
        now: datetime,
        *,
        way: str = "",
    ) -> list[Entry]:
        """Do what a person asks and return the new entries, pages included.

        Args:
            way: How it was asked where that was not the console: it stands in the entries.

        Raises:
            Refused: The procedure does not allow it now.
            Conflict: Others wrote first, three times.
            NoSuchIncident: There is none of this number.
        """

        who = self.people.actor(actor, now)

        def once() -> list[Entry]:
            numbers = self._others(tx, incident, command, who)
            states = {code: fold(tx.timeline(n, lock=True)) for code, n in numbers.items()}
            state = states.pop("")
            procedure = self.procedure_of(tx, state)
            facts = replace(facts_of(tx, incident, state, procedure, now), others=states)
            if isinstance(command, commands.PassOn):
                facts = replace(facts, reachable=self._writer.reachable(tx, state, now))
            drafts = by_way(commands.decide(state, command, who, procedure, now, facts), way)
            conditions.check_parent(drafts, states.__contains__)
            for code, other in states.items():
                theirs = [draft for draft in drafts if draft.on == code]
                self._writer.store(tx, numbers[code], other, theirs, actor, now)
                if any(draft.kind == Kind.MERGED for draft in theirs):
                    tx.merge(incident, state.dedup_key, numbers[code])
            ours = [draft for draft in drafts if not draft.on]
            return self._writer.store(tx, incident, state, ours, actor, now)

        return retried(tx, once)

    def _others(
        self, tx: DeskTransaction, incident: int, command: Command, who: Actor
    ) -> dict[str, int]:
        """Return the number of each incident a command is about, "" the one it is given on.

        In the order of their numbers, in which they are locked: two commands never wait for
        each other. One that the actor may not see is left out, as if there were none.
        """
        found = {"": incident}
        for code in commands.other_codes(command):
            number = tx.number_of(code)
            if number is None or number == incident:
                continue
            other = fold(tx.timeline(number, lock=False))
            if may_see(readers_of(other, self.procedure), who.tags(self.procedure)):
                found[code] = number
        return dict(sorted(found.items(), key=lambda named: named[1]))

    @property
    def file_years(self) -> int:
        """How long content is kept by the ruleset in force."""
        return self.procedure.file.retention.file_years

    def evidence_kinds(self, tx: DeskTransaction, state: Incident) -> dict[str, EvidenceKind]:
        """Return the kinds of evidence by code, those the service attaches included."""
        return self.procedure_of(tx, state).file.evidence.kinds

    def missing(self, tx: DeskTransaction, state: Incident) -> list[RequiredEvidence]:
        """Return the evidence that an incident still lacks."""
        return missing_evidence(state, self.procedure_of(tx, state))

    def add(
        self,
        tx: DeskTransaction,
        incident: int,
        actor: str,
        now: datetime,
        decide: Callable[[Incident], list[Draft]],
    ) -> list[Entry]:
        """Add what happened to the file that is no command of the procedure: read, exported, …

        Raises:
            Conflict: Others wrote first, three times.
            NoSuchIncident: There is none of this number.
        """

        def once() -> list[Entry]:
            state = fold(tx.timeline(incident, lock=True))
            return self._writer.store(tx, incident, state, decide(state), actor, now)

        return retried(tx, once)

    def found_out(
        self,
        tx: DeskTransaction,
        incident: int,
        findings: Sequence[Finding],
        took_seconds: float,
        now: datetime,
    ) -> list[Entry]:
        """Keep what was found out by itself, once; nothing of what has ended meanwhile."""
        draft = draft_of(findings, took_seconds)

        def once() -> list[Entry]:
            number, state = self._where_it_went(tx, incident)
            if state.ended or state.found or not findings:
                return []
            return self._writer.found_out(tx, number, state, draft, now)

        return retried(tx, once)

    def look(
        self, tx: DeskTransaction, incident: int, actor: str, now: datetime
    ) -> tuple[Incident, list[Action]]:
        """Return what an incident is, and what the procedure allows this person now."""
        state = fold(tx.timeline(incident, lock=False))
        procedure = self.procedure_of(tx, state)
        facts = facts_of(tx, incident, state, procedure, now)
        return state, commands.allowed(state, self.people.actor(actor, now), procedure, now, facts)

    def turn(self, tx: DeskTransaction, now: datetime) -> list[int]:
        """Do what is due by the clock, at most a batch of it; return the incidents looked at.

        One that cannot be judged is put off an hour: it does not stop the clocks of the others.
        """
        self._shelf.follow(now)
        looked_at = tx.due(now, TURN_BATCH)
        for incident in looked_at:
            try:
                self._replay(tx, incident, now)
                retried(tx, lambda chosen=incident: self._writer.turn(tx, chosen, now))  # type: ignore[misc]
            except (Conflict, ValueError, LookupError, TypeError):
                _log.exception("incident %s could not be judged; put off an hour", incident)
                tx.postpone(incident, now + POSTPONED)
        return looked_at

    def _replay(self, tx: DeskTransaction, incident: int, now: datetime) -> None:
        """Say again what machines said, as far as a drill has come."""
        if not tx.is_drill(incident):
            return

        def once() -> bool:
            state = fold(tx.timeline(incident, lock=True))
            if not replay.is_due(state, now) or state.work.replay is None:
                return False
            source = tx.number_of(state.work.replay.source)
            said = [] if source is None else tx.timeline(source, lock=False)
            draft = replay.next_step(state, said, self.procedure_of(tx, state)) if said else None
            if draft is None:
                return False
            self._writer.store(tx, incident, state, [draft], replay.DRILL, now)
            return True

        while retried(tx, once):
            pass
