"""Conference sessions out of an iCalendar file (RFC 5545): one event time, one session."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from icalendar import Calendar

from incidents.conditions import Refused
from incidents.local_time import instant_of
from incidents.sessions.model import Session
from incidents.sessions.planning import resolve
from incidents.sessions.recurrence import by_rule
from incidents.vietnamese import ZONE, search_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from incidents.sessions.model import Point
    from incidents.sessions.policy import SessionPolicy

MAX_BYTES = 1 << 20
MAX_EVENTS = 2_000
MOST_NAME = 200
# What a line of the description says, by its words before the colon without marks.
_SAYS = {
    "hang": "session_class", "class": "session_class", "chu tri": "chair", "chair": "chair",
    "diem cau": "points", "points": "points", "diem cau chinh": "main", "main": "main",
    "cau": "bridge", "bridge": "bridge", "ma phong": "conference", "conference": "conference",
    "loai": "kind", "kind": "kind",
}  # fmt: skip
_REHEARSAL = ("chay thu", "rehearsal", "tong duyet")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A session as something outside wants it; the same `occurrence` is the same session.

    Attributes:
        digest: Of everything that was said: another one is another plan.
        is_cancelled: It is said not to be held.
        unknown: Names that mean no point, or more than one.
    """

    session: Session
    digest: str
    is_cancelled: bool = False
    unknown: tuple[str, ...] = ()


def read(
    text: str, policy: SessionPolicy, now: datetime, until: datetime
) -> tuple[list[Wanted], list[str]]:
    """Return the sessions of a calendar that have not ended by now, and what is no session.

    An event is a session if it names points, by alias as well, or the policy has points for all.

    Raises:
        Refused: It is no calendar.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise _refused(f"nhiều hơn {MAX_BYTES} byte", f"more than {MAX_BYTES} bytes")
    try:
        events = Calendar.from_ical(text).walk("VEVENT")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise _refused(f"không đọc được: {error}", f"not readable: {error}") from error
    if not 0 < len(events) <= MAX_EVENTS:
        said = f"{len(events)} VEVENT, 1–{MAX_EVENTS}"
        raise _refused(said, said)
    moved = {
        (_text(event, "UID"), _instant(event.decoded("RECURRENCE-ID")))
        for event in events
        if event.get("RECURRENCE-ID") is not None
    }
    wanted: dict[str, Wanted] = {}
    notes: list[str] = []
    for event in events:
        try:
            for one in _of_event(event, policy, moved, now, until):
                wanted[one.session.occurrence] = one
        except (Refused, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            why = error.reason_vi if isinstance(error, Refused) else str(error)
            notes.append(f"{_text(event, 'SUMMARY')[:80] or 'VEVENT'}: {why}")
    return list(wanted.values()), notes


def _of_event(
    event: Any,
    policy: SessionPolicy,
    moved: set[tuple[str, datetime]],
    now: datetime,
    until: datetime,
) -> list[Wanted]:
    plan, unknown = _plan(event, policy)
    length = plan.ends_at - plan.starts_at
    uid = _text(event, "UID") or _digest(plan.name, plan.starts_at.isoformat())
    rule, own = event.get("RRULE"), event.get("RECURRENCE-ID")
    times = [plan.starts_at]
    if rule is not None and own is None:
        times = by_rule(rule.to_ical().decode(), plan.starts_at, until, without=_excluded(event))
    is_cancelled = _text(event, "STATUS").upper() == "CANCELLED"
    found = []
    for at in times:
        known_as = _instant(event.decoded("RECURRENCE-ID")) if own is not None else at
        is_series = rule is not None or own is not None
        if is_series and own is None and (uid, at) in moved:
            continue  # an event of its own says where this time has gone
        if at + length <= now or at >= until:
            continue
        occurrence = f"ics:{uid}|{known_as.isoformat() if is_series else ''}"
        one = replace(
            plan, starts_at=at, ends_at=at + length, occurrence=occurrence, series=f"ics:{uid}"
        )
        found.append(Wanted(one, digest_of(one), is_cancelled, unknown))
    return found


def _plan(event: Any, policy: SessionPolicy) -> tuple[Session, tuple[str, ...]]:
    start = _instant(event.decoded("DTSTART"))
    end = _end(event, start)
    said = _said(_text(event, "DESCRIPTION", lines=True))
    default = policy.file.default
    names = _names(said.get("points", ""))
    invited = [*_invited(event), *_names(_text(event, "LOCATION"))]
    points, unknown = _points(policy, names, invited, said.get("main", "") or default.main)
    if not points:
        listed = ", ".join((*names, *invited)[:5]) or "–"
        raise Refused(
            f"không có điểm cầu nào đã biết ({listed})", f"no point that is known ({listed})"
        )
    name = _text(event, "SUMMARY")[:MOST_NAME] or "Họp trực tuyến"
    given = said.get("session_class", "").strip().upper()[:1]
    about = search_key(said.get("kind", "") or name)
    is_rehearsal = default.kind == "rehearsal" or any(word in about for word in _REHEARSAL)
    session = Session(
        0,
        name,
        given if given in ("A", "B", "C") else default.session_class,  # type: ignore[arg-type]
        start,
        end,
        kind="rehearsal" if is_rehearsal else "official",
        chair=said.get("chair", default.chair)[:MOST_NAME],
        bridge=said.get("bridge", default.bridge).strip().lower(),
        conference=said.get("conference", default.conference)[:120],
        points=points,
    )
    return session, unknown


def _points(
    policy: SessionPolicy, names: list[str], invited: list[str], main: str
) -> tuple[tuple[Point, ...], tuple[str, ...]]:
    """Return the points that are meant, and which names of the list are not known.

    People who are invited are no points: what means none among them is left out without a word.
    """
    book = policy.book
    known = [name for name in (*names, *invited) if len(book.find(name)) == 1]
    chair = main if main and len(book.find(main)) == 1 else ""
    chosen = known or list(policy.file.default.points)
    unknown = tuple(name for name in names if len(book.find(name)) != 1)
    return (resolve(book, chosen, chair) if chosen else ()), unknown


def _said(description: str) -> dict[str, str]:
    found = {}
    for line in description.splitlines():
        word, colon, value = line.partition(":")
        field = _SAYS.get(search_key(word))
        if colon and field:
            found[field] = " ".join(value.split())
    return found


def _names(text: str) -> list[str]:
    return [name for part in re.split(r"[;,\n]", text) if (name := " ".join(part.split()))]


def _invited(event: Any) -> list[str]:
    found: list[str] = []
    for field in ("ATTENDEE", "RESOURCES"):
        value = event.get(field)
        many = value if isinstance(value, list) else [] if value is None else [value]
        for one in many:
            name = getattr(one, "params", {}).get("CN") or re.sub(r"(?i)^mailto:", "", str(one))
            found.append(" ".join(str(name).split()))
    return found


def _excluded(event: Any) -> list[datetime]:
    value = event.get("EXDATE")
    many = value if isinstance(value, list) else [] if value is None else [value]
    return [_instant(one.dt) for entry in many for one in entry.dts]


def _end(event: Any, start: datetime) -> datetime:
    if event.get("DTEND") is not None:
        return _instant(event.decoded("DTEND"))
    if event.get("DURATION") is not None:
        length: timedelta = event.decoded("DURATION")
        return start + length
    return start + timedelta(hours=1)


def _instant(value: date | datetime) -> datetime:
    if not isinstance(value, datetime):
        return instant_of(value, time(0), ZONE)
    if value.tzinfo is None:
        return instant_of(value.date(), value.time(), ZONE)
    return value.astimezone(UTC)


def _text(event: Any, name: str, *, lines: bool = False) -> str:
    value = event.get(name)
    if value is None:
        return ""
    return str(value) if lines else " ".join(str(value).split())


def digest_of(session: Session) -> str:
    """Return the digest of a plan: what was said of it, not what people made of it since."""
    said: Mapping[str, object] = {
        name: getattr(session, name)
        for name in ("name", "session_class", "kind", "chair", "bridge", "conference")
    }
    points = [(point.unit, point.name, point.is_main) for point in session.points]
    span = (session.starts_at.isoformat(), session.ends_at.isoformat())
    return _digest(*map(str, said.values()), *span, str(points))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _refused(why_vi: str, why_en: str) -> Refused:
    return Refused(f"Tệp lịch: {why_vi}.", f"The calendar: {why_en}.", ["ics"])
