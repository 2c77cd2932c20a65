"""A command through the API or a form: done once per Idempotency-Key, in one transaction."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from collector.access import Identity
from collector.services import Services
from collector.storage.answers import Stored, once

KEY_HEADER = "Idempotency-Key"
MAX_KEY_LENGTH = 200

Work = Callable[[Connection], tuple[int, Mapping[str, Any]]]


async def store_once(
    services: Services, caller: Identity, key: str, request_hash: str, work: Work
) -> Stored:
    """Do `work` in one transaction and keep its answer under the caller's key.

    An empty key means that the caller does not mind doing it twice.
    """

    def run(connection: Connection) -> Stored:
        def answer() -> tuple[int, str]:
            status, body = work(connection)
            return status, json.dumps(body, ensure_ascii=False, default=str)

        if not key:
            status, body = answer()
            return Stored(status, body, replayed=False)
        scoped = f"{caller.kind}:{caller.user}:{key}"
        return once(connection, scoped, request_hash, services.now(), answer)

    return await services.db.write(run)


async def command(request: Request, services: Services, work: Work) -> Response:
    """Answer a POST of the API; a repeat with the same key gets the first answer again."""
    key, fingerprint = key_of(request), await fingerprint_of(request)
    stored = await store_once(services, request.state.identity, key, fingerprint, work)
    return answer_of(stored)


def key_of(request: Request) -> str:
    """Return the request's Idempotency-Key, empty when it has none."""
    key = request.headers.get(KEY_HEADER, "")
    if len(key) > MAX_KEY_LENGTH:
        raise HTTPException(422, f"{KEY_HEADER}: longer than {MAX_KEY_LENGTH} characters")
    return key


async def fingerprint_of(request: Request) -> str:
    """Return the digest of what is asked: method, path and body."""
    return fingerprint(request, await request.body())


def fingerprint(request: Request, content: bytes) -> str:
    """Return the digest of a request whose content was read already."""
    asked = f"{request.method} {request.url.path}\n".encode()
    return hashlib.sha256(asked + content).hexdigest()


def answer_of(stored: Stored) -> Response:
    """Return a stored answer; a header says when it is a repeat."""
    replayed = {"Idempotency-Replayed": "true"} if stored.replayed else {}
    return Response(stored.answer, stored.status, headers=replayed, media_type="application/json")


def answer_with(stored: Stored, **more: str) -> Response:
    """Return a stored answer and what is in no store: a secret that is shown with it."""
    body = json.loads(stored.answer) | more
    shown = Stored(stored.status, json.dumps(body, ensure_ascii=False), stored.replayed)
    return answer_of(shown)
