"""One Alertmanager: what it was told when, and how it is reached; a failing one is left alone."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import httpx
from loguru import logger

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from collector.alerts_out.ledger import Sent
    from collector.alerts_out.settings import Alertmanager

PATH = "/api/v2/alerts"
AT_ONCE = 256
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
_MAY_PASS = frozenset({401, 403, 408, 425, 429})


class Member:
    """Tells one Alertmanager; its errors and metrics hold its name alone.

    Attributes:
        told, failed, refused: Alerts that it took, requests that did not reach it, requests that
            it refused.
        told_at: When it last took some.
        error: Why the last request failed; empty when it did not.
    """

    def __init__(self, settings: Alertmanager, pause: timedelta) -> None:
        self.name = settings.name
        self._settings, self._pause = settings, pause
        self._told: dict[str, tuple[Sent, float]] = {}
        self._not_before = 0.0
        self._retry_seconds = FIRST_PAUSE_SECONDS
        self._client: httpx.AsyncClient | None = None
        self.told = self.failed = self.refused = 0
        self.told_at: datetime | None = None
        self.error = ""

    def due(self, known: Iterable[Sent], monotonic: float) -> list[Sent]:
        """Return what it is to be told now: what is new to it, and again what it knows."""
        found = []
        for one in known:
            before = self._told.get(one.fingerprint)
            is_old = before is not None and monotonic - before[1] < self._pause.total_seconds()
            if before is None or before[0] != one or not is_old:
                found.append(one)
        return found

    async def tell(self, known: list[Sent], now: datetime, monotonic: float) -> None:
        """Tell what is due, unless it failed a moment ago."""
        if monotonic < self._not_before:
            return
        names = {one.fingerprint for one in known}
        self._told = {name: told for name, told in self._told.items() if name in names}
        due = self.due(known, monotonic)
        for start in range(0, len(due), AT_ONCE):
            batch = due[start : start + AT_ONCE]
            if not await self._post([one.body(now, self._pause) for one in batch]):
                self._not_before = monotonic + self._retry_seconds
                self._retry_seconds = min(self._retry_seconds * 2, LONGEST_PAUSE_SECONDS)
                return
            self._told |= {one.fingerprint: (one, monotonic) for one in batch}
            self._retry_seconds, self.told_at = FIRST_PAUSE_SECONDS, now
            self.told += len(batch)

    async def close(self) -> None:
        """Let go of the connection."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _post(self, body: list[dict[str, object]]) -> bool:
        """Send one request; false: again later."""
        try:
            self._client = self._client or self._connected()
            answer = await self._client.post(self._settings.url + PATH, json=body)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            self._say(type(error).__name__)
            self.failed += 1
            return False
        if answer.status_code >= 500 or answer.status_code in _MAY_PASS:
            self._say(f"HTTP {answer.status_code}")
            self.failed += 1
            await self.close()  # a credential may be put right: it is read anew
            return False
        if answer.status_code >= 300:  # a mistake of ours does not get better by being repeated
            self._say(f"HTTP {answer.status_code}")
            self.refused += 1
            return True
        if self.error:
            logger.info("the Alertmanager {} takes alerts again", self.name)
        self.error = ""
        return True

    def _say(self, error: str) -> None:
        if not self.error:
            logger.error("the Alertmanager {} does not take alerts: {}", self.name, error)
        self.error = error

    def _connected(self) -> httpx.AsyncClient:
        """Return a client; secrets are read anew, so that a changed file counts.

        Raises:
            OSError: A file cannot be read.
        """
        one = self._settings
        verify: ssl.SSLContext | bool = True
        if one.ca_file is not None:
            verify = ssl.create_default_context(cafile=str(one.ca_file))
        return httpx.AsyncClient(
            headers=one.authorization(), verify=verify, timeout=one.timeout_seconds,
            follow_redirects=False,
        )  # fmt: skip
