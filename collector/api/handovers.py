"""`/api/v1/handovers`: the minutes of each change of shifts, notes, and two signatures."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from collector.access import Identity
from collector.api.deps import PAGE, Caller, Limit, RowNumber, Use, viewer_for
from collector.api.errors import NotFoundError
from collector.api.once import command
from collector.services import Services
from collector.storage import handovers as store
from collector.storage.handovers import Handover, Note
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
async def handovers(services: Use, caller: Caller, limit: Limit = PAGE) -> list[HandoverRow]:
    """List the handovers, the newest first."""

    def read(connection: Connection) -> list[HandoverRow]:
        newest = store.newest(connection, limit=limit)
        return [
            row_of(services, connection, one) for one in newest if is_shown(services, caller, one)
        ]

    return await services.db.read(read)


@router.get("/{number}")
async def one(services: Use, caller: Caller, number: RowNumber) -> HandoverRow:
    """Return one handover."""
    return await services.db.read(lambda c: row_of(services, c, found(services, c, number, caller)))


@router.post("/{number}/notes", status_code=201)
async def note(
    request: Request, services: Use, caller: Caller, number: RowNumber, body: NoteBody
) -> Response:
    """Write into a field; what stood there before stays in the record."""
    return await command(request, services, noting(services, number, body, caller))


@router.post("/{number}/sign", status_code=201)
async def sign(
    request: Request, services: Use, caller: Caller, number: RowNumber, body: SignBody
) -> Response:
    """Sign for the side that hands over, or the one that takes over; each by their own log-in."""
    return await command(request, services, signing(services, number, body, caller))


def is_shown(services: Services, caller: Identity, handover: Handover) -> bool:
    """Say whether somebody reads it: its incidents are of all units, so not who sees some alone.

    Whoever hands over or takes over reads it whatever they see else.
    """
    named = {name.casefold() for name in (*handover.outgoing, *handover.incoming)}
    return viewer_for(services, caller).units is None or caller.user.casefold() in named


def found(services: Services, connection: Connection, number: int, caller: Identity) -> Handover:
    """Return a handover that exists.

    Raises:
        NotFoundError: There is none of this number, or the caller does not read it.
    """
    handover = store.find(connection, number)
    if handover is None or not is_shown(services, caller, handover):
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
    services: Services, number: int, body: NoteBody, caller: Identity
) -> Callable[[Connection], tuple[int, Mapping[str, Any]]]:
    """Return the work of writing into a field."""
    now = services.now()

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        found(services, connection, number, caller)
        services.handovers.note(connection, number, body.field, body.text, caller.actor, now)
        return 201, {"id": number, "field": body.field}

    return work


def signing(
    services: Services, number: int, body: SignBody, caller: Identity
) -> Callable[[Connection], tuple[int, Mapping[str, Any]]]:
    """Return the work of signing."""
    now = services.now()

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        found(services, connection, number, caller)
        signed = services.handovers.sign(
            connection, number, body.side, body.accepted, caller.actor, now
        )
        if signed is None:
            raise NotFoundError("handover", number)
        (mine,) = (one for one in signed.signatures if one.side == body.side)
        return 201, {"id": number, **asdict(mine), "is_signed": signed.is_signed}

    return work
