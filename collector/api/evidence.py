"""`/api/v1/incidents/{code}/evidence`: files taken in by their bytes, and copies of them given out.

The body of an intake is the file itself, streamed to the disk and hashed on the way.
"""

import asyncio
import hashlib
import re
import shutil
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy import Connection

from collector.access import Identity
from collector.api.deps import Caller, RowNumber, Use, viewer_for
from collector.api.errors import NotFoundError
from collector.api.incidents import existing
from collector.api.once import answer_of, key_of, store_once
from collector.evidence_files import Incoming, TooLargeError
from collector.evidence_types import WrongFileError, recognise
from collector.services import Services
from collector.storage.answers import Stored
from incidents.commands import TakeIn
from incidents.conditions import Refused
from incidents.state import Draft, Incident, Kind

router = APIRouter(prefix="/api/v1/incidents", tags=["files"])
LEAST_FREE_RATIO = 0.05
Line = Annotated[str, Query(max_length=400)]
Words = Annotated[str, Query(max_length=4000)]
_NAME = re.compile(r"[^\w .()\[\]@+=,-]", re.UNICODE)


@router.post("/{code}/evidence", status_code=201)
async def take_in(
    request: Request,
    services: Use,
    caller: Caller,
    code: str,
    kind: Annotated[str, Query(max_length=100)],
    name: Line,
    holder: Line = "",
    place: Line = "",
    note: Words = "",
) -> Response:
    """Take a file in as evidence: what it is, who holds it and where."""
    about = {"kind": kind, "name": name, "holder": holder, "place": place, "note": note}
    stored = await taken_in(services, caller, code, about, request.stream(), key_of(request))
    return answer_of(stored)


@router.get("/{code}/evidence/{number}", response_class=FileResponse)
async def copy(services: Use, caller: Caller, code: str, number: RowNumber) -> FileResponse:
    """Give a copy out; who took it is an entry."""
    return await given_out(services, caller, code, number)


async def taken_in(
    services: Services,
    caller: Identity,
    code: str,
    about: dict[str, str],
    pieces: AsyncIterator[bytes],
    key: str,
) -> Stored:
    """Keep a file, then write the entry; without an entry nothing of the file stays.

    Raises:
        NotFoundError: There is no such incident.
        Refused: The procedure does not take it, or the file is not what it says.
        HTTPException: It is too large, or there is no room.
    """
    name = _NAME.sub("_", about["name"]).strip(" .")[-200:] or "tep"
    await services.db.read(lambda c: existing(c, code, viewer_for(services, caller)))
    incoming = await received(services, pieces)
    try:
        found = recognise(incoming.head, name)
    except WrongFileError as error:
        incoming.drop()
        raise Refused(error.vi, error.en, ["file"]) from error
    size = incoming.size
    sha256 = await asyncio.to_thread(incoming.keep)
    wish = TakeIn(
        kind=about["kind"],
        sha256=sha256,
        size=size,
        media_type=found.media_type,
        file_type=found.type,
        name=name,
        holder=about["holder"],
        place=about["place"],
        note=about["note"],
    )
    now = services.now()

    def work(connection: Connection) -> tuple[int, dict[str, object]]:
        known = existing(connection, code, viewer_for(services, caller))
        tx = services.desk_tx(connection)
        services.desk.command(tx, known.id, wish, caller.actor, now)
        return 201, {"incident": known.code, "sha256": sha256, "bytes": size, "type": found.type}

    asked = hashlib.sha256(f"{code}\n{sorted(about.items())}\n{sha256}".encode()).hexdigest()
    try:
        stored = await store_once(services, caller, key, asked, work)
    except Exception:
        await services.files.forget(sha256)
        raise
    services.changes.publish("incident", code)
    return stored


async def given_out(services: Services, caller: Identity, code: str, number: int) -> FileResponse:
    """Note who takes a copy, then hand it out under its name, never as a page.

    Raises:
        NotFoundError: There is no such incident or evidence, or its content is gone.
    """
    now = services.now()
    found: list[tuple[str, str]] = []

    def note(state: Incident) -> list[Draft]:
        piece = state.evidence.get(number)
        if piece is None or piece.holding in ("removed", "destroyed"):
            raise NotFoundError("evidence", number)
        found[:] = [(piece.sha256, piece.name or piece.sha256)]
        return [Draft(Kind.EVIDENCE_READ, {"evidence": number, "sha256": piece.sha256})]

    def work(connection: Connection) -> None:
        known = existing(connection, code, viewer_for(services, caller))
        services.desk.add(services.desk_tx(connection), known.id, caller.actor, now, note)

    await services.db.write(work)
    services.changes.publish("incident", code)
    sha256, name = found[0]
    path = services.files.evidence.path_of(sha256)
    if not await asyncio.to_thread(path.exists):
        raise NotFoundError("evidence", number)
    return FileResponse(
        path,
        media_type="application/octet-stream",
        filename=name,
        headers={"X-Content-SHA256": sha256},
    )


async def received(services: Services, pieces: AsyncIterator[bytes]) -> Incoming:
    """Take a file's bytes in, not yet in its place.

    Raises:
        HTTPException: It is too large, or there is no room.
    """
    files, most = services.files.evidence, services.files.evidence_bytes
    if await asyncio.to_thread(_is_full, services):
        raise HTTPException(507, "the disk of the evidence is almost full: nothing was kept")
    incoming = await asyncio.to_thread(files.receive, services.new_id(), most)
    try:
        async for piece in pieces:
            await asyncio.to_thread(incoming.write, piece)
    except TooLargeError as error:
        incoming.drop()
        raise HTTPException(413, f"a piece of evidence has at most {most} bytes") from error
    except OSError as error:
        incoming.drop()
        raise HTTPException(507, f"the disk refused: {error.strerror}; nothing was kept") from error
    except BaseException:
        incoming.drop()
        raise
    return incoming


def _is_full(services: Services) -> bool:
    directory = services.files.evidence.directory
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    disk = shutil.disk_usage(directory)
    return disk.free < disk.total * LEAST_FREE_RATIO
