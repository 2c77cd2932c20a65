"""Where the life of a report is written down, and which duties it meets when it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.storage import record
from collector.storage.desk_store import DeskStore
from incidents import deadlines
from incidents.commands.meet import Meet
from incidents.config_record import RecordKind
from incidents.incident import fold
from incidents.procedure_clocks import BY_HAND
from incidents.reports.life import Deed
from incidents.state import Draft, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from incidents.desk import Desk
    from incidents.reports.kind import ReportKind
    from incidents.reports.life import Report

# What an auditor asks for; drafts that are written in are of no file.
RECORDED = frozenset(Deed) - {Deed.FILLED, Deed.GATHERED, Deed.LATER}


class Teller:
    """Writes into the incident's file, or into the record for a report that is about none."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def record(
        self,
        connection: Connection,
        report: Report,
        deed: Deed,
        actor: str,
        now: datetime,
        *,
        text: str = "",
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep what was done where it cannot be changed."""
        if deed not in RECORDED:
            return
        said = {
            "report": report.id, "kind": report.kind, "version": report.version,
            "deed": deed.value,
        }  # fmt: skip
        kept = {name: value for name, value in (data or {}).items() if name in ("digest", "at")}
        texts = {"note": text} if text else {}
        if report.incident is None:
            about = {"subject": report.subject}
            kind = RecordKind.REPORT
            record.append(connection, now, kind, actor, data={**said, **about, **kept}, texts=texts)
            return
        draft = Draft(Kind.REPORT, {**said, **kept}, texts)
        self._desk.add(DeskStore(connection), report.incident, actor, now, lambda _: [draft])

    def meet(
        self,
        connection: Connection,
        report: Report,
        kind: ReportKind,
        words: Mapping[str, str],
        at: datetime,
        actor: str,
        now: datetime,
    ) -> list[str]:
        """Meet the duties that sending this report does, by the desk's own command; return them.

        What leaves the organisation meets the clocks of law, what stays inside the others.

        Raises:
            Refused: The procedure does not let this person note it, or not at that instant.
        """
        if report.incident is None:
            return []
        tx, met = DeskStore(connection), []
        state = fold(tx.timeline(report.incident, lock=True))
        procedure = self._desk.procedure_of(tx, state)
        is_outward = report.audience == "outside"
        for row in deadlines.rows(state, procedure):
            deadline = procedure.deadlines[row.code]
            fits = deadline.report in kind.serves and BY_HAND in deadline.met_by
            runs = row.met_at is None and row.stopped_at is None
            if fits and runs and deadline.is_legal == is_outward:
                meet = Meet(row.code, words["how"], at, words["recipient"], words["number"])
                self._desk.command(tx, report.incident, meet, actor, now)
                met.append(row.code)
        return met
