"""From stage to stage: by the clock, by a person, always forward, and why not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from incidents.conditions import Refused
from incidents.incident import MACHINE
from incidents.sessions.log import LogEntry, LogKind
from incidents.sessions.model import NEXT, Session, Stage
from incidents.vietnamese import local_time

if TYPE_CHECKING:
    from datetime import datetime, timedelta

CLOCK = MACHINE + "sessions"
Why = Literal["", "not_held", "left_running"]
STAGE_VI: dict[Stage, str] = {
    Stage.PLANNED: "đã lên lịch",
    Stage.PRE_CHECK: "kiểm tra trước phiên",
    Stage.LIVE: "đang họp",
    Stage.ENDED: "đã kết thúc",
    Stage.REPORTED: "đã báo cáo",
    Stage.CANCELLED: "đã hủy",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """By which lengths of time the clock moves a session; see `SessionsFile`."""

    pre_check: timedelta
    not_held_after: timedelta
    left_running: timedelta


@dataclass(frozen=True, slots=True)
class Moved:
    """A session after a step, and what its log says of it; no entries: nothing changed."""

    session: Session
    entries: tuple[LogEntry, ...] = ()


def by_the_clock(session: Session, rules: Rules, now: datetime) -> Moved:
    """Return what a session is now if nobody does anything, however late the clock comes by.

    A moved session whose new time is far off goes back to what it was before its pre-check: the
    stage is one of the plan then, nothing of it has happened.
    """
    if session.stage is Stage.LIVE:
        if now >= (at := session.ends_at + rules.left_running):
            return _step(session, Stage.ENDED, CLOCK, at, now, "left_running")
        return Moved(session)
    if session.stage not in (Stage.PLANNED, Stage.PRE_CHECK):
        return Moved(session)
    if now >= (at := session.ends_at + rules.not_held_after):
        return _step(session, Stage.CANCELLED, CLOCK, at, now, "not_held")
    begins_at = session.starts_at - rules.pre_check
    if session.stage is Stage.PLANNED and now >= begins_at:
        return _step(session, Stage.PRE_CHECK, CLOCK, begins_at, now)
    if session.stage is Stage.PRE_CHECK and now < begins_at:
        return _step(session, Stage.PLANNED, CLOCK, now, now)
    return Moved(session)


def next_change_at(session: Session, rules: Rules) -> datetime | None:
    """Return when the clock moves a session next; None: never."""
    if session.stage is Stage.PLANNED:
        return session.starts_at - rules.pre_check
    if session.stage is Stage.PRE_CHECK:
        return session.ends_at + rules.not_held_after
    return session.ends_at + rules.left_running if session.stage is Stage.LIVE else None


def by_a_person(
    session: Session, wanted: Stage, actor: str, now: datetime, reason: str = ""
) -> Moved:
    """Return a session after somebody began, ended, cancelled or reported it.

    What is so already stays so and says nothing: a button that is pressed twice is pressed once.

    Raises:
        Refused: The stage cannot follow; says which it is, and what can.
    """
    if session.stage is wanted:
        return Moved(session)
    if wanted is Stage.REPORTED and session.stage is Stage.ENDED and session.closed_at is None:
        raise Refused(
            "Cần đóng nhật ký phiên trước khi ghi nhận đã báo cáo.",
            "The log of the session is closed before it counts as reported.",
            ["closed"],
        )
    if wanted not in NEXT[session.stage]:
        raise refusal(session, wanted)
    return _step(session, wanted, actor, now, now, reason=reason)


def refusal(session: Session, wanted: Stage) -> Refused:
    """Return why a session cannot go to a stage."""
    since = local_time(session.over_at or session.began_at or session.starts_at)
    can = [stage for stage in NEXT[session.stage] if stage is not Stage.PRE_CHECK]
    listed = ", ".join(STAGE_VI[stage] for stage in can) or "không còn bước nào"
    possible = ", ".join(stage.value for stage in can) or "nothing"
    return Refused(
        f"Phiên “{session.name}” {STAGE_VI[session.stage]} ({since}), không chuyển được sang "
        f"“{STAGE_VI[wanted]}”; có thể: {listed}.",
        f"The session {session.name!r} is {session.stage.value}; {wanted.value} does not follow. "
        f"Possible: {possible}.",
        ["stage"],
    )


def _step(
    session: Session,
    wanted: Stage,
    actor: str,
    at: datetime,
    now: datetime,
    why: Why = "",
    *,
    reason: str = "",
) -> Moved:
    changes: dict[str, datetime] = {}
    if wanted is Stage.LIVE:
        changes["began_at"] = at
    elif wanted is Stage.ENDED:
        changes["over_at"] = at
    data = {"from": session.stage.value, **({"why": why} if why else {})}
    entry = LogEntry(
        at, actor, LogKind.STAGE, code=wanted.value, data=data, text=reason, noted_at=now
    )
    return Moved(replace(session, stage=wanted, **changes), (entry,))  # type: ignore[arg-type]
