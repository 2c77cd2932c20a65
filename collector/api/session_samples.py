"""`/api/v1/sessions/{conference}/samples`: the raw samples around what happened in a session."""

import asyncio

from fastapi import APIRouter
from fastapi.responses import FileResponse
from sqlalchemy import Connection

from collector.api.deps import Looking, RowNumber, Use
from collector.api.errors import NotFoundError
from collector.api.sessions import found
from collector.storage.queries import sessions as queries
from incidents.sessions.log import LogKind

router = APIRouter(prefix="/api/v1/sessions", tags=["sessions"])


@router.get("/{conference}/samples", response_class=FileResponse)
async def samples(services: Use, viewer: Looking, conference: RowNumber) -> FileResponse:
    """Return what was kept of the newest reading, gzipped JSON lines."""

    def read(connection: Connection) -> tuple[str, str]:
        found(connection, conference, viewer)
        for entry in reversed(queries.log_of(connection, conference, viewer)):
            if entry.kind is LogKind.MEASURED:
                return entry.code, entry.data["media_type"]
        raise NotFoundError("samples of session", conference)

    sha256, media_type = await services.db.read(read)
    path = services.files.evidence.path_of(sha256)
    if not await asyncio.to_thread(path.exists):
        raise NotFoundError("samples of session", conference)
    return FileResponse(
        path,
        media_type=media_type,
        filename=f"session-{conference}.jsonl.gz",
        headers={"X-Content-SHA256": sha256},
    )
