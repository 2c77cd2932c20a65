"""What is usual at an hour: former days of the same kind, outages and the present day left out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from collector.attendance import Attendance, first_day
from collector.fleet import AgentRow, Fleet
from collector.liveness import Liveness
from collector.outages.usual import SLOTS, Day, slot_of, usual_present
from collector.ranges import Received
from collector.states import Handed

MONDAY = date(2026, 11, 23)
AT_10 = datetime(2026, 11, 23, 10, 5)  # noqa: DTZ001 - local time of day is all that counts
NOW = datetime(2026, 11, 23, 3, 5, tzinfo=UTC)


def is_weekday(day: date) -> bool:
    return day.weekday() < 5


def day(days_ago: int, heard: int, *, kind: str = "server", most: int | None = None) -> Day:
    slots = tuple((heard, max(heard, 0 if most is None else most)) for _ in range(SLOTS))
    return Day("A", kind, MONDAY - timedelta(days=days_ago), 5, slots)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([], None),
        ([day(3, 4), day(4, 4)], None),
        ([day(3, 4), day(4, 5), day(5, 3)], 4),
        ([day(3, 4), day(4, 4), day(1, 0, most=4), day(2, 0, most=4)], None),
        ([day(0, 9), day(3, 4), day(4, 4), day(15, 4)], None),
        ([day(3, 0, most=4), day(4, 0, most=4), day(5, 3)], 0),
        ([day(3, 0), day(4, 0), day(5, 0)], None),
        ([day(n, 2) for n in (3, 4, 5)] + [day(n, 3, kind="pc") for n in (3, 4, 5)], 5),
    ],
)
def test_hour_is_compared_with_former_days_of_its_kind(
    days: list[Day], expected: int | None
) -> None:
    """Three days make a habit; days without anybody are outages; kinds add up."""
    assert usual_present(days, AT_10, is_weekday) == expected


def test_who_leaves_a_little_early_is_not_missed() -> None:
    """A quarter of an hour before the half hour in which they are usually gone."""
    slots = tuple((4, 4) if slot < 34 else (0, 0) for slot in range(SLOTS))
    days = [Day("A", "server", MONDAY - timedelta(days=n), 4, slots) for n in (3, 4, 5)]
    usual = {
        minute: usual_present(days, AT_10.replace(hour=16, minute=minute), is_weekday)
        for minute in (44, 45)
    }
    assert usual == {44: 4, 45: 0}


def test_half_hours_are_numbered_from_midnight() -> None:
    """48 a day."""
    assert slot_of(AT_10) == 20
    assert slot_of(AT_10.replace(hour=23, minute=59)) == SLOTS - 1


@pytest.fixture
def fleet() -> Fleet:
    made = Fleet(started_at=NOW - timedelta(hours=1), monotonic=lambda: 0.0, own_unit="A")
    for name in ("a1", "a2", "never"):
        made.add(
            AgentRow(name, "A", name, "server", "always", bytes(range(32)), 10, None, "",
                     Received(), Handed())
        )  # fmt: skip
    for name in ("a1", "a2"):
        made.hosts[name].last_report_at = NOW
        made.hosts[name].liveness = Liveness.ON_TIME
    return made


def test_least_and_most_of_each_half_hour_are_kept(fleet: Fleet) -> None:
    """What changed is given out once, and again when it could not be stored."""
    attendance = Attendance(fleet)
    attendance.sample(NOW)
    fleet.hosts["a1"].liveness = Liveness.SILENT
    attendance.sample(NOW + timedelta(minutes=1))

    (counted,) = attendance.take_changed()
    assert (counted.unit, counted.kind, counted.day, counted.hosts) == ("A", "server", MONDAY, 2)
    assert {n: slot for n, slot in enumerate(counted.slots) if slot} == {20: (1, 2)}
    assert attendance.take_changed() == []
    attendance.put_back([counted])
    assert attendance.take_changed() == [counted]


def test_nobody_is_counted_while_nobody_can_be_missed(fleet: Fleet) -> None:
    """Just after our own start hosts are late that are long gone."""
    attendance = Attendance(fleet)
    attendance.sample(fleet.started_at + timedelta(minutes=4))
    assert attendance.take_changed() == []


def test_fortnight_is_all_that_is_kept(fleet: Fleet) -> None:
    """Older days go, from memory and from what is loaded."""
    attendance = Attendance(fleet)
    for days in range(20):
        fleet.hosts["a1"].last_report_at = NOW + timedelta(days=days)
        attendance.sample(NOW + timedelta(days=days))
    days = [day.day for day in attendance.days_of("A")]
    assert len(days) == 15
    assert min(days) == first_day(NOW + timedelta(days=19))
