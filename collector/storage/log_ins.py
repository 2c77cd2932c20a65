"""Who logged in, who tried to, when and from where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, get_args

from sqlalchemy import delete, func, insert, select, update

from collector.accounts.attempts import FORGOTTEN_AFTER, Failure
from collector.storage.access_store import LONGEST_BROWSER
from collector.storage.account_tables import log_ins
from collector.storage.queries.paging import Order, Page, fetch_page, values
from incidents.actor import reader_key

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from collector.storage.access_store import Origin

Way = Literal["password", "link"]
Result = Literal["in", "wrong", "slowed", "disabled"]
RESULTS: tuple[str, ...] = get_args(Result)
# Failures from one address with one name are one row in this time, with their count.
TOGETHER = timedelta(minutes=10)
MAX_FAILURES = 10_000
KEPT = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class LogIn:
    """One log-in, or failures of ten minutes; `name` is empty when nobody has it."""

    id: int
    at: datetime
    last_at: datetime
    name: str
    address: str
    browser: str
    way: str
    result: str
    count: int


_ROWS = select(*(log_ins.c[name] for name in LogIn.__slots__))


def note_log_in(
    connection: Connection, name: str, origin: Origin, way: Way, result: Result, now: datetime
) -> None:
    """Record a log-in, or count one that failed with those of the last minutes."""
    key = reader_key(name)
    if result != "in":
        counted = connection.execute(
            update(log_ins)
            .where(log_ins.c.at > now - TOGETHER, log_ins.c.name_key == key)
            .where(log_ins.c.address == origin.address, log_ins.c.result == result)
            .where(log_ins.c.way == way)
            .values(count=log_ins.c.count + 1, last_at=now)
        )
        if counted.rowcount:
            return
    row = {
        "at": now,
        "last_at": now,
        "name_key": key,
        "name": name,
        "address": origin.address,
        "browser": origin.browser[:LONGEST_BROWSER],
        "way": way,
        "result": result,
    }
    connection.execute(insert(log_ins).values(row))


def list_log_ins(
    connection: Connection, *, name: str | None = None, limit: int, after: int | None = None
) -> Page[LogIn]:
    """Return log-ins and failures, the newest first; of one person or of all."""
    theirs = None if name is None else log_ins.c.name_key == reader_key(name)
    return fetch_page(
        connection,
        _ROWS if theirs is None else _ROWS.where(theirs),
        Order((-log_ins.c.id,), log_ins.c.id, theirs),
        lambda row: LogIn(*values(row)),
        lambda found: str(found.id),
        limit=limit,
        after=after,
    )


def recent_failures(connection: Connection, now: datetime) -> list[Failure]:
    """Return the failures that still slow somebody, for a start."""
    rows = connection.execute(
        select(
            log_ins.c.name_key,
            log_ins.c.address,
            func.sum(log_ins.c.count).label("failures"),
            func.max(log_ins.c.last_at).label("newest"),
        )
        .where(log_ins.c.result.in_(("wrong", "disabled")), log_ins.c.way == "password")
        .where(log_ins.c.last_at > now - FORGOTTEN_AFTER)
        .group_by(log_ins.c.name_key, log_ins.c.address)
    )
    return [Failure(row.name_key, row.address, int(row.failures), row.newest) for row in rows]


def prune_log_ins(connection: Connection, now: datetime) -> int:
    """Delete what is older than a year, and failures beyond the newest ten thousand."""
    old = connection.execute(delete(log_ins).where(log_ins.c.at <= now - KEPT))
    beyond = (
        select(log_ins.c.id)
        .where(log_ins.c.result != "in")
        .order_by(log_ins.c.id.desc())
        .offset(MAX_FAILURES)
        .limit(1)
    )
    newest = connection.scalar(beyond)
    if newest is None:
        return old.rowcount
    failed = delete(log_ins).where(log_ins.c.result != "in", log_ins.c.id <= newest)
    return old.rowcount + connection.execute(failed).rowcount
