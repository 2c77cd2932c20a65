"""Minutes of a drill, to sign: its times against the clocks, beside those of the real incident."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents import deadlines
from incidents.deadline_rows import State
from incidents.state import PERSON, Kind
from incidents.vietnamese import local_time, person_sort_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from incidents.deadline_rows import DeadlineRow
    from incidents.incident import Incident
    from incidents.procedure import Procedure
    from incidents.timeline import Entry

_STATES = {
    State.NOT_DUE: "chưa đến hạn",
    State.DUE_SOON: "sắp đến hạn",
    State.OVERDUE: "quá hạn",
    State.ON_TIME: "đúng hạn",
    State.LATE: "trễ hạn",
    State.STOPPED: "không còn áp dụng",
}
_ACTS = {
    Kind.ACKNOWLEDGED: "tiếp nhận",
    Kind.MOVED: "chuyển giai đoạn",
    Kind.EVIDENCE_PRESERVED: "bảo quản chứng cứ",
    Kind.CONTAINED: "khoanh vùng, cô lập",
    Kind.REPORTABLE_DECIDED: "quyết định báo cáo",
    Kind.TOLD: "báo người có trách nhiệm",
    Kind.CLOSED: "kết thúc",
}
_DOTS = "." * 60


def minutes(
    drill: Incident,
    entries: Sequence[Entry],
    procedure: Procedure,
    now: datetime,
    source: Incident | None = None,
    source_rows: Sequence[DeadlineRow] = (),
) -> str:
    """Return the minutes as plain text; `source` is the incident that was replayed, if any."""
    rows = deadlines.rows(drill, procedure)
    real = {row.code: row for row in source_rows}
    lines = [
        "BIÊN BẢN DIỄN TẬP ỨNG PHÓ SỰ CỐ",
        "(Minutes of an incident-response drill. Không ghi nội dung bí mật nhà nước.)",
        "",
        f"Mã diễn tập: {drill.code}",
        f"Nội dung: {drill.summary_vi}",
        f"Theo quy trình: {procedure.id} ({procedure.file.title.vi})",
        f"Bắt đầu: {local_time(drill.detected_at)}",
        f"Kết thúc: {local_time(drill.ended_at) if drill.ended_at else 'chưa kết thúc'}",
    ]
    replay = drill.work.replay
    if replay is not None:
        lines.append(
            f"Diễn lại sự cố: {replay.source}, nhịp {replay.pace_percent} % thời gian thực"
        )
    lines += ["", "I- THỜI GIAN THỰC HIỆN SO VỚI THỜI HẠN", ""]
    lines += [_row(row, real.get(row.code), now) for row in rows if row.due_at is not None]
    if source is not None:
        lines += ["", f"(trong ngoặc: kết quả của sự cố thật {source.code})"]
    lines += ["", "II- DIỄN BIẾN", ""]
    lines += [_act(entry, procedure) for entry in entries if entry.kind in _ACTS]
    acted = {e.actor.removeprefix(PERSON) for e in entries if e.actor.startswith(PERSON)}
    people = sorted(acted, key=person_sort_key)
    lines += ["", "III- NGƯỜI THAM GIA", "", *(f"- {name}" for name in people)]
    lines += ["", "IV- NHẬN XÉT, KIẾN NGHỊ", "", _DOTS, _DOTS, ""]
    lines += ["Người trực ký, ghi rõ họ tên          Chỉ huy ứng phó ký, ghi rõ họ tên", "", ""]
    return "\n".join(lines)


def _row(row: DeadlineRow, real: DeadlineRow | None, now: datetime) -> str:
    text = f"- {row.vi}: hạn {_term(row.due_at, row.start_at)}; {_outcome(row, now)}"
    return text if real is None else f"{text} ({_outcome(real, now)})"


def _outcome(row: DeadlineRow, now: datetime) -> str:
    state = _STATES[row.state(now)]
    if row.met_at is None:
        return state
    late = row.late_by(now)
    after = f"thực hiện sau {_length(row.met_at - row.start_at)}, {state}"
    return f"{after} {_length(late)}" if late else after


def _act(entry: Entry, procedure: Procedure) -> str:
    to = entry.data.get("to", "")
    stage = procedure.stages.get(to)
    where = f" sang “{stage.vi}”" if stage is not None else ""
    who = entry.actor.partition(":")[2]
    return f"- {local_time(entry.at)}: {who} {_ACTS[Kind(entry.kind)]}{where}"


def _term(due_at: datetime | None, start_at: datetime) -> str:
    return "–" if due_at is None else f"sau {_length(due_at - start_at)} ({local_time(due_at)})"


def _length(span: timedelta) -> str:
    seconds = max(0, round(span.total_seconds()))
    days, seconds = divmod(seconds, 86_400)
    hours, seconds = divmod(seconds, 3_600)
    minutes_, seconds = divmod(seconds, 60)
    parts = ((days, "ngày"), (hours, "giờ"), (minutes_, "phút"), (seconds, "giây"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 giây"
