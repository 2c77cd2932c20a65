"""The form that replays an ended incident as a drill."""

import json
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from collector.api.deps import Caller, Use
from collector.api.drills import drilling
from collector.api.once import MAX_KEY_LENGTH, fingerprint, store_once
from collector.console.pages_incidents import refused_page
from incidents.conditions import Refused
from incidents.replay import FASTEST_PERCENT, SLOWEST_PERCENT

router = APIRouter(include_in_schema=False)


@router.post("/incidents/{code}/drill")
async def start_drill(
    request: Request,
    services: Use,
    caller: Caller,
    code: str,
    key: Annotated[str, Form(max_length=MAX_KEY_LENGTH)] = "",
    pace_percent: Annotated[int, Form(ge=SLOWEST_PERCENT, le=FASTEST_PERCENT)] = 100,
) -> Response:
    """Open the drill and go there; a refusal shows the incident again and says why."""
    digest = fingerprint(request, str(pace_percent).encode())
    try:
        work = drilling(services, caller, code, pace_percent)
        stored = await store_once(services, caller, key, digest, work)
    except Refused as refused:
        return await refused_page(request, services, caller, code, refused)
    drill = json.loads(stored.answer)["incident"]
    return RedirectResponse(f"/incidents/{quote(drill)}", status_code=303)
