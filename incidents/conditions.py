"""The conditions of a transition: what must be given, by whom, and the words of a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incidents.state import is_person

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from incidents.causes import HandReport
    from incidents.commands.command import Situation
    from incidents.procedure import Procedure
    from incidents.procedure_file import Need, Transition
    from incidents.state import Draft, Incident

# The fields that a move may carry; what a person types freely is its reason.
FIELDS = ("root_cause", "disposition", "parent")


class Refused(Exception):
    """The procedure does not allow it now; `needed` names the conditions that failed."""

    def __init__(self, reason_vi: str, reason_en: str, needed: Sequence[str] = ()) -> None:
        super().__init__(reason_en)
        self.reason_vi = reason_vi
        self.reason_en = reason_en
        self.needed = tuple(needed)


class NotAllowed(Refused):
    """Whoever asks lacks the role for an act that is about no incident."""


def check_hand_report(report: HandReport, actor: str, now: datetime) -> None:
    """Refuse a report by hand that no person makes, that says nothing or that is not yet true.

    Raises:
        Refused: Saying what is needed.
    """
    if not is_person(actor):
        raise Refused("Chỉ con người được báo sự cố.", "Only a person reports by hand.", ["person"])
    if not (report.summary_vi.strip() or report.document.strip()):
        raise Refused("Cần mô tả sự cố.", "A summary is needed.", ["summary"])
    if report.detected_at > now:
        raise Refused(
            "Thời điểm phát hiện ở tương lai.", "Detection lies in the future.", ["detected_at"]
        )


def check_parent(drafts: Sequence[Draft], knows_code: Callable[[str], bool]) -> None:
    """Refuse a duplicate whose parent does not exist.

    Raises:
        Refused: Naming the code that nobody knows.
    """
    for draft in drafts:
        parent = draft.data.get("parent")
        if parent is not None and not knows_code(parent):
            raise Refused(f"Không có sự cố {parent}.", f"No incident {parent}.", ["parent"])


def met(
    situation: Situation, way: Sequence[Transition], reason: str, fields: Mapping[str, str]
) -> dict[str, Any]:
    """Return what an entry keeps of the conditions of `way`.

    Raises:
        Refused: Naming every condition that failed.
    """
    incident, procedure = situation.incident, situation.procedure
    needs = {need for move in way for need in move.needs}
    data: dict[str, Any] = {}
    failed: list[Refused] = []
    if "reason" in needs and not reason.strip():
        failed.append(Refused("Cần ghi lý do.", "A reason is needed.", ["reason"]))
    for name in FIELDS:
        if name in needs or fields.get(name):
            outcome = _field(name, fields.get(name, ""), incident, procedure)
            if isinstance(outcome, Refused):
                failed.append(outcome)
            else:
                data[name] = outcome
    failed += unmet(situation, way)
    if failed:
        raise Refused(
            " ".join(r.reason_vi for r in failed),
            " ".join(r.reason_en for r in failed),
            [need for r in failed for need in r.needed],
        )
    return data


def unmet(situation: Situation, way: Sequence[Transition]) -> list[Refused]:
    """Return what stands against `way` whatever is typed: who approves, what the file lacks."""
    failed = [same_person(situation.incident, move, situation.persons) for move in way]
    needs = {need for move in way for need in move.needs if _applies(situation, move, need)}
    failed += [why for need, why in situation.facts.unmet.items() if need in needs]
    return [refused for refused in failed if refused is not None]


def _applies(situation: Situation, move: Transition, need: Need) -> bool:
    only = move.severities.get(need)
    return only is None or situation.incident.severity in only


def _field(name: str, given: str, incident: Incident, procedure: Procedure) -> str | Refused:
    file = procedure.file
    if name == "parent":
        if given.strip() and given.strip() != incident.code:
            return given.strip()
        return Refused(
            "Cần mã sự cố gốc.", "The code of the parent incident is needed.", ["parent"]
        )
    if name == "root_cause":
        table, chosen = file.root_causes, given or incident.root_cause or ""
        what_vi, what_en = "nguyên nhân gốc", "root cause"
    else:
        table, chosen = file.dispositions, given or next(iter(file.dispositions), "")
        what_vi, what_en = "kết luận", "disposition"
    if chosen in table:
        return chosen
    listed = ", ".join(f"{code} ({names.vi})" for code, names in table.items())
    return Refused(
        f"Cần {what_vi}: {listed}.", f"A {what_en} is needed: {', '.join(table)}.", [name]
    )


def same_person(incident: Incident, move: Transition, persons: frozenset[str]) -> Refused | None:
    """Return the refusal of a person who would approve what they handled, or for whom they act."""
    need: Need = "other_person"
    same = sorted(persons & incident.handlers)
    if need not in move.needs or not same:
        return None
    only = move.severities.get(need)
    if only is not None and incident.severity not in only:
        return None
    return Refused(
        f"Sự cố {incident.severity} phải do người khác phê duyệt: {name_of(same[0])} đã xử lý.",
        f"{incident.severity} needs another person's approval: {name_of(same[0])} handled it.",
        [need],
    )


def need_reason(reason: str) -> None:
    """Refuse an empty reason.

    Raises:
        Refused: Saying that it is needed.
    """
    if not reason.strip():
        raise Refused("Cần ghi lý do.", "A reason is needed.", ["reason"])


def need_open(incident: Incident) -> None:
    """Refuse what is only possible before the end.

    Raises:
        Refused: The incident has ended.
    """
    if incident.ended:
        raise Refused(
            f"Sự cố {incident.code} đã kết thúc; cần mở lại trước.",
            f"{incident.code} has ended; reopen it first.",
            ["open"],
        )


def reason_texts(reason: str) -> dict[str, str]:
    """Return the words of an entry that carries a reason."""
    return {"reason": reason.strip()} if reason.strip() else {}


def name_of(actor: str | None) -> str:
    """Return the name in `person:NAME`."""
    return (actor or "").partition(":")[2]
