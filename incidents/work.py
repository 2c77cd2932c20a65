"""What people did with an incident beside moving it: decisions, evidence, tasks, links, readers."""

from dataclasses import dataclass
from datetime import datetime

from incidents.carrier import CarrierReport

YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision on reporting outside: yes with its grounds, or no."""

    decision: str
    grounds: tuple[str, ...]
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Preserved:
    """The evidence step: taken, or waived with a reason."""

    at: datetime
    by: str
    is_waived: bool


@dataclass(frozen=True, slots=True)
class Isolation:
    """One isolation, in the order as it was.

    Attributes:
        seq: Its entry.
        is_before_evidence: Nothing had been preserved or waived by then.
        reason_due_at: When the reason of an emergency isolation is due; None where it was given.
    """

    seq: int
    at: datetime
    by: str
    is_emergency: bool
    is_before_evidence: bool
    reason_due_at: datetime | None = None
    explained_at: datetime | None = None

    @property
    def is_unexplained(self) -> bool:
        """Say whether its reason is still missing."""
        return self.reason_due_at is not None and self.explained_at is None


@dataclass(frozen=True, slots=True)
class ToldPerson:
    """Somebody of a role who was told, when and how; the name is in the entry's words."""

    role: str
    at: datetime
    how: str
    by: str
    seq: int


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do, by whom and until when; what it is stands in the words of `seq`."""

    number: int
    owner: str
    due_at: datetime
    added_at: datetime
    seq: int
    done_at: datetime | None = None
    done_by: str = ""

    def is_overdue(self, now: datetime) -> bool:
        """Say whether it was not done in time; the due instant itself is in time."""
        return (self.done_at or now) > self.due_at


@dataclass(frozen=True, slots=True)
class Link:
    """Another incident: `related`, `parent` (this one went into it) or `child`."""

    code: str
    relation: str


@dataclass(frozen=True, slots=True)
class Share:
    """What was given to a partner office: which fields, the digest of the bytes, the receipt."""

    number: int
    seq: int
    fields: tuple[str, ...]
    sha256: str
    at: datetime
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Replay:
    """A drill that repeats what machines said of an earlier incident.

    Attributes:
        source: Its code.
        pace_percent: 100 is as it was, 1000 ten times as fast.
        done: How many of its steps have been repeated.
        next_at: When the next one is due; None when nothing is left.
    """

    source: str
    pace_percent: int
    started_at: datetime
    done: int = 0
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """Everything of the above.

    Attributes:
        undecided_since: Since when reporting is to be decided, where a change of nature asked
            again; None: since detection.
        readers: Who alone may see it, `person:NAME` or `role:CODE`; empty: everybody.
        is_pointer_only: Free text is locked, whatever the class.
        final_approved_at: When the end and with it the internal final report were approved.
    """

    tlp: str = ""
    detected_by: str = ""
    decided: Decided | None = None
    undecided_since: datetime | None = None
    evidence: tuple[Preserved, ...] = ()
    isolations: tuple[Isolation, ...] = ()
    told: tuple[ToldPerson, ...] = ()
    tasks: tuple[Task, ...] = ()
    links: tuple[Link, ...] = ()
    readers: tuple[str, ...] = ()
    is_pointer_only: bool = False
    shares: tuple[Share, ...] = ()
    replay: Replay | None = None
    final_approved_at: datetime | None = None
    final_approved_by: str = ""
    carrier: tuple[CarrierReport, ...] = ()

    @property
    def merged_into(self) -> str | None:
        """Return the code of the incident that this one went into."""
        return next((link.code for link in self.links if link.relation == "parent"), None)

    @property
    def unexplained(self) -> tuple[Isolation, ...]:
        """Return the emergency isolations whose reason is still missing."""
        return tuple(isolation for isolation in self.isolations if isolation.is_unexplained)


NO_WORK = Work()
