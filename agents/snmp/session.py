"""One visit to a device: second tries, smaller questions, bounds on time and rows."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from agents.answer import Answer
from agents.one_at_a_time import one_at_a_time
from agents.snmp.engine import Failed, Silent, Unfit, Where, open_engine
from agents.snmp.knock import Knock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, MutableMapping, Sequence

    from agents.snmp.credential import Credential
    from agents.snmp.engine import Engine
    from agents.snmp.family import Value, Values

T = TypeVar("T")
# A dead device costs two tries, 2 s.
TRIES, TRY_SECONDS = 2, 1.0
# What fits into one datagram of 1,472 bytes on the way there, and mostly on the way back.
LEAVES_AT_ONCE, ROWS_AT_ONCE, UNKNOWN_ROWS = 32, 20, 9
MOST_ROWS, MOST_VALUES = 4_096, 20_000


class Habits(NamedTuple):
    """What a device was found to be like, to be handed in at the next visit.

    Attributes:
        is_bulk_bad: It answers GETNEXT and not GETBULK.
        is_strange: It sent what the fast library cannot read.
    """

    is_bulk_bad: bool = False
    is_strange: bool = False


class Session:
    """Asks one device until an instant; each method raises Failed when it is over.

    What a device cannot say is left out. A walk ends at its column's end, at a row that came
    before, or at the bounds.
    """

    def __init__(
        self,
        engine: Engine,
        knock: Knock,
        until: float,
        monotonic: Callable[[], float],
        habits: Habits,
        rows: MutableMapping[str, int],
    ) -> None:
        self.habits = habits
        self._rows = rows
        self.has_answered = False
        self._engine = engine
        self._knock = knock
        self._until = until
        self._monotonic = monotonic
        self._is_bulk_good = False
        self._unfit: Answer | None = None
        self._left = MOST_VALUES

    def get(self, leaves: Sequence[str]) -> Values:
        """Return those of the leaves that the device has."""
        found: Values = {}
        parts = [
            list(leaves[start : start + LEAVES_AT_ONCE])
            for start in range(0, len(leaves), LEAVES_AT_ONCE)
        ][::-1]
        while parts:
            part = parts.pop()
            try:
                found |= self._tried(lambda part=part: self._engine.get(part))  # type: ignore[misc]
            except Unfit as problem:
                parts += self._smaller(part, problem)
        self._left -= len(found)
        return found

    def walk(self, column: str) -> Values:
        """Return a column's values by their identifiers."""
        if self.habits.is_bulk_bad:
            return self._walked(column, 0)
        # One more than there were, to see the end: a small device labours over each row.
        rows = min(self._rows.get(column, UNKNOWN_ROWS) + 1, ROWS_AT_ONCE)
        found: Values = {}
        try:
            found = self._walked(column, rows)
        except Silent:
            if self._is_bulk_good:
                raise self._failed() from None
        except Unfit:
            pass  # too big, or an error
        else:
            is_known_empty = self._is_bulk_good and self._rows.get(column) == 0
            self._is_bulk_good = self._is_bulk_good or bool(found)
            if found or is_known_empty:
                self._rows[column] = len(found)
                return found
        # Nothing by GETBULK: the column is empty, too big, or the device does not do that.
        found = self._walked(column, 0)
        self._rows[column] = len(found)
        if found and not self._is_bulk_good:
            self.habits = self.habits._replace(is_bulk_bad=True)
        return found

    def _walked(self, column: str, repetitions: int) -> Values:
        rows = self._engine.rows(column, repetitions)
        found: dict[str, Value | None] = {}
        while len(found) < MOST_ROWS and self._left > 0:
            try:
                row = self._tried(lambda: next(rows, None), is_silence_all=not repetitions)
            except Unfit as problem:
                if repetitions:
                    raise
                self._give_up(problem)
                break
            if row is None or row[0] in found:
                break
            found[row[0]] = row[1]
            self._left -= 1
        return {oid: value for oid, value in found.items() if value is not None}

    def _tried(self, question: Callable[[], T], *, is_silence_all: bool = True) -> T:
        """Return what comes of a question, asked twice; Silent where that need not be the end."""
        for number in range(TRIES):
            if self._monotonic() >= self._until:
                break
            try:
                answer = question()
            except Silent:
                if not self.has_answered and not number:
                    self._knock.send()
            except Unfit as problem:
                self._unfit = problem.answer
                raise
            else:
                self.has_answered = True
                return answer
        if is_silence_all or self._monotonic() >= self._until:
            raise self._failed()
        raise Silent

    def _smaller(self, part: list[str], problem: Unfit) -> list[list[str]]:
        if len(part) > 1 and problem.place is not None and problem.place < len(part):
            return [part[: problem.place] + part[problem.place + 1 :]]
        if len(part) > 1:
            half = len(part) // 2
            return [part[half:], part[:half]]
        self._give_up(problem)
        return []

    def _failed(self) -> Failed:
        if self.has_answered:
            return Failed(Answer.WRONG_CONTENT)
        if self._unfit is not None:
            return Failed(self._unfit)
        answer = self._knock.verdict()
        return Failed(answer, is_guess=answer is Answer.DENIED)

    def _give_up(self, problem: Unfit) -> None:
        """Leave out what is of no use however little is asked for."""
        if problem.answer is Answer.GARBAGE:
            self.habits = self.habits._replace(is_strange=True)
        if not self.has_answered:
            raise Failed(problem.answer)


@contextmanager
def visit(
    address: str,
    port: int,
    credential: Credential,
    *,
    limit_seconds: float,
    monotonic: Callable[[], float],
    habits: Habits = Habits(),  # noqa: B008  # a constant
    rows: MutableMapping[str, int] | None = None,
    engine: str = "",
) -> Iterator[Session]:
    """Open a session with a device that nobody else of this process asks meanwhile.

    Args:
        rows: How long each column was at the last visit; kept up to date.
        engine: One of the libraries; empty for whichever is right.

    Raises:
        SourceError: This host cannot ask it, or another probe was not done with it in time.
    """
    if credential.version == "1":
        habits = habits._replace(is_bulk_bad=True)
    where = Where(address, port, min(TRY_SECONDS, limit_seconds / TRIES))
    until = monotonic() + limit_seconds
    # Half of the time is kept for the device itself.
    with one_at_a_time(address, limit_seconds / 2):
        knock = Knock(where)
        opened = open_engine(where, credential, name=engine, is_strange=habits.is_strange)
        try:
            yield Session(opened, knock, until, monotonic, habits, {} if rows is None else rows)
        finally:
            opened.close()
            knock.close()
