"""The words that may leave the network: a code, a severity, a class, a unit, a time; nothing else.

They are put together from the procedure's and the inventory's names alone, never from what an alert
or a person wrote. Of an incident that not everybody may see they say nothing at all, not even its
code; nor of one whose words are locked, a suspected state secret. Whatever looks like an address
all the same stops the whole text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from incidents.deadline_paging import next_duties
from incidents.discretion import DRILL_VI, is_drill, readers_of
from incidents.messages import REASON_WORDS, Words, one_line
from incidents.pointers import is_locked
from incidents.vietnamese import local_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incidents.deadline_rows import DeadlineRow
    from incidents.incident import Incident
    from incidents.procedure import Procedure

NOTHING_SAID = "Có việc cần xem ngay trên bảng theo dõi."
MAX_NAME_CHARACTERS = 60
# Source of the shapes: RFC 1123 (host names), RFC 4291 (IPv6), RFC 5322 (addresses), IEEE 802.
_LOOKS_LIKE_AN_ADDRESS = re.compile(
    r"\d{1,3}(?:\.\d{1,3}){3}"
    r"|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,}"
    r"|[0-9a-f]{2}(?:[-:][0-9a-f]{2}){5}"
    r"|[^\s@]+@[^\s@]+"
    r"|[a-z][a-z0-9+.-]*://"
    r"|\\\\\S"
    r"|[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)+\.[a-z]{2,}"
    r"|(?-i:[A-Za-z0-9-]{3,}\.[a-z]{2,})"  # one dot: names as P.Phan Thiết and TX.La Gi have it
    r"|CVE-\d",
    re.IGNORECASE,
)


def write_public(
    incident: Incident,
    reason: str,
    procedure: Procedure,
    rows: Sequence[DeadlineRow],
    facts: Sequence[str] = (),
) -> Words:
    """Return what a page or notice says on a public channel; the reason is its first word.

    Args:
        facts: What rules and inventory know: what was checked, the carrier's circuit.
    """
    word = REASON_WORDS[reason][0]
    if is_hidden(incident, procedure):
        return nothing()
    severity = procedure.severities[incident.severity]
    drill = f"{DRILL_VI} " if is_drill(incident, procedure) else ""
    head = f"{word} {drill}{incident.code} {incident.severity} {severity.vi}"
    said = [
        _class_name(incident, procedure),
        incident.unit_name or incident.unit,
        *facts,
        *_next_due(rows),
    ]
    if incident.acknowledged_at is None and not incident.ended:
        said.append(f"Trả lời: 1 {incident.code} nhận, 2 chuyển, 0 hỏi thêm")
    return _guarded(head, said)


def write_public_detail(
    incident: Incident,
    procedure: Procedure,
    rows: Sequence[DeadlineRow],
    facts: Sequence[str] = (),
    *,
    most: int = 3,
) -> Words:
    """Return what somebody who asks for more is told: the stage, and the next duties."""
    if is_hidden(incident, procedure):
        return nothing()
    severity = procedure.severities[incident.severity]
    head = f"{incident.code} {incident.severity} {severity.vi}"
    stage = procedure.stages[incident.stage].vi
    said = [
        _class_name(incident, procedure),
        incident.unit_name or incident.unit,
        *facts,
        f"từ {local_time(incident.started_at)}",
        f"giai đoạn {stage}",
        *_next_due(rows, most),
    ]
    return _guarded(head, said)


def is_hidden(incident: Incident, procedure: Procedure) -> bool:
    """Say whether nothing of an incident leaves: few may see it, or its words are locked."""
    return bool(readers_of(incident, procedure)) or is_locked(incident, (), procedure)


def is_sayable(text: str) -> bool:
    """Say whether a text holds nothing that looks like an address, a host, an account."""
    return _LOOKS_LIKE_AN_ADDRESS.search(text) is None


def _class_name(incident: Incident, procedure: Procedure) -> str:
    incident_class = procedure.classes.get(incident.class_code)
    return incident_class.vi if incident_class else ""


def _next_due(rows: Sequence[DeadlineRow], most: int = 1) -> list[str]:
    return [
        f"Hạn {row.vi.lower()}: {local_time(row.due_at)}"
        for row in next_duties(rows, most)
        if row.due_at is not None
    ]


def _guarded(head: str, said: Sequence[str]) -> Words:
    """Put it together; a name that looks like an address is left out rather than sent."""
    parts = [one_line(part)[:MAX_NAME_CHARACTERS] for part in said if part and is_sayable(part)]
    text = f"{head}: {'. '.join(parts)}." if parts else head
    return Words(head, f"{text}\n") if is_sayable(head) else nothing()


def nothing() -> Words:
    """Return the words that tell somebody to look, and nothing else."""
    return Words(NOTHING_SAID, f"{NOTHING_SAID}\n")
