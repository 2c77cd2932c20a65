"""While a technician looks at a session's board, its alerts go there first, and ring no telephone.

What nobody has acknowledged after two minutes goes to the second technician of a point that is hit,
and after as long again to whoever is on call; without a second technician to these at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from incidents.incident import Incident
    from incidents.paging import Decision

# Why a message waits, as kept with it.
HELD = "board"
# Source: the term for acknowledging in a live session, two minutes.
ANSWER_WITHIN = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class AtBoard:
    """Who looks at the board of the session that an incident began in.

    Attributes:
        people: Signed in there now.
        seconds: The second technicians of the points that are hit, who are not at the board.
    """

    people: tuple[str, ...] = ()
    seconds: tuple[str, ...] = ()


NOBODY_THERE = AtBoard()


def wait_until(
    incident: Incident, decision: Decision, board: AtBoard, now: datetime
) -> datetime | None:
    """Return until when a page waits because the board has it; None: it leaves now.

    It counts from what happened last: the detection, or the alert that fired again.
    """
    part = incident.around.in_session
    if part is None or not part.holds or not board.people or decision.kind != "page":
        return None
    is_second = decision.recipient.casefold() in {name.casefold() for name in board.seconds}
    steps = 1 if is_second or not board.seconds else 2
    at = incident.detected_at + steps * ANSWER_WITHIN
    return at if at > now else None


def seconds_at(
    seconds: Mapping[int, str], points: Iterable[int], people: tuple[str, ...]
) -> AtBoard:
    """Return who is there, and the second technicians of points that are hit.

    Args:
        seconds: Second technicians by place in the roll call.
    """
    there = {name.casefold() for name in people}
    named = [name for place in points if (name := seconds.get(place))]
    away = [name for name in dict.fromkeys(named) if name.casefold() not in there]
    return AtBoard(people, tuple(away))
