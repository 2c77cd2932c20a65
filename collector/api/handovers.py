"""`/api/v1/handovers`: the minutes of each change of shifts, notes, and two signatures."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from collector.api.deps import PAGE, Caller, Limit, Looking, RowNumber, Use
from collector.api.errors import NotFoundError
from collector.api.once import command
from collector.services import Services
from collector.storage import handovers as store
from collector.storage.handovers import Handover, Note
from incidents.actor import Viewer
from incidents.handover import MOST_WORDS, Side, Signature

router = APIRouter(prefix="/api/v1/handovers", tags=["on call"])
Code = Annotated[str, Field(max_length=40)]


@dataclass(frozen=True, slots=True)
class HandoverRow:
    """One handover, as the API shows it.

    Attributes:
        document: What the service filled in when the shift began; instants are microseconds UTC.
        words: The fields that people wrote, as they stand.
        digest: What a signature of now covers.
        left_open: Incidents that nobody has acknowledged by now: taken over by name.
    """

    id: int
    schedule: str
    at: datetime
    due_at: datetime
    outgoing: tuple[str, ...]
    incoming: tuple[str, ...]
    document: dict[str, Any]
    words: dict[str, str]
    notes: tuple[Note, ...]
    signatures: tuple[Signature, ...]
    digest: str
    is_signed: bool
    left_open: list[str]


class NoteBody(BaseModel):
    """What is written into a field: `tinh_trang`, `thiet_bi` or `luu_y`."""

    model_config = ConfigDict(extra="forbid")
    field: Code
    text: Annotated[str, Field(max_length=MOST_WORDS)]


class SignBody(BaseModel):
    """For which side, and the incidents without acknowledgement that are taken over by name."""

    model_config = ConfigDict(extra="forbid")
    side: Side
    accepted: Annotated[list[Code], Field(max_length=1_000)] = []


@router.get("")
async def handovers(services: Use, viewer: Looking, limit: Limit = PAGE) -> list[HandoverRow]:
    """List the handovers, the newest first."""
    return await services.db.read(lambda c: newest(services, c, viewer, limit))


@router.get("/{number}")
async def one(services: Use, viewer: Looking, number: RowNumber) -> HandoverRow:
    """Return one handover."""
    return await services.db.read(lambda c: row_of(services, c, found(services, c, viewer, number)))


@router.post("/{number}/notes", status_code=201)
async def note(
    request: Request,
    services: Use,
    caller: Caller,
    viewer: Looking,
    number: RowNumber,
    body: NoteBody,
) -> Response:
    """Write into a field; what stood there before stays in the record."""
    return await command(request, services, noting(services, number, body, caller.actor, viewer))


@router.post("/{number}/sign", status_code=201)
async def sign(
    request: Request,
    services: Use,
    caller: Caller,
    viewer: Looking,
    number: RowNumber,
    body: SignBody,
) -> Response:
    """Sign for the side that hands over, or the one that takes over; each by their own log-in."""
    return await command(request, services, signing(services, number, body, caller.actor, viewer))


def newest(
    services: Services, connection: Connection, viewer: Viewer, limit: int
) -> list[HandoverRow]:
    """Return the last handovers that somebody sees, the newest first."""
    return [
        row_of(services, connection, one)
        for one in store.newest(connection, limit=limit)
        if services.handovers.sees(one, viewer)
    ]


def found(services: Services, connection: Connection, viewer: Viewer, number: int) -> Handover:
    """Return a handover that exists.

    Raises:
        NotFoundError: There is none of this number, or the viewer does not see its units.
    """
    handover = store.find(connection, number)
    if handover is None or not services.handovers.sees(handover, viewer):
        raise NotFoundError("handover", number)
    return handover


def row_of(services: Services, connection: Connection, one: Handover) -> HandoverRow:
    """Return a handover as the API shows it."""
    return HandoverRow(
        id=one.id,
        schedule=one.schedule,
        at=one.at,
        due_at=one.at + services.handovers.grace,
        outgoing=one.outgoing,
        incoming=one.incoming,
        document=json.loads(one.document),
        words=one.words,
        notes=one.notes,
        signatures=one.signatures,
        digest=one.digest,
        is_signed=one.is_signed,
        left_open=[] if one.is_signed else services.handovers.left_open(connection, one),
    )


def noting(
    services: Services, number: int, body: NoteBody, actor: str, viewer: Viewer
) -> Callable[[Connection], tuple[int, Mapping[str, Any]]]:
    """Return the work of writing into a field."""
    now = services.now()

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        found(services, connection, viewer, number)
        services.handovers.note(connection, number, body.field, body.text, actor, now)
        return 201, {"id": number, "field": body.field}

    return work


def signing(
    services: Services, number: int, body: SignBody, actor: str, viewer: Viewer
) -> Callable[[Connection], tuple[int, Mapping[str, Any]]]:
    """Return the work of signing."""
    now = services.now()

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        found(services, connection, viewer, number)
        desk = services.handovers
        signed = desk.sign(connection, number, body.side, body.accepted, actor, now)
        if signed is None:
            raise NotFoundError("handover", number)
        (mine,) = (one for one in signed.signatures if one.side == body.side)
        return 201, {"id": number, **asdict(mine), "is_signed": signed.is_signed}

    return work
