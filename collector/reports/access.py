"""Who may write a report, fill a field of it, sign it: the roles of its incident's own ruleset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.storage.desk_store import DeskStore
from incidents.commands.command import Situation
from incidents.commands.permission import missing_role, on_behalf, refusal
from incidents.conditions import NotAllowed, Refused
from incidents.incident import fold
from incidents.pointers import check_report, is_locked
from incidents.state import is_person

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from incidents.desk import Desk
    from incidents.procedure import Procedure
    from incidents.reports.kind import ReportKind
    from incidents.reports.life import Report

WRITE, SIGN, SIGN_OUT, EXPORT = "report", "report_sign", "report_sign_out", "export"


class ReportAccess:
    """Asks the desk's procedure and people."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def role_names(self) -> Mapping[str, str]:
        """The Vietnamese names of roles by code."""
        return {role.code: role.vi for role in self._desk.procedure.file.roles}

    @property
    def writers(self) -> tuple[str, ...]:
        """The roles that may write reports at all, in the order of the procedure."""
        procedure = self._desk.procedure
        allowed = {
            role
            for code in procedure.severities
            for role in procedure.may(WRITE, code) or procedure.acting_roles
        }
        return tuple(role.code for role in procedure.file.roles if role.code in allowed)

    def check_write(
        self, connection: Connection, report: Report, actor: str, now: datetime
    ) -> None:
        """Refuse who may not write reports about this; the machine may.

        Raises:
            NotAllowed: Naming the roles.
        """
        if is_person(actor):
            self._check(connection, report, WRITE, actor, now)

    def may(
        self, connection: Connection, report: Report, act: str, actor: str, now: datetime
    ) -> bool:
        """Say whether somebody holds a role for an act on this, whatever its state allows."""
        try:
            self._check(connection, report, act, actor, now)
        except Refused:
            return False
        return True

    def may_fill(
        self,
        connection: Connection,
        report: Report,
        kind: ReportKind,
        actor: str,
        now: datetime,
    ) -> frozenset[str]:
        """Return the fields that somebody may write into."""
        found = set()
        for field in kind.fields:
            try:
                self.check_field(connection, report, kind, field.code, actor, now)
            except Refused:
                continue
            found.add(field.code)
        return frozenset(found)

    def check_field(
        self,
        connection: Connection,
        report: Report,
        kind: ReportKind,
        code: str,
        actor: str,
        now: datetime,
    ) -> None:
        """Refuse who may not write into this field.

        Raises:
            NotAllowed: Naming the roles.
        """
        self.check_write(connection, report, actor, now)
        field = kind.field(code)
        if field is None or not field.by:
            return
        who, procedure = self._desk.people.actor(actor, now), self._desk.procedure
        situation = self._situation(connection, report, actor, now)
        reserved = situation and situation.procedure.only_role(situation.incident.nature)
        units = situation.incident.units if situation else [report.unit] if report.unit else None
        held = who.held(procedure) if units is None else who.held_for(units, procedure)
        if not reserved:
            _refuse(missing_role(who, field.by, procedure, held=held))

    def check_words(
        self,
        connection: Connection,
        report: Report,
        texts: Iterable[str],
        actor: str,
        now: datetime,
        *,
        or_name: bool = False,
    ) -> None:
        """Refuse free text in a report about an incident that takes pointers alone.

        Args:
            or_name: In one line, a name will do.

        Raises:
            Refused: Saying what may be written.
        """
        situation = self._situation(connection, report, actor, now)
        if situation is not None and is_locked(situation.incident, (), situation.procedure):
            given = [text.strip() for text in texts if text.strip()]
            check_report(given, or_name=or_name)

    def check_sign(
        self, connection: Connection, report: Report, actor: str, now: datetime
    ) -> frozenset[str]:
        """Refuse who may not sign this; return whose signature does not count.

        Where the ruleset wants another person to approve the end of an incident as severe, nobody
        signs who handled it or worked on the report, nor their deputy in this.

        Raises:
            Refused: No person signs.
            NotAllowed: Naming the roles.
        """
        if not is_person(actor):
            raise Refused("Chỉ con người ký.", "Only a person signs.", ["person"])
        act = SIGN_OUT if report.audience == "outside" else SIGN
        self._check(connection, report, act, actor, now)
        situation = self._situation(connection, report, actor, now)
        if situation is None or not _wants_another(
            situation.procedure, situation.incident.severity
        ):
            return frozenset()
        worked = report.hands | situation.incident.handlers
        for_whom = on_behalf(situation, act)
        return worked | {actor} if for_whom in worked else worked

    def check_export(
        self, connection: Connection, report: Report, actor: str, now: datetime
    ) -> None:
        """Refuse who may not take files out.

        Raises:
            NotAllowed: Naming the roles.
        """
        self._check(connection, report, EXPORT, actor, now)

    def _check(
        self, connection: Connection, report: Report, act: str, actor: str, now: datetime
    ) -> None:
        situation = self._situation(connection, report, actor, now)
        if situation is None:
            units = [report.unit] if report.unit else None
            self._desk.check_act(act, actor, now, units)
        else:
            _refuse(refusal(situation, act))

    def _situation(
        self, connection: Connection, report: Report, actor: str, now: datetime
    ) -> Situation | None:
        """Return what is asked about the incident; None: the report is about none.

        An incident keeps its ruleset; one from before reports leaves who may to the one in force.
        """
        if report.incident is None:
            return None
        tx = DeskStore(connection)
        state = fold(tx.timeline(report.incident, lock=False))
        own = self._desk.procedure_of(tx, state)
        knows = SIGN in own.file.may or SIGN not in self._desk.procedure.file.may
        procedure = own if knows else self._desk.procedure
        return Situation(state, self._desk.people.actor(actor, now), procedure, now)


def _wants_another(procedure: Procedure, severity: str) -> bool:
    for stage in procedure.file.stages:
        for move in stage.next:
            if "other_person" in move.needs:
                only = move.severities.get("other_person")
                if only is None or severity in only:
                    return True
    return False


def _refuse(refused: Refused | None) -> None:
    if refused is not None:
        raise NotAllowed(refused.reason_vi, refused.reason_en, refused.needed)
