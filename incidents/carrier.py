"""Faults that were reported to a carrier: its ticket, what it promised, and whether it was kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - the API reads the types when it starts
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

CODE = "carrier"  # of its deadline
BACK = "carrier_back"  # what meets it


class Promise(NamedTuple):
    """When a carrier said it would be done by, and when it said so."""

    until: datetime
    said_at: datetime


@dataclass(frozen=True, slots=True)
class CarrierReport:
    """One report to a carrier.

    Attributes:
        number: In its incident, from 1.
        seq: The entry that made it.
        ticket: The carrier's own number; empty while it gave none.
        promises: The first is what it is held to; the last is when to ask again.
        restored_at: When the line was back, by its alerts or by what a person says.
        restored_by: The person who said it; empty where the alerts did.
    """

    number: int
    seq: int
    carrier: str
    circuit: str
    ticket: str
    told_at: datetime
    promises: tuple[Promise, ...] = ()
    restored_at: datetime | None = None
    restored_by: str = ""

    @property
    def first_promise(self) -> datetime | None:
        """Return the first promise; None without one."""
        return self.promises[0].until if self.promises else None

    @property
    def last_promise(self) -> datetime | None:
        """Return the promise that holds; None without one."""
        return self.promises[-1].until if self.promises else None


@dataclass(frozen=True, slots=True)
class Reported:
    """A report of some incident, as figures count it."""

    incident: str
    unit: str
    carrier: str
    circuit: str
    ticket: str
    told_at: datetime
    promised_at: datetime | None
    last_promised_at: datetime | None
    restored_at: datetime | None


@dataclass(frozen=True, slots=True)
class CarrierFigures:
    """What one carrier promised in a period, and what of it was kept.

    Attributes:
        promised: Reports with a promise; of them `kept` and `broken`, the rest is not due yet.
        changed: How often the first promise was followed by another one.
        late_seconds: By how much broken promises were missed so far, all together.
        restored: Reports whose line is back; `mean_seconds` from the report to then, None: none.
    """

    carrier: str
    reports: int
    promised: int
    kept: int
    broken: int
    changed: int
    late_seconds: float
    restored: int
    mean_seconds: float | None


def is_kept(one: Reported, now: datetime) -> bool | None:
    """Say whether a line was back by the first promise, at it is in time; None: not yet known."""
    if one.promised_at is None:
        return None
    if one.restored_at is None:
        return False if now > one.promised_at else None
    return one.restored_at <= one.promised_at


def figures(reports: Iterable[Reported], now: datetime) -> list[CarrierFigures]:
    """Return the figures of each carrier, who breaks most promises first."""
    by_carrier: dict[str, list[Reported]] = {}
    for one in reports:
        by_carrier.setdefault(one.carrier, []).append(one)
    found = [_of_one(carrier, its, now) for carrier, its in by_carrier.items()]
    return sorted(found, key=lambda one: (-one.broken, -one.reports, one.carrier))


def _of_one(carrier: str, its: list[Reported], now: datetime) -> CarrierFigures:
    verdicts = [is_kept(one, now) for one in its]
    late = [
        ((one.restored_at or now) - one.promised_at).total_seconds()
        for one, kept in zip(its, verdicts, strict=True)
        if kept is False and one.promised_at is not None
    ]
    took = [
        (one.restored_at - one.told_at).total_seconds()
        for one in its
        if one.restored_at is not None
    ]
    return CarrierFigures(
        carrier,
        reports=len(its),
        promised=sum(one.promised_at is not None for one in its),
        kept=verdicts.count(True),
        broken=verdicts.count(False),
        changed=sum(one.last_promised_at != one.promised_at for one in its),
        late_seconds=sum(late),
        restored=len(took),
        mean_seconds=sum(took) / len(took) if took else None,
    )
