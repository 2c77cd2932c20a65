"""Tables in memory and nowhere else: where a run over history writes in place of the real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from collector.storage.database import Database, make_engine
from collector.storage.schema import metadata

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

T = TypeVar("T")


class TablesApart(Database):
    """The production tables and SQL in this process' memory; one connection, no thread.

    It takes no address: there is no way to hand it the tables of a running collector.
    """

    def __init__(self) -> None:
        self.engine = make_engine("sqlite://")
        self._writing = self.engine.execution_options(wanwatch_writes=True)
        metadata.create_all(self.engine)

    async def write(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn` in a transaction, at once."""
        return self.write_now(fn)

    async def read(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn`, at once."""
        return self.read_now(fn)

    def close(self) -> None:
        """Forget everything."""
        self.engine.dispose()
