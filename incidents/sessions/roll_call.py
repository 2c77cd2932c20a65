"""The roll call (*điểm danh*): what may be answered, which answer still holds, who is next."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from incidents.sessions.moments import moment_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from incidents.sessions.facts import Said
    from incidents.sessions.model import Point, Session, Way


class Answer(NamedTuple):
    """One answer, its key, and what it says; None: it says nothing of that.

    Attributes:
        there: Somebody is in the room, and in the conference.
    """

    code: str
    key: str
    picture: bool | None = None
    sound: bool | None = None
    there: bool | None = None


# One key each, under the fingers of one hand; shown beside the button.
ANSWERS: tuple[Answer, ...] = (
    Answer("good", "1", picture=True, sound=True, there=True),
    Answer("no_picture", "2", picture=False, sound=True, there=True),
    Answer("no_sound", "3", picture=True, sound=False, there=True),
    Answer("neither", "4", picture=False, sound=False, there=True),
    Answer("bad_picture", "5", picture=False, sound=True, there=True),
    Answer("bad_sound", "6", picture=True, sound=False, there=True),
    Answer("absent", "7", there=False),
    Answer("later", "0"),
)
BY_CODE: Mapping[str, Answer] = {answer.code: answer for answer in ANSWERS}
NOTHING = Answer("", "")


class Heard(NamedTuple):
    """What people last said of a point.

    Attributes:
        picture, sound, there: The word that counts for each; None where nobody spoke of it.
    """

    picture: Said | None
    sound: Said | None
    there: Said | None


def heard(said: Iterable[Said]) -> Heard:
    """Return the last word on each thing; `later` takes nothing back."""
    last: dict[str, Said] = {}
    for one in sorted(said, key=lambda word: word.at):
        answer = BY_CODE.get(one.answer, NOTHING)
        for what in ("picture", "sound", "there"):
            if getattr(answer, what) is not None:
                last[what] = one
    return Heard(last.get("picture"), last.get("sound"), last.get("there"))


def still_holds(said: Said, session: Session, now: datetime) -> bool:
    """Say whether a good word still counts: it ages out when the next moment begins.

    A bad one does not: it stands until somebody says something else.
    """
    return moment_of(session, said.at) is moment_of(session, now)


def is_settled(said: Iterable[Said], session: Session, now: datetime) -> bool:
    """Say whether a point was called in this moment, whatever it answered but `later`."""
    return any(
        BY_CODE.get(one.answer, NOTHING).there is not None and still_holds(one, session, now)
        for one in said
    )


def calling_order(points: Sequence[Point], settled: Collection[int]) -> list[Point]:
    """Return the points that are still to be called, in order; `settled` holds their numbers."""
    return sorted(
        (point for point in points if point.order not in settled), key=lambda point: point.order
    )


def fits(answer: Answer, way: Way) -> bool:
    """Say whether an answer makes sense of a point: nobody sees a telephone."""
    only_picture = answer.code in ("no_picture", "bad_picture")
    return not (way == "telephone" and only_picture)
