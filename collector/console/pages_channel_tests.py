"""Pages of channel tests: the button, and what became of each message."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from collector.api.channel_tests import MOST_SHOWN, asking
from collector.api.deps import Caller, Use
from collector.api.once import MAX_KEY_LENGTH, fingerprint, store_once
from collector.console.render import page, words_of
from collector.storage.channel_tests import newest_tests, tests_of
from incidents.conditions import Refused

router = APIRouter(include_in_schema=False)
REFRESH_SECONDS = 3
UNDER_WAY = ("pending", "sending")


@router.get("/oncall/tests")
async def show_tests(request: Request, services: Use, batch: str = "") -> Response:
    """Show the last tests, or one; the page asks again while something is on its way."""
    rows = await services.db.read(
        lambda c: tests_of(c, batch) if batch else newest_tests(c, MOST_SHOWN)
    )
    untested = [name for name, one in services.desk.policy.channels.items() if not one.tested_at()]
    answer = page(
        request, services, "channel_tests", rows=rows, batch=batch, untested=untested, refusal=""
    )
    if any(row.status in UNDER_WAY for row in rows):
        answer.headers["Refresh"] = str(REFRESH_SECONDS)
    return answer


@router.post("/oncall/tests")
async def ask(
    request: Request,
    services: Use,
    caller: Caller,
    person: Annotated[str, Form(max_length=100)] = "",
    key: Annotated[str, Form(max_length=MAX_KEY_LENGTH)] = "",
) -> Response:
    """Send a real page over every channel of a person."""
    try:
        work = asking(services, person.strip(), caller)
        await store_once(services, caller, key, fingerprint(request, person.encode()), work)
    except Refused as refused:
        why = words_of(request, refused)
        return page(
            request, services, "channel_tests",
            status=409, rows=[], batch="", untested=[], refusal=why,
        )  # fmt: skip
    services.changes.publish("message", "")
    return RedirectResponse("/oncall/tests", status_code=303)
