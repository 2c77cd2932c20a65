"""Hand-written fakes at the seams: a desk's store in memory."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from incidents.desk_store import NoSuchIncident, SequenceConflict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from incidents.desk_store import Outgoing, Projection
    from incidents.oncall import Override
    from incidents.oncall_file import Oncall
    from incidents.paging import Decision, SilentReason
    from incidents.paging_policy import PagingPolicy
    from incidents.procedure import Procedure
    from incidents.timeline import Entry


class MemoryStore:
    """A `DeskTransaction` in lists; it undoes nothing, since one thread never conflicts."""

    def __init__(self) -> None:
        self.entries: list[list[Entry]] = []
        self.rows: list[Projection] = []
        self.queued: list[tuple[datetime, Outgoing]] = []
        self.decided: list[tuple[int, Decision]] = []
        self.numbers: dict[tuple[str, int], int] = {}
        self.taken_in: dict[str, int] = {}
        self.muted: set[int] = set()
        self.in_sessions: dict[int, int] = {}
        self.contents: dict[str, str] = {}
        self.cancelled: list[tuple[int, frozenset[str]]] = []

    @contextlib.contextmanager
    def attempt(self) -> Iterator[None]:
        yield

    def open_incident_of(self, dedup_key: str) -> int | None:
        for number, row in enumerate(self.rows):
            if row.incident.dedup_key == dedup_key:
                return number
        number = self.taken_in.get(dedup_key)
        return None if number is None or self.rows[number].incident.ended else number

    def note_session(self, incident: int, session: int) -> None:
        self.in_sessions[incident] = session

    def number_of(self, code: str) -> int | None:
        return next((n for n, row in enumerate(self.rows) if row.incident.code == code), None)

    def next_number(self, year: int, prefix: str) -> int:
        series = (prefix, year)
        self.numbers[series] = self.numbers.get(series, 0) + 1
        return self.numbers[series]

    def create(self, projection: Projection) -> int:
        self.rows.append(projection)
        self.entries.append([])
        return len(self.rows) - 1

    def timeline(self, incident: int, *, lock: bool) -> list[Entry]:
        if not 0 <= incident < len(self.entries):
            raise NoSuchIncident(str(incident))
        return list(self.entries[incident])

    def append(self, incident: int, new: Sequence[Entry]) -> None:
        for entry in new:
            if entry.seq != len(self.entries[incident]) + 1:
                raise SequenceConflict(str(entry.seq))
            self.entries[incident].append(entry)

    def remove_words(
        self, incident: int, entries: Sequence[int], evidence: Sequence[str], at: datetime
    ) -> None:
        self.entries[incident] = [
            replace(entry, texts=None) if entry.seq in entries else entry
            for entry in self.entries[incident]
        ]

    def project(self, incident: int, projection: Projection) -> None:
        self.rows[incident] = projection

    def keep_ruleset(self, procedure: Procedure, at: datetime) -> None:
        self.contents[procedure.digest] = procedure.content

    def keep_policy(self, policy: PagingPolicy, at: datetime) -> None:
        self.contents[policy.digest] = policy.content

    def kept(self, digest: str) -> str | None:
        return self.contents.get(digest)

    def cancel_duties(self, incident: int, still_open: frozenset[str], at: datetime) -> None:
        self.cancelled.append((incident, still_open))

    def queue(self, outgoing: Outgoing, at: datetime) -> int:
        self.queued.append((at, outgoing))
        return len(self.queued)

    def record(
        self, incident: int, at: datetime, decision: Decision, outbox_id: int | None
    ) -> None:
        self.decided.append((incident, decision))

    def due(self, now: datetime, limit: int) -> list[int]:
        return [
            number
            for number, row in enumerate(self.rows)
            if row.next_turn_at is not None and row.next_turn_at <= now
        ][:limit]

    def is_drill(self, incident: int) -> bool:
        return self.rows[incident].is_drill

    def merge(self, child: int, cause: str | None, parent: int) -> None:
        if cause is not None:
            self.taken_in[cause] = parent

    def muted_by(self, incident: int) -> tuple[str, ...]:
        return ("silence 1",) if incident in self.muted else ()

    def keep_oncall(self, oncall: Oncall, at: datetime) -> None:
        self.contents[oncall.digest] = oncall.content

    def overrides(self, at: datetime) -> list[Override]:
        return []

    def cancel_pages(
        self, incident: int, persons: frozenset[str] | None, why: SilentReason, at: datetime
    ) -> None:
        return None

    def postpone(self, incident: int, until: datetime) -> None:
        raise AssertionError(f"incident {incident} could not be judged")
