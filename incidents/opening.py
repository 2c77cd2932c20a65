"""Who may open an incident by hand, and what a report of a suspected secret may say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.commands.permission import missing_role
from incidents.conditions import Refused
from incidents.discretion import is_drill
from incidents.pointers import DOCUMENT, NAME, document_refused

if TYPE_CHECKING:
    from incidents.actor import Actor
    from incidents.causes import HandReport
    from incidents.procedure import Procedure
    from incidents.state import Incident


def check(report: HandReport, who: Actor, procedure: Procedure) -> None:
    """Refuse a report by somebody without the role, of an unknown class, or with locked text.

    Raises:
        Refused: Saying what is needed.
    """
    incident_class = procedure.classes.get(report.class_code)
    if incident_class is None:
        raise Refused(
            f"Không có loại {report.class_code}; cho phép: {', '.join(procedure.classes)}.",
            f"No class {report.class_code}; allowed: {', '.join(procedure.classes)}.",
            ["class_code"],
        )
    _check_codes(report, procedure)
    only = procedure.only_role(incident_class.nature)
    allowed, held = ([only], who.held(procedure)) if only else (None, frozenset())
    if only is None:
        allowed = procedure.file.may.get("open")  # type: ignore[assignment]
        held = who.held_for((report.unit,), procedure)
    if refused := missing_role(who, allowed, procedure, held=held):
        raise refused
    if incident_class.pointer_only:
        _check_pointer(report)


def check_drill(source: Incident, who: Actor, procedure: Procedure) -> None:
    """Refuse a drill of what has not ended, of a drill, or by somebody without the role.

    Raises:
        Refused: Saying what is needed.
    """
    only = procedure.only_role(source.nature)
    allowed = [only] if only else procedure.may("drill", source.severity)
    held = who.held(procedure) if only else who.held_for(source.units, procedure)
    if refused := missing_role(who, allowed, procedure, held=held):
        raise refused
    if not source.ended or is_drill(source, procedure):
        raise Refused(
            "Chỉ diễn tập lại một sự cố thật đã kết thúc.",
            "Only a real incident that has ended is replayed.",
            ["ended"],
        )


def _check_codes(report: HandReport, procedure: Procedure) -> None:
    file = procedure.file
    for name, given, known in (
        ("impact", report.impact, file.impacts),
        ("scope", report.scope, file.scopes),
        ("detected_by", report.detected_by, file.detected_by),
    ):
        if given is not None and given not in known:
            listed = ", ".join(known)
            raise Refused(
                f"Không có {given}; cho phép: {listed}.",
                f"{given} is not defined; allowed: {listed}.",
                [name],
            )


def _check_pointer(report: HandReport) -> None:
    if report.summary_vi.strip() or report.summary_en.strip():
        raise Refused(
            "Nghi lộ, mất bí mật nhà nước: không mô tả nội dung, chỉ ghi số văn bản và người giữ.",
            "Suspected state secret: no summary, only a document's number and its custodian.",
            ["document", "custodian"],
        )
    if DOCUMENT.fullmatch(report.document.strip()) is None:
        raise document_refused()
    if NAME.fullmatch(report.custodian.strip()) is None:
        raise Refused(
            "Cần tên người giữ văn bản.", "The custodian's name is needed.", ["custodian"]
        )
