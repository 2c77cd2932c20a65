"""The words that go with the report of the day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from incidents.messages import cut, one_line
from incidents.reports.daily import sections_of, sentence_of
from incidents.reports.kinds.daily import facts_of
from incidents.window_messages import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

REASON = "daily_report"


def write(facts: Mapping[str, Any], subject: str, console_url: str) -> Notice:
    """Return the first line of the report, what each list counts, and where all of it is."""
    found, day = facts_of(facts), date.fromisoformat(subject)
    sentence = sentence_of(found)
    lines = [
        sentence,
        "",
        *(one_line(f"{one.title}: {one.counted}") for one in sections_of(found)),
        "",
        "Báo cáo do hệ thống giám sát lập tự động, chưa ký.",
        *([f"{console_url}/daily?day={subject}"] if console_url else []),
        "",
        one_line(f"REPORT OF THE DAY {day:%d/%m/%Y}; not signed."),
    ]
    subject_line = f"BÁO CÁO NGÀY {day:%d/%m/%Y} · {sentence}"
    return Notice(REASON, cut(one_line(subject_line)), "\n".join(lines) + "\n")
