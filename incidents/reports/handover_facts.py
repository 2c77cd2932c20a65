"""What the minutes of a handover say, from the document that both sides signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidents.handover import FIELDS
from incidents.reports.sections import WRITTEN
from incidents.reports.wording import moment
from incidents.state import PERSON
from incidents.timeline import instant
from incidents.vietnamese import local_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from incidents.handover import Signature
    from incidents.procedure import Procedure

NOTHING = "Không có."
_SIDES = {"outgoing": "Người giao", "incoming": "Người nhận"}


def facts_of(
    schedule: str,
    document: Mapping[str, Any],
    words: Mapping[str, str],
    signatures: Sequence[Signature],
    procedure: Procedure,
    sessions: Sequence[tuple[str, str]],
) -> dict[str, Any]:
    """Return what the fields say, by their codes.

    Args:
        document: What the service filled in when the shift began.
        words: What people wrote, by field.
        sessions: Conference sessions of the shift to come: what, and from when to when.
    """
    signed = {one.side: one for one in signatures}
    facts: dict[str, Any] = {
        "lich_truc": schedule,
        "ca_giao": _shift(document["outgoing"]),
        "ca_nhan": _shift(document["incoming"]),
        "su_co_mo": [_incident(one, procedure) for one in document["incidents"]] or NOTHING,
        "canh_bao_chua_tiep_nhan": ", ".join(document["unacknowledged"]) or NOTHING,
        "bao_cao_den_han": [_coming(one) for one in document["deadlines"]] or NOTHING,
        "lich": [
            *([what, when] for what, when in sessions),
            *(_coming(one) for one in document["windows"]),
        ]
        or NOTHING,
        "nguoi_giao": document["outgoing"]["primary"],
        "nguoi_nhan": document["incoming"]["primary"],
        WRITTEN: [field for field in FIELDS if words.get(field)],
    }
    facts |= {field: words[field] for field in FIELDS if words.get(field)}
    if len(signed) == len(_SIDES):
        facts["xac_nhan"] = "\n".join(_signature(one) for one in signatures)
        facts["nguoi_giao"] = signed["outgoing"].actor.removeprefix(PERSON)
        facts["nguoi_nhan"] = signed["incoming"].actor.removeprefix(PERSON)
    return facts


def _shift(shift: Mapping[str, Any]) -> str:
    start, end = instant(shift["starts_at"]), instant(shift["ends_at"])
    who = shift["primary"] + (f"; dự phòng: {shift['backup']}" if shift["backup"] else "")
    return f"{shift['name']}, {local_time(start)} – {local_time(end)}: {who}"


def _incident(one: Mapping[str, Any], procedure: Procedure) -> list[str]:
    severity, stage = procedure.severities.get(one["severity"]), procedure.stages.get(one["stage"])
    weight = severity.vi if severity else one["severity"]
    due = one["next_due_at"]
    return [
        f"{one['code']}: {one['title_vi']}",
        f"{weight}; {stage.vi if stage else one['stage']}",
        one["next_vi"] + (f", {local_time(instant(due))}" if due is not None else ""),
        one["holder"] or "chưa ai tiếp nhận",
    ]


def _coming(one: Mapping[str, Any]) -> list[str]:
    until = one.get("until")
    when = local_time(instant(one["at"]))
    return [one["what_vi"], when + (f" – {local_time(instant(until))}" if until else "")]


def _signature(one: Signature) -> str:
    name = one.actor.removeprefix(PERSON)
    said = f"{_SIDES[one.side]} {name} đã ký lúc {moment(one.at)}"
    if one.accepted:
        said += f"; nhận đích danh: {', '.join(one.accepted)}"
    return said + "."
