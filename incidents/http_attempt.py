"""One attempt over HTTP: a time limit, and what each way of failing means for the message."""

from __future__ import annotations

import asyncio
import logging
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx

from incidents.outbox import DeliveryError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_MAY_PASS = frozenset({401, 403, 408, 425, 429})
# Nothing reached the receiver: it cannot have accepted.
_NOT_REACHED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
MAX_ANSWER_BYTES = 16 * 1024


@asynccontextmanager
async def attempt(channel: str, limit_seconds: float) -> AsyncIterator[None]:
    """Turn whatever goes wrong inside into a `DeliveryError` that holds neither address nor secret.

    Raises:
        DeliveryError: Nothing was reached, no answer came in time, or the request is impossible.
    """
    try:
        async with asyncio.timeout(limit_seconds):
            yield
    except _NOT_REACHED as error:
        raise DeliveryError(f"{channel}: {type(error).__name__}", retryable=True) from None
    except (httpx.TransportError, TimeoutError) as error:
        reason = f"{channel}: {type(error).__name__}"
        raise DeliveryError(reason, retryable=True, ambiguous=True) from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DeliveryError(f"{channel}: {type(error).__name__}", retryable=False) from None


def may_pass(status: int) -> bool:
    """Say whether a refusal may pass: the server's own fault, or a credential that is put right."""
    return status >= 500 or status in _MAY_PASS


def be_quiet() -> None:
    """Keep the libraries from logging every address that they call: it may be a secret."""
    for library in ("httpx", "httpcore"):
        logging.getLogger(library).setLevel(logging.ERROR)


@asynccontextmanager
async def client_for(shared: httpx.AsyncClient, ca_file: str) -> AsyncIterator[httpx.AsyncClient]:
    """Return the shared client, or one that trusts a single authority.

    Raises:
        DeliveryError: The file of the authority cannot be used.
    """
    if not ca_file:
        yield shared
        return
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        reason = f"ca_file cannot be used: {type(error).__name__}"
        raise DeliveryError(reason, retryable=True) from None
    async with httpx.AsyncClient(verify=context, follow_redirects=False) as client:
        yield client


async def read(response: httpx.Response) -> bytes:
    """Return the beginning of an answer's body."""
    found = b""
    async for chunk in response.aiter_bytes():
        found += chunk
        if len(found) >= MAX_ANSWER_BYTES:
            break
    return found[:MAX_ANSWER_BYTES]
