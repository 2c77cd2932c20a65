"""A timeline in the words of a report: what people did, whom they told, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.state import Kind
from incidents.timeline import instant
from incidents.vietnamese import local_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from incidents.procedure import Procedure
    from incidents.timeline import Entry

SEALED = "(đã niêm phong)"
_MEASURES = {
    Kind.EVIDENCE_PRESERVED: "bảo vệ hiện trường, bảo quản chứng cứ",
    Kind.CONTAINED: "khoanh vùng, cô lập",
    Kind.TASK_DONE: "xong một việc được giao",
}
_ACTS = _MEASURES | {
    Kind.OPENED: "phát hiện sự cố",
    Kind.ACKNOWLEDGED: "tiếp nhận",
    Kind.CLASSIFIED: "phân loại",
    Kind.REPORTABLE_DECIDED: "quyết định báo cáo",
    Kind.MOVED: "chuyển giai đoạn",
    Kind.SEVERITY_CHANGED: "đổi mức độ",
    Kind.RECOVERED: "thiết bị, dịch vụ hoạt động trở lại",
    Kind.FIRED_AGAIN: "sự cố tái diễn",
    Kind.TOLD: "báo người có trách nhiệm",
    Kind.CLOSED: "kết thúc sự cố",
    Kind.REOPENED: "mở lại sự cố",
}


def measures(entries: Sequence[Entry]) -> list[str]:
    """Return a line for each measure that was taken, with its words; a waived one is none."""
    return [
        f"{local_time(entry.at)}: {_MEASURES[Kind(entry.kind)]}{_words(entry)}"
        for entry in entries
        if entry.kind in _MEASURES and not entry.data.get("waived")
    ]


def told(
    entries: Sequence[Entry], procedure: Procedure, ways: Mapping[str, str]
) -> list[list[str]]:
    """Return who was told, when and how, as rows."""
    names = {role.code: role.vi for role in procedure.file.roles}
    rows = []
    for entry in entries:
        if entry.kind == Kind.TOLD:
            data = entry.data
            role = names.get(data["role"], str(data["role"]))
            who = (entry.texts or {}).get("who", "")
            rows.append(
                [
                    f"{role}: {who}" if who else role,
                    local_time(instant(data["at"])),
                    ways.get(data["how"], str(data["how"])),
                ]
            )
    return rows


def story(entries: Sequence[Entry], procedure: Procedure, until: datetime) -> list[list[str]]:
    """Return what happened up to an instant as rows: when, who, what."""
    rows = []
    for entry in entries:
        if entry.kind in _ACTS and entry.at <= until:
            who = entry.actor.partition(":")[2] if entry.actor.startswith("person:") else "Máy"
            stage = procedure.stages.get(entry.data.get("to", ""))
            what = _ACTS[Kind(entry.kind)]
            if entry.kind in (Kind.MOVED, Kind.CLOSED) and stage is not None:
                what += f" sang “{stage.vi}”" if entry.kind == Kind.MOVED else ""
            elif entry.kind == Kind.SEVERITY_CHANGED:
                what += f" thành {entry.data.get('severity', entry.data.get('to', ''))}"
            rows.append([local_time(entry.at), who, what + _words(entry)])
    return rows


def _words(entry: Entry) -> str:
    """Return what was written in an entry, behind a colon; what was sealed is a hole."""
    if entry.texts is None:
        return f": {SEALED}"
    texts = entry.texts
    said = "; ".join(texts[name] for name in ("note", "where", "reason") if texts.get(name))
    return f": {said}" if said else ""
