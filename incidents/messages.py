"""The words of a page and of a notice: Vietnamese first, one English line below.

The reason is the first word of the subject, so that a telephone's lock screen shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from incidents.paging import NotifyReason
from incidents.vietnamese import local_time

if TYPE_CHECKING:
    from incidents.in_session import InSession
    from incidents.incident import Incident
    from incidents.procedure import Procedure

MOST_POINTS = 8
MAX_SUBJECT_CHARACTERS = 160
REPEATED_VI = "lặp lại"

REASON_WORDS: dict[str, tuple[str, str]] = {
    NotifyReason.FIRST: ("MỚI", "NEW"),
    NotifyReason.REPEAT: ("NHẮC LẠI", "REMINDER"),
    NotifyReason.SEVERITY_RAISED: ("TĂNG MỨC", "SEVERITY RAISED"),
    NotifyReason.NEW_UNIT: ("THÊM ĐƠN VỊ", "NEW UNIT"),
    NotifyReason.FIRED_AGAIN: ("TÁI PHÁT", "FIRED AGAIN"),
    NotifyReason.DEADLINE_WARNING: ("SẮP ĐẾN HẠN", "DUE SOON"),
    NotifyReason.DEADLINE_MISSED: ("QUÁ HẠN TIẾP NHẬN", "ACKNOWLEDGEMENT OVERDUE"),
    NotifyReason.ACKNOWLEDGEMENT_EXPIRED: ("TIẾP NHẬN HẾT HIỆU LỰC", "ACKNOWLEDGEMENT EXPIRED"),
    NotifyReason.DUTY_DUE_SOON: ("SẮP ĐẾN HẠN", "DUE SOON"),
    NotifyReason.DUTY_OVERDUE: ("QUÁ HẠN", "OVERDUE"),
    NotifyReason.RECOVERED: ("ĐÃ KHÔI PHỤC", "RECOVERED"),
    NotifyReason.ESCALATED: ("CHUYỂN CẤP", "ESCALATED"),
    NotifyReason.PASSED_ON: ("ĐƯỢC CHUYỂN TIẾP", "PASSED ON"),
    NotifyReason.ACKNOWLEDGEMENT_AWAITED: ("CHỜ XÁC NHẬN", "ACKNOWLEDGEMENT AWAITED"),
    NotifyReason.FOUND_OUT: ("KẾT QUẢ KIỂM TRA", "CHECKED"),
}


# An acknowledged incident for which somebody's acknowledgement is still waited for.
_AWAITED = frozenset({NotifyReason.PASSED_ON, NotifyReason.ACKNOWLEDGEMENT_AWAITED})
_WHY: dict[str, str] = {
    NotifyReason.ESCALATED: "Bậc trước chưa có ai trả lời, nên chuyển tiếp tin này.",
    NotifyReason.PASSED_ON: "Người được gọi trước đã chuyển tiếp việc này.",
    NotifyReason.ACKNOWLEDGEMENT_AWAITED: "Từng người được gọi đều phải tự tiếp nhận.",
}


@dataclass(frozen=True, slots=True)
class Words:
    """What a message says."""

    subject: str
    body: str


def write(incident: Incident, reason: str, procedure: Procedure, console_url: str) -> Words:
    """Return the words of a page, or of the notice of a recovery.

    Args:
        console_url: Where the console is, without a slash at its end; may be empty.
    """
    first_vi, first_en = REASON_WORDS[reason]
    severity = procedure.severities[incident.severity]
    where = " · ".join(
        part for part in (incident.unit_name or incident.unit, incident.host) if part
    )
    head = [first_vi, incident.code, f"{incident.severity} {severity.vi}", where]
    subject = " · ".join([*head, incident.summary_vi])
    english = (
        f"{first_en}: {incident.code} {incident.severity} {severity.en}. {incident.summary_en}. "
        f"{_what_now_en(incident)}"
    )
    lines = [
        *_facts(incident, procedure, first_vi, where),
        "",
        *_found(incident),
        *_what_now(incident, reason, console_url),
        "",
        one_line(english),
    ]
    return Words(cut(one_line(subject)), "\n".join(lines) + "\n")


def one_line(text: str) -> str:
    """Return `text` without line breaks and other control characters: it may stand in a header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def repeated_subject(subject: str) -> str:
    """Return the subject of a message that may have arrived before; its first word stays first."""
    return f"{subject} ({REPEATED_VI})"


def _facts(incident: Incident, procedure: Procedure, first: str, where: str) -> list[str]:
    severity = procedure.severities[incident.severity]
    incident_class = procedure.classes.get(incident.class_code)
    facts = [
        ("", f"{first}: {incident.summary_vi}"),
        ("Mã sự cố", incident.code),
        ("Mức độ", f"{incident.severity} {severity.vi}"),
        ("Loại", incident_class.vi if incident_class else incident.class_code),
        ("Đơn vị, thiết bị", where),
        ("Từ", local_time(incident.started_at)),
        ("Phát hiện", local_time(incident.detected_at)),
    ]
    part = incident.around.in_session
    if part is not None and part.left_at is None:
        facts.append(("Phiên hội nghị", f"{part.name} · điểm cầu: {listed_points(part)}"))
    if incident.acknowledged_at is None and incident.acknowledge_due_at is not None:
        facts.append(("Hạn tiếp nhận", local_time(incident.acknowledge_due_at)))
    if incident.recovered_at is not None:
        facts.append(("Khôi phục", local_time(incident.recovered_at)))
    return [f"{label}: {one_line(text)}" if label else one_line(text) for label, text in facts]


def listed_points(part: InSession) -> str:
    """Return the points that are hit, by name; of many the first and how many more."""
    names = part.point_names[:MOST_POINTS]
    more = len(part.point_names) - len(names)
    return ", ".join(names) + (f" và {more} điểm nữa" if more else "")


def _found(incident: Incident) -> list[str]:
    """Return what was found out by itself, a line each, and an empty one behind."""
    if not incident.found:
        return []
    return ["Đã tự kiểm tra:", *(f"- {one_line(line)}" for line in incident.found), ""]


def _what_now(incident: Incident, reason: str, console_url: str) -> list[str]:
    lines: list[str] = []
    if reason == NotifyReason.RECOVERED:
        lines.append("Sự cố đã tự khôi phục nhưng chưa kết thúc: cần người kiểm tra và kết thúc.")
    if reason in _WHY:
        lines.append(_WHY[reason])
    if incident.acknowledged_at is None or reason in _AWAITED:
        if incident.recovered_at is None:
            lines.append("Tin nhắn lặp lại cho đến khi có người tiếp nhận.")
        lines.append("Tiếp nhận trên bảng theo dõi, hoặc: wanwatch incident ack " + incident.code)
    if console_url:
        lines.append(f"{console_url}/incidents/{incident.code}")
        if incident.runbook and reason != NotifyReason.RECOVERED:
            lines.append(f"Hướng dẫn xử lý: {console_url}/runbooks/{incident.runbook}")
    return lines


def _what_now_en(incident: Incident) -> str:
    if incident.acknowledged_at is not None:
        return "It is acknowledged and still open."
    if incident.recovered_at is not None:
        return "It recovered; a person must still acknowledge and close it."
    return "Acknowledge it in the console; this repeats until somebody does."


def cut(text: str) -> str:
    """Return a subject that a telephone and a mail server take."""
    if len(text) <= MAX_SUBJECT_CHARACTERS:
        return text
    return text[: MAX_SUBJECT_CHARACTERS - 1].rstrip() + "…"
