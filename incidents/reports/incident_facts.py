"""What the machine fills into reports about an incident: its timeline told in words, no guesses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from incidents.commands.tell import HOW
from incidents.reports.incident_story import measures, story, told
from incidents.reports.sections import DRILL
from incidents.reports.wording import length, moment
from incidents.state import PERSON
from incidents.vietnamese import local_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from incidents.deadline_rows import DeadlineRow
    from incidents.incident import Incident
    from incidents.procedure import Procedure
    from incidents.timeline import Entry

WAYS = {option.code: option.vi for option in HOW}
_DONE = {
    "chua_den_han": "Chưa đến hạn",
    "sap_den_han": "Sắp đến hạn",
    "qua_han": "Quá hạn",
    "hoan_thanh_dung_han": "Đúng hạn",
    "hoan_thanh_tre": "Trễ",
    "khong_con_ap_dung": "Không còn áp dụng",
}


@dataclass(frozen=True, slots=True)
class Before:
    """A report that was made earlier: its number as it is written, and until when it tells."""

    numbered: str
    told_until: datetime


@dataclass(frozen=True, slots=True)
class About:
    """One incident with everything that a report tells of it.

    Attributes:
        rows: Its deadlines.
        unit_names: The names of units by code.
        initial: Its last initial report that was signed, `progress` its progress reports in order.
    """

    incident: Incident
    entries: Sequence[Entry]
    procedure: Procedure
    rows: Sequence[DeadlineRow] = ()
    unit_names: Mapping[str, str] | None = None
    initial: Before | None = None
    progress: tuple[Before, ...] = ()
    is_drill: bool = False


def facts_of(about: About, now: datetime) -> dict[str, Any]:
    """Return what the fields of every report about an incident say as of now, by their codes.

    A field of which nothing is known is not there: it stays for a person.
    """
    found = {**_what_it_is(about), **_how_it_went(about, now), **_since_then(about, now)}
    found["bao_cao_luc"] = moment(now)
    return {code: value for code, value in found.items() if value}


def _what_it_is(about: About) -> dict[str, Any]:
    incident, file = about.incident, about.procedure.file
    names = about.unit_names or {}
    units = ", ".join(names.get(unit, unit) for unit in incident.units)
    scope = file.scopes.get(incident.scope)
    where = [scope.vi] if scope else []
    where += [f"đơn vị: {units}"] if units else []
    where += [f"thiết bị: {incident.host}"] if incident.host else []
    found_by = incident.work.detected_by or ("agent" if incident.rule else "")
    by = file.detected_by.get(found_by)
    a_class = about.procedure.classes.get(incident.class_code)
    severity = about.procedure.severities.get(incident.severity)
    session = incident.around.in_session
    return {
        "ten": incident.summary_vi,
        "ten_su_co": incident.summary_vi,
        "ma_su_co": incident.code,
        DRILL: about.is_drill or bool(a_class and a_class.drill),
        "loai": a_class.vi if a_class else incident.class_code,
        "muc_do": f"{severity.vi} ({incident.severity})" if severity else incident.severity,
        "mo_ta": incident.summary_vi,
        "pham_vi": "; ".join(where),
        "pham_vi_anh_huong": "; ".join(where),
        "cach_phat_hien": by.vi if by else "",
        "phat_hien_luc": moment(incident.detected_at),
        "xay_ra_luc": moment(incident.started_at)
        if incident.started_at < incident.detected_at
        else "",
        "anh_huong_hoi_nghi": "" if session is None else _session(session),
    }


def _session(session: Any) -> str:
    points = ", ".join(session.point_names)
    return f"Phiên “{session.name}”" + (f", điểm cầu: {points}" if points else "")


def _how_it_went(about: About, now: datetime) -> dict[str, Any]:
    incident, procedure = about.incident, about.procedure
    stage = procedure.stages.get(incident.stage)
    state = stage.vi if stage else incident.stage
    if incident.recovered_at:
        state += f"; thiết bị, dịch vụ hoạt động trở lại lúc {local_time(incident.recovered_at)}"
    cause = procedure.file.root_causes.get(incident.root_cause or "")
    done = measures(about.entries)
    restored = restored_at(incident, procedure)
    people = [name.removeprefix(PERSON) for name in sorted(incident.handlers)]
    people += sorted({name for name, _ in told_roles(about)})
    return {
        "hien_trang": state,
        "bien_phap": "\n".join(done),
        "bien_phap_khac_phuc": "\n".join(done),
        "da_thong_bao": told(about.entries, procedure, WAYS),
        "nguyen_nhan": cause.vi if cause else "",
        "nguyen_nhan_so_bo": cause.vi if cause else "",
        "nguyen_nhan_goc": cause.vi if cause else "",
        "khoi_phuc_luc": moment(restored) if restored else "",
        "ket_thuc_luc": moment(incident.ended_at) if incident.ended_at else "",
        "tong_gian_doan": length(restored - incident.started_at) if restored else "",
        "dien_bien": story(about.entries, procedure, now),
        "ben_tham_gia": ", ".join(dict.fromkeys(people)),
        "thoi_han": [_deadline(row, now) for row in about.rows if row.due_at is not None],
        "phe_duyet": incident.work.final_approved_by.removeprefix(PERSON),
    }


def told_roles(about: About) -> list[tuple[str, str]]:
    """Return the roles that were told, by name, and their codes."""
    names = {role.code: role.vi for role in about.procedure.file.roles}
    return [(names.get(one.role, one.role), one.role) for one in about.incident.work.told]


def restored_at(incident: Incident, procedure: Procedure) -> datetime | None:
    """Return when service was back: when it first reached that stage after it last left it.

    What machines saw recovered counts where nobody moved it there.
    """
    after = procedure.after_restoring
    found: datetime | None = None
    for visit in incident.clocks.visits:
        if visit.stage not in after:
            found = None
        elif found is None:
            found = visit.at
    return found or incident.recovered_at


def _since_then(about: About, now: datetime) -> dict[str, Any]:
    incident, names = about.incident, about.procedure.file.evidence.kinds
    pieces = [
        f"{piece.name or names[piece.kind].vi if piece.kind in names else piece.kind}"
        f" (SHA-256 {piece.sha256})"
        for piece in incident.evidence.values()
        if piece.holding == "held"
    ]
    last = about.progress[-1] if about.progress else about.initial
    since = last.told_until if last else incident.detected_at
    coming = [
        (row.due_at, row.vi)
        for row in about.rows
        if row.is_running and row.deadline.report and row.due_at is not None and row.due_at > now
    ]
    due = min(coming, default=None)
    return {
        "gui_kem": "\n".join(pieces),
        "tai_lieu": "\n".join(pieces),
        "chung_cu": "\n".join(pieces),
        "lan_thu": str(len(about.progress) + 1),
        "so_bc_truoc": last.numbered if last else "",
        "so_bc_ban_dau": about.initial.numbered if about.initial else "",
        "ky_bao_cao": f"Từ {local_time(since)} đến {local_time(now)}",
        "bc_tiep": f"{local_time(due[0])} ({due[1]})" if due else "",
    }


def _deadline(row: DeadlineRow, now: datetime) -> list[str]:
    assert row.due_at is not None
    state = _DONE[row.state(now).value]
    late = row.late_by(now)
    if late and row.stopped_at is None:
        state += f" {length(late)}"
    why = []
    if row.extension is not None:
        why.append(f"gia hạn, {row.extension.approver.removeprefix(PERSON)} duyệt")
    if row.missed_before:
        why.append(f"trước đó trễ {row.missed_before} lần")
    done = local_time(row.met_at) if row.met_at else ""
    return [row.vi, local_time(row.due_at), done, state, "; ".join(why)]
