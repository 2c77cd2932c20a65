"""An incident in the path of a conference session: which one, whose points, whose clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - the API reads the types when it starts
from typing import TYPE_CHECKING, Any

from incidents.severity import NONE, Circumstances
from incidents.terms import Term

if TYPE_CHECKING:
    from collections.abc import Mapping

    from incidents.calendar import Calendar
    from incidents.procedure_clocks import Deadline

WHOLE = 100


@dataclass(frozen=True, slots=True)
class Where:
    """Where something breaks.

    Attributes:
        node: In the graph: an agent, `target:NAME`, `unit:CODE`; empty where a person reports.
        class_code: Of the incident that it would be.
        session: The session of which a person reports it at the board; 0: of none.
        points: The places that are hit there; empty: all.
    """

    node: str
    unit: str
    host: str
    class_code: str
    is_by_hand: bool = False
    session: int = 0
    points: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class InSession:
    """The session that an incident began in.

    Attributes:
        session: Its number.
        session_class: As it weighs: a rehearsal weighs like the least class.
        is_live: It went on, and its clocks hold; else its pre-check did.
        is_cut_off: A point has neither picture nor sound.
        points: The places of the points that are hit.
        clock_percent: Of the terms that the procedure has for a live session.
        left_at: When the session ended: from then on the incident is an ordinary one.
    """

    session: int
    name: str
    session_class: str
    is_live: bool = True
    is_cut_off: bool = False
    points: tuple[int, ...] = ()
    point_names: tuple[str, ...] = ()
    clock_percent: int = WHOLE
    left_at: datetime | None = None

    def data(self) -> dict[str, Any]:
        """Return it as an entry keeps it."""
        return {
            "id": self.session, "name": self.name, "class": self.session_class,
            "live": self.is_live, "cut_off": self.is_cut_off, "points": list(self.points),
            "point_names": list(self.point_names), "percent": self.clock_percent,
        }  # fmt: skip

    @property
    def holds(self) -> bool:
        """Say whether the clocks of the live session hold still."""
        return self.is_live and self.left_at is None


@dataclass(frozen=True, slots=True)
class Around:
    """What goes on while something breaks: a session, a peak period.

    Attributes:
        clock_percent: What part of the procedure's own terms a peak period leaves.
    """

    in_session: InSession | None = None
    clock_percent: int = WHOLE

    @property
    def circumstances(self) -> Circumstances:
        """Return what of it weighs on a severity."""
        part = self.in_session
        if part is None:
            return NONE
        return Circumstances(
            session_class=part.session_class,
            in_session=True,
            picture_and_sound_lost=part.is_cut_off,
        )

    def data(self) -> dict[str, Any]:
        """Return what the entry that opens an incident keeps of it."""
        found: dict[str, Any] = {}
        if self.in_session is not None:
            found["session"] = self.in_session.data()
        if self.clock_percent != WHOLE:
            found["clock_percent"] = self.clock_percent
        return found


NOTHING_AROUND = Around()


def around_of(data: Mapping[str, Any]) -> Around:
    """Return what an entry keeps."""
    kept = data.get("session")
    part = None if kept is None else InSession(
        kept["id"], kept["name"], kept["class"], kept["live"], kept["cut_off"],
        tuple(kept["points"]), tuple(kept["point_names"]), kept["percent"],
    )  # fmt: skip
    return Around(part, data.get("clock_percent", WHOLE))


def term_of(
    deadline: Deadline,
    severity: str,
    around: Around,
    start: datetime,
    calendar: Calendar,
) -> Term | str | None:
    """Return the term of a deadline where a session or a peak period changes it.

    A clock of law never changes. In a live session what the procedure has for it holds, also for
    what came due before the session ended; what did not becomes an ordinary clock, from the first
    detection.
    """
    own, part = deadline.term(severity), around.in_session
    if deadline.is_legal:
        return own
    if part is not None and part.is_live and deadline.live_session is not None:
        live = tightened(deadline.live_session, part.clock_percent)
        if part.left_at is None or live.after(start, calendar) <= part.left_at:
            return live
    return tightened(own, around.clock_percent) if isinstance(own, Term) else own


def tightened(term: Term, percent: int) -> Term:
    """Return a part of a term on its own clock, rounded up, never nothing."""
    if percent >= WHOLE:
        return term
    if term.unit == "h":
        term = Term(term.amount * 60, "min")
    return Term(max(1, -(-term.amount * percent // WHOLE)), term.unit)
