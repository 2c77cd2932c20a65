"""`/api/v1/enrolment-tokens`: what lets machines in, made by people, shown once."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from collector.access import digest_of
from collector.api.deps import (
    Caller,
    Looking,
    Use,
    administers,
    check_units,
    viewer_for,
)
from collector.api.errors import NotFoundError
from collector.api.once import answer_with, command, fingerprint_of, key_of, store_once
from collector.host_names import check_host_name
from collector.identity.enrolment import Token
from collector.rules.rules import HostKind
from collector.storage import tokens
from collector.storage.queries import tokens as token_lists
from collector.storage.queries.tokens import TokenRow

router = APIRouter(prefix="/api/v1/enrolment-tokens", tags=["enrolment"])
MAX_USES = 500
MAX_SECONDS = 30 * 86_400
ID_CHARACTERS = 8


class NewToken(BaseModel):
    """Whom the token lets in, how often and how long."""

    model_config = ConfigDict(extra="forbid")
    unit: Annotated[str, Field(min_length=1, max_length=100)]
    kind: HostKind = "server"
    host: Annotated[str, Field(max_length=63)] = ""
    presence: Literal["", "always", "working_hours", "sometimes"] = ""
    interval_seconds: Annotated[int, Field(ge=1, le=3_600)] = 10
    uses: Annotated[int, Field(ge=1, le=MAX_USES)] = 1
    expires_in_seconds: Annotated[int, Field(ge=60, le=MAX_SECONDS)] = 86_400


@router.get("")
async def list_tokens(services: Use, viewer: Looking, everything: bool = False) -> list[TokenRow]:
    """List the tokens that can still be used, or with `everything` all of them."""
    now = services.now()
    return await services.db.read(
        lambda c: token_lists.list_tokens(c, viewer, now=now, everything=everything)
    )


@router.post("", status_code=201, dependencies=[Depends(administers("agents"))])
async def make_token(request: Request, services: Use, caller: Caller, new: NewToken) -> Response:
    """Make a token; its secret is in this answer alone, stored is a digest."""
    if new.host and (reason := check_host_name(new.host)) is not None:
        raise HTTPException(422, f"host: {reason}")
    if new.host and new.uses > 1:
        raise HTTPException(422, "uses: a token for one host is used once")
    key, now, viewer = key_of(request), services.now(), viewer_for(services, caller)
    secret = services.access.new_token(f"enrol {caller.user}", key=key)
    token = Token(
        id=f"t-{digest_of(secret)[:ID_CHARACTERS]}",
        used=0,
        revoked_at=None,
        expires_at=now + timedelta(seconds=new.expires_in_seconds),
        **new.model_dump(exclude={"expires_in_seconds"}),
    )

    def work(connection: Connection) -> tuple[int, dict[str, Any]]:
        if not viewer.sees(new.unit) or not tokens.has_unit(connection, new.unit):
            raise NotFoundError("unit", new.unit)
        check_units(services, caller, "agents", new.unit)
        tokens.add_token(connection, token, digest_of(secret), by=caller.actor, now=now)
        said = new.model_dump(exclude={"expires_in_seconds"})
        return 201, {"id": token.id, **said, "expires_at": token.expires_at.isoformat()}

    stored = await store_once(services, caller, key, await fingerprint_of(request), work)
    return answer_with(stored, token=secret)


@router.post("/{token}/revoke", dependencies=[Depends(administers("agents"))])
async def revoke_token(request: Request, services: Use, caller: Caller, token: str) -> Response:
    """Revoke a token; machines that it let in stay."""
    now, viewer = services.now(), viewer_for(services, caller)

    def work(connection: Connection) -> tuple[int, dict[str, Any]]:
        unit = token_lists.unit_of(connection, token, viewer)
        if unit is not None:
            check_units(services, caller, "agents", unit)
        if unit is None or not tokens.revoke_token(connection, token, by=caller.actor, now=now):
            raise NotFoundError("token", token)
        return 200, {"revoked": token}

    return await command(request, services, work)
