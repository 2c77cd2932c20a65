"""`/api/v1/sessions/{conference}/photos`: photos of what went wrong, kept with the evidence."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy import Connection

from collector.api.deps import Caller, Looking, RowNumber, Use, may
from collector.api.errors import NotFoundError
from collector.api.evidence import received
from collector.api.once import answer_of, fingerprint, key_of, store_once
from collector.api.sessions import RUN, allowed, found, told
from collector.evidence_types import WrongFileError, recognise
from collector.storage.queries import sessions as queries
from incidents.commands.fields import At
from incidents.conditions import Refused
from incidents.sessions.entering import Draft, true_instant
from incidents.sessions.log import LogKind

router = APIRouter(prefix="/api/v1/sessions", tags=["sessions"])
Line = Annotated[str, Query(max_length=200)]


@router.post("/{conference}/photos", status_code=201, dependencies=[Depends(may(RUN))])
async def take_in(
    request: Request,
    services: Use,
    caller: Caller,
    conference: RowNumber,
    point: RowNumber = 0,
    text: Line = "",
    key: Annotated[str, Query(max_length=100)] = "",
    at: At | None = None,
    sent_at: At | None = None,
) -> Response:
    """Keep a photo, the body as it is; the same `key` is the same entry."""
    incoming = await received(services, request.stream())
    try:
        known = recognise(incoming.head, "anh")
    except WrongFileError as error:
        incoming.drop()
        raise Refused(error.vi, error.en, ["file"]) from error
    if known.type != "image":
        incoming.drop()
        raise Refused("Tệp không phải ảnh.", "The file is no picture.", ["file"])
    size, sha256 = incoming.size, await asyncio.to_thread(incoming.keep)
    now, desk = services.now(), services.sessions
    happened = None if at is None else true_instant(at, sent_at, now)
    data = {"bytes": size, "media_type": known.media_type}
    draft = Draft(LogKind.PHOTO, happened, point, sha256, text.strip(), "", data, key)

    def work(connection: Connection) -> tuple[int, Mapping[str, Any]]:
        allowed(services, connection, conference, caller, RUN)
        (entry,), _ = desk.enter(connection, conference, [draft], caller.actor, now)
        return 201, {"id": conference, "entry": entry, "sha256": sha256}

    digest = fingerprint(request, f"{request.url.query} {sha256}".encode())
    try:
        stored = await store_once(services, caller, key_of(request), digest, work)
    except Exception:
        await services.files.forget(sha256)
        raise
    told(services, conference)
    return answer_of(stored)


@router.get("/{conference}/photos/{number}", response_class=FileResponse)
async def copy(
    services: Use, viewer: Looking, conference: RowNumber, number: RowNumber
) -> FileResponse:
    """Return a photo of a session by the number of its entry."""

    def read(connection: Connection) -> tuple[str, str]:
        found(connection, conference, viewer)
        for entry in queries.log_of(connection, conference, viewer, after=number - 1):
            if entry.id == number and entry.kind is LogKind.PHOTO:
                return entry.code, entry.data["media_type"]
        raise NotFoundError("photo", number)

    sha256, media_type = await services.db.read(read)
    path = services.files.evidence.path_of(sha256)
    if not await asyncio.to_thread(path.exists):
        raise NotFoundError("photo", number)
    return FileResponse(path, media_type=media_type, headers={"X-Content-SHA256": sha256})
