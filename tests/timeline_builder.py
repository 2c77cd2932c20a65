"""A timeline that a test writes entry by entry, without a desk."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from incidents.deadlines import rows
from incidents.incident import fold
from incidents.timeline import FIRST_PREVIOUS, Entry, microseconds, new_entry
from incidents.vietnamese import ZONE
from tests.builders import AN, PROCEDURE

if TYPE_CHECKING:
    from incidents.deadline_rows import DeadlineRow
    from incidents.procedure import Procedure
    from incidents.state import Incident


def local(text: str) -> datetime:
    """An instant as it is read here: "2026-02-13 16:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


class File:
    """An incident that began at an instant, and whose clock a test moves."""

    def __init__(
        self,
        begun: datetime,
        severity: str = "S2",
        *,
        nature: str = "ky_thuat",
        procedure: Procedure = PROCEDURE,
    ) -> None:
        self.begun = self.now = begun
        self.procedure = procedure
        self.entries: list[Entry] = []
        self.add(
            "opened",
            ruleset=procedure.id,
            ruleset_digest=procedure.digest,
            dedup_key=None,
            unit="000.01",
            unit_name="Văn phòng",
            host="may-1",
            **{"class": "kt_thiet_bi"},
            nature=nature,
            impact="I3",
            scope="P2",
            severity=severity,
            stage="canh_bao",
            detected_at=microseconds(begun),
            started_at=microseconds(begun),
            runbook="",
            alert=1,
            acknowledge_due_at=None,
            acknowledge_warn_at=None,
        )

    def at(self, text: str) -> File:
        """Move the clock to an instant."""
        self.now = local(text)
        return self

    def after(self, **length: float) -> File:
        """Move the clock on."""
        self.now += timedelta(**length)
        return self

    def add(self, kind: str, actor: str = AN, **data: Any) -> File:
        """Add an entry of now; `texts` are its words."""
        texts = data.pop("texts", {})
        last = self.entries[-1] if self.entries else None
        self.entries.append(
            new_entry(
                code="SC26-0001",
                seq=len(self.entries) + 1,
                at=self.now,
                actor=actor,
                kind=kind,
                data=data,
                texts=texts,
                salt="00" * 16,
                previous=last.hash() if last else FIRST_PREVIOUS,
            )
        )
        return self

    def move(self, to: str, *, reopens: bool = False) -> File:
        """Move to another stage."""
        ends = self.procedure.stages[to].ends
        kind = "reopened" if reopens else "moved"
        return self.add(kind, **{"from": self.incident.stage}, to=to, ends=ends)

    def weigh(self, severity: str) -> File:
        """Change the severity."""
        return self.add("severity_changed", impact="I3", scope="P2", severity=severity)

    def meet(self, code: str, *, at: datetime | None = None) -> File:
        """Say that a duty was done."""
        return self.add("deadline_met", deadline=code, met_at=microseconds(at or self.now))

    def decide(self, *grounds: str, decision: str = "yes") -> File:
        """Decide on reporting."""
        return self.add("reportable_decided", decision=decision, grounds=list(grounds))

    @property
    def incident(self) -> Incident:
        """What the entries make."""
        return fold(self.entries)

    @property
    def rows(self) -> dict[str, DeadlineRow]:
        """Every deadline by its code."""
        return {row.code: row for row in rows(self.incident, self.procedure)}

    def due(self, code: str) -> datetime | None:
        """When a deadline is due, as read here."""
        due = self.rows[code].due_at
        return None if due is None else due.astimezone(ZONE)

    def state(self, code: str) -> str:
        """Where a deadline stands now."""
        return str(self.rows[code].state(self.now))
