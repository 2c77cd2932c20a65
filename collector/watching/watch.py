"""The watch itself: look, decide, remember, say; a turn of it, and the loop around."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from agents.checkpoints import FILE as CHECKPOINTS
from agents.checkpoints import Checkpoints
from collector.watching import state_file
from collector.watching.looking import is_reachable, look
from collector.watching.pager import SEVERITY
from collector.watching.verdict import after

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    import httpx

    from collector.watching.pager import Pager
    from collector.watching.verdict import Act, Watched
    from incidents.paging_policy import PagingPolicy

log = logging.getLogger(__name__)
# Pages that could not leave are tried between two looks, too.
PAGER_SECONDS = 5.0


class Watch:
    """Watches one collector.

    Args:
        witness: HOST:PORT of a neighbour of this machine; empty for none. While neither it nor
            the collector answers, this machine is the one that is cut off.
        state: Where is kept what was said; beside it are the collector's checkpoints.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        pager: Pager,
        policy: PagingPolicy,
        *,
        url: str,
        token: str,
        witness: str,
        state: Path,
        every_seconds: float,
        now: Callable[[], datetime],
    ) -> None:
        self._client, self._pager, self._policy = client, pager, policy
        self._url, self._token, self._witness = url, token, witness
        self._state, self._every_seconds, self._now = state, every_seconds, now
        self.watched: Watched = state_file.read(state)
        self._said_unknown = False
        self._checkpoints = Checkpoints(state.with_name(CHECKPOINTS))

    async def turn(self) -> Act | None:
        """Look once; return what was said because of it."""
        every = self._every_seconds
        seen = await look(self._client, self._url, token=self._token, every_seconds=every)
        self._checkpoints.heard({"checkpoint": seen.checkpoint})
        is_cut_off = False
        if seen.problem and self._witness:
            is_cut_off = not await is_reachable(self._witness)
        before, now = self.watched, self._now()
        repeat = self._policy.repeat[SEVERITY]
        self.watched, act = after(before, seen, now, repeat=repeat, is_cut_off=is_cut_off)
        self._log(before, is_cut_off=is_cut_off)
        if (
            self._token
            and seen.problem is None
            and not seen.knows_watcher
            and not self._said_unknown
        ):
            self._said_unknown = True
            log.warning("the collector does not know this watcher's token: it will not miss us")
        if act is not None:
            self._pager.say(act, before if act == "recovered" else self.watched, now)
        if (before.paged_at, before.failures) != (self.watched.paged_at, self.watched.failures):
            with contextlib.suppress(OSError):  # a full disk: a second page is the worst of it
                state_file.write(self._state, self.watched)
        await self._pager.turn(now)
        return act

    async def run(self, stopping: asyncio.Event) -> None:
        """Look again and again until stopped; what is being sent ends first."""
        every_seconds = self._every_seconds
        if self.watched.paged_at is not None:
            log.warning("an outage goes on that was paged at %s", self.watched.paged_at)
        while not stopping.is_set():
            await self.turn()
            waited = 0.0
            while waited < every_seconds and not stopping.is_set():
                pause = min(PAGER_SECONDS if len(self._pager) else every_seconds, every_seconds)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), min(pause, every_seconds - waited))
                waited += pause
                if len(self._pager):
                    await self._pager.turn(self._now())

    def _log(self, before: Watched, *, is_cut_off: bool) -> None:
        if self.watched.problem != before.problem:
            if self.watched.problem:
                log.warning("the collector is not well: %s", self.watched.problem.en)
            else:
                log.warning("the collector is well again")
        if is_cut_off and not before.failures:
            log.warning("the witness does not answer either: this machine is cut off; no page")
