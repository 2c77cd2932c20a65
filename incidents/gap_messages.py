"""The words of a warning that nobody will be on call, before it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.messages import cut, one_line
from incidents.oncall import GapKind
from incidents.vietnamese import local_time
from incidents.window_messages import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from incidents.oncall import Gap

REASON = "oncall_gap"
WORDS: dict[GapKind, tuple[str, str]] = {
    GapKind.NOBODY: ("chưa có người trực", "nobody is on call"),
    GapKind.NO_BACKUP: ("chưa có người trực dự phòng", "nobody stands behind"),
    GapKind.UNREACHABLE: ("không có cách liên lạc với", "cannot be reached:"),
}


def write(gaps: Sequence[Gap], names: Mapping[str, str], console_url: str) -> Notice:
    """Return one message about all of them, the worst first, then the soonest.

    Args:
        names: What the schedules are called.
    """
    ordered = sorted(gaps, key=lambda gap: (list(WORDS).index(gap.kind), gap.starts_at))
    lines = [
        "LỊCH TRỰC CÒN TRỐNG:",
        *(f"- {_line(gap, names, 0)}" for gap in ordered),
        *([f"{console_url}/oncall"] if console_url else []),
        "",
        "GAPS IN THE DUTY ROSTER:",
        *(f"- {_line(gap, names, 1)}" for gap in ordered),
    ]
    more = f" và {len(ordered) - 1} chỗ nữa" if len(ordered) > 1 else ""
    subject = f"LỊCH TRỰC CÒN TRỐNG · {_line(ordered[0], names, 0)}{more}"
    return Notice(REASON, cut(one_line(subject)), "\n".join(lines) + "\n")


def _line(gap: Gap, names: Mapping[str, str], language: int) -> str:
    words = WORDS[gap.kind][language] + (f" {gap.person}" if gap.person else "")
    span = f"{local_time(gap.starts_at)} – {local_time(gap.ends_at)}"
    holiday = (", ngày nghỉ", ", holiday")[language] if gap.is_holiday else ""
    return one_line(f"{names.get(gap.schedule, gap.schedule)}: {words}, {span}{holiday}")
