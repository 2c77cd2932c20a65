"""What a watcher remembers over its own restart: whom it has told of the outage that goes on."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from agents.files import replace_atomically
from collector.watching.verdict import Problem, Watched

if TYPE_CHECKING:
    from pathlib import Path


def read(path: Path) -> Watched:
    """Return what is remembered; nothing of a file that is missing or damaged.

    Forgetting makes a second page, never a missing one.
    """
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
        return Watched(
            failures=int(found["failures"]),
            failing_since=_instant(found["failing_since"]),
            problem=Problem(*map(str, found["problem"])) if found["problem"] else None,
            paged_at=_instant(found["paged_at"]),
            pages=int(found["pages"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return Watched()


def write(path: Path, watched: Watched) -> None:
    """Replace the file.

    Raises:
        OSError: The disk refused.
    """
    content = {
        "failures": watched.failures,
        "failing_since": _seconds(watched.failing_since),
        "problem": watched.problem,
        "paged_at": _seconds(watched.paged_at),
        "pages": watched.pages,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_atomically(path, json.dumps(content).encode(), is_durable=True)


def _instant(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _seconds(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()
