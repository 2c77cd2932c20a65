"""`/api/v1/documents/{document}/…`: a report as PDF and docx, and its dossier for the archive."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from collector.access import Identity
from collector.api.deps import Caller, Looking, RowNumber, Use, viewer_for
from collector.api.documents import found
from collector.job_state import Job
from collector.jobs import TooManyJobsError
from collector.printing import Form
from collector.services import Services
from incidents.conditions import Refused
from incidents.reports.document_json import dumped
from incidents.reports.life import Report

router = APIRouter(prefix="/api/v1/documents", tags=["reports"])
TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "zip": "application/zip",
}


@router.get("/{document}/file", response_class=FileResponse)
async def file(
    services: Use,
    caller: Caller,
    viewer: Looking,
    document: RowNumber,
    form: Annotated[Form, Query()] = "pdf",
) -> FileResponse:
    """Return a report as PDF or docx: a draft as it would be now, a signed one as it was signed."""
    report = await services.db.read(lambda c: found(c, document, viewer))
    return await printed(services, caller, report, form)


@router.post("/{document}/dossier", response_class=FileResponse)
async def dossier(services: Use, caller: Caller, document: RowNumber) -> FileResponse:
    """Return every version of a report as a zip that verifies by itself."""
    return await packed(services, caller, document)


async def printed(services: Services, caller: Identity, report: Report, form: Form) -> FileResponse:
    """Print a report and return the file.

    Raises:
        HTTPException: It could not be printed, or too much waits already.
    """
    text = dumped(services.reports.composed(report, services.now()))
    try:
        work, target = await services.printer.print(text, form, caller.actor)
    except TooManyJobsError as error:
        raise HTTPException(503, str(error), headers={"Retry-After": "60"}) from error
    return handed_out(work, target, f"{name_of(report)}.{form}", form)


async def packed(services: Services, caller: Identity, number: int) -> FileResponse:
    """Write the dossier of a report and return it.

    Raises:
        NotFoundError: There is no such report.
        NotAllowed: The caller may not export.
        Refused: Nothing of it was ever put up for signature.
        HTTPException: It could not be written, or too much waits already.
    """
    viewer, now = viewer_for(services, caller), services.now()

    def allowed(connection: Any) -> Report:
        report = found(connection, number, viewer)
        services.reports.access.check_export(connection, report, caller.actor, now)
        return report

    report = await services.db.read(allowed)
    try:
        work, target = await services.printer.pack(report.family, caller.actor)
    except TooManyJobsError as error:
        raise HTTPException(503, str(error), headers={"Retry-After": "60"}) from error
    result: Any = work.result or {}
    if work.state == "done" and not result.get("written"):
        raise Refused(
            "Báo cáo chưa trình ký bản nào; chưa có gì để lưu trữ.",
            "No version was put up for signature yet: there is nothing for the archive.",
            ["state"],
        )
    return handed_out(work, target, f"ho-so-{name_of(report)}.zip", "zip")


def handed_out(work: Job, target: Path, name: str, form: str) -> FileResponse:
    """Return a file that a child wrote, and remove it behind.

    Raises:
        HTTPException: The child failed.
    """
    if work.state == "failed":
        target.unlink(missing_ok=True)
        raise HTTPException(500, f"the file could not be written: {work.error}")
    return FileResponse(
        target,
        media_type=TYPES[form],
        filename=name,
        background=BackgroundTask(target.unlink, missing_ok=True),
    )


def name_of(report: Report) -> str:
    """Return what the file of a report is called."""
    return f"{report.kind}-{report.subject}-ban-{report.version}"
