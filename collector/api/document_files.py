"""`/api/v1/documents/{document}/…`: a report as PDF and docx, and its dossier for the archive."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response
from fastapi.responses import FileResponse
from sqlalchemy import Connection
from starlette.background import BackgroundTask

from collector.access import Identity
from collector.api.deps import Caller, Looking, RowNumber, Use, viewer_for
from collector.api.documents import found
from collector.jobs.jobs import TooManyJobsError
from collector.packing import pack
from collector.reports.printing import MEDIA_TYPES, Form, PrintError
from collector.services import Services
from incidents.reports.life import Report

router = APIRouter(prefix="/api/v1/documents", tags=["reports"])
ZIP = "application/zip"


@router.get("/{document}/file")
async def file(
    services: Use,
    caller: Caller,
    viewer: Looking,
    document: RowNumber,
    form: Annotated[Form, Query()] = "pdf",
) -> Response:
    """Return a report as PDF or docx: a draft as it would be now, a signed one as it was signed."""
    report = await services.db.read(lambda c: found(c, document, viewer))
    return await printed(services, caller, report, form)


@router.post("/{document}/dossier", response_class=FileResponse)
async def dossier(services: Use, caller: Caller, document: RowNumber) -> FileResponse:
    """Return every version of a report as a zip that verifies by itself."""
    return await packed(services, caller, document)


async def printed(services: Services, caller: Identity, report: Report, form: Form) -> Response:
    """Print a report and return the file.

    Raises:
        HTTPException: It cannot be printed now.
    """
    document = services.reports.composed(report, services.now())
    try:
        content = await services.printer.print(document, form, caller.actor)
    except PrintError as error:
        raise HTTPException(503, f"the document could not be printed: {error}") from error
    name = f"{name_of(report)}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)


async def packed(services: Services, caller: Identity, number: int) -> FileResponse:
    """Note who takes the dossier of a report, write it and return it.

    Raises:
        NotFoundError: There is no such report.
        NotAllowed: The caller may not export.
        Refused: It was never put up for signature.
        HTTPException: It could not be written, or too much waits already.
    """
    viewer, now = viewer_for(services, caller), services.now()

    def note(connection: Connection) -> Report:
        found(connection, number, viewer)
        return services.reports.pack(connection, number, caller.actor, now)

    report = await services.db.write(note)
    if report.incident is not None:
        services.changes.publish("incident", report.subject)
    try:
        work, target = await pack(services.files, services.new_id(), report.family, caller.actor)
    except TooManyJobsError as error:
        raise HTTPException(503, str(error), headers={"Retry-After": "60"}) from error
    if work.state == "failed" or not (work.result or {}).get("written"):
        target.unlink(missing_ok=True)
        raise HTTPException(500, f"the dossier could not be written: {work.error}")
    return FileResponse(
        target,
        media_type=ZIP,
        filename=f"ho-so-{name_of(report)}.zip",
        background=BackgroundTask(target.unlink, missing_ok=True),
    )


def name_of(report: Report) -> str:
    """Return what the file of a report is called."""
    return f"{report.kind}-{report.subject}-ban-{report.version}"
