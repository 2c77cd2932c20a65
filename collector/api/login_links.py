"""`/api/v1/login-links`: the command line makes one-time links for people."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import Connection

from collector.access import MAX_ACTOR_LENGTH
from collector.api.deps import Caller, Use
from collector.api.once import answer_with, fingerprint_of, key_of, store_once

router = APIRouter(prefix="/api/v1/login-links", tags=["login"])


class NewLink(BaseModel):
    """Whom the link logs in."""

    model_config = ConfigDict(extra="forbid")
    user: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_ACTOR_LENGTH),
    ]


@router.post("", status_code=201)
async def make_link(request: Request, services: Use, caller: Caller, new: NewLink) -> Response:
    """Make a link that logs `user` in once; only the command line's token may.

    The secret is in the answer alone: neither the link nor a stored answer keeps it.
    """
    if caller.kind != "bearer":
        raise HTTPException(403, "only the command line's token makes log-in links")
    key = key_of(request)
    link = services.access.new_link(new.user, key=key)

    def work(connection: Connection) -> tuple[int, dict[str, Any]]:
        services.access.store_link(connection, link)
        return 201, {"user": link.user, "expires_at": f"{link.expires_at:%Y-%m-%dT%H:%M:%SZ}"}

    stored = await store_once(services, caller, key, await fingerprint_of(request), work)
    path = f"/login/{link.secret}"
    return answer_with(stored, path=path, url=str(request.url.replace(path=path, query="")))
