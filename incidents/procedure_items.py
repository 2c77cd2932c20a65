"""The numbers of a ruleset one by one: what each rests on, and whether somebody confirmed it.

An item is confirmed by its content: a ruleset that changes elsewhere keeps the confirmation, and a
number that changes has to be confirmed again.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from incidents.procedure import Procedure
from incidents.terms import Term

RULE = "rule"


class Words(NamedTuple):
    """The same in both languages."""

    vi: str
    en: str


# Terms that are no length of time: on which list a duty stands, or until when.
_LISTS = {
    "daily": Words("báo cáo ngày", "daily report"),
    "monthly": Words("báo cáo tháng", "monthly report"),
    "same_day": Words("trong ngày làm việc", "the same working day"),
}
_WHOM = {
    "screen": Words("màn hình", "screen"),
    "owner": Words("người phụ trách", "owner"),
    "backup": Words("người dự phòng", "backup"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One number of a ruleset, or one small table of them.

    Attributes:
        code: `PART` or `PART.CODE`, as `wanwatch procedure confirm` takes it.
        value, value_en: Its numbers, for people.
        is_law: Its number is one of law; else it is a proposal.
        digest: Of its content.
        confirmed: The file says so, or a person confirmed it.
    """

    code: str
    vi: str
    en: str
    value: str
    value_en: str
    is_law: bool
    basis: str
    digest: str
    confirmed: bool
    confirmed_by: str = ""
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a person confirmed: an item by its content."""

    item: str
    digest: str
    by: str
    at: datetime


def items(
    procedure: Procedure, confirmations: Mapping[tuple[str, str], Confirmation] | None = None
) -> list[Item]:
    """Return every number of a ruleset, in the order of the file.

    Args:
        confirmations: By item and digest.
    """
    known = confirmations or {}
    return [_with(item, known.get((item.code, item.digest))) for item in _items(procedure)]


def _with(item: Item, made: Confirmation | None) -> Item:
    if made is None:
        return item
    return replace(item, confirmed=True, confirmed_by=made.by, confirmed_at=made.at)


def _items(procedure: Procedure) -> Iterator[Item]:
    file = procedure.file
    cells = ", ".join(
        f"{impact}×{scope}={severity}"
        for impact, row in file.matrix.cells.items()
        for scope, severity in row.items()
    )
    yield _item("matrix", "Ma trận mức độ", "Severity matrix", cells, file.matrix)
    for modifier in file.modifiers:
        up = f"+{modifier.up}" if modifier.up else ""
        least = f"≥ {modifier.at_least}" if modifier.at_least else ""
        value = " ".join(part for part in (up, least) if part)
        yield _item(f"modifiers.{modifier.code}", modifier.vi, modifier.en, value, modifier)
    names = ", ".join(file.quick_close.severities)
    yield _item("quick_close", "Kết thúc nhanh", "Close at once", names, file.quick_close)
    within = _term(file.containment.reason_within)
    what = ("Lý do cô lập khẩn cấp", "Reason of an emergency isolation")
    yield _item("containment", *what, within, file.containment)
    yield from _clock_items(procedure)
    yield from _evidence_items(procedure)


def _clock_items(procedure: Procedure) -> Iterator[Item]:
    file = procedure.file
    points = _joined(
        (f"{point.percent} % → {tell.vi}", f"{point.percent} % → {tell.en}")
        for point in file.warnings.points
        for tell in (_tell(procedure, point.tell),)
    )
    yield _item("warnings", "Mốc cảnh báo thời hạn", "Warning points", points, file.warnings)
    for deadline in file.deadlines:
        terms = _joined(
            (f"{severity} {words.vi}", f"{severity} {words.en}")
            for severity, term in deadline.due.items()
            if term is not None
            for words in (_term(term),)
        )
        yield _item(f"deadlines.{deadline.code}", deadline.vi, deadline.en, terms, deadline)
    presumed = _joined(
        (f"{severity}: {named.vi}", f"{severity}: {named.en}")
        for severity, grounds in file.reportable.presumed.items()
        if grounds
        for named in (_joined((file.grounds[g].vi, file.grounds[g].en) for g in grounds),)
    )
    what = ("Căn cứ khi chưa quyết định", "Grounds while undecided")
    yield _item("reportable", *what, presumed, file.reportable)
    for duty in file.live_session:
        yield _item(f"live_session.{duty.code}", duty.vi, duty.en, _term(duty.term), duty)
    for number, hours in enumerate(file.calendar.hours):
        spans = ", ".join(f"{start:%H:%M}-{end:%H:%M}" for start, end in hours.spans)
        value = f"{hours.start:%d/%m/%Y}: {spans}"
        yield _item(f"calendar.{number}", "Giờ làm việc", "Office hours", value, hours)
    yield from _day_items(procedure)


def _day_items(procedure: Procedure) -> Iterator[Item]:
    calendar = procedure.file.calendar
    days = [day for day in (*calendar.holidays, *calendar.working_days) if day.mark]
    for year in sorted({day.day.year for day in days}):
        chosen = [day for day in days if day.day.year == year]
        value = ", ".join(f"{day.day:%d/%m}" for day in chosen)
        yield Item(
            code=f"calendar.days_{year}",
            vi=f"Ngày nghỉ, ngày làm bù {year}",
            en=f"Holidays and swapped days of {year}",
            value=value,
            value_en=value,
            is_law=all(day.mark == RULE for day in chosen),
            basis="",
            digest=_digest([day.model_dump(mode="json") for day in chosen]),
            confirmed=all(day.confirmed for day in chosen),
        )


def _evidence_items(procedure: Procedure) -> Iterator[Item]:
    file = procedure.file
    for required in file.evidence.required:
        value = ", ".join(required.severities)
        yield _item(f"evidence.{required.code}", required.vi, required.en, value, required)
    years = file.retention.file_years
    kept = Words(f"{years} năm", f"{years} years")
    yield _item("retention", "Thời hạn lưu hồ sơ", "How long a file is kept", kept, file.retention)


def _joined(parts: Iterable[tuple[str, str]]) -> Words:
    found = list(parts)
    return Words(", ".join(vi for vi, _ in found), ", ".join(en for _, en in found))


def _term(term: Term | str) -> Words:
    if isinstance(term, str):
        return _LISTS.get(term, Words(term, term))
    return Words(term.words_vi, term.words_en)


def _tell(procedure: Procedure, tell: str) -> Words:
    role = next((role for role in procedure.file.roles if role.code == tell), None)
    return _WHOM.get(tell, Words(tell, tell)) if role is None else Words(role.vi, role.en)


def _item(code: str, vi: str, en: str, value: Words | str, part: Any) -> Item:
    words = Words(value, value) if isinstance(value, str) else value
    content = part.model_dump(mode="json", exclude={"confirmed"})
    return Item(
        code=code,
        vi=vi,
        en=en,
        value=words.vi,
        value_en=words.en,
        is_law=part.mark == RULE,
        basis=part.basis,
        digest=_digest(content),
        confirmed=part.confirmed,
    )


def _digest(content: object) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def unconfirmed(found: list[Item]) -> list[Item]:
    """Return the items that nobody has confirmed yet; a number of law needs it as well."""
    return [item for item in found if not item.confirmed]
