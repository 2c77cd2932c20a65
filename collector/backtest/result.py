"""A whole answer as plain values: what JSON, the table and the page show."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collector.backtest.detection import detections, found_again, times
from collector.backtest.difference import Difference, difference
from collector.backtest.outcome import by_rule, counts_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from collector.backtest.detection import Detection, Known
    from collector.backtest.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the reader of an answer must know; `code` names the sentence."""

    code: str
    n: int = 0
    at: datetime | None = None


def summary(outcome: Outcome, known: Sequence[Known], most: int | None) -> dict[str, Any]:
    """Return one run: its counts, what each rule came to, and the lines, at most so many each."""
    pages = [one for one in outcome.pages if one.kind in ("page", "digest")]
    found = detections(outcome)
    return {
        "revision": outcome.revision,
        "counts": {
            "alerts": len(outcome.alerts),
            "told": sum(1 for one in outcome.alerts if one.incident),
            "suppressed": sum(1 for one in outcome.alerts if one.suppressed),
            "incidents": len(outcome.incidents),
            "pages": len(pages),
            "notices": len(outcome.pages) - len(pages),
        },
        "suppressed_why": counts_by(why for one in outcome.alerts for why in one.suppressed),
        "pages_why": counts_by(one.reason for one in pages),
        "pages_to": counts_by(one.recipient for one in pages),
        "not_told_why": dict(outcome.silent),
        "withheld": dict(outcome.withheld),
        "rules": [asdict(one) for one in by_rule(outcome)],
        "detection": _times(found),
        "known": _known(known, found_again(known, outcome)),
        "alerts": _lines(outcome.alerts, most),
        "incidents": _lines(outcome.incidents, most),
        "pages": _lines(outcome.pages, most),
        "detections": _lines(found, most),
    }


def compared(current: Outcome, proposed: Outcome, most: int | None) -> dict[str, Any]:
    """Return the difference of two runs."""
    found = difference(current, proposed)
    return {
        "nothing": found.is_nothing,
        "alerts": _part(found.alerts, most),
        "incidents": _part(found.incidents, most),
        "pages": [
            {"recipient": who, "reason": reason, "more": more}
            for (who, reason), more in found.pages.items()
        ],
        "missed": [one.code for one in found.missed],
        "rules": _rules(found),
    }


def plain(value: Any) -> Any:
    """Return a value as JSON has it: instants as ISO text."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value


def _times(found: Iterable[Detection]) -> dict[str, Any]:
    lines = list(found)
    return {
        "to_alert": asdict(times(one.to_alert_seconds for one in lines)),
        "to_incident": asdict(times(one.to_incident_seconds for one in lines)),
        "to_page": asdict(times(one.to_page_seconds for one in lines)),
    }


def _known(known: Sequence[Known], found: Sequence[Detection]) -> list[dict[str, Any]]:
    return [
        {**asdict(one), **asdict(again), "is_found": bool(again.incident)}
        for one, again in zip(known, found, strict=True)
    ]


def _part(part: Any, most: int | None) -> dict[str, Any]:
    return {
        "added": _lines(part.added, most),
        "missing": _lines(part.missing, most),
        "moved": _lines(part.moved, most),
        "counts": {
            "added": len(part.added),
            "missing": len(part.missing),
            "moved": len(part.moved),
            "same": part.same,
        },
    }


def _rules(found: Difference) -> list[dict[str, Any]]:
    """Return by rule how many alerts are new and gone."""
    added = counts_by(one.rule for one in found.alerts.added)
    missing = counts_by(one.rule for one in found.alerts.missing)
    moved = counts_by(one.after.rule for one in found.alerts.moved)
    names = dict.fromkeys([*added, *missing, *moved])
    return [
        {
            "rule": name,
            "added": added.get(name, 0),
            "missing": missing.get(name, 0),
            "moved": moved.get(name, 0),
        }
        for name in names
    ]


def _lines(lines: Sequence[Any], most: int | None) -> list[dict[str, Any]]:
    return [asdict(one) for one in lines[:most]]
