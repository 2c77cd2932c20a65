"""The door for samples of programs that are not ours: bound → read → whose → journal → 204.

What a host's share of a request holds goes on as a report of that host: it is judged, replayed,
sent on and kept as any other. Nothing is acknowledged before it is durable.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Literal, NamedTuple

from loguru import logger

from collector.limits import (
    REQUEST_BURST,
    REQUESTS_PER_MINUTE,
    Pressure,
    TokenBucket,
    retry_after,
    shed_reason,
)
from collector.samples_in.protobuf import Malformed
from collector.samples_in.reports import chunks, pack
from collector.samples_in.requests import RequestReader
from collector.storage.source_hosts import MAX_HOSTS, host_id, take_in
from collector.unit_limits import PER_HOST
from collector.wire import read
from collector.wire_json import RejectedReport

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Sequence
    from datetime import datetime

    from collector.fleet import Fleet, Host
    from collector.intake import Answer, Door
    from collector.limits import Vitals
    from collector.samples_in.requests import Row, Taken
    from collector.source_tokens import Source
    from collector.storage.database import Database

SHED_RETRY_SECONDS = 30
MAX_AT_ONCE = 32
Result = Literal["taken", "partly", "malformed", "rate_limited", "shed", "unavailable"]
RESULTS: tuple[Result, ...] = (
    "malformed", "partly", "rate_limited", "shed", "taken", "unavailable",
)  # fmt: skip


class Said(NamedTuple):
    """What the source is told: 204, or why not; 503 with the seconds after which to come again."""

    status: int
    reason: str = ""
    retry_after_seconds: int | None = None


class _SourceState:
    """What is remembered of one source while the process runs."""

    def __init__(self, name: str, monotonic_at: float) -> None:
        self.reader = RequestReader(name)
        self.bucket = TokenBucket.full(REQUESTS_PER_MINUTE, REQUEST_BURST, monotonic_at)
        self.at_once = asyncio.Semaphore(1)  # a source's series stay in order
        self.hosts: dict[str, str] = {}
        self.left_out: set[str] = set()
        self.version = -1


class SamplesDoor:
    """Takes one request after another; lives on the event loop, reads requests in a thread.

    Attributes:
        requests: How many requests ended how, by source and result.
        samples: How many samples were taken, or why not, by source and reason.
    """

    def __init__(
        self,
        door: Door,
        fleet: Fleet,
        database: Database,
        vitals: Vitals,
        *,
        refresh: Callable[[], Awaitable[None]],
        most_hosts: int = MAX_HOSTS,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        """Keep the parts.

        Args:
            refresh: Takes over hosts that were added to the tables.
            most_hosts: How many one source may bring.
        """
        self._door, self._fleet, self._database, self._vitals = door, fleet, database, vitals
        self._refresh, self._now, self._monotonic = refresh, now, monotonic
        self._most_hosts = most_hosts
        self._states: dict[str, _SourceState] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="samples-in")
        self._under_way = 0
        self._seqs: dict[str, int] = {}
        self.requests: Counter[tuple[str, Result]] = Counter()
        self.samples: Counter[tuple[str, str]] = Counter()

    async def take(self, source: Source, body: bytes) -> Said:
        """Take one request of a source that may bring samples."""
        result, said = await self._take(source, body)
        self.requests[source.name, result] += 1
        return said

    async def _take(self, source: Source, body: bytes) -> tuple[Result, Said]:
        state = self._states.get(source.name)
        if state is None:
            state = self._states[source.name] = _SourceState(source.name, self._monotonic())
        if (refused := self._refused(state)) is not None:
            return refused
        self._under_way += 1
        try:
            async with state.at_once:
                loop = asyncio.get_running_loop()
                taken = await loop.run_in_executor(self._thread, state.reader.read, body)
                return await self._store(source, state, taken)
        except Malformed as error:
            return "malformed", Said(400, str(error))
        finally:
            self._under_way -= 1

    def _refused(self, state: _SourceState) -> tuple[Result, Said] | None:
        """Refuse for now; 503, because most senders drop what is answered 429."""
        bucket = state.bucket
        bucket.per_minute = max(REQUESTS_PER_MINUTE, PER_HOST * len(state.hosts))
        bucket.burst = max(REQUEST_BURST, bucket.per_minute)
        if (wait := bucket.wait_seconds(1, self._monotonic())) > 0:
            reason = "too many requests from this source"
            return "rate_limited", Said(503, reason, retry_after(wait))
        vitals = self._vitals
        waiting = len(self._door.accepted)
        pressure = Pressure(vitals.disk_free_ratio, vitals.loop_lag_seconds, waiting)
        short = shed_reason(pressure, has_events=False)
        if short is None and self._under_way >= MAX_AT_ONCE:
            short = "queue"
        if short is not None:
            return "shed", Said(503, f"the collector is short of its {short}", SHED_RETRY_SECONDS)
        return None

    async def _store(
        self, source: Source, state: _SourceState, taken: Taken
    ) -> tuple[Result, Said]:
        """Make every host's share durable; then say so."""
        await self._know(source, state, taken.hosts.keys())
        waiting: list[asyncio.Future[Answer]] = []
        counts = taken.refused
        for name, rows in taken.hosts.items():
            host = self._fleet.hosts.get(state.hosts.get(name, ""))
            if host is None:
                counts["host_not_let_in"] += len(rows)
                continue
            for chunk in chunks(rows):
                try:
                    waiting.append(self._submit(host, chunk))
                except RejectedReport as rejected:
                    logger.debug("samples of {}: {}", source.name, rejected)
                    counts["instants" if "sent_at" in rejected.reason else "other"] += len(chunk)
                    continue
                counts["taken"] += len(chunk)
        answers = await asyncio.gather(*waiting)
        failed = next((one for one in answers if one.status != 202), None)
        if failed is not None:
            return "unavailable", Said(503, "the journal did not take it", SHED_RETRY_SECONDS)
        for why, count in counts.items():
            self.samples[source.name, why] += count
        return _said(counts)

    def _submit(self, host: Host, rows: Sequence[Row]) -> asyncio.Future[Answer]:
        """Hand one report to the journal.

        Raises:
            RejectedReport: Something in it is not what a report may hold.
        """
        now = self._now()
        seq = max(self._seqs.get(host.agent, 0), host.received.highest) + 1
        body = pack(host.agent, seq, now.timestamp(), rows)
        report = read(body, host.layouts)
        self._seqs[host.agent] = seq
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def reply(answer: Answer) -> None:
            if answer.status != 202 and self._seqs[host.agent] == seq:
                self._seqs[host.agent] = seq - 1  # it never came: the next has its number
            if not answered.done():
                answered.set_result(answer)

        self._door.store(host, report, body, now, reply)
        return answered

    async def _know(self, source: Source, state: _SourceState, names: Collection[str]) -> None:
        """Find the hosts of a request in the inventory, or put them there."""
        if state.version != self._fleet.version:  # somebody revoked or approved one, perhaps
            state.left_out.clear()
            state.hosts = {
                name: agent for name, agent in state.hosts.items() if agent in self._fleet.hosts
            }
            state.version = self._fleet.version
        new = [n for n in names if n not in state.hosts and n not in state.left_out]
        unknown = [name for name in new if host_id(source, name) not in self._fleet.hosts]
        if unknown:
            now = self._now()
            standings = await self._database.write(
                lambda c: take_in(c, source, unknown, now, self._most_hosts)
            )
            for name, standing in standings.items():
                if standing != "known":
                    logger.warning("source {}: host {!r} is {}", source.name, name, standing)
                    state.left_out.add(name)
            await self._refresh()
            state.version = self._fleet.version
        state.hosts |= {name: host_id(source, name) for name in new if name not in state.left_out}


def _said(counts: Counter[str]) -> tuple[Result, Said]:
    """Say what a request comes to: 400 where samples were left out that should not have been sent.

    What nobody needs, and what says that a series has gone, is no fault of the sender's.
    """
    wrong = {
        why: counts[why]
        for why in ("name", "labels", "instants", "host_not_let_in", "other")
        if counts[why]
    }
    if not wrong:
        return "taken", Said(204)
    told = ", ".join(f"{count} for their {_WORDS[why]}" for why, count in wrong.items())
    return "partly", Said(400, f"{counts['taken']} samples are stored; not taken: {told}")


_WORDS = {
    "name": "metric's name",
    "labels": "labels (at most 20, of at most 120 characters)",
    "instants": "instants (more than 31 days old or a day ahead)",
    "host_not_let_in": "host, which is revoked or one too many",
    "other": "form",
}
