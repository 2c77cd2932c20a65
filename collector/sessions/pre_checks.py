"""Pre-checks under way: points are asked anew before a record, some at a time, not for long."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from collector.liveness import HEARD
from collector.rush import ONLY_SELDOM
from collector.sessions.asking_turns import (
    Wanted,
    admitted,
    bits_of,
    budget_of,
    line_of,
    rounds,
    stream_bits,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from collector.fleet import Fleet, Host
    from collector.targets.targets import Target
    from incidents.actor import Viewer
    from incidents.sessions.model import Session

# An agent hears of it with its next report, asks, and reports.
TURN = timedelta(seconds=45)
# However many points there are: by then a record says of the rest that they were not checked.
LONGEST_LEAD = timedelta(minutes=5)
# Where `targets.yaml` has no mesh: the ceiling that one has where it does not say another.
MOST_BITS = 2_000_000.0
ANSWERED = "wanwatch_probe_answer_code"


class Record(NamedTuple):
    """A record that is made when a session's points were asked; `key` as of a check."""

    actor: str
    viewer: Viewer
    key: str


@dataclass(slots=True)
class Asking:
    """The points of one session that are asked anew.

    Attributes:
        targets: Endpoints and paths, in calling order.
        not_before: When the record is due; `until`: when it is made in any case.
    """

    session: int
    targets: tuple[str, ...]
    begun_at: datetime
    not_before: datetime
    until: datetime
    records: list[Record] = field(default_factory=list)
    answered: int = 0


class PreChecks:
    """Lives on the event loop; after a restart the clock's begin again, others are asked for."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._askings: dict[int, Asking] = {}
        self._asked: dict[str, tuple[Wanted, datetime]] = {}
        self._given_up: set[str] = set()

    @property
    def anew(self) -> dict[str, float]:
        """Return what is asked now, with what its stream may send in bits per second."""
        found = {}
        for name, (wanted, _) in self._asked.items():
            target = self._fleet.targets.by_name.get(name)
            if target is not None:
                found[name] = stream_bits(target, self._line_bits(wanted.line))
        return found

    @property
    def counts(self) -> dict[int, int]:
        """Return how many targets have answered, of each session under way."""
        return {number: asking.answered for number, asking in self._askings.items()}

    def of(self, session: int) -> Asking | None:
        """Return what is under way of a session."""
        return self._askings.get(session)

    def lead(self, session: Session) -> timedelta:
        """Return how long before its record the points of a session are asked."""
        hosts = self._hosts()
        waiting = [self._wanted(t, hosts) for t in self._targets(session) if self._able(t, hosts)]
        turns = len(rounds(waiting, self._line_bits, self._most_bits()))
        return min(LONGEST_LEAD, TURN * turns)

    def begin(self, session: Session, record: Record, now: datetime, at: datetime) -> Asking:
        """Ask the points of a session anew; one that is under way makes another record.

        Args:
            at: When the record is due.
        """
        found = self._askings.get(session.id)
        if found is None:
            targets = tuple(dict.fromkeys(one.name for one in self._targets(session)))
            until = max(at, now + self.lead(session))
            found = self._askings[session.id] = Asking(session.id, targets, now, at, until)
            self._given_up -= set(targets)
        if record.key not in [one.key for one in found.records]:
            found.records.append(record)
        return found

    def turn(self, now: datetime) -> list[Asking]:
        """Let those be asked whose turn it is; return what is done."""
        hosts = self._hosts()
        waiting: dict[str, Wanted] = {}
        for asking in self._askings.values():
            missing = [t for t in self._known(asking) if not self._has_answered(t, asking.begun_at)]
            asking.answered = len(asking.targets) - len(missing)
            for target in missing:
                if target.name not in self._given_up and self._able(target, hosts):
                    waiting[target.name] = self._wanted(target, hosts)
        for name, (_, since) in list(self._asked.items()):
            if name not in waiting or now - since >= TURN:
                del self._asked[name]
                self._given_up.add(name)
                waiting.pop(name, None)
        asked = [wanted for wanted, _ in self._asked.values()]
        others = [one for name, one in waiting.items() if name not in self._asked]
        for one in admitted(asked, others, self._line_bits, self._most_bits()):
            self._asked[one.target] = (one, now)
        return self._take_done(waiting.keys(), now)

    def _take_done(self, waiting: Collection[str], now: datetime) -> list[Asking]:
        done = []
        for asking in list(self._askings.values()):
            is_asked = any(name in waiting for name in asking.targets)
            if now >= asking.until or (not is_asked and now >= asking.not_before):
                done.append(self._askings.pop(asking.session))
        left = {name for asking in self._askings.values() for name in asking.targets}
        self._asked = {name: asked for name, asked in self._asked.items() if name in left}
        self._given_up &= left
        return done

    def _targets(self, session: Session) -> list[Target]:
        names = (name for point in session.points for name in (point.target, point.path))
        return [t for name in names if (t := self._fleet.targets.by_name.get(name)) and t.probes]

    def _known(self, asking: Asking) -> Iterator[Target]:
        by_name = self._fleet.targets.by_name
        return (by_name[name] for name in asking.targets if name in by_name)

    def _has_answered(self, target: Target, since: datetime) -> bool:
        """Say whether every probe of a target has ended since: with whatever answer."""
        place = self._fleet.places.known(target.node)
        if place is None:
            return False
        at = since.timestamp()
        ended = {
            dict(series.identity.labels).get("probe")
            for series in place.series.values()
            if series.identity.name == ANSWERED and series.at >= at
        }
        return all(ask.probe in ended for ask in target.probes if ask.probe not in ONLY_SELDOM)

    def _hosts(self) -> dict[str, Host]:
        return {f"{host.unit}/{host.host}": host for host in self._fleet.approved()}

    def _able(self, target: Target, hosts: dict[str, Host]) -> bool:
        """Say whether an agent is heard that can ask it."""
        able = (hosts[name] for name in target.asked_by if name in hosts)
        return any(h.liveness in HEARD and h.quarantined_at is None for h in able)

    def _wanted(self, target: Target, hosts: dict[str, Host]) -> Wanted:
        near = next((hosts[name].unit for name in target.asked_by if name in hosts), "")
        line = line_of(target, self._fleet.targets, near)
        stream = stream_bits(target, self._line_bits(line))
        return Wanted(target.name, line, bits_of(target.probes, stream))

    def _line_bits(self, line: str) -> float:
        return budget_of(line, self._fleet.targets)

    def _most_bits(self) -> float:
        mesh = self._fleet.targets.mesh
        return MOST_BITS if mesh is None else mesh.most_bits_per_second
