"""After a session: has its samples read out of the journal, and keeps them with its log."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from loguru import logger
from sqlalchemy import select

from collector.jobs.jobs import TooManyJobsError
from collector.sessions.samples import MOST_BYTES
from collector.storage import sessions as store
from collector.storage.session_tables import conference_sessions
from incidents.sessions.log import LogEntry, LogKind
from incidents.sessions.quality import is_wanted
from incidents.sessions.stages import CLOCK

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

    from collector.jobs.state import Job
    from collector.parts import Parts
    from incidents.sessions.model import Session

# The journal holds a day by default: what was not read by then is gone.
LOOKS_BACK = timedelta(days=1)
AGAIN_AFTER = timedelta(minutes=10)
NAME, GZIP = "session-samples", "application/gzip"
_PIECE = 1 << 20
# Workstations measure nothing but themselves.
NOT_MEASURING = frozenset({"workstation"})


class SessionMeasurer:
    """Measures one session after the other; its turn never waits for that."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._running: tuple[Session, Job, Path] | None = None
        self._not_before: dict[int, datetime] = {}

    async def turn(self, now: datetime) -> None:
        """Take in what was read, or begin with the next session."""
        if self._running is None:
            session = await self._parts.database.read(lambda c: self._next(c, now))
            if session is not None:
                self._begin(session, now)
            return
        session, job, target = self._running
        if job.state not in ("done", "failed"):
            return
        self._running = None
        self._not_before[session.id] = now + AGAIN_AFTER
        try:
            if job.state == "done" and job.result:
                await self._keep(session, job.result, target, now)
        finally:
            await asyncio.to_thread(target.unlink, missing_ok=True)

    def _next(self, connection: Connection, now: datetime) -> Session | None:
        over = conference_sessions.c.over_at
        query = select(conference_sessions).where(
            over > now - LOOKS_BACK, over < now, conference_sessions.c.began_at.is_not(None)
        )
        close_within = self._parts.sessions.policy.file.close_within
        for row in connection.execute(query.order_by(over)).all():
            session = store.session_of(row)
            if self._not_before.get(session.id, now) > now:
                continue
            if is_wanted(session, store.whole_log(connection, session.id), close_within, now):
                return store.with_points(connection, [session])[0]
        return None

    def _begin(self, session: Session, now: datetime) -> None:
        files, agents = self._parts.files, self._agents(session)
        files.exports.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = files.exports / f"session-{session.id}.jsonl.gz"
        arguments = [NAME, str(session.id), "--to", str(target)]
        for agent in agents:
            arguments += ["--agent", agent]
        try:
            self._running = session, files.jobs.start(NAME, arguments, CLOCK), target
        except TooManyJobsError:
            self._not_before[session.id] = now + AGAIN_AFTER

    def _agents(self, session: Session) -> list[str]:
        """Return who measures the session's points, and who may have while it went on."""
        parts, units = self._parts, set(session.units)
        names = {session.bridge, *(n for p in session.points for n in (p.target, p.path))}
        hosts = [parts.plans.measuring(name) for name in names if name]
        found = {host.agent for host in hosts if host is not None}
        found |= {
            host.agent
            for host in parts.fleet.approved()
            if host.unit in units and host.kind not in NOT_MEASURING
        }
        return sorted(found)

    async def _keep(
        self, session: Session, result: dict[str, Any], target: Path, now: datetime
    ) -> None:
        evidence = self._parts.files.evidence
        incoming = evidence.receive(target.name, 2 * MOST_BYTES)

        def copy() -> str:
            with target.open("rb") as file:
                while piece := file.read(_PIECE):
                    incoming.write(piece)
            return incoming.keep()

        sha256 = await asyncio.to_thread(copy)
        data = {"bytes": incoming.size, "media_type": GZIP, **result}
        entry = LogEntry(now, CLOCK, LogKind.MEASURED, code=sha256, data=data)
        await self._parts.database.write(lambda c: store.log(c, session.id, [entry], now))
        self._parts.changes.publish("session", str(session.id))
        logger.info(
            "session {}: {} points measured, {} samples kept",
            session.id, len(result["points"]), result["samples"],
        )  # fmt: skip
