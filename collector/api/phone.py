"""`/api/v1/phone`: replies that relays hand over, the relays themselves, and what became of it."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection

from collector.access import digest_of
from collector.api.deps import PAGE, Caller, Limit, Looking, Use, oversees
from collector.api.errors import NotFoundError
from collector.api.once import answer_of, command, fingerprint_of, key_of, store_once
from collector.host_names import check_host_name
from collector.phone_desk import Incoming
from collector.relay import PHONE_PATH
from collector.storage import phone
from collector.storage.answers import Stored
from collector.storage.queries.incidents import code_of
from collector.storage.queries.phone import PhoneRow, RelayRow, list_messages, list_relays

PREFIX = "/api/v1/phone"
MAX_TOKEN = 200
router = APIRouter(prefix=PREFIX, tags=["phone"])


class Message(BaseModel):
    """A text that came in, as a relay hands it over."""

    model_config = ConfigDict(extra="forbid")
    id: Annotated[str, Field(min_length=8, max_length=100)]
    number: Annotated[str, Field(max_length=40)]
    text: Annotated[str, Field(max_length=20_000)]
    sent_at: AwareDatetime | None = None
    is_whole: bool = True


class NewRelay(BaseModel):
    """Which relay may hand messages over."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=1, max_length=63)]


# The body is read after the token: who has none learns nothing of what is wanted.
BODY = {"required": True, "content": {"application/json": {"schema": Message.model_json_schema()}}}


@router.post(PHONE_PATH.removeprefix(PREFIX), openapi_extra={"requestBody": BODY})
async def take(request: Request, services: Use) -> dict[str, Any]:
    """Take a text from a relay, which shows its own token; the same id counts once."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    digest, now = digest_of(token.strip()[:MAX_TOKEN]), services.now()
    relay = await services.db.read(lambda c: phone.relay_of(c, digest))
    if scheme.lower() != "bearer" or relay is None:
        raise HTTPException(401, "send the relay's token", {"WWW-Authenticate": "Bearer"})
    try:
        message = Message.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_context=False)) from None
    came = Incoming(**message.model_dump())

    def work(connection: Connection) -> tuple[str, str]:
        done = services.phone.take(connection, came, relay, now)
        return str(done.outcome), code_of(connection, done.incident) if done.incident else ""

    outcome, code = await services.db.write(work)
    if code:
        services.changes.publish("incident", code)
    return {"outcome": outcome}


@router.get("/log", dependencies=[Depends(oversees("log_ins"))])
async def log(
    services: Use,
    viewer: Looking,
    limit: Limit = PAGE,
    refused: Annotated[bool, Query()] = False,
) -> list[PhoneRow]:
    """List what came in, the newest first, with what became of it."""
    return await services.db.read(lambda c: list_messages(c, viewer, limit=limit, refused=refused))


@router.get("/relays", dependencies=[Depends(oversees("watch"))])
async def relays(services: Use) -> list[RelayRow]:
    """List the relays that may hand messages over."""
    return await services.db.read(list_relays)


@router.post("/relays", status_code=201, dependencies=[Depends(oversees("watch"))])
async def add(request: Request, services: Use, caller: Caller, new: NewRelay) -> Response:
    """Let a relay hand messages over; its token is in this answer alone, stored is a digest."""
    if (reason := check_host_name(new.name)) is not None:
        raise HTTPException(422, f"name: {reason}")
    key, now = key_of(request), services.now()
    secret = services.access.new_token(f"relay {caller.user}", key=key)

    def work(connection: Connection) -> tuple[int, dict[str, Any]]:
        phone.add_relay(connection, new.name, digest_of(secret), by=caller.actor, now=now)
        return 201, new.model_dump()

    stored = await store_once(services, caller, key, await fingerprint_of(request), work)
    body = json.loads(stored.answer) | {"token": secret}
    return answer_of(Stored(stored.status, json.dumps(body), stored.replayed))


@router.post("/relays/{name}/revoke", dependencies=[Depends(oversees("watch"))])
async def revoke(request: Request, services: Use, caller: Caller, name: str) -> Response:
    """Take nothing more from a relay."""
    now = services.now()

    def work(connection: Connection) -> tuple[int, dict[str, Any]]:
        if not phone.revoke_relay(connection, name, by=caller.actor, now=now):
            raise NotFoundError("relay", name)
        return 200, {"revoked": name}

    return await command(request, services, work)
