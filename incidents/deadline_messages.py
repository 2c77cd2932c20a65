"""The words of a message about deadlines: what is due, and the next duties with their times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.deadline_paging import next_duties
from incidents.messages import REASON_WORDS, Words, cut, one_line
from incidents.procedure_clocks import DUE
from incidents.vietnamese import local_time

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from incidents.deadline_paging import Telling
    from incidents.deadline_rows import DeadlineRow
    from incidents.procedure import Procedure
    from incidents.state import Incident

OF_LAW, PROPOSED = "quy định", "đề xuất"


def write_duties(
    incident: Incident,
    telling: Telling,
    rows: Sequence[DeadlineRow],
    procedure: Procedure,
    console_url: str,
    now: datetime,
) -> Words:
    """Return the words of one message; the reason is the first word of its subject."""
    named = {code: percent for code, _, percent in telling.named}
    due = sorted((row for row in rows if row.code in named), key=lambda row: row.due_at or now)
    first_vi, first_en = REASON_WORDS[telling.reason]
    severity = procedure.severities[incident.severity]
    what = "; ".join(f"{row.vi} {_when(row)}" for row in due)
    head = [first_vi, incident.code, f"{incident.severity} {severity.vi}", what]
    following = next_duties(
        (row for row in rows if row.code not in named), procedure.file.warnings.next_shown
    )
    lines = [f"{first_vi}: {one_line(incident.summary_vi)}", f"Mã sự cố: {incident.code}"]
    lines += [_line(row, named[row.code], procedure) for row in due]
    if following:
        lines.append("Việc tiếp theo:")
        lines += [_line(row, 0, procedure) for row in following]
    if console_url:
        lines.append(f"{console_url}/incidents/{incident.code}#deadlines")
    english = "; ".join(f"{row.en} {_when(row)}" for row in due)
    lines += ["", f"{first_en}: {incident.code} {incident.severity} {severity.en}. {english}."]
    return Words(cut(one_line(" · ".join(head))), "\n".join(lines) + "\n")


def _when(row: DeadlineRow) -> str:
    return "" if row.due_at is None else local_time(row.due_at)


def _line(row: DeadlineRow, percent: int, procedure: Procedure) -> str:
    """Return one duty: its name, when it is due, who acts, and whether its number is law."""
    who = next((role.vi for role in procedure.file.roles if role.code == row.who), row.who)
    mark = OF_LAW if row.mark == "rule" else PROPOSED
    late = "đã quá hạn, hạn" if percent >= DUE else "hạn"
    return f"- {row.vi}: {late} {_when(row)} ({who}; {mark})"
