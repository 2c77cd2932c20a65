"""What the requests about sessions hold, and the plans that they mean."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from incidents.commands.fields import At, Line
from incidents.conditions import Refused
from incidents.sessions.entering import Draft, true_instant
from incidents.sessions.log import LogKind
from incidents.sessions.model import Kind, Point, Session, SessionClass, Way
from incidents.sessions.planning import resolve

if TYPE_CHECKING:
    from datetime import datetime

    from collector.storage.queries.visibility import Viewer
    from incidents.sessions.names import Book

Name = Annotated[str, Field(max_length=200)]
Short = Annotated[str, Field(max_length=120)]
Phone = Annotated[str, Field(max_length=40, pattern=r"^[0-9+(). /-]*$")]
Text = Annotated[str, Field(max_length=4000)]
TargetName = Annotated[str, Field(max_length=64, pattern=r"^[a-z0-9.-]*$")]
MOST_ENTRIES = 500
MOST_DATA = 8_000


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    """Refuse what is large, or no JSON: it would be kept for ever and could not be shown."""
    if len(json.dumps(data, allow_nan=False)) > MOST_DATA:
        raise ValueError(f"at most {MOST_DATA} characters of JSON")
    return data


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PointBody(_Body):
    """One point; `name` may be any name of it that sessions.yaml knows, what is given wins."""

    name: Short
    unit: Short | None = None
    target: TargetName | None = None
    path: TargetName | None = None
    way: Way | None = None
    is_main: bool | None = None
    technician: Short | None = None
    phone: Phone | None = None
    second: Short | None = None
    second_phone: Phone | None = None
    is_confirmed: bool | None = None


class SessionBody(_Body):
    """A plan; a point is a name, or a name with what differs from sessions.yaml.

    With `rrule` (RFC 5545) it is planned as often as the rule says, at most 200 times in a year.
    """

    name: Name
    session_class: SessionClass
    starts_at: At
    ends_at: At
    kind: Kind = "official"
    chair: Name = ""
    bridge: TargetName = ""
    conference: Short = ""
    series: Short = ""
    rrule: Annotated[str, Field(max_length=200)] = ""
    main: Short = ""
    points: Annotated[list[Short | PointBody], Field(max_length=500)]


class CopyBody(_Body):
    """When the copy is held; without a name it has the same."""

    starts_at: At
    name: Name = ""


class MoveBody(_Body):
    """Other times; without an end the session keeps its length."""

    starts_at: At
    ends_at: At | None = None
    reason: Line = ""


class ReasonBody(_Body):
    """Why."""

    reason: Line = ""


class ConfirmBody(_Body):
    """Whether the technician of a point will be there."""

    is_there: bool = True


class CloseBody(_Body):
    """`is_clean`: somebody says that nothing happened ("Không có sự cố")."""

    is_clean: bool


class EntryBody(_Body):
    """One entry of the log; `key` is the client's own: the same key is the same entry."""

    kind: Literal["symptom", "action", "fallback", "restored", "note", "secretariat", "item"]
    key: Annotated[str, Field(max_length=100)] = ""
    at: At | None = None
    point: Annotated[int, Field(ge=0, le=100_000)] = 0
    code: Annotated[str, Field(max_length=40)] = ""
    text: Text = ""
    incident: Annotated[str, Field(max_length=40)] = ""
    data: Annotated[dict[str, Any], AfterValidator(_plain)] = Field(default_factory=dict)


class LogBody(_Body):
    """Entries, those made offline too; `sent_at` is the client's clock now: its error cancels."""

    sent_at: At | None = None
    entries: Annotated[list[EntryBody], Field(min_length=1, max_length=MOST_ENTRIES)]


class ImportBody(_Body):
    """A CSV file or a calendar (RFC 5545)."""

    csv: Annotated[str, Field(max_length=1 << 20)] = ""
    ics: Annotated[str, Field(max_length=1 << 20)] = ""


def session_of(body: SessionBody, book: Book, viewer: Viewer) -> Session:
    """Return the plan that a body means.

    Raises:
        Refused: A point is unknown, or of a unit that the caller does not see.
    """
    points = [_point(one, book) for one in body.points]
    if body.main:
        (main,) = resolve(book, [body.main])
        rest = [p for p in points if (p.unit, p.name) != (main.unit, main.name)]
        points = [replace(main, is_main=True), *rest]
    seen(points, viewer)
    return Session(
        0, body.name.strip(), body.session_class, body.starts_at, body.ends_at, kind=body.kind,
        chair=body.chair.strip(), bridge=body.bridge, conference=body.conference.strip(),
        series=body.series.strip(), points=tuple(points),
    )  # fmt: skip


def seen(points: list[Point], viewer: Viewer) -> None:
    """Refuse points of units that the caller does not see: for them there are none.

    Raises:
        Refused: Naming them.
    """
    hidden = [point.name for point in points if not viewer.sees(point.unit)]
    if hidden:
        names = ", ".join(hidden[:10])
        raise Refused(
            f"Điểm cầu ngoài phạm vi của mình: {names}.",
            f"Points that are not yours: {names}.",
            ["points"],
        )


def _point(given: str | PointBody, book: Book) -> Point:
    if isinstance(given, str):
        return resolve(book, [given])[0]
    if given.unit is not None and not book.find(given.unit):
        raise Refused(
            f"Không có đơn vị “{given.unit}”.", f"There is no unit {given.unit!r}.", ["points"]
        )
    known = book.find(given.name)
    if given.unit is not None:
        known = [point for point in known if point.unit == given.unit]
    if len(known) == 1:
        start = known[0]
    elif given.unit is not None:
        start = Point(0, given.unit, given.name.strip())
    else:
        start = resolve(book, [given.name])[0]
    changes = given.model_dump(exclude={"name", "unit"}, exclude_none=True)
    return replace(start, **changes)


def drafts_of(body: LogBody, now: datetime) -> list[Draft]:
    """Return what a client entered, at the instants at which it happened."""
    return [
        Draft(
            LogKind(one.kind),
            None if one.at is None else true_instant(one.at, body.sent_at, now),
            one.point,
            one.code,
            one.text.strip(),
            one.incident,
            one.data,
            one.key,
        )
        for one in body.entries
    ]
