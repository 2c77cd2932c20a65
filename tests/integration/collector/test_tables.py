"""Units, keys and alerts in the tables, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from collector.alerts import Ended, Firing
from collector.fleet import AgentRow
from collector.inventory import UnitRow
from collector.ranges import Received
from collector.states import Handed
from collector.storage.alerts import AlertWriter
from collector.storage.enrolments import revoke
from collector.storage.fleet import (
    UnitsInUse,
    UnknownUnit,
    add_agent,
    fact,
    load_agents,
    load_units,
    replace_units,
    save_agents,
    set_fact,
)
from collector.storage.open_alerts import load_open_alerts
from collector.storage.schema import alerts, incidents, units
from tests.integration.collector.world import Agent, Clock, World, disk

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine, RowMapping

    from collector.storage.database import Database

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
UNITS = [UnitRow("H1", "Xã Ba"), UnitRow("H2", "Xã Bà", parent="H1", old_names=("Xã Cũ",))]
AGENT = AgentRow(
    "a-1", "H1", "Máy 2", "server", "always", bytes(32), 10, None, "", Received(), Handed()
)
FIRING = Firing(
    fingerprint="f" * 16,
    rule="Hot",
    agent="a-1",
    host="Máy 2",
    unit="H1",
    unit_name="Xã Ba",
    labels=(("disk", "Ổ"),),
    severity="critical",
    outcome="incident",
    is_flapping=False,
    value="5",
    summary_vi="nóng",
    summary_en="hot",
    runbook="hot",
    class_code="kt_qua_tai",
    impact=None,
    dedup_key="host:a-1:kt_qua_tai",
    started_at=NOW,
    at=NOW,
)


class RecordingDesk:
    """A desk that remembers what it was told and gives out incident 7."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def alerts_fired(self, tx: Any, of_one: Any, now: datetime) -> int:
        self.told += [f"fired {cause.severity}" for cause in of_one]
        return 7

    def alerts_recovered(self, tx: Any, incident: int, alerts: Any, now: datetime) -> None:
        self.told += [f"recovered {incident}" for _ in alerts]


def rows(db: Database) -> list[RowMapping]:
    return list(db.read_now(lambda c: list(c.execute(select(alerts)).mappings())))


def test_units_follow_the_file_and_sort_as_vietnamese(db: Database) -> None:
    """New ones come, changed ones change, gone ones go; names in the order of the alphabet."""
    more = [UnitRow(f"N{n}", name) for n, name in enumerate(["Xã Đa", "Xã Da", "Xã Ăn", "Xã An"])]
    db.write_now(lambda c: replace_units(c, [*UNITS, *more]))
    names = [unit.name for unit in db.read_now(load_units)]
    assert names == ["Xã An", "Xã Ăn", "Xã Ba", "Xã Bà", "Xã Da", "Xã Đa"]

    db.write_now(lambda c: replace_units(c, [UNITS[0]._replace(name="Phường Ba"), UNITS[1]]))
    assert [unit.name for unit in db.read_now(load_units)] == ["Phường Ba", "Xã Bà"]
    key = db.read_now(lambda c: c.scalar(select(units.c.search_key).where(units.c.code == "H2")))
    assert key == "xa ba h2 xa cu"


def test_unit_with_agents_cannot_vanish(db: Database) -> None:
    """The message names it and says what to do; nothing is changed."""
    db.write_now(lambda c: replace_units(c, UNITS))
    db.write_now(lambda c: add_agent(c, AGENT, enrolled_at=NOW))
    with pytest.raises(UnitsInUse, match="H1"):
        db.write_now(lambda c: replace_units(c, UNITS[1:]))
    assert len(db.read_now(load_units)) == 2


def test_key_comes_back_as_it_was_saved(db: Database) -> None:
    """Ranges, losses and several states survive."""
    db.write_now(lambda c: replace_units(c, UNITS))
    db.write_now(lambda c: add_agent(c, AGENT, enrolled_at=NOW))
    saved = AGENT._replace(
        last_report_at=LATER,
        boot="b",
        received=Received(((5, 9), (1 << 52, 1 << 52)), 5, 3),
        handed=Handed("aa", ("bb", "cc")),
    )
    db.write_now(lambda c: save_agents(c, [saved]))
    assert db.read_now(load_agents) == [saved]

    db.write_now(lambda c: add_agent(c, AGENT._replace(host="Máy 3"), enrolled_at=LATER))
    assert db.read_now(load_agents) == [saved._replace(host="Máy 3")]


def test_revoked_key_is_gone_until_it_is_enrolled_again(db: Database) -> None:
    """Revoking twice is once; a unit that does not exist is refused."""
    db.write_now(lambda c: replace_units(c, UNITS))
    db.write_now(lambda c: add_agent(c, AGENT, enrolled_at=NOW))
    assert db.write_now(lambda c: revoke(c, "a-1", "person:an", LATER))
    assert not db.write_now(lambda c: revoke(c, "a-1", "person:an", LATER))
    assert db.read_now(load_agents) == []
    db.write_now(lambda c: add_agent(c, AGENT, enrolled_at=LATER))
    assert len(db.read_now(load_agents)) == 1
    with pytest.raises(UnknownUnit, match="no unit"):
        db.write_now(lambda c: add_agent(c, AGENT._replace(unit="H9"), enrolled_at=NOW))


def test_fact_is_stored_over_what_it_was(db: Database) -> None:
    """One value per name."""
    assert db.read_now(lambda c: fact(c, "judged")) is None
    for value in ("1:2:3", "4:5:6"):
        db.write_now(lambda c, value=value: set_fact(c, "judged", value))  # type: ignore[misc]
    assert db.read_now(lambda c: fact(c, "judged")) == "4:5:6"


def test_writing_a_change_twice_is_once(db: Database) -> None:
    """After an unclear commit the same batch comes again: one row, one word to the desk."""
    desk = RecordingDesk()
    writer = AlertWriter(desk, lambda connection: connection)
    for change in (FIRING, FIRING, replace(FIRING, value="6"), Ended("f" * 16, LATER)):
        db.write_now(lambda c, change=change: writer.write(c, [change], LATER))  # type: ignore[misc]
    again = db.write_now(lambda c: writer.write(c, [Ended("f" * 16, LATER)], LATER))

    assert [(row["value"], row["resolved_at"], row["incident"]) for row in rows(db)] == [
        ("6", LATER, 7)
    ]
    assert desk.told == ["fired critical", "recovered 7"]
    assert again.touched == []


def test_alert_that_eases_stays_the_incident_it_became(db: Database) -> None:
    """The desk hears of the rise, never of the fall."""
    desk = RecordingDesk()
    writer = AlertWriter(desk, lambda connection: connection)
    warning = replace(FIRING, severity="warning", outcome="worklist")
    for change in (warning, FIRING, warning, FIRING):
        db.write_now(lambda c, change=change: writer.write(c, [change], NOW))  # type: ignore[misc]

    assert desk.told == ["fired critical", "fired critical"]
    assert [(row["outcome"], row["incident"]) for row in rows(db)] == [("incident", 7)]
    agent, open_alert = db.read_now(load_open_alerts)[0]
    assert (agent, open_alert.severity, open_alert.started_at) == (
        *("a-1", "critical", NOW.timestamp()),
    )


async def test_whole_way_is_the_same_on_both_databases(engine: Engine, tmp_path: Path) -> None:
    """Fault, incident, kill, recovery, with the migrated schema and its triggers."""
    url = engine.url.render_as_string(hide_password=False)
    world = World(tmp_path / "world", Clock(), url=url)
    agent = Agent("a-1", world.clock)
    world.enrol(agent)
    for ratio in (0.5, 0.01, 0.01):
        await agent.send(world, *disk(ratio))
        await world.turn(10)
    world.kill()
    await agent.send(world, *disk(0.5))
    await world.turn(10)

    assert [row["resolved_at"] is not None for row in world.rows()] == [True]
    assert [row["recovered_at"] is not None for row in world.rows(incidents)] == [True]
    assert world.fleet.hosts["a-1"].received.ranges == ((1, 4),)
    await world.stop()
