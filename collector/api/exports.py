"""`/api/v1/incidents/{code}/export` and `/api/v1/audit`: long work on files, in child processes."""

from typing import Any

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import FileResponse
from sqlalchemy import Connection
from starlette.background import BackgroundTask

from collector.access import Identity
from collector.api.deps import Caller, Use, oversees, viewer_for, whole_province
from collector.api.errors import NotFoundError
from collector.api.incidents import existing
from collector.jobs.jobs import TooManyJobsError
from collector.jobs.state import Job
from collector.services import Services
from incidents.state import Draft, Kind

router = APIRouter(prefix="/api/v1", tags=["files"])
ZIP = "application/zip"


@router.post("/incidents/{code}/export", response_class=FileResponse)
async def export(services: Use, caller: Caller, code: str) -> FileResponse:
    """Return an incident's whole file as a zip that verifies by itself; who took it is an entry."""
    return await exported(services, caller, code)


@router.post("/audit", status_code=202, dependencies=[Depends(oversees("audit"))])
async def verify(services: Use, caller: Caller) -> Job:
    """Begin to verify everything; `GET /api/v1/jobs/{id}` says how far it is."""
    try:
        return services.files.verify(caller.actor)
    except TooManyJobsError as error:
        raise HTTPException(503, str(error), headers={"Retry-After": "60"}) from error


@router.get("/jobs/{number}", dependencies=[Depends(whole_province)])
async def job(services: Use, number: str) -> Job:
    """Return how far some long work is, and its result when it has ended."""
    found = services.files.jobs.find(number)
    if found is None:
        raise NotFoundError("job", number)
    return found


async def exported(services: Services, caller: Identity, code: str) -> FileResponse:
    """Note who takes the file, seal that, write the zip and return it.

    Raises:
        NotFoundError: There is no such incident.
        HTTPException: It could not be written, or too much waits already.
    """
    now = services.now()

    def note(connection: Connection) -> str:
        found = existing(connection, code, viewer_for(services, caller))
        tx = services.desk_tx(connection)
        services.desk.check_incident_act(tx, found.id, "export", caller.actor, now)
        services.desk.add(tx, found.id, caller.actor, now, lambda _: [Draft(Kind.EXPORTED)])
        return found.code

    known = await services.db.write(note)
    services.changes.publish("incident", known)
    try:
        work, target = await services.files.export(known, caller.actor)
    except TooManyJobsError as error:
        raise HTTPException(503, str(error), headers={"Retry-After": "60"}) from error
    result: Any = work.result or {}
    if work.state == "failed" or not result.get("written"):
        target.unlink(missing_ok=True)
        raise HTTPException(500, f"the file could not be exported: {work.error}")
    return FileResponse(
        target,
        media_type=ZIP,
        filename=f"{known}.zip",
        background=BackgroundTask(target.unlink, missing_ok=True),
    )
