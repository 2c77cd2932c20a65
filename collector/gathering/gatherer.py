"""What a gatherer is, what it may read, and where all of them are found."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from collector import gathering

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.duties.book import DutyBook
    from collector.duties.unit_day_desk import UnitDayDesk
    from collector.fleet import Fleet
    from collector.kpi_book import KpiBook
    from collector.sessions.desk import SessionDesk
    from incidents.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The parts of the running collector that gatherers read."""

    desk: Desk
    fleet: Fleet
    kpi: KpiBook
    sessions: SessionDesk
    unit_days: UnitDayDesk
    duties: DutyBook


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a report is made of.

    Attributes:
        facts: Text, whole numbers, yes or no, lists and maps of them; the value under the code of
            a field is what the machine fills in there.
        subject: What it is about, as it is kept.
        incident: The incident's number, for a report about one: seen by whoever sees that.
        unit: The unit that it is of; empty: the whole province.
        people: Who sees it beside those who see the unit; `person:NAME`.
    """

    facts: Mapping[str, Any]
    subject: str
    incident: int | None = None
    unit: str = ""
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gatherer:
    """Gathers for some kinds of reports, by their codes.

    Attributes:
        gather: Returns what a report about `subject` is made of as of `now`; None: there is no
            such thing. Given: sources, an open connection, the kind's code, the subject, `now`.
    """

    kinds: tuple[str, ...]
    gather: Callable[[Sources, Connection, str, str, datetime], Gathered | None] = field(repr=False)


@cache
def gatherers() -> Mapping[str, Gatherer]:
    """Return the gatherers by the code of each kind that they gather for.

    Raises:
        ValueError: Two gather for the same kind.
    """
    found: dict[str, Gatherer] = {}
    for name in sorted(info.name for info in pkgutil.iter_modules(gathering.__path__)):
        module = importlib.import_module(f"{gathering.__name__}.{name}")
        for gatherer in vars(module).values():
            if not isinstance(gatherer, Gatherer):
                continue
            for kind in gatherer.kinds:
                if found.setdefault(kind, gatherer) is not gatherer:
                    raise ValueError(f"two gatherers for {kind!r}, one of them in {name}")
    return found
