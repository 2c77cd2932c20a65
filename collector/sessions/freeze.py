"""Maintenance that would fall into a session or a peak period: refused, or warned of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from collector.hours.expected import Expected
from collector.hours.hours import parse_hours
from incidents.conditions import Refused
from incidents.vietnamese import ZONE, local_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.storage.mutes import NewMute
    from incidents.sessions.model import Session
    from incidents.sessions.policy import SessionPolicy
    from incidents.sessions.policy_parts import Freezes, Peak
    from incidents.sessions.presence import Presence

# How finely a series of windows is held against a session: hours are written in quarters.
STEP = timedelta(minutes=5)
DESPITE = "despite_session"


@dataclass(frozen=True, slots=True)
class Frozen:
    """What stands in the way of a window, and whether that can be overridden."""

    what_vi: str
    what_en: str
    how: Freezes


def in_the_way(
    new: NewMute, sessions: Iterable[Session], policy: SessionPolicy, presence: Presence
) -> list[Frozen]:
    """Return what a window would fall into: sessions by their class, peak periods by the policy."""
    found = []
    for session in sessions:
        how = policy.class_of(session.session_class).freezes
        if session.is_over or how == "none" or session.kind == "rehearsal":
            continue
        starts_at = session.starts_at - policy.file.pre_check
        if _overlaps(new, starts_at, session.ends_at) and _concerns(new, session, presence):
            span = f"{local_time(session.starts_at)} – {local_time(session.ends_at)}"
            name, grade = session.name, session.session_class
            found.append(
                Frozen(
                    f"phiên hạng {grade} “{name}” ({span})",
                    f"the class {grade} session {name!r} ({span})",
                    how,
                )
            )
    for peak in policy.file.peaks:
        starts_at, ends_at = _span(peak)
        if peak.freezes != "none" and _overlaps(new, starts_at, ends_at):
            days = f"{peak.start:%d/%m/%Y} – {peak.end:%d/%m/%Y}"
            found.append(
                Frozen(f"đợt cao điểm “{peak.vi}” ({days})", f"{peak.en} ({days})", peak.freezes)
            )
    return found


def check(frozen: list[Frozen], *, despite: bool) -> None:
    """Refuse a window that something stands in the way of; a warning can be overridden.

    Raises:
        Refused: Naming the sessions and periods; `despite_session` is needed where that suffices.
    """
    firm = [one for one in frozen if one.how == "refuse"]
    if not firm and (despite or not frozen):
        return
    shown = firm or frozen
    vi, en = "; ".join(o.what_vi for o in shown), "; ".join(o.what_en for o in shown)
    if firm:
        raise Refused(
            f"Không bảo trì trong {vi}; cần chọn giờ khác.",
            f"No maintenance during {en}; choose another time.",
            ["starts_at", "ends_at"],
        )
    raise Refused(
        f"Bảo trì này rơi vào {vi}. Vẫn cần làm thì xác nhận “vẫn lập lịch”.",
        f"This falls into {en}. Confirm it if it must be done all the same.",
        [DESPITE],
    )


def _concerns(new: NewMute, session: Session, presence: Presence) -> bool:
    if new.agent:
        return new.agent in presence.nodes_of(session)
    return not new.unit or new.unit in session.units


def _span(peak: Peak) -> tuple[datetime, datetime]:
    first = datetime.combine(peak.start, datetime.min.time(), tzinfo=ZONE)
    last = datetime.combine(peak.end + timedelta(days=1), datetime.min.time(), tzinfo=ZONE)
    return first, last


def _overlaps(new: NewMute, starts_at: datetime, ends_at: datetime) -> bool:
    first, last = max(new.starts_at, starts_at), min(new.ends_at, ends_at)
    if first >= last:
        return False
    if not new.weekly:
        return True
    expected = Expected(parse_hours(new.weekly))
    return any(
        expected.contain(at.astimezone(ZONE), is_patient=False) for at in _every(first, last)
    )


def _every(first: datetime, last: datetime) -> Iterator[datetime]:
    while first < last:
        yield first
        first += STEP
