"""Rows of recurring duties: done, told, and since when the register is in use."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from collector.storage import record
from collector.storage.fleet import fact, set_fact
from collector.storage.schema import duties_done, duties_told
from incidents.config_record import RecordKind
from incidents.duties import Done
from incidents.timeline import microseconds

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

IN_USE_SINCE = "duties_in_use_since"


def note_first_day(connection: Connection, today: date) -> None:
    """Note that the register is in use from today on: what fell due before is not counted."""
    if not is_in_use(connection):
        set_fact(connection, IN_USE_SINCE, today.isoformat())


def first_day(connection: Connection, today: date) -> date:
    """Return the first day of use without noting it; today where there is none yet."""
    noted = fact(connection, IN_USE_SINCE)
    return today if noted is None else date.fromisoformat(noted)


def is_in_use(connection: Connection) -> bool:
    """Say whether the first day of use is noted."""
    return fact(connection, IN_USE_SINCE) is not None


def load_done(connection: Connection) -> dict[tuple[str, str], Done]:
    """Return what was done, by duty and period."""
    return {
        (row.duty, row.period): Done(row.done_at, row.recorded_at, row.actor, row.proof)
        for row in connection.execute(select(duties_done))
    }


def add_done(connection: Connection, duty: str, period: str, done: Done) -> None:
    """Store that a duty was done; there is one row for each period, and it stays."""
    values = {
        "duty": duty, "period": period, "done_at": done.done_at,
        "recorded_at": done.recorded_at, "actor": done.actor, "proof": done.proof,
    }  # fmt: skip
    connection.execute(insert(duties_done).values(values))
    record.append(
        connection,
        done.recorded_at,
        RecordKind.DUTY,
        done.actor,
        data={"duty": duty, "period": period, "done_at": microseconds(done.done_at)},
        texts={"proof": done.proof},
    )


def load_told(connection: Connection) -> set[tuple[str, str, str]]:
    """Return what was said: duty, period and what."""
    return {(row.duty, row.period, row.what) for row in connection.execute(select(duties_told))}


def note_told(connection: Connection, duty: str, period: str, what: str, now: datetime) -> None:
    """Note that something was said of a duty."""
    values = {"duty": duty, "period": period, "what": what, "at": now}
    connection.execute(insert(duties_told).values(values))
