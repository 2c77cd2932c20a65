"""`await db.write(fn)` and `await db.read(fn)`: synchronous SQL on its own threads.

One writer thread commits what queued meanwhile in one transaction (a savepoint each, so that one
failing function undoes itself alone); two reader threads serve the rest.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
MAX_GROUP = 64
_Job = tuple["Callable[[Connection], Any]", "Future[Any]"]


def make_engine(url: str) -> Engine:
    """Return an engine for `sqlite:///FILE` or `postgresql+psycopg://…`, set for durability."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=4, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": 10, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=10000",
            "secure_delete=ON",  # what is removed is overwritten: words may have to go for ever
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("wanwatch_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def overwrite_removed(engine: Engine) -> bool:
    """Let no earlier state of the tables remain on disk; false: others read it just now.

    SQLite's own log is written into the file and emptied. PostgreSQL's dead rows are left to its
    VACUUM, and its log to whoever archives it.
    """
    if engine.dialect.name != "sqlite":
        return True
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (is_busy, *_) = cursor.fetchone() or (0,)
        cursor.close()
    finally:
        connection.close()
    return not is_busy


class Database:
    """The only way to the tables for asynchronous code."""

    def __init__(self, engine: Engine, *, readers: int = 2) -> None:
        self.engine = engine
        self._writing = engine.execution_options(wanwatch_writes=True)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="db-read")
        self._writer = threading.Thread(target=self._write_all, name="db-write", daemon=True)
        self._writer.start()

    async def write(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn` in a transaction; when this returns, what it wrote is durable.

        Raises:
            Exception: Whatever `fn` or the commit raised; nothing of `fn` was written.
        """
        done: Future[T] = Future()
        self._jobs.put((fn, done))
        return await asyncio.wrap_future(done)

    async def read(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn` on a read connection; it sees one consistent state."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_now, fn)

    def read_now(self, fn: Callable[[Connection], T]) -> T:
        """Read in the calling thread: for start-up and commands, never in the event loop."""
        with self.engine.connect() as connection, connection.begin():
            return fn(connection)

    def write_now(self, fn: Callable[[Connection], T]) -> T:
        """Write in the calling thread: for start-up and commands, never in the event loop."""
        with self._writing.connect() as connection, connection.begin():
            return fn(connection)

    def close(self) -> None:
        """Finish what is queued, then stop the threads."""
        self._jobs.put(None)
        self._writer.join()
        self._readers.shutdown()
        self.engine.dispose()

    def _write_all(self) -> None:
        while (job := self._jobs.get()) is not None:
            group = [job]
            while len(group) < MAX_GROUP and not self._jobs.empty():
                following = self._jobs.get()
                if following is None:
                    self._jobs.put(None)
                    break
                group.append(following)
            self._write_group(group)

    def _write_group(self, group: list[_Job]) -> None:
        # From here on nobody can give up any more: each of these is answered exactly once.
        taken = [(fn, done) for fn, done in group if done.set_running_or_notify_cancel()]
        results: list[tuple[Any, BaseException | None]] = []
        try:
            with self._writing.connect() as connection, connection.begin():
                results = [_attempt(connection, fn) for fn, _ in taken]
        except Exception as error:  # noqa: BLE001 - nothing of the group was written
            results = [(None, error)] * len(taken)
        for (_, done), (value, failure) in zip(taken, results, strict=True):
            if failure is None:
                done.set_result(value)
            else:
                done.set_exception(failure)


def _attempt(
    connection: Connection, fn: Callable[[Connection], Any]
) -> tuple[Any, BaseException | None]:
    """Run one function in a savepoint and return its value or its error.

    Raises:
        Exception: The transaction itself is gone (SQLite ends it when the disk is full): what
            others of the group wrote before is lost, and nothing may be written after it.
    """
    savepoint = connection.begin_nested()
    try:
        value = fn(connection)
    except Exception as error:  # noqa: BLE001 - it belongs to the caller
        try:
            savepoint.rollback()
        except SQLAlchemyError:
            raise error from None
        return None, error
    savepoint.commit()
    return value, None
