"""The relay's own small door: messages to send, and how the modem is."""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING, Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collector.relay.outgoing import NotSentError, Order
from incidents.modem import address

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from starlette.requests import Request

    from collector.relay.keeper import Keeper
    from collector.relay.memory import Memory, Sent
    from collector.relay.outgoing import Outgoing

MAX_BODY_BYTES = 16 * 1024
OPEN_PATH = "/healthy"
_RANKS = {"S1": 1, "S2": 2, "S3": 3, "S4": 4}


class NewMessage(BaseModel):
    """What is to be sent: the same `id` never leaves twice."""

    model_config = ConfigDict(extra="forbid")
    id: str = Field(min_length=8, max_length=100, pattern=r"^[\x21-\x7e]+$")
    number: str = Field(min_length=3, max_length=30)
    text: str = Field(min_length=1, max_length=4000)
    voice: bool = False
    severity: str = Field("S4", pattern="^S[1-4]$")


class Door:
    """Answers over HTTP; everything but a yes or no about health needs the token."""

    def __init__(
        self, keeper: Keeper, outgoing: Outgoing, memory: Memory, registry: CollectorRegistry,
        *, token: str,
    ) -> None:  # fmt: skip
        self._keeper, self._outgoing, self._memory = keeper, outgoing, memory
        self._registry, self._token = registry, token

    def app(self) -> Starlette:
        """Return the application."""
        return Starlette(
            routes=[
                Route(OPEN_PATH, self.healthy, methods=["GET"]),
                Route("/metrics", self._guarded(self.metrics), methods=["GET"]),
                Route("/v1/modem", self._guarded(self.modem), methods=["GET"]),
                Route("/v1/messages", self._guarded(self.send), methods=["POST"]),
                Route("/v1/messages/{id}", self._guarded(self.message), methods=["GET"]),
            ]
        )

    async def healthy(self, _request: Request) -> Response:
        """Say whether a message could leave now."""
        ready = self._keeper.is_ready
        return JSONResponse({"ready": ready}, status_code=200 if ready else 503)

    async def modem(self, _request: Request) -> Response:
        """Say how the modem is."""
        return JSONResponse(self._about_modem())

    async def metrics(self, _request: Request) -> Response:
        """Return the metrics."""
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)

    async def message(self, request: Request) -> Response:
        """Say what became of a message."""
        known = self._memory.of(request.path_params["id"])
        if not known.parts and not known.voice:
            return _problem(404, "no message of this id", retryable=False)
        return JSONResponse(_about(known))

    async def send(self, request: Request) -> Response:
        """Send a message and answer when the network has taken it."""
        body = await _body(request)
        if body is None:
            return _problem(413, f"the body exceeds {MAX_BODY_BYTES} bytes", retryable=False)
        try:
            new = NewMessage.model_validate_json(body)
        except ValidationError as error:
            return _problem(422, _explain(error), retryable=False)
        number = address.normal(new.number)
        if not address.is_number(number):
            return _problem(
                422, "number: 3 to 15 digits, with + before them or not", retryable=False
            )
        order = Order(new.id, number, new.text, new.voice, _RANKS[new.severity])
        had_left = self._memory.of(new.id).has_left
        try:
            sent = await self._outgoing.send(order)
        except NotSentError as error:
            status = 503 if error.retryable else 422
            return _problem(
                status, str(error), retryable=error.retryable, ambiguous=error.ambiguous
            )
        return JSONResponse({**_about(sent), "repeated": had_left, "modem": self._about_modem()})

    def _about_modem(self) -> dict[str, Any]:
        state = self._keeper.state
        return {
            "ready": self._keeper.is_ready,
            "problem": self._keeper.problem,
            "sim": state.sim,
            "registration": state.registration.words[1],
            "operator": state.operator,
            "signal_dbm": state.signal.dbm,
            "store_used": state.space.used,
            "store_total": state.space.total,
        }

    def _guarded(self, serve: Any) -> Any:
        async def guarded(request: Request) -> Response:
            scheme, _, given = request.headers.get("authorization", "").partition(" ")
            is_known = hmac.compare_digest(given.strip().encode(), self._token.encode())
            if scheme.lower() != "bearer" or not is_known:
                answer = _problem(401, "send the relay's token as Bearer", retryable=True)
                answer.headers["WWW-Authenticate"] = "Bearer"
                return answer
            served: Response = await serve(request)
            return served

        return guarded


async def _body(request: Request) -> bytes | None:
    read = b""
    async for chunk in request.stream():
        read += chunk
        if len(read) > MAX_BODY_BYTES:
            return None
    return read


def _about(sent: Sent) -> dict[str, Any]:
    return {
        "id": sent.id,
        "parts": sent.parts,
        "sent": sent.sent,
        "delivered": sent.delivered,
        "voice": sent.voice,
        "voice_seconds": sent.voice_seconds,
    }


def _problem(status: int, reason: str, *, retryable: bool, ambiguous: bool = False) -> Response:
    body = {"reason": reason, "retryable": retryable, "ambiguous": ambiguous}
    return JSONResponse(body, status_code=status)


def _explain(error: ValidationError) -> str:
    problems = json.loads(error.json(include_input=False, include_url=False))
    return "; ".join(f"{'.'.join(map(str, p['loc'])) or 'body'}: {p['msg']}" for p in problems)
