"""`/api/v1/phone`: replies that relays hand over, the relays themselves, and what became of it."""

from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection

from collector.access import digest_of
from collector.api.deps import PAGE, Caller, Limit, Looking, Use, oversees
from collector.api.errors import NotFoundError
from collector.api.once import answer_with, command, fingerprint_of, key_of, store_once
from collector.host_names import check_host_name
from collector.oncall.phone_desk import Incoming
from collector.relay import PHONE_PATH, RECEIPT_PATH
from collector.services import Services
from collector.storage import outbox_store, phone
from collector.storage.queries.incidents import code_of
from collector.storage.queries.phone import PhoneRow, RelayRow, list_messages, list_relays
from incidents.channels.modem import receipt_of

PREFIX = "/api/v1/phone"
MAX_TOKEN = 200
router = APIRouter(prefix=PREFIX, tags=["phone"])


MessageId = Annotated[str, Field(min_length=8, max_length=100, pattern=r"^[\x21-\x7e]+$")]
Body = TypeVar("Body", bound=BaseModel)


class Message(BaseModel):
    """A text that came in, as a relay hands it over."""

    model_config = ConfigDict(extra="forbid")
    id: MessageId
    number: Annotated[str, Field(max_length=40)]
    text: Annotated[str, Field(max_length=20_000)]
    sent_at: AwareDatetime | None = None
    is_whole: bool = True


class Receipt(BaseModel):
    """What became of a message that left: see `/v1/messages/ID` of the relay."""

    model_config = ConfigDict(extra="forbid")
    id: MessageId
    parts: Annotated[int, Field(ge=0, le=255)]
    sent: Annotated[int, Field(ge=0, le=255)]
    delivered: Annotated[int, Field(ge=0, le=255)] = 0
    voice: Annotated[str, Field(max_length=20, pattern=r"^[a-z ]*$")] = ""
    voice_seconds: Annotated[float, Field(ge=0, le=1_000)] = 0.0


class NewRelay(BaseModel):
    """Which relay may hand messages over."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=1, max_length=63)]


def _body(model: type[BaseModel]) -> dict[str, Any]:
    schema = {"schema": model.model_json_schema()}
    return {"required": True, "content": {"application/json": schema}}


@router.post(PHONE_PATH.removeprefix(PREFIX), openapi_extra={"requestBody": _body(Message)})
async def take(request: Request, services: Use) -> dict[str, Any]:
    """Take a text from a relay, which shows its own token; the same id counts once."""
    relay, now = await _relay_of(request, services), services.now()
    came = Incoming(**(await _read(request, Message)).model_dump())

    def work(connection: Connection) -> tuple[str, str]:
        done = services.phone.take(connection, came, relay, now)
        return str(done.outcome), code_of(connection, done.incident) if done.incident else ""

    outcome, code = await services.db.write(work)
    if code:
        services.changes.publish("incident", code)
    return {"outcome": outcome}


@router.post(RECEIPT_PATH.removeprefix(PREFIX), openapi_extra={"requestBody": _body(Receipt)})
async def take_receipt(request: Request, services: Use) -> dict[str, Any]:
    """Take what became of a message after it was sent; it stands with the message."""
    await _relay_of(request, services)
    receipt = await _read(request, Receipt)
    words = receipt_of(receipt.model_dump())
    known = await services.db.write(lambda c: outbox_store.note_receipt(c, receipt.id, words))
    return {"known": known}


async def _relay_of(request: Request, services: Services) -> str:
    """Return whose token was sent; who has none learns nothing of what is wanted."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    digest = digest_of(token.strip()[:MAX_TOKEN])
    relay = await services.db.read(lambda c: phone.relay_of(c, digest))
    if scheme.lower() != "bearer" or relay is None:
        raise HTTPException(401, "send the relay's token", {"WWW-Authenticate": "Bearer"})
    return relay


async def _read(request: Request, model: type[Body]) -> Body:
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_context=False)) from None


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
    return answer_with(stored, token=secret)


@router.post("/relays/{name}/revoke", dependencies=[Depends(oversees("watch"))])
async def revoke(request: Request, services: Use, caller: Caller, name: str) -> Response:
    """Take nothing more from a relay."""
    now = services.now()

    def work(connection: Connection) -> tuple[int, dict[str, Any]]:
        if not phone.revoke_relay(connection, name, by=caller.actor, now=now):
            raise NotFoundError("relay", name)
        return 200, {"revoked": name}

    return await command(request, services, work)
