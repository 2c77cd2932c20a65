"""The numbers of a ruleset one by one: what each rests on, and whether somebody confirmed it.

An item is confirmed by its content: a ruleset that changes elsewhere keeps the confirmation, and a
number that changes has to be confirmed again.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from incidents.procedure import Procedure

RULE = "rule"


@dataclass(frozen=True, slots=True)
class Item:
    """One number of a ruleset, or one small table of them.

    Attributes:
        code: `PART` or `PART.CODE`, as `wanwatch procedure confirm` takes it.
        value: Its numbers as written, for people.
        is_law: Its number is one of law; else it is a proposal.
        digest: Of its content.
        confirmed: The file says so, or a person confirmed it.
    """

    code: str
    vi: str
    en: str
    value: str
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
        value = " ".join(
            part
            for part in (
                f"+{modifier.up}" if modifier.up else "",
                f"≥ {modifier.at_least}" if modifier.at_least else "",
            )
            if part
        )
        yield _item(f"modifiers.{modifier.code}", modifier.vi, modifier.en, value, modifier)
    names = ", ".join(file.quick_close.severities)
    yield _item("quick_close", "Kết thúc nhanh", "Close at once", names, file.quick_close)
    within = file.containment.reason_within
    yield _item(
        "containment",
        "Lý do cô lập khẩn cấp",
        "Reason of an emergency isolation",
        within.words_vi,
        file.containment,
    )
    yield from _clock_items(procedure)


def _clock_items(procedure: Procedure) -> Iterator[Item]:
    file = procedure.file
    points = ", ".join(f"{point.percent} % → {point.tell}" for point in file.warnings.points)
    yield _item("warnings", "Mốc cảnh báo thời hạn", "Warning points", points, file.warnings)
    for deadline in file.deadlines:
        terms = ", ".join(
            f"{severity} {term if isinstance(term, str) else term.words_vi}"
            for severity, term in deadline.due.items()
            if term is not None
        )
        yield _item(f"deadlines.{deadline.code}", deadline.vi, deadline.en, terms, deadline)
    presumed = "; ".join(
        f"{severity}: {', '.join(grounds)}"
        for severity, grounds in file.reportable.presumed.items()
        if grounds
    )
    yield _item(
        "reportable",
        "Căn cứ khi chưa quyết định",
        "Grounds while undecided",
        presumed,
        file.reportable,
    )
    for duty in file.live_session:
        value = duty.term if isinstance(duty.term, str) else duty.term.words_vi
        yield _item(f"live_session.{duty.code}", duty.vi, duty.en, value, duty)
    for number, hours in enumerate(file.calendar.hours):
        spans = ", ".join(f"{start:%H:%M}-{end:%H:%M}" for start, end in hours.spans)
        value = f"{hours.start.isoformat()}: {spans}"
        yield _item(f"calendar.{number}", "Giờ làm việc", "Office hours", value, hours)
    days = [day for day in (*file.calendar.holidays, *file.calendar.working_days) if day.mark]
    for year in sorted({day.day.year for day in days}):
        chosen = [day for day in days if day.day.year == year]
        value = ", ".join(day.day.isoformat() for day in chosen)
        yield Item(
            code=f"calendar.days_{year}",
            vi=f"Ngày nghỉ, ngày làm bù {year}",
            en=f"Holidays and swapped days of {year}",
            value=value,
            is_law=all(day.mark == RULE for day in chosen),
            basis="",
            digest=_digest([day.model_dump(mode="json") for day in chosen]),
            confirmed=all(day.confirmed for day in chosen),
        )


def _item(code: str, vi: str, en: str, value: str, part: Any) -> Item:
    content = part.model_dump(mode="json", exclude={"confirmed"})
    return Item(
        code=code,
        vi=vi,
        en=en,
        value=value,
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
