"""What a run reads of a collector's tables, on both databases, and that it cannot write there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import SQLAlchemyError

from collector.backtest.apart import TablesApart
from collector.backtest.past import load_past, mute_times
from collector.backtest.people import People
from collector.backtest.work import refuse_writes
from collector.storage.desk_store import DeskStore
from collector.storage.mutes import NewMute, add_mute, end_mute
from collector.storage.schema import facts, incidents, oncall_cancelled, oncall_overrides
from incidents.commands import Acknowledge
from incidents.state import Kind
from tests.builders import T0

if TYPE_CHECKING:
    from tests.integration.post import Post

HOUR = timedelta(hours=1)
STANDS_IN = {
    "id": 1, "schedule": "", "starts_at": T0, "ends_at": T0 + 5 * HOUR, "out": "An",
    "stand_in": "Bình", "reason": "", "uid": "u1", "made_by": "An", "made_at": T0,
}  # fmt: skip
TAKEN_BACK = {"override": 1, "at": T0 + 2 * HOUR, "by": "An", "reason": ""}


async def test_what_people_did_is_read_with_its_instant(post: Post) -> None:
    """Incidents with their cause, their people's acts, mutes from when until when."""
    post.fire()
    quiet = NewMute("silence", "", "", "DiskFull", "Sửa", "An", T0, T0 + HOUR)
    with post.db.engine.execution_options(wanwatch_writes=True).begin() as connection:
        number = connection.scalar(select(incidents.c.id))
        assert number is not None
        at = T0 + HOUR / 6
        post.desk.command(DeskStore(connection), number, Acknowledge(), "person:an", at)
        mute = add_mute(connection, quiet, "person:an", T0)
        end_mute(connection, mute, "person:an", T0 + HOUR / 2)
        for table, row in ((oncall_overrides, STANDS_IN), (oncall_cancelled, TAKEN_BACK)):
            connection.execute(insert(table).values(row))
    with post.db.engine.connect() as connection, connection.begin():
        refuse_writes(connection)
        past = load_past(connection, T0 - HOUR, T0, T0 + HOUR, set())
        later = load_past(connection, T0 + HOUR, T0 + HOUR, T0 + 2 * HOUR, {"TargetDown"})
    (known,) = past.known
    assert (known.code, known.key) == ("SC26-0001", past.followed[0].key)
    (followed,) = past.followed
    assert [(act.kind, act.actor, act.at) for act in followed.acts] == [
        (Kind.ACKNOWLEDGED, "person:an", at)
    ]
    ((since, until),) = mute_times(past)
    assert since == T0
    assert T0 + HOUR / 2 < until < T0 + HOUR
    assert later.known == []
    assert len(later.followed) == 1
    assert later.mutes == []
    assert (later.overrides, later.cancelled) == ([STANDS_IN], [TAKEN_BACK])
    run = TablesApart()
    people = People(post.desk, later)
    shown = []
    for at in (T0 - HOUR, T0 + HOUR, T0 + 3 * HOUR):
        run.write_now(lambda c, at=at: people.turn(c, at))  # type: ignore[misc]
        shown.append(len(run.read_now(lambda c, at=at: DeskStore(c).overrides(at))))  # type: ignore[misc]
    run.close()
    assert shown == [0, 1, 0]


async def test_tables_of_a_collector_cannot_be_written(post: Post) -> None:
    """The database itself refuses."""
    with post.db.engine.connect() as connection, connection.begin() as transaction:
        refuse_writes(connection)
        with pytest.raises(SQLAlchemyError, match=r"readonly|read-only"):
            connection.execute(insert(facts).values(name="x", value="y"))
        transaction.rollback()
