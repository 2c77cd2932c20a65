"""The watchers that the collector expects to be asked by, and which of them it misses.

A watcher is missed when another host of its unit was heard after it fell silent: then the line is
there and it is gone. One that is cut off with its unit is not missed: the unit's own silence says
so, and the watcher, which reaches us no more than we reach it, pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# In looks of the watcher, each half a minute unless it says otherwise. It is silent after four:
# it pages after three of its own.
EVERY_SECONDS = 30.0
SILENT_LOOKS = 4
# What is heard of its unit more than a look after its last one came after a cut.
GRACE_LOOKS = 1.5
# After a cut the hosts may come back a moment before the watcher asks again.
HEARD_LOOKS = 2
# Turns come every few seconds: a longer gap means that this process stood still.
STANDSTILL_SECONDS = 20.0


class Watcher(NamedTuple):
    """A watcher as stored."""

    name: str
    unit: str
    token_hash: str


class Standing(Enum):
    """What is known of a watcher; nothing yet of one that is merely expected."""

    EXPECTED = "expected"
    UP = "up"
    SILENT = "silent"
    CUT_OFF = "cut off"


@dataclass(slots=True)
class _Known:
    watcher: Watcher
    seen_at: float
    every_seconds: float = EVERY_SECONDS
    heard_since: float | None = None
    was_seen: bool = False


class WatcherBoard:
    """Who watches us, and when each last asked; monotonic seconds."""

    def __init__(self, started_at: float) -> None:
        self._known: dict[str, _Known] = {}
        self._turn_at = started_at
        self._seen: set[str] = set()

    def set_watchers(self, watchers: Iterable[Watcher], now: float) -> list[str]:
        """Take over who is expected; return the names that are no longer."""
        before = self._known
        self._known = {}
        for watcher in watchers:
            known = before.pop(watcher.name, None)
            is_same = known is not None and known.watcher == watcher
            self._known[watcher.name] = known if known and is_same else _Known(watcher, now)
        return list(before)

    def note(self, token_hash: str, now: float, every_seconds: float = EVERY_SECONDS) -> str | None:
        """Note that somebody with this token asked, and how often they mean to; return who."""
        for known in self._known.values():
            if known.watcher.token_hash == token_hash:
                known.seen_at, known.heard_since, known.was_seen = now, None, True
                known.every_seconds = every_seconds
                self._seen.add(known.watcher.name)
                return known.watcher.name
        return None

    def take_seen(self) -> set[str]:
        """Return who asked since this was last called."""
        seen, self._seen = self._seen, set()
        return seen

    def turn(self, now: float, *, is_heard: Callable[[str, float], bool]) -> dict[str, Standing]:
        """Return how each watcher is; call it every few seconds.

        Args:
            is_heard: Says of a unit whether a host in it was heard within the last so many
                seconds, or none is expected there.
        """
        if now - self._turn_at > STANDSTILL_SECONDS:  # nobody could have been heard meanwhile
            for known in self._known.values():
                known.seen_at, known.heard_since = now, None
        self._turn_at = now
        return {name: self._standing(known, now, is_heard) for name, known in self._known.items()}

    def _standing(
        self, known: _Known, now: float, is_heard: Callable[[str, float], bool]
    ) -> Standing:
        silent_seconds, every = now - known.seen_at, known.every_seconds
        grace_seconds = GRACE_LOOKS * every
        is_waiting = known.heard_since is None and silent_seconds > grace_seconds
        if is_waiting and is_heard(known.watcher.unit, silent_seconds - grace_seconds):
            known.heard_since = now
        if silent_seconds <= SILENT_LOOKS * every:
            return Standing.UP if known.was_seen else Standing.EXPECTED
        since = known.heard_since
        is_missed = since is not None and now - since >= HEARD_LOOKS * every
        return Standing.SILENT if is_missed else Standing.CUT_OFF
