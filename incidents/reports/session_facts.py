"""What the report of a session is made of: who was there, what broke, what is left to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from incidents.sessions.log import LogKind
from incidents.sessions.minutes import lost_of
from incidents.sessions.quality import measured_in
from incidents.vietnamese import local_time, number

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from incidents.sessions.log import LogEntry
    from incidents.sessions.minutes import Fault, Lost
    from incidents.sessions.model import Point, Session
    from incidents.sessions.policy_parts import Threshold
    from incidents.sessions.quality import Figure, Measured

MOST_EARLIER = 5
NOTHING = "–"
WAYS = {"codec": "Thiết bị chuyên dụng", "software": "Máy tính", "telephone": "Điện thoại"}
KINDS = {"official": "chính thức", "rehearsal": "chạy thử"}
GOOD, FAIR, POOR = "Tốt", "Đạt", "Không đạt"
READY, NOT_READY = "Sẵn sàng", "Chưa sẵn sàng"
ANSWERS = {
    "good": "Hình, tiếng tốt", "no_picture": "Mất hình", "no_sound": "Mất tiếng",
    "neither": "Mất hình, tiếng", "bad_picture": "Hình kém", "bad_sound": "Tiếng kém",
    "absent": "Vắng", "later": "Hẹn lại",
}  # fmt: skip
# Figures that are graded, and the threshold of `sessions.yaml` that they are held against.
GRADED = {
    "loss_ratio": "loss_ratio", "call_loss_ratio": "loss_ratio",
    "jitter_seconds": "jitter_seconds", "rtt_seconds": "delay_seconds",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Broken:
    """An incident of the session, as its file says."""

    code: str
    title: str
    detected_at: datetime
    acknowledged_at: datetime | None
    recovered_at: datetime | None
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class PreCheck:
    """A record of a pre-check: when, by whom, and which places were ready, or not."""

    at: datetime
    actor: str
    verdicts: Mapping[int, bool]


@dataclass(frozen=True, slots=True)
class Told:
    """All that a report is made of.

    Attributes:
        names: Of symptoms in Vietnamese, by code; `losing`: those that cost minutes.
        said: By place, the code of what people said last in the roll call.
        earlier: The last sessions before it, each with its log, the newest first.
    """

    session: Session
    log: Sequence[LogEntry]
    names: Mapping[str, str]
    losing: Collection[str]
    thresholds: Mapping[str, Threshold]
    incidents: Sequence[Broken] = ()
    checks: Sequence[PreCheck] = ()
    said: Mapping[int, str] | None = None
    earlier: Sequence[tuple[Session, Sequence[LogEntry]]] = ()


def facts_of(told: Told, now: datetime) -> dict[str, Any]:
    """Return the facts by the codes of the report's fields, and the session's name as `ten`."""
    session = told.session
    lost = lost_of(session, told.log, told.losing, now)
    measured = measured_in(told.log)
    return {
        "ten": session.name,
        "phien": _about(session),
        "ke_hoach": f"{local_time(session.starts_at)} – {local_time(session.ends_at)}",
        "thuc_te": _actual(session),
        "diem_cau": [_point_row(point) for point in session.points],
        "kiem_tra_truoc": [_check_row(one, session) for one in told.checks] or "",
        "tham_du": [_attendance_row(told, point, lost, measured, now) for point in session.points],
        "nhat_ky": _journal(told, lost),
        "chat_luong": _quality(told, measured),
        "su_co": [_incident_row(one, lost) for one in told.incidents] or "Không có.",
        "phan_ung": _reaction(told.incidents, lost),
        "tong_so": _totals(told, lost, now),
        "bo_sot": _missed(told, lost),
        "so_sanh": list(_compared(told, lost, now)) if told.earlier else "Chưa có phiên trước.",
        "ton_tai": [_item_row(one) for one in told.log if one.kind is LogKind.ITEM] or "Không có.",
    }


def mended_at(one: Broken, faults: Sequence[Fault]) -> datetime | None:
    """Return when an incident was over: by its file, else when its last fault was called mended."""
    own = [fault.ended_at for fault in faults if fault.incident == one.code]
    ends = [at for at in own if at is not None]
    if one.recovered_at is not None:
        return one.recovered_at
    return max(ends) if own and len(ends) == len(own) else None


def grade(measured: Measured, thresholds: Mapping[str, Threshold]) -> str:
    """Return how good a point was by its worst hundredth; empty where nothing was measured."""
    worst = GOOD if any(name in measured.figures for name in GRADED) else ""
    for name, threshold in GRADED.items():
        figure, held = measured.figures.get(name), thresholds.get(threshold)
        if figure is None or held is None:
            continue
        value = figure.worst / 2 if name == "rtt_seconds" else figure.worst
        if value >= held.red:
            return POOR
        if value >= held.amber:
            worst = FAIR
    return worst


def minutes(seconds: float) -> str:
    """Return seconds as minutes: whole, or with one decimal."""
    return number(seconds / 60, 1) if round(seconds) % 60 else number(seconds / 60)


def _about(session: Session) -> str:
    main = ", ".join(point.name for point in session.points if point.is_main)
    parts = [
        f"Hạng {session.session_class}, {KINDS[session.kind]}",
        f"chủ trì: {session.chair or NOTHING}",
        f"điểm cầu chính: {main or NOTHING}",
    ]
    if session.conference:
        parts.append(f"mã phòng họp: {session.conference}")
    return "; ".join(parts)


def _actual(session: Session) -> str:
    if session.began_at is None or session.over_at is None:
        return ""
    return f"{local_time(session.began_at)} – {local_time(session.over_at)}"


def _point_row(point: Point) -> list[str]:
    name = point.name + (" (chính)" if point.is_main else "")
    confirmed = "Đã xác nhận" if point.is_confirmed else "Chưa xác nhận"
    technician = ", ".join(filter(None, (point.technician, point.phone))) or NOTHING
    return [str(point.order), name, WAYS[point.way], technician, confirmed]


def _check_row(one: PreCheck, session: Session) -> list[str]:
    names = {point.order: point.name for point in session.points}
    bad = [names[place] for place, ready in one.verdicts.items() if not ready and place in names]
    before = round((session.starts_at - one.at).total_seconds() / 60)
    found = f"{len(one.verdicts) - len(bad)}/{len(one.verdicts)} điểm cầu sẵn sàng"
    return [local_time(one.at), f"{number(before)} phút", found, ", ".join(bad) or NOTHING]


def _attendance_row(
    told: Told,
    point: Point,
    lost: Lost,
    measured: Mapping[int, Measured] | None,
    now: datetime,
) -> list[str]:
    session, seconds = told.session, lost.by_point.get(point.order, 0)
    there = (measured or {}).get(point.order)
    presence = there.presence if there is not None else None
    checked = told.checks[-1].verdicts.get(point.order) if told.checks else None
    answer = (told.said or {}).get(point.order, "")
    # Neither measured, nor answered for, nor complained of: nobody knows.
    is_known = presence is not None or bool(answer) or seconds > 0
    return [
        str(point.order),
        point.name,
        NOTHING if checked is None else READY if checked else NOT_READY,
        ANSWERS.get(answer, NOTHING),
        _clock(session, presence.joined_at) if presence else NOTHING,
        _clock(session, presence.left_at) if presence else NOTHING,
        str(presence.times - 1) if presence else NOTHING,
        minutes(seconds),
        _available(seconds, _length(session, now)) if is_known else NOTHING,
    ]


def _journal(told: Told, lost: Lost) -> list[list[str]] | str:
    if not lost.faults:
        closed = next((one for one in told.log if one.kind is LogKind.CLOSED), None)
        return "Không có sự cố." if closed is not None and closed.data.get("clean") else ""
    names = {point.order: point.name for point in told.session.points}
    by_entry = {entry.id: entry.actor for entry in told.log}
    return [
        [
            local_time(fault.began_at)[-5:],
            NOTHING if fault.ended_at is None else local_time(fault.ended_at)[-5:],
            names.get(fault.point, "Cả phiên"),
            told.names.get(fault.code, fault.code),
            "; ".join(filter(None, (fault.action, fault.fallback))) or NOTHING,
            minutes(fault.lost_seconds),
            by_entry.get(fault.entry, "").partition(":")[2] or NOTHING,
            fault.incident or NOTHING,
        ]
        for fault in lost.faults
    ]


def _quality(told: Told, measured: Mapping[int, Measured] | None) -> list[list[str]] | str:
    if measured is None:
        return ""
    rows = []
    for point in told.session.points:
        one = measured.get(point.order)
        if one is None or not one.figures:
            rows.append([point.name, *[NOTHING] * 4, "Không đo được"])
            continue
        own = [_pair(one.figures.get(name), *how) for name, how in _PRINTED.items()]
        rows.append([point.name, *own, grade(one, told.thresholds)])
    return rows


# Figure → by what its value is multiplied, and decimals.
_PRINTED = {
    "loss_ratio": (100, 2), "jitter_seconds": (1000, 0), "rtt_seconds": (1000, 0),
    "call_loss_ratio": (100, 2),
}  # fmt: skip


def _pair(figure: Figure | None, times: int, decimals: int) -> str:
    if figure is None:
        return NOTHING
    return f"{number(figure.average * times, decimals)} / {number(figure.worst * times, decimals)}"


def _incident_row(one: Broken, lost: Lost) -> list[str]:
    mended = mended_at(one, lost.faults)
    return [
        one.code,
        one.title,
        local_time(one.detected_at),
        _after(one.detected_at, one.acknowledged_at),
        _after(one.detected_at, mended),
        "Đã đóng" if one.is_closed else "Đang mở",
    ]


def _reaction(incidents: Sequence[Broken], lost: Lost) -> str:
    if not incidents:
        return ""
    taken = [(one.detected_at, one.acknowledged_at) for one in incidents]
    mended = [(one.detected_at, mended_at(one, lost.faults)) for one in incidents]
    return f"Trung bình: tiếp nhận sau {_mean(taken)}, khôi phục sau {_mean(mended)}."


def _totals(told: Told, lost: Lost, now: datetime) -> str:
    points = len(told.session.points)
    whole = _length(told.session, now) * points
    return (
        f"{len(lost.faults)} hiện tượng, {len(told.incidents)} sự cố; gián đoạn "
        f"{minutes(lost.seconds)} phút tính trên các điểm cầu; "
        f"tỷ lệ sẵn sàng chung {_available(lost.seconds, whole)}."
    )


def _missed(told: Told, lost: Lost) -> str:
    if not told.checks:
        return "Không có biên bản kiểm tra trước phiên."
    names = {point.order: point.name for point in told.session.points}
    ready = {place for place, is_ready in told.checks[-1].verdicts.items() if is_ready}
    missed = sorted({fault.point for fault in lost.faults} & ready)
    return ", ".join(names[place] for place in missed if place in names) or "Không."


def _compared(told: Told, lost: Lost, now: datetime) -> Iterator[list[str]]:
    before = [(session, lost_of(session, log, told.losing, now)) for session, log in told.earlier]
    for session, one in [(told.session, lost), *before[:MOST_EARLIER]]:
        points = len(session.points)
        yield [
            local_time(session.began_at or session.starts_at),
            session.name,
            str(points),
            str(len(one.faults)),
            minutes(one.seconds),
            _available(one.seconds, _length(session, now) * points),
        ]


def _item_row(entry: LogEntry) -> list[str]:
    owner, due = str(entry.data.get("owner", "")), str(entry.data.get("due", ""))
    return [entry.text, owner or "……", due or "……"]


def _clock(session: Session, seconds: float) -> str:
    zone = session.starts_at.tzinfo
    return local_time(session.starts_at.fromtimestamp(seconds, zone))[-5:]


def _length(session: Session, now: datetime) -> float:
    if session.began_at is None:
        return 0.0
    return ((session.over_at or now) - session.began_at).total_seconds()


def _available(lost_seconds: float, length_seconds: float) -> str:
    if not length_seconds:
        return NOTHING
    return f"{number(100 * (1 - min(1.0, lost_seconds / length_seconds)), 1)} %"


def _after(start: datetime, end: datetime | None) -> str:
    return NOTHING if end is None else f"{minutes((end - start).total_seconds())} phút"


def _mean(spans: Sequence[tuple[datetime, datetime | None]]) -> str:
    known = [(end - start).total_seconds() for start, end in spans if end is not None]
    return f"{minutes(sum(known) / len(known))} phút" if known else "chưa có số liệu"
