"""What technicians enter during a session, and how its log is closed."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - the API reads the types when it starts
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from incidents.conditions import Refused
from incidents.sessions.log import ENTERED, LogEntry, LogKind
from incidents.sessions.model import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incidents.sessions.model import Session
    from incidents.sessions.policy import SessionPolicy

# A browser's clock is corrected by what it says at sending; what is left may be this wrong.
AHEAD = timedelta(minutes=2)
# Rehearsing and switching on begins the day before.
EARLIEST = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Draft:
    """One entry as a client gives it; `at` None: now."""

    kind: LogKind
    at: datetime | None = None
    point: int = 0
    code: str = ""
    text: str = ""
    incident: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""


def true_instant(at: datetime, sent_at: datetime | None, now: datetime) -> datetime:
    """Return when something happened, whatever the clock of the client: its offset cancels."""
    return at if sent_at is None else now - (sent_at - at)


def checked(
    draft: Draft, session: Session, policy: SessionPolicy, actor: str, now: datetime
) -> LogEntry:
    """Return a draft as an entry; one that came after the log was closed says so.

    Raises:
        Refused: The kind is not entered by hand, the point or symptom is unknown, or it lies in the
            future or long before the session.
    """
    if draft.kind not in ENTERED:
        listed = ", ".join(sorted(ENTERED))
        raise Refused(
            f"Không tự ghi được loại “{draft.kind}”; cho phép: {listed}.",
            f"{draft.kind} is not entered by hand; allowed: {listed}.",
            ["kind"],
        )
    if draft.point and session.point(draft.point) is None:
        raise Refused(
            f"Phiên không có điểm cầu số {draft.point}.",
            f"The session has no point {draft.point}.",
            ["point"],
        )
    if draft.kind is LogKind.SYMPTOM and draft.code not in policy.symptoms:
        listed = ", ".join(policy.symptoms)
        raise Refused(
            f"Không có hiện tượng “{draft.code}”; cho phép: {listed}.",
            f"No symptom {draft.code!r}; allowed: {listed}.",
            ["code"],
        )
    at = draft.at or now
    first = (session.began_at or session.starts_at) - EARLIEST
    if at > now + AHEAD or at < min(first, now - EARLIEST):
        raise Refused(
            "Thời điểm ghi nằm ngoài phiên hoặc trong tương lai.",
            "The instant lies outside of the session or ahead of now.",
            ["at"],
        )
    is_late = session.closed_at is not None
    data = {**draft.data, **({"after_closing": True} if is_late else {})}
    return LogEntry(
        min(at, now), actor, draft.kind, point=draft.point, code=draft.code, text=draft.text,
        incident=draft.incident, data=data, key=draft.key,
    )  # fmt: skip


def closing(
    session: Session,
    log: Iterable[LogEntry],
    actor: str,
    now: datetime,
    policy: SessionPolicy,
    *,
    is_clean: bool,
) -> LogEntry | None:
    """Return the entry that closes a log; None: it is closed already.

    Args:
        is_clean: Somebody says that nothing happened ("Không có sự cố"): said, never assumed.

    Raises:
        Refused: The session goes on, or what is said of faults contradicts the log.
    """
    if session.closed_at is not None:
        return None
    if session.stage is not Stage.ENDED or session.over_at is None:
        raise Refused(
            "Chỉ đóng nhật ký sau khi phiên kết thúc.",
            "A log is closed after the end of its session.",
            ["stage"],
        )
    faults = sum(1 for entry in log if entry.kind is LogKind.SYMPTOM)
    if is_clean and faults:
        raise Refused(
            f"Nhật ký có {faults} hiện tượng; không ghi “Không có sự cố” được.",
            f"The log has {faults} symptoms; it cannot be closed as without faults.",
            ["is_clean"],
        )
    if not is_clean and not faults:
        raise Refused(
            "Nhật ký không có hiện tượng nào; cần ghi rõ “Không có sự cố”, hoặc bổ sung sự cố.",
            "The log has no symptom: say that there was no fault, or enter it.",
            ["is_clean"],
        )
    late = now > session.over_at + policy.file.close_within
    data = {"clean": is_clean, "faults": faults, "late": late}
    return LogEntry(now, actor, LogKind.CLOSED, data=data)
