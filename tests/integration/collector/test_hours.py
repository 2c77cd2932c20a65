"""Approved hours, what follows for alerts, and the list of who was not switched on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from collector.hours.expectations import HoursPolicy
from collector.hours.hours import parse_hours
from collector.liveness import Liveness, Presence
from collector.missing import RollCall
from collector.outages.usual import SLOTS, Day
from collector.storage.attendance import load_attendance, save_attendance
from collector.storage.hours import (
    decide,
    forget,
    listed_on,
    load_approved,
    prune_missing,
    save_missing,
)
from collector.storage.queries.hours import decided_hours, missing_on
from collector.storage.queries.visibility import NOBODY
from tests.integration.collector.outages import Province, silent
from tests.integration.collector.world import Clock, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.storage.database import Database

A, B = "H42.01", "H42.02"
OFFICE = parse_hours("T2-T6 07:00-17:00")
EVENING = datetime(2026, 11, 23, 9, 50, tzinfo=UTC)  # 16:50 on a Monday
MORNING = datetime(2026, 11, 23, 0, 58, tzinfo=UTC)  # 7:58
TODAY = date(2026, 11, 23)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(tmp_path: Path, clock: Clock) -> Iterator[World]:
    clock.at = EVENING
    made = World(tmp_path, clock)
    yield made
    made.database.close()


async def test_approved_hours_hold_for_what_must_always_be_on(world: World) -> None:
    """A server in a unit with approved hours is off hours at night, also when it goes alone."""
    province = Province(world)
    province.add(A, "server", "mail", "files")
    province.add(B, "h0", "h1")
    world.fleet.set_expectations(approved={(A, ""): OFFICE})
    await province.live(660)  # 17:01
    province.cut = {f"{A}-server"}
    await province.live(120)
    assert world.fleet.hosts[f"{A}-server"].liveness is Liveness.OFF_HOURS
    assert world.rows() == []
    province.cut |= {f"{B}-h0"}
    await province.live(90)
    assert province.told() == silent({f"{B}-h0"})


async def test_new_expectation_ends_an_alert_that_nobody_would_raise_now(world: World) -> None:
    """Workstations that had to be on need not any more: the alert ends, and does not come back."""
    province = Province(world)
    province.add(A, "pc", "other", kind="workstation", presence="")
    world.fleet.set_expectations(policy=HoursPolicy(presence={"workstation": Presence.ALWAYS}))
    await province.live(60)
    province.cut = {f"{A}-pc"}
    await province.live(90)
    assert province.told() == silent(province.cut)
    world.fleet.set_expectations(policy=HoursPolicy())
    world.judge.inventory_changed(world.clock.now())
    await province.live(60)
    assert (province.told(), province.children()) == ([], [])


def morning(world: World) -> Province:
    province = Province(world)
    province.add_unit(A, hours="T2-T6 07:00-11:30,13:30-17:00")
    province.add(A, "server")
    province.add(A, "pc1", "pc2", "pc3", kind="workstation", presence="working_hours")
    province.add(A, "codec", kind="conference", presence="sometimes")
    province.add(A, "stranger", is_approved=False)
    province.add(B, "h0")
    return province


async def test_who_was_not_switched_on_is_one_list_a_day(world: World, clock: Clock) -> None:
    """Not on it: who was on already, who need not be, who never was, whom nobody approved."""
    clock.at = MORNING - timedelta(hours=15)
    province = morning(world)
    province.add(A, "stranger", kind="workstation", presence="working_hours", is_approved=False)
    await province.live(60)
    clock.advance(14.5 * 3_600)
    world.enrol(province.agents[f"{A}-pc1"], unit=A, host="pc1", kind="workstation",
                presence="working_hours")  # fmt: skip
    province.cut = {f"{A}-pc2", f"{A}-pc3", f"{A}-codec", f"{A}-stranger"}
    roll = RollCall(world.fleet)
    await province.live(1_740)  # 7:58
    assert roll.call(clock.now()) == []
    await province.live(180)
    (made,) = roll.call(clock.now())
    assert (made.unit, made.day, made.expected) == (A, TODAY, 4)
    assert [item.host for item in made.items] == ["pc2", "pc3"]
    assert roll.call(clock.now()) == []
    assert world.rows() == []

    roll.take_back([made])
    assert roll.call(clock.now()) == [made._replace(at=clock.now())]
    assert RollCall(world.fleet, {(TODAY, A)}).call(clock.now()) == []
    clock.advance(6 * 3_600)
    assert RollCall(world.fleet).call(clock.now()) == []


def test_lists_are_kept_once_and_pruned(db: Database, world: World) -> None:
    """The first list of a day stays; units in which nobody was missing are not shown."""
    from collector.inventory import UnitRow
    from collector.missing import Missing, MissingList
    from collector.storage.fleet import replace_units

    units = [UnitRow(A, "Xã A", region="Bắc"), UnitRow(B, "Xã B", region="Nam")]
    db.write_now(lambda c: replace_units(c, units))
    pc = Missing("a-1", "pc", "workstation")
    lists = [MissingList(TODAY, A, MORNING, 4, (pc,)), MissingList(TODAY, B, MORNING, 2, ())]
    db.write_now(lambda c: save_missing(c, lists))
    db.write_now(lambda c: save_missing(c, [lists[0]._replace(items=())]))

    (shown,) = db.read_now(lambda c: missing_on(c, TODAY.isoformat(), NOBODY))
    assert (shown.region, shown.unit_name, shown.expected) == ("Bắc", "Xã A", 4)
    assert shown.items == [{"agent": "a-1", "host": "pc", "kind": "workstation"}]
    assert db.read_now(lambda c: missing_on(c, TODAY.isoformat(), NOBODY, region="Nam")) == []
    assert db.read_now(lambda c: listed_on(c, TODAY)) == {(TODAY, A), (TODAY, B)}
    assert db.write_now(lambda c: prune_missing(c, TODAY + timedelta(days=1))) == 2


def test_decisions_are_kept_one_for_each_unit_and_kind(db: Database) -> None:
    """The last one holds; a declined one is remembered and not expected."""

    def write(connection: object) -> None:
        for text, approved in (("always", True), ("T2-T6 07:00-17:00", True)):
            decide(connection, (A, ""), text, "person:An", EVENING, approved=approved)  # type: ignore[arg-type]
        decide(connection, (A, "server"), "always", "person:An", EVENING, approved=False)  # type: ignore[arg-type]

    db.write_now(write)
    assert db.read_now(load_approved) == {(A, ""): OFFICE}
    assert [row.approved for row in db.read_now(lambda c: decided_hours(c, NOBODY))] == [
        True,
        False,
    ]
    assert db.write_now(lambda c: forget(c, (A, ""), "person:an", EVENING))
    assert not db.write_now(lambda c: forget(c, (A, ""), "person:an", EVENING))
    assert db.read_now(load_approved) == {}


def test_attendance_is_stored_over_what_was_known_and_pruned(db: Database) -> None:
    """A day is one row for each unit and kind; old ones go."""
    slots = tuple((1, 2) if slot == 20 else None for slot in range(SLOTS))
    day = Day(A, "server", TODAY, 3, slots)
    old = Day(A, "server", TODAY - timedelta(days=20), 3, slots)
    db.write_now(lambda c: save_attendance(c, [day, old], before=date(2026, 1, 1)))
    db.write_now(lambda c: save_attendance(c, [day], before=TODAY - timedelta(days=14)))
    assert db.read_now(lambda c: load_attendance(c, date(2026, 1, 1))) == [day]
