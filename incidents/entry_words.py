"""What an entry says, as one sentence in Vietnamese and one in English, for the timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidents.incident import Kind
from incidents.messages import REASON_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from incidents.procedure import Procedure
    from incidents.timeline import Entry

Sentence = tuple[str, str]
SEALED: Sentence = ("(nội dung đã niêm phong)", "(words sealed)")


def sentence(entry: Entry, procedure: Procedure) -> Sentence:
    """Return the words of an entry; who and when stand beside it."""
    say = _WORDS.get(entry.kind)
    if say is None:
        return entry.kind, entry.kind
    vi, en = say(entry.data, procedure)
    if entry.texts is None:
        return f"{vi} {SEALED[0]}", f"{en} {SEALED[1]}"
    said_vi = entry.texts.get("summary_vi") or entry.texts.get("note") or entry.texts.get("reason")
    said_en = entry.texts.get("summary_en") or entry.texts.get("note") or entry.texts.get("reason")
    return (f"{vi}: {said_vi}" if said_vi else vi), (f"{en}: {said_en}" if said_en else en)


def _stage(code: str, procedure: Procedure) -> Sentence:
    stage = procedure.stages.get(code)
    return (stage.vi, stage.en) if stage else (code, code)


def _opened(data: Mapping[str, Any], _procedure: Procedure) -> Sentence:
    severity = data["severity"]
    return f"Mở sự cố mức {severity}", f"Opened as {severity}"


def _alert(vi: str, en: str) -> Callable[[Mapping[str, Any], Procedure], Sentence]:
    def words(data: Mapping[str, Any], _procedure: Procedure) -> Sentence:
        where = data.get("host") or data.get("unit_name") or ""
        return f"{vi} ({where})" if where else vi, f"{en} ({where})" if where else en

    return words


def _plain(vi: str, en: str) -> Callable[[Mapping[str, Any], Procedure], Sentence]:
    return lambda _data, _procedure: (vi, en)


def _moved(data: Mapping[str, Any], procedure: Procedure) -> Sentence:
    (from_vi, from_en), (to_vi, to_en) = (_stage(data[end], procedure) for end in ("from", "to"))
    parent = f" ({data['parent']})" if "parent" in data else ""
    return f"Chuyển từ “{from_vi}” sang “{to_vi}”{parent}", f"{from_en} → {to_en}{parent}"


def _closed(data: Mapping[str, Any], procedure: Procedure) -> Sentence:
    cause = procedure.file.root_causes.get(data.get("root_cause", ""))
    vi, en = "Kết thúc sự cố", "Closed"
    if cause is not None:
        vi, en = f"{vi}, nguyên nhân gốc: {cause.vi}", f"{en}, root cause: {cause.en}"
    if "through" in data:
        through = [_stage(code, procedure) for code in data["through"]]
        vi += f" (qua {', '.join(name for name, _ in through)})"
        en += f" (through {', '.join(name for _, name in through)})"
    return vi, en


def _severity(data: Mapping[str, Any], _procedure: Procedure) -> Sentence:
    before, after = data["severity_before"], data["severity"]
    why = f"{data['impact']} × {data['scope']}"
    if before == after:
        return f"Mức giữ {after} ({why})", f"Severity stays {after} ({why})"
    return f"Mức {before} → {after} ({why})", f"Severity {before} → {after} ({why})"


def _notified(data: Mapping[str, Any], _procedure: Procedure) -> Sentence:
    names = ", ".join(f"{name} ({channel})" for name, channel in data["recipients"])
    reason_vi, reason_en = REASON_WORDS.get(data["reason"], (data["reason"], data["reason"]))
    return f"Báo {names}: {reason_vi}", f"Told {names}: {reason_en}"


_WORDS: dict[str, Callable[[Mapping[str, Any], Procedure], Sentence]] = {
    Kind.OPENED: _opened,
    Kind.ALERT_JOINED: _alert("Thêm cảnh báo cùng nguyên nhân", "One more alert of this cause"),
    Kind.FIRED_AGAIN: _alert("Cảnh báo tái phát", "Fired again"),
    Kind.ALERT_RECOVERED: _plain("Một cảnh báo đã hết", "An alert recovered"),
    Kind.RECOVERED: _plain("Đã khôi phục, chưa kết thúc", "Recovered, not closed"),
    Kind.ACKNOWLEDGED: _plain("Tiếp nhận", "Acknowledged"),
    Kind.NOTE: _plain("Ghi chú", "Note"),
    Kind.MOVED: _moved,
    Kind.REOPENED: _moved,
    Kind.CLOSED: _closed,
    Kind.SEVERITY_CHANGED: _severity,
    Kind.NOTIFIED: _notified,
    Kind.DEADLINE_WARNED: _plain("Sắp quá hạn tiếp nhận", "Acknowledgement due soon"),
    Kind.DEADLINE_MISSED: _plain("Quá hạn tiếp nhận", "Acknowledgement overdue"),
}
