"""What the desk needs of a store: plain values in, plain values out; no I/O of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from incidents.channel import INSIDE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from incidents.channel import Reach
    from incidents.deadline_rows import DeadlineRow
    from incidents.incident import Incident
    from incidents.messages import Words
    from incidents.oncall import Override
    from incidents.oncall_file import Oncall
    from incidents.paging import Decision, SilentReason
    from incidents.paging_policy import PagingPolicy
    from incidents.procedure import Procedure
    from incidents.timeline import Entry


class SequenceConflict(Exception):
    """Somebody else wrote first: load again and decide again."""


class Conflict(Exception):
    """Somebody else wrote first, three times in a row; the caller answers 409."""


class NoSuchIncident(LookupError):
    """There is no incident of this number."""


@dataclass(frozen=True, slots=True)
class Projection:
    """The row beside the timeline, for lists and for the turn, and one row for each deadline.

    Attributes:
        readers: Who alone may see it, `role:CODE` and `person:NAME`; empty: everybody.
        is_drill: Statistics leave it out.
        reopen_until: The last instant at which it may be reopened; None: open, or without bound.
    """

    incident: Incident
    next_turn_at: datetime | None
    search_key: str
    marks_key: str
    deadlines: tuple[DeadlineRow, ...] = ()
    readers: tuple[str, ...] = ()
    is_drill: bool = False
    reopen_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be sent, written in the transaction of the change that caused it.

    Attributes:
        held_until: It waits until then, for the morning or for what `held_for` says; None: it
            leaves now.
        waits_until: It waits that long for what is being found out; None: it waits for nothing.
    """

    incident: int
    channel: str
    recipient: str
    address: str
    kind: str
    reason: str
    severity: str
    message_id: str
    subject: str
    body: str
    duties: tuple[str, ...] = ()
    reach: Reach = INSIDE
    held_until: datetime | None = None
    held_for: str = ""
    waits_until: datetime | None = None


class DeskTransaction(Protocol):
    """One open transaction of a store."""

    def attempt(self) -> AbstractContextManager[None]:
        """Undo what was written inside when it raises, and nothing else."""

    def open_incident_of(self, dedup_key: str) -> int | None:
        """Return the open incident of a cause."""

    def number_of(self, code: str) -> int | None:
        """Return the number of the incident with this code."""

    def next_number(self, year: int, prefix: str) -> int:
        """Return the next running number of a year's series, from 1.

        Raises:
            SequenceConflict: Somebody else takes the first number of the year just now.
        """

    def create(self, projection: Projection) -> int:
        """Make the row of a new incident and return its number.

        Raises:
            SequenceConflict: An open incident has the same cause, or the code is taken.
        """

    def timeline(self, incident: int, *, lock: bool) -> list[Entry]:
        """Return the entries in order; `lock` holds others off until the transaction ends.

        Raises:
            NoSuchIncident: There is none of this number.
        """

    def append(self, incident: int, new: Sequence[Entry]) -> None:
        """Add entries to a timeline.

        Raises:
            SequenceConflict: An entry of the same place is already there.
        """

    def remove_words(
        self, incident: int, entries: Sequence[int], evidence: Sequence[str], at: datetime
    ) -> None:
        """Remove the words of entries wherever they stand, and let go of evidence by digest."""

    def project(self, incident: int, projection: Projection) -> None:
        """Write the row beside the timeline."""

    def queue(self, outgoing: Outgoing, at: datetime) -> int:
        """Put a message into the outbox and return its number."""

    def record(
        self, incident: int, at: datetime, decision: Decision, outbox_id: int | None
    ) -> None:
        """Keep a decision to notify or not."""

    def keep_ruleset(self, procedure: Procedure, at: datetime) -> None:
        """Keep a ruleset by its digest, with the moves it allows; nothing if it is known."""

    def keep_policy(self, policy: PagingPolicy, at: datetime) -> None:
        """Keep a paging policy by its digest; nothing if it is known."""

    def keep_oncall(self, oncall: Oncall, at: datetime) -> None:
        """Keep schedules and levels by their digest; nothing if it is known."""

    def overrides(self, at: datetime) -> list[Override]:
        """Return who stands in for whom from an instant on, as people entered it."""

    def cancel_pages(
        self, incident: int, persons: frozenset[str] | None, why: SilentReason, at: datetime
    ) -> None:
        """Cancel pages that wait for these persons, in lower case; None: for anybody."""

    def kept(self, digest: str) -> str | None:
        """Return the content of a kept ruleset or policy."""

    def cancel_duties(self, incident: int, still_open: frozenset[str], at: datetime) -> None:
        """Cancel waiting messages that speak only of deadlines which are not open any more."""

    def take_back(
        self, incident: int, reword: Callable[[Reach, Words], Words] | None, at: datetime
    ) -> None:
        """Change the words of what waits about an incident; None: cancel all of it."""

    def release(
        self, incident: int, reword: Callable[[Reach, str], Words], at: datetime
    ) -> frozenset[tuple[str, str]]:
        """Let the first pages that wait for what is found out leave now, in other words.

        Args:
            reword: Returns the words by where they may be read and the reason of the page.

        Returns:
            Recipient and channel of each.
        """

    def told(self, incident: int) -> list[tuple[str, str, str]]:
        """Return recipient, channel and address of everybody who was paged."""

    def muted_by(self, incident: int) -> tuple[str, ...]:
        """Return the silences and windows that cover every alert of an incident that fires.

        Empty where one is not covered, or none fires.
        """

    def due(self, now: datetime, limit: int) -> list[int]:
        """Return open incidents whose turn has come, the longest waiting first."""

    def note_session(self, incident: int, session: int) -> None:
        """Note that an incident began in the path of a session."""

    def is_drill(self, incident: int) -> bool:
        """Say whether an incident is a drill."""

    def merge(self, child: int, cause: str | None, parent: int) -> None:
        """Let the alerts of an incident, and those of its cause to come, go on in another one."""

    def postpone(self, incident: int, until: datetime) -> None:
        """Put off the turn of an incident that could not be judged."""
