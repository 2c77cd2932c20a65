"""The writer thread: whatever fails or is given up, every caller is answered and it goes on."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.exc import OperationalError

from collector.storage.database import Database, make_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def notes(tmp_path: Path) -> Iterator[Database]:
    database = Database(make_engine(f"sqlite:///{tmp_path / 'notes.sqlite3'}"))
    database.write_now(lambda c: c.execute(text("CREATE TABLE note (name TEXT)")))
    yield database
    database.close()


def note(name: str) -> Callable[[Connection], None]:
    return lambda c: c.execute(text("INSERT INTO note VALUES (:name)"), {"name": name})  # type: ignore[return-value]


def names(database: Database) -> list[str]:
    return list(database.read_now(lambda c: c.scalars(text("SELECT name FROM note")).all()))


class Gate:
    """Holds the writer inside one function until it is opened."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()

    def __call__(self, _: Connection) -> None:
        self.reached.set()
        self.opened.wait(10)


class GivesUp(Future[None]):
    """A caller that leaves just after it was seen waiting."""

    def cancelled(self) -> bool:
        was = super().cancelled()
        self.cancel()
        return was


async def test_writer_survives_a_caller_that_gives_up_in_the_moment_of_failure() -> None:
    """The database is gone, the caller leaves while it is told so: the next write is served."""
    engine = create_engine("sqlite://")
    is_down = [True]

    @event.listens_for(engine, "do_connect")
    def connect(*_: object) -> None:
        if is_down[0]:
            raise OSError("no such server")

    database = Database(engine)
    database._jobs.put((lambda c: None, GivesUp()))
    with pytest.raises(OSError, match="no such server"):
        await asyncio.wait_for(database.write(lambda c: None), 5)
    is_down[0] = False

    answer = database.write(lambda c: c.scalar(text("SELECT 1")))
    assert await asyncio.wait_for(answer, 5) == 1
    database.close()


async def test_functions_after_one_that_ended_the_transaction_are_not_half_written(
    notes: Database,
) -> None:
    """A full disk ends SQLite's transaction in the middle: who is told "failed" wrote nothing."""
    gate = Gate()
    held = asyncio.ensure_future(notes.write(gate))
    await asyncio.to_thread(gate.reached.wait, 10)

    def ends_the_transaction(connection: Connection) -> None:
        connection.exec_driver_sql("ROLLBACK")  # what SQLite does by itself on a full disk
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    before = asyncio.ensure_future(notes.write(note("before")))
    middle = asyncio.ensure_future(notes.write(ends_the_transaction))
    after = asyncio.ensure_future(notes.write(note("after")))
    await asyncio.sleep(0)
    gate.opened.set()
    await held
    answers = await asyncio.gather(before, middle, after, return_exceptions=True)

    told_done = [answer is None for answer in answers]
    assert ("before" in names(notes), "after" in names(notes)) == (told_done[0], told_done[2])
    assert isinstance(answers[1], OperationalError)
    await notes.write(note("later"))
    assert "later" in names(notes)
