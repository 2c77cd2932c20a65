"""The alerts that outside sources say now: taken in, merged, ended when nobody says them again.

What it makes of them goes the way of our own alerts: silences, topology, incident or worklist.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from collector.alerts import Ended, Firing
from collector.alerts_in.alert import OutsideAlert, identity, is_new_episode, put
from collector.alerts_in.inventory import FleetInventory
from collector.alerts_in.meaning import firing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from collector.alerts import Suppression
    from collector.alerts_in.routes_file import OutsidePolicy
    from collector.alerts_in.sources import Source
    from collector.judge import Judge
    from collector.outages.outages import Outages

# What ended is remembered this long: Prometheus says an end again for a quarter of an hour.
REMEMBERED = timedelta(hours=1)
MAX_OF_SOURCE = 50_000


@dataclass(slots=True)
class KnownAlert:
    """One alert of one source.

    Attributes:
        told: What it says here while it is open.
        due_at: When it is looked at next, whatever happens.
    """

    fingerprint: str
    source: Source
    alert: OutsideAlert
    told: Firing | None = None
    due_at: datetime | None = None


class News(NamedTuple):
    """What the tables must be told: alerts as they are now, and those to forget."""

    changed: tuple[KnownAlert, ...]
    forgotten: tuple[str, ...]


class StoredAlert(NamedTuple):
    """What the tables know of one.

    Attributes:
        is_open: There is an unresolved alert of it. Attribute `suppression`: why it is not told.
    """

    fingerprint: str
    source: str
    alert: OutsideAlert
    is_open: bool
    suppression: Suppression | None = None


class OutsideBook:
    """One object, on the event loop, without input or output.

    Attributes:
        policy: What alerts are here.
        ended_unseen: Ends of alerts that were never said to fire: recorded, told to nobody.
    """

    def __init__(self, judge: Judge, outages: Outages, policy: OutsidePolicy) -> None:
        self.policy = policy
        self._judge, self._outages = judge, outages
        self._inventory = FleetInventory(judge.fleet)
        self._known: dict[str, KnownAlert] = {}
        self._counts: Counter[str] = Counter()
        self._heap: list[tuple[datetime, str]] = []
        self._dirty: dict[str, KnownAlert] = {}
        self._forgotten: set[str] = set()
        self._grace_until = datetime.min.replace(tzinfo=UTC)
        self.ended_unseen = 0
        outages.hear(self.said)

    def __iter__(self) -> Iterator[KnownAlert]:
        """Yield what is known, ended ones too."""
        return iter(list(self._known.values()))

    def __len__(self) -> int:
        return len(self._known)

    def has_unit(self, code: str) -> bool:
        """Say whether there is a unit of this code."""
        return self._inventory.has_unit(code)

    def has_room(self, source: Source, count: int) -> bool:
        """Say whether a source may have so many alerts more; those it has are no more."""
        return self._counts[source.id] + count <= MAX_OF_SOURCE

    def new_among(self, source: Source, alerts: Iterable[OutsideAlert]) -> int:
        """Return how many of these alerts are not known of a source."""
        return sum(identity(source.id, alert.labels) not in self._known for alert in alerts)

    def firing_by_source(self) -> Counter[str]:
        """Return how many fire, by source."""
        return Counter(one.source.id for one in self._known.values() if one.told is not None)

    def told(self, fingerprint: str) -> Firing | None:
        """Return what an alert from outside says while it is open."""
        known = self._known.get(fingerprint)
        return None if known is None else known.told

    def said(self, agent: str, metric: str, fingerprint: str) -> Firing | None:
        """Return what a firing alert says now, whoever raised it."""
        known = self._known.get(fingerprint)
        if known is not None:
            return known.told
        return self._judge.firing_of(agent, metric, fingerprint)

    def take(self, source: Source, alerts: Iterable[OutsideAlert], now: datetime) -> None:
        """Take over what a source says."""
        for alert in alerts:
            self._take(source, alert, now)

    def hold_ends(self, now: datetime) -> None:
        """We refused, or did not hear: for a while nothing ends because nobody said it again."""
        self._grace_until = max(self._grace_until, now + self.policy.lease)

    def tick(self, now: datetime) -> None:
        """End what nobody says any more, and forget what ended long ago."""
        while self._heap and self._heap[0][0] <= now:
            at, fingerprint = heapq.heappop(self._heap)
            known = self._known.get(fingerprint)
            if known is None or known.due_at != at:
                continue
            known.due_at = None
            if known.told is not None and self._ends_at(known) <= now:
                self._end(known, known.alert.ends_at)
            elif known.told is None and self._ends_at(known) <= now:
                self._forget(known)
                continue
            self._look_later(known)

    def next_due_at(self) -> datetime | None:
        """Return when `tick` has something to do; it may be less than expected, never later."""
        return self._heap[0][0] if self._heap else None

    def take_news(self) -> News:
        """Return what the tables do not know yet."""
        news = News(tuple(self._dirty.values()), tuple(self._forgotten))
        self._dirty, self._forgotten = {}, set()
        return news

    def put_back(self, news: News) -> None:
        """The tables did not take it: it is news still."""
        for known in news.changed:
            if known.fingerprint in self._known:
                self._dirty[known.fingerprint] = self._known[known.fingerprint]
        self._forgotten |= {name for name in news.forgotten if name not in self._known}

    @property
    def has_news(self) -> bool:
        """Say whether there is something that the tables do not know."""
        return bool(self._dirty or self._forgotten)

    def adopt(self, policy: OutsidePolicy, now: datetime) -> None:
        """Go by another policy, or another inventory: what is open may mean something else."""
        self.policy = policy
        for known in self._known.values():
            if known.told is not None:
                self._tell(known, now)

    def restore(
        self, stored: Sequence[StoredAlert], sources: dict[str, Source], now: datetime
    ) -> None:
        """Go on with what the tables know.

        While we were away nobody could say anything again: what fired has time to be said.
        """
        self.hold_ends(now)
        going_on: list[tuple[Firing, Suppression | None]] = []
        for one in stored:
            source = sources.get(one.source)
            if source is None:
                if one.is_open:
                    self._outages.tell(Ended(one.fingerprint, now))
                self._forgotten.add(one.fingerprint)
                continue
            known = self._add(KnownAlert(one.fingerprint, source, one.alert))
            was_leased = one.alert.ends_at > one.alert.updated_at
            if one.alert.is_over(now) and not was_leased:
                if one.is_open:
                    self._outages.tell(Ended(one.fingerprint, one.alert.ends_at))
            elif one.is_open:
                known.told = self._firing(known, one.alert.updated_at)
                going_on.append((known.told, one.suppression))
            elif one.alert.is_over(now):
                pass  # it ended before we did
            else:
                self._tell(known, now)
            self._look_later(known)
        self._outages.restore_outside(going_on, now)

    def _take(self, source: Source, alert: OutsideAlert, now: datetime) -> None:
        fingerprint = identity(source.id, alert.labels)
        known = self._known.get(fingerprint)
        before = None if known is None else known.alert
        merged = put(before, alert)
        if known is None:
            known = self._add(KnownAlert(fingerprint, source, merged))
        known.source, known.alert = source, merged
        self._dirty[fingerprint] = known
        if not merged.is_over(now):
            if known.told is None or before is None or before.annotations != merged.annotations:
                self._tell(known, now)
        elif known.told is not None:
            self._end(known, merged.ends_at)
        elif is_new_episode(before, alert):
            self._record(known, now)
        self._look_later(known)

    def _add(self, known: KnownAlert) -> KnownAlert:
        self._known[known.fingerprint] = known
        self._counts[known.source.id] += 1
        self._forgotten.discard(known.fingerprint)
        return known

    def _ends_at(self, known: KnownAlert) -> datetime:
        """Return when an open alert ends by itself, or an ended one is forgotten."""
        alert = known.alert
        if known.told is None:
            return alert.ends_at + REMEMBERED
        return max(alert.ends_at, self._grace_until)

    def _firing(self, known: KnownAlert, at: datetime) -> Firing:
        return firing(
            known.alert, known.source, self.policy, self._inventory, at,
            self._judge.pending.revision,
        )  # fmt: skip

    def _tell(self, known: KnownAlert, now: datetime) -> None:
        """Tell what it says, unless it says what it said."""
        change, before = self._firing(known, now), known.told
        if before is not None:
            change = replace(change, started_at=before.started_at)
            if replace(change, at=before.at, revision=before.revision) == before:
                return
        known.told = change
        self._outages.tell(change)

    def _end(self, known: KnownAlert, at: datetime) -> None:
        started_at = at if known.told is None else known.told.started_at
        known.told = None
        self._outages.tell(Ended(known.fingerprint, max(at, started_at)))

    def _record(self, known: KnownAlert, now: datetime) -> None:
        """An end of what was never said to fire is history: it is told to nobody."""
        self.ended_unseen += 1
        unwritten = self._firing(known, now)
        self._outages.tell(Ended(known.fingerprint, known.alert.ends_at, unwritten))

    def _forget(self, known: KnownAlert) -> None:
        del self._known[known.fingerprint]
        self._counts[known.source.id] -= 1
        self._dirty.pop(known.fingerprint, None)
        self._forgotten.add(known.fingerprint)

    def _look_later(self, known: KnownAlert) -> None:
        """See to it that the end is noticed; an end that moved away is found when it is looked."""
        at = self._ends_at(known)
        if known.due_at is None or at < known.due_at:
            known.due_at = at
            heapq.heappush(self._heap, (at, known.fingerprint))
