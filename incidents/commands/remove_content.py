"""Content of an ended incident removed after its time: hashes, dates, basis and approver stay."""

from dataclasses import dataclass
from datetime import datetime

from incidents.commands.command import Action, Ask, Command, Situation, Spec
from incidents.commands.fields import Words
from incidents.conditions import Refused, need_reason, reason_texts
from incidents.state import Draft, Kind
from incidents.timeline import microseconds
from incidents.vietnamese import local_time


@dataclass(frozen=True, slots=True)
class RemoveContent(Command):
    """Remove all words and evidence of an ended incident whose time is over."""

    reason: Words


def decide(situation: Situation, wish: RemoveContent) -> list[Draft]:
    """Return the entry that removes; nothing is removed a day too early."""
    incident = situation.incident
    until = kept_until(situation)
    if until is None:
        raise Refused("Sự cố chưa kết thúc.", "The incident has not ended.", ["ended"])
    if situation.now < until:
        raise Refused(
            f"Nội dung còn phải lưu đến {local_time(until)}.",
            f"Its content is kept until {local_time(until)}.",
            ["retention"],
        )
    if incident.is_emptied:
        raise Refused("Nội dung đã hủy.", "Its content was removed already.", ["entries"])
    entries = [seq for seq in range(1, incident.last_seq + 1) if seq not in incident.holes]
    need_reason(wish.reason)
    rule = situation.procedure.file.retention
    held = {p.sha256 for p in incident.evidence.values() if p.holding != "removed"}
    data = {
        "entries": entries,
        "evidence": sorted(held),
        "ended_at": microseconds(incident.ended_at) if incident.ended_at else None,
        "file_years": rule.file_years,
        "mark": rule.mark,
        "basis": rule.basis,
        "ruleset": situation.procedure.id,
    }
    return [Draft(Kind.CONTENT_REMOVED, data, reason_texts(wish.reason))]


def kept_until(situation: Situation) -> datetime | None:
    """Return until when the content of an incident is kept; None: it has not ended."""
    ended_at = situation.incident.ended_at
    if ended_at is None or not situation.incident.ended:
        return None
    return years_after(ended_at, situation.procedure.file.retention.file_years)


def years_after(at: datetime, years: int) -> datetime:
    """Return the same day so many years later; 29 February becomes 1 March."""
    try:
        return at.replace(year=at.year + years)
    except ValueError:
        return at.replace(year=at.year + years, month=3, day=1)


def buttons(situation: Situation) -> list[Action]:
    """Return the form once its time is over and something is left."""
    until = kept_until(situation)
    if until is None or situation.now < until or situation.incident.is_emptied:
        return []
    label_vi, label_en = "Hủy nội dung đã hết hạn lưu", "Remove content after its time"
    asks = (Ask("reason"),)
    return [Action("remove_content", label_vi, label_en, act="retention", group="file", asks=asks)]


REMOVE_CONTENT = Spec("remove_content", RemoveContent, "retention", decide, buttons, any_stage=True)
