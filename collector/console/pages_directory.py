"""The page of who is let in, who waits, who is missing, and the forms that decide it."""

import json
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from collector.api.agents import approval, attachment, revocation
from collector.api.deps import Caller, Looking, RowNumber, Use, administers
from collector.api.once import MAX_KEY_LENGTH, store_once
from collector.console.render import page
from collector.storage.queries import directory, units
from collector.storage.queries.visibility import Viewer

LIST_ROWS = 200
router = APIRouter(include_in_schema=False)
Key = Annotated[str, Form(max_length=MAX_KEY_LENGTH)]


@router.get("/directory")
async def directory_page(
    request: Request, services: Use, viewer: Looking, done: RowNumber | None = None
) -> Response:
    """Show who waits for approval, who is quarantined, who is missing and who is unknown."""
    facts = await services.db.read(lambda c: _directory(c, viewer))
    return page(request, services, "directory", done=done, most=LIST_ROWS, **facts)


def _directory(connection: Connection, viewer: Viewer) -> dict[str, Any]:
    def standing(word: units.AgentStanding) -> list[units.AgentRow]:
        return units.list_agents(connection, viewer, standing=word, limit=LIST_ROWS).items

    return {
        "waiting": standing("pending"),
        "quarantined": standing("quarantined"),
        "missing": directory.list_missing(connection, viewer, limit=LIST_ROWS),
        "unknown": directory.list_unknown(connection, viewer),
    }


@router.post("/directory/approve", dependencies=[Depends(administers("agents"))])
async def approve(
    services: Use,
    caller: Caller,
    agents: Annotated[list[str] | None, Form(max_length=LIST_ROWS)] = None,
    key: Key = "",
) -> Response:
    """Let the chosen keys in."""
    chosen = agents or []
    work = approval(services, chosen, caller)
    stored = await store_once(services, caller, key, f"approve {sorted(chosen)}", work)
    await services.identity.refresh()
    services.changes.publish("identity", "approved")
    count = len(json.loads(stored.answer)["approved"])
    return RedirectResponse(f"/directory?done={count}", status_code=303)


@router.post("/hosts/{agent}/reattach", dependencies=[Depends(administers("agents"))])
async def reattach(services: Use, caller: Caller, agent: str, key: Key = "") -> Response:
    """Let the next machine that comes with the key be its holder."""
    work = attachment(services, agent, caller)
    await store_once(services, caller, key, f"reattach {agent}", work)
    services.changes.publish("identity", agent)
    return RedirectResponse(f"/hosts/{quote(agent)}", status_code=303)


@router.post("/hosts/{agent}/revoke", dependencies=[Depends(administers("agents"))])
async def revoke(
    services: Use,
    caller: Caller,
    agent: str,
    reason: Annotated[str, Form(min_length=1, max_length=400)],
    key: Key = "",
) -> Response:
    """Shut a key out for good."""
    work = revocation(services, agent, caller, reason)
    await store_once(services, caller, key, f"revoke {agent}", work)
    await services.identity.refresh()
    services.changes.publish("identity", agent)
    return RedirectResponse(f"/hosts/{quote(agent)}", status_code=303)
