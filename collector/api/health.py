"""`/-/healthy`, `/-/ready` and `/-/progress`: open to probes, without anything worth hiding."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from fastapi.responses import JSONResponse, PlainTextResponse

from collector.api.deps import Use
from collector.services import Health
from collector.watching.board import EVERY_SECONDS

TURN_LIMIT_SECONDS = 15.0

router = APIRouter(prefix="/-", tags=["health"], default_response_class=PlainTextResponse)


def desk_health(seconds_since_turn: float | None) -> Health:
    """Judge by the age of the last whole desk turn; None before the first one ended."""
    if seconds_since_turn is None:
        return Health(ok=False, why="no desk turn has ended yet")
    if seconds_since_turn > TURN_LIMIT_SECONDS:
        age = f"{seconds_since_turn:.0f} s ago, limit {TURN_LIMIT_SECONDS:.0f} s"
        return Health(ok=False, why=f"the last whole desk turn ended {age}")
    return Health(ok=True)


@router.get("/healthy")
async def healthy(services: Use) -> PlainTextResponse:
    """Say whether a whole desk turn ended in the last 15 s; 503 with the reason if not."""
    return _answer(services.health())


@router.get("/ready")
async def ready(services: Use) -> PlainTextResponse:
    """Say whether the collector takes reports and people now; 503 with the reason if not."""
    return _answer(services.ready())


@router.get("/progress", response_class=JSONResponse)
async def progress(
    services: Use,
    authorization: Annotated[str, Header(max_length=200)] = "",
    every_seconds: Annotated[float, Query(ge=0.2, le=300)] = EVERY_SECONDS,
) -> dict[str, Any]:
    """Count what was done, so that a second machine sees it move; `watcher` is who asks."""
    scheme, _, token = authorization.partition(" ")
    token = token.strip() if scheme.lower() == "bearer" else ""
    watcher = services.watch.seen(token, every_seconds)
    done = services.progress()
    return {
        "desk_turns": done.desk_turns,
        "evaluation_turns": done.evaluation_turns,
        "outbox_turns": done.outbox_turns,
        "overdue_seconds": round(done.overdue_seconds, 1),
        "watcher": watcher,
        # Who watches keeps it: whoever rewrites our tables does not reach them.
        "checkpoint": services.files.carrier.note if watcher else "",
    }


def _answer(health: Health) -> PlainTextResponse:
    text = "ok\n" if health.ok else f"{health.why}\n"
    return PlainTextResponse(text, status_code=200 if health.ok else 503)
