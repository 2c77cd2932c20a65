"""Asks a collector how it is: `/-/healthy`, and `/-/progress` for the counters behind it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from collector.watching.verdict import NO_PROGRESS, Look, Problem, Progress

LIMIT_SECONDS = 10.0
MAX_WHY_CHARACTERS = 200


async def look(client: httpx.AsyncClient, url: str, *, token: str, every_seconds: float) -> Look:
    """Return what the collector at `url` answers; whatever goes wrong is a look, too."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            healthy = await client.get(f"{url}/-/healthy")
            every = {"every_seconds": every_seconds}
            said = await client.get(f"{url}/-/progress", params=every, headers=headers)
    except TimeoutError:
        seconds = f"{LIMIT_SECONDS:g}"
        return Look(Problem(f"không trả lời trong {seconds} giây", f"no answer within {seconds} s"))
    except (httpx.HTTPError, ValueError) as error:
        why = f"{type(error).__name__} {error}".strip()[:MAX_WHY_CHARACTERS]
        return Look(Problem(f"không trả lời ({why})", f"no answer ({why})"))
    if healthy.status_code != 200:
        why = " ".join(healthy.text.split())[:MAX_WHY_CHARACTERS]
        said_vi = f"tự báo là không khỏe ({healthy.status_code}: {why})"
        return Look(Problem(said_vi, f"it calls itself unwell ({healthy.status_code}: {why})"))
    return _read(said)


def _read(answer: httpx.Response) -> Look:
    try:
        found: dict[str, Any] = answer.json()
        note = found.get("checkpoint")
        return Look(
            None,
            _progress(found),
            knows_watcher=found["watcher"] is not None,
            checkpoint=note if isinstance(note, str) else "",
        )
    except (ValueError, KeyError, TypeError):
        return Look(NO_PROGRESS)


def _progress(found: dict[str, Any]) -> Progress:
    outbox = found["outbox_turns"]
    return Progress(
        desk_turns=int(found["desk_turns"]),
        evaluation_turns=int(found["evaluation_turns"]),
        outbox_turns=None if outbox is None else int(outbox),
        overdue_seconds=float(found["overdue_seconds"]),
    )


async def is_reachable(witness: str) -> bool:
    """Say whether a neighbour (HOST:PORT) answers; a refusal is an answer."""
    host, _, port = witness.rpartition(":")
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
    except ConnectionRefusedError:
        return True
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
