"""Which evidence an incident still lacks, by its procedure; a kind can be waived with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.conditions import Refused

if TYPE_CHECKING:
    from datetime import datetime

    from incidents.desk_store import DeskTransaction
    from incidents.procedure import Procedure
    from incidents.procedure_evidence import RequiredEvidence
    from incidents.state import Incident


def required_evidence(incident: Incident, procedure: Procedure) -> list[RequiredEvidence]:
    """Return what the procedure asks of an incident of this severity, nature and class."""
    incident_class = procedure.classes.get(incident.class_code)
    group = incident_class.group if incident_class else ""
    return [
        required
        for required in procedure.file.evidence.required
        if incident.severity in required.severities
        and (not required.natures or incident.nature in required.natures)
        and (not required.groups or group in required.groups)
    ]


def missing_evidence(incident: Incident, procedure: Procedure) -> list[RequiredEvidence]:
    """Return what is required and neither in the file nor waived.

    What was returned or destroyed since was in the file; what was sealed away was too.
    """
    there = {piece.kind for piece in incident.evidence.values()} | incident.waived
    return [
        required
        for required in required_evidence(incident, procedure)
        if not there.intersection(required.kinds)
    ]


def evidence_missing(
    tx: DeskTransaction, number: int, incident: Incident, procedure: Procedure, now: datetime
) -> Refused | None:
    """Return why an incident cannot end yet, naming what is missing; None: nothing is."""
    del tx, number, now
    missing = missing_evidence(incident, procedure)
    if not missing:
        return None
    vi, en = ", ".join(m.vi for m in missing), ", ".join(m.en for m in missing)
    return Refused(
        f"Còn thiếu chứng cứ: {vi}. Nộp bổ sung, hoặc bỏ qua kèm lý do.",
        f"Evidence is missing: {en}. Hand it in, or waive it with a reason.",
        [f"evidence.{m.code}" for m in missing],
    )
