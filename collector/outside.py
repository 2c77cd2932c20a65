"""What stands between the collector and systems that are not ours."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collector.alerts_out.telling import AlertsOut
from collector.forward.forwarding import make_forwarding
from collector.source_tokens import SourceBook
from collector.storage.sources import load_sources

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from collector.fleet import Fleet
    from collector.settings import Settings
    from collector.storage.database import Database
    from collector.stream import Stream


def outside_parts(
    settings: Settings,
    database: Database,
    stream: Stream,
    fleet: Fleet,
    *,
    now: Callable[[], datetime],
    monotonic: Callable[[], float],
    jitter: Callable[[], float],
) -> dict[str, Any]:
    """Return the parts by name: whose samples and alerts are taken, and where ours go."""
    clocks: dict[str, Any] = {"now": now, "monotonic": monotonic, "jitter": jitter}
    return {
        "sources": SourceBook(database.read_now(load_sources)),
        "forwarding": make_forwarding(settings.remote_write, database, stream, fleet, **clocks),
        "alerts_out": AlertsOut(
            settings.alertmanagers,
            database,
            pause=timedelta(seconds=settings.alertmanager_resend_seconds),
            console_url=settings.public_url.rstrip("/"),
            now=now,
            monotonic=monotonic,
        ),
    }
