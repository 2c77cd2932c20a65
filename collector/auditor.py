"""The auditor inside the service, and the dead-man's switch that it feeds.

It reads the tables and asks nobody: a part that hangs cannot say that it hangs. What it finds makes
`/-/healthy` answer 503, which the second machine pages on; and the beat to the switch stops, which
whoever keeps the switch pages on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
from loguru import logger

from collector.storage.overdue import overdue
from incidents.stuck import Finding, findings

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from collector.services import Health
    from collector.storage.database import Database

BEAT_LIMIT_SECONDS = 10.0


class Auditor:
    """Its turn is called every half a minute.

    Attributes:
        findings: What is stuck, as of the last turn.
        beat_at: When the switch last took a beat; None: never.

    Args:
        url: The dead-man's switch; empty: there is none. It is a secret.
    """

    def __init__(self, database: Database, started_at: datetime, *, url: str = "") -> None:
        self._database, self._started_at, self._url = database, started_at, url
        self.findings: tuple[Finding, ...] = ()
        self.beat_at: datetime | None = None

    async def turn(self, now: datetime, health: Callable[[], Health]) -> None:
        """Look; then say to the switch that all is well, if it is."""
        seen = await self._database.read(lambda c: overdue(c, now))
        before = {one.kind for one in self.findings}
        self.findings = findings(seen, self._started_at, now)
        for one in self.findings:
            if one.kind not in before:
                logger.error("stuck since {}: {} {}", one.since, one.en, one.about)
        if self._url and not self.findings and health().ok:
            await self._beat(now)

    async def _beat(self, now: datetime) -> None:
        try:
            async with httpx.AsyncClient(
                timeout=BEAT_LIMIT_SECONDS, follow_redirects=False
            ) as client:
                answer = await client.post(
                    self._url, json={"service": "wanwatch", "at": now.isoformat()}
                )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            logger.warning("the dead-man's switch took no beat: {}", type(error).__name__)
            return
        if answer.is_success:
            self.beat_at = now
        else:
            logger.warning("the dead-man's switch took no beat: HTTP {}", answer.status_code)
