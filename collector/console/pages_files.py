"""Pages around files: evidence handed in and given out, exports, the configuration record."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection
from starlette.datastructures import UploadFile

from collector.api.deps import PAGE, Caller, Looking, RowNumber, Use, oversees, whole_province
from collector.api.evidence import given_out, taken_in
from collector.api.exports import exported
from collector.api.once import MAX_KEY_LENGTH, fingerprint, store_once
from collector.api.record import asking, sealing
from collector.console.pages_incidents import refused_page
from collector.console.render import here, language_of, page
from collector.jobs.jobs import TooManyJobsError
from collector.storage import record_removal
from collector.storage.queries.record import RecordRow, list_record, newest_checkpoint
from incidents.conditions import Refused
from incidents.config_record import RecordKind
from incidents.timeline import canonical_json, instant
from incidents.vietnamese import local_time

router = APIRouter(include_in_schema=False)
_PIECE = 1 << 20
_FIELDS = ("kind", "holder", "place", "note")
# Facts of an entry that a reader wants to see; the rest stays in its bytes.
_LONGEST_FACT = 200
_HIDDEN = ("files", "shipped", "shipped_before")


@router.post("/incidents/{code}/evidence")
async def hand_in(request: Request, services: Use, caller: Caller, code: str) -> Response:
    """Take a file in as evidence and show the incident again."""
    async with request.form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise HTTPException(422, "file: no file was chosen")
        about = {name: str(form.get(name, ""))[:4_000] for name in _FIELDS}
        about["name"] = (file.filename or "")[-400:]
        key = str(form.get("key", ""))[:MAX_KEY_LENGTH]
        try:
            await taken_in(services, caller, code, about, _pieces(file), key)
        except Refused as refused:
            return await refused_page(request, services, caller, code, refused)
    return RedirectResponse(f"/incidents/{quote(code)}?done=evidence#files", status_code=303)


@router.post("/incidents/{code}/evidence/{number}/copy")
async def copy(services: Use, caller: Caller, code: str, number: RowNumber) -> Response:
    """Give a copy out; who took it is an entry."""
    return await given_out(services, caller, code, number)


@router.post("/incidents/{code}/export")
async def export(services: Use, caller: Caller, code: str) -> Response:
    """Hand out the whole file as a zip that verifies by itself."""
    return await exported(services, caller, code)


@router.get("/record")
async def record_page(
    request: Request,
    services: Use,
    viewer: Looking,
    kind: Annotated[RecordKind | None, Query()] = None,
    after: RowNumber | None = None,
    busy: Annotated[str, Query(max_length=1)] = "",
) -> Response:
    """Show the configuration record, the newest checkpoint, and what the last audit found."""

    def read(connection: Connection) -> dict[str, Any]:
        found = list_record(connection, viewer, kind=kind, limit=PAGE, after=after)
        newest = newest_checkpoint(connection)
        return {
            "entries": [_shown(row) for row in found.items],
            "following": found.next and here(request, after=found.next),
            "newest": newest,
            "asked": sorted(record_removal.asked(connection).items()),
            "checkpoint": newest.note if newest else "",
        }

    facts = await services.db.read(read)
    job = services.files.jobs.newest("audit")
    return page(
        request,
        services,
        "record",
        kind=kind,
        kinds=[one.value for one in RecordKind],
        job=job,
        running=job is not None and job.state in ("waiting", "running"),
        refusal=language_of(request)("record.busy") if busy else None,
        **facts,
    )


@router.post("/record/seal", dependencies=[Depends(whole_province)])
async def seal_entry(
    request: Request,
    services: Use,
    caller: Caller,
    entry: Annotated[int, Form(ge=1, le=1 << 53)],
    reason: Annotated[str, Form(max_length=500)] = "",
    key: Annotated[str, Form(max_length=MAX_KEY_LENGTH)] = "",
) -> Response:
    """Ask that an entry be sealed, with a reason; without one approve what another asked for."""
    work = asking(services, caller, entry, reason) if reason else sealing(services, caller, entry)
    digest = fingerprint(request, f"{entry} {reason}".encode())
    await store_once(services, caller, key, digest, work)
    return RedirectResponse("/record", status_code=303)


@router.post("/record/verify", dependencies=[Depends(oversees("audit"))])
async def verify(services: Use, caller: Caller) -> Response:
    """Begin to verify everything; the page shows how far it is."""
    try:
        services.files.verify(caller.actor)
    except TooManyJobsError:
        return RedirectResponse("/record?busy=1", status_code=303)
    return RedirectResponse("/record", status_code=303)


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(_PIECE):
        yield piece


def _text_of(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(item, str | int) for item in value):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else canonical_json(value)


def _shown(row: RecordRow) -> dict[str, Any]:
    data: dict[str, Any] = {} if row.hidden else json.loads(row.canonical)["data"]
    words: dict[str, str] = json.loads(row.text) if row.text else {}
    facts = []
    for name, value in data.items():
        if name in _HIDDEN or value in (None, "", [], {}):
            continue
        text = local_time(instant(value)) if name.endswith("_at") else _text_of(value)
        facts.append((name, text if len(text) <= _LONGEST_FACT else text[:_LONGEST_FACT] + "…"))
    return {
        "seq": row.seq,
        "at": row.at,
        "kind": row.kind,
        "actor": row.actor,
        "text": row.text,
        "hidden": row.hidden,
        # Why comes before what.
        "words": sorted(words.items(), key=lambda named: named[0] == "diff"),
        "facts": facts,
    }
