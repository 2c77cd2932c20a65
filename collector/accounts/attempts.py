"""How fast passwords may be tried: growing delays with an upper bound, and nobody locked out.

Three counts go with every attempt, and the longest delay of them holds:

- by *address*, whatever name is tried: one machine that tries names;
- by *address and name*: one machine that tries passwords of one person;
- by *name*, over all addresses: many machines against one person.

An attempt from a *known device*, one where this person has logged in before, has a count of its own
instead of these three. So whoever fails on purpose slows themselves, and strangers elsewhere at
most by `STRANGERS` seconds; the person at their own desk does not notice.

An attempt counts as failed when it begins, so that many at once are not more than one after
another; a right password takes it back. One that is refused by its delay counts nothing and
prolongs nothing. Source: OWASP, slow down online guessing attacks with device cookies.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

MAX_COUNTS = 10_000
# After this without a failure a count is forgotten.
FORGOTTEN_AFTER = timedelta(hours=1)


class Slope(NamedTuple):
    """So many failures are free; then a delay that doubles from a second up to a bound."""

    free: int
    longest_seconds: float

    def delay(self, failures: int) -> timedelta:
        """Return how long after the last failure the next attempt may come."""
        beyond = failures - self.free
        if beyond < 0:
            return timedelta(0)
        return timedelta(seconds=min(2.0 ** min(beyond, 30), self.longest_seconds))


ADDRESS = Slope(free=20, longest_seconds=60)
PAIR = Slope(free=5, longest_seconds=60)
STRANGERS = Slope(free=30, longest_seconds=10)
DEVICE = Slope(free=5, longest_seconds=60)


class Failure(NamedTuple):
    """Attempts that failed, as a record keeps them; an unknown name is empty."""

    name: str
    address: str
    times: int
    last_at: datetime


@dataclass(slots=True)
class _Count:
    failures: int
    last_at: datetime


Key = tuple[str, ...]
_OWN = ("pair", "device")


class Attempts:
    """Counts of failures, bounded: the one that was touched the longest ago goes first."""

    def __init__(self, failures: Iterable[Failure] = ()) -> None:
        """Go on from failures of the last hour, so that a restart gives nobody a new start."""
        self._counts: OrderedDict[Key, _Count] = OrderedDict()
        for failure in failures:
            for key, _ in _keys(failure.name, failure.address, ""):
                if failure.name or key[0] == "address":
                    self._add(key, failure.times, failure.last_at)

    def __len__(self) -> int:
        return len(self._counts)

    def begin(self, name: str, address: str, device: str, now: datetime) -> float:
        """Count an attempt and return 0, or return in how many seconds the next one may come.

        Args:
            name: As it is compared, whether there is such a person or not.
            device: Of the known device that the attempt comes from; empty for none.
        """
        keys = _keys(name, address, device)
        wait = max(self._wait(key, slope, now) for key, slope in keys)
        if wait > timedelta(0):
            return wait.total_seconds()
        for key, _ in keys:
            self._add(key, 1, now)
        return 0.0

    def succeeded(self, name: str, address: str, device: str) -> None:
        """Take a right attempt back, and with it what this person here got wrong before."""
        keys = [key for key, _ in _keys(name, address, device)]
        theirs = [self._counts[key] for key in keys if key[0] in _OWN and key in self._counts]
        self._take_back(keys, sum(count.failures for count in theirs))

    def withdrawn(self, name: str, address: str, device: str) -> None:
        """Take an attempt back that was not looked at."""
        self._take_back([key for key, _ in _keys(name, address, device)], 1)

    def _take_back(self, keys: list[Key], failures: int) -> None:
        for key in keys:
            count = self._counts.get(key)
            if count is not None:
                count.failures -= failures
                if count.failures <= 0:
                    del self._counts[key]

    def _wait(self, key: Key, slope: Slope, now: datetime) -> timedelta:
        count = self._counts.get(key)
        if count is None:
            return timedelta(0)
        # A clock that was set back makes nobody wait longer than the delay itself.
        count.last_at = min(count.last_at, now)
        if now - count.last_at >= FORGOTTEN_AFTER:
            del self._counts[key]
            return timedelta(0)
        return count.last_at + slope.delay(count.failures) - now

    def _add(self, key: Key, failures: int, at: datetime) -> None:
        count = self._counts.pop(key, None) or _Count(0, at)
        count.failures += failures
        count.last_at = max(count.last_at, at)
        self._counts[key] = count
        if len(self._counts) > MAX_COUNTS:
            self._counts.popitem(last=False)


def _keys(name: str, address: str, device: str) -> list[tuple[Key, Slope]]:
    if device:
        return [(("device", name, device), DEVICE)]
    return [
        (("address", address), ADDRESS),
        (("pair", name, address), PAIR),
        (("name", name), STRANGERS),
    ]
