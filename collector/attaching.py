"""Attaches to incidents what the service itself knows: samples around them, the policy in force."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from loguru import logger

from collector.jobs.jobs import TooManyJobsError
from collector.samples import policy_file, samples_file
from collector.storage import attaching
from collector.storage.policy_record import files_in_force, revision_in_force
from incidents.incident import MACHINE
from incidents.state import Draft, Kind

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

    from collector.evidence_files import EvidenceFiles
    from collector.fleet import Fleet
    from collector.jobs.jobs import Jobs
    from collector.storage.attaching import Due
    from collector.storage.database import Database
    from incidents.desk import Desk
    from incidents.desk_store import DeskTransaction
    from incidents.state import Incident

COLLECTOR = MACHINE + "collector"
SAMPLES, POLICY = "mau_giam_sat", "chinh_sach"
MEDIA_TYPE = "application/json"
MOST_HOSTS = 50
MOST_BYTES = 64 << 20
BATCH = 10
AGAIN = timedelta(minutes=10)


class Attacher:
    """Its turn is called every few seconds; what a stop interrupts is done at the next one."""

    def __init__(
        self,
        database: Database,
        desk: Desk,
        open_transaction: Callable[[Connection], DeskTransaction],
        fleet: Fleet,
        files: EvidenceFiles,
        jobs: Jobs,
        *,
        new_id: Callable[[], str],
    ) -> None:
        self._database, self._desk, self._open = database, desk, open_transaction
        self._fleet, self._files, self._jobs, self._new_id = fleet, files, jobs, new_id

    async def turn(self, now: datetime) -> bool:
        """Attach a batch of what is due; say whether more may be."""
        due = await self._database.read(lambda c: attaching.due(c, now, limit=BATCH))
        for one in due:
            try:
                await self._attach(one, now)
            except OSError as error:
                logger.error("{}: samples cannot be attached for now: {}", one.code, error)
                await self._database.write(
                    partial(attaching.postpone, attached=one, until=now + AGAIN)
                )
        return len(due) == BATCH

    async def _attach(self, one: Due, now: datetime) -> None:
        agents = await self._database.read(
            lambda c: attaching.agents_of(c, one.incident, limit=MOST_HOSTS)
        )
        hosts = [host for agent in agents if (host := self._fleet.hosts.get(agent)) is not None]
        made = {
            SAMPLES: samples_file(
                code=one.code, cause=one.cause, what=one.kind, after=one.after, hosts=hosts, at=now
            )
        }
        if not one.after:  # the same policy as before is one piece of evidence
            made[POLICY] = await self._database.read(lambda c: _policy(c, one.code))
        drafts = [
            await asyncio.to_thread(self._keep, kind, content, one)
            for kind, content in made.items()
        ]
        if one.after and agents:
            drafts += await self._reports(one, agents)

        def work(connection: Connection) -> None:
            self._desk.add(
                self._open(connection), one.incident, COLLECTOR, now, lambda s: _new(s, drafts)
            )
            attaching.done(connection, one, now)

        await self._database.write(work)

    async def _reports(self, one: Due, agents: list[str]) -> list[Draft]:
        """Copy what the hosts said from an hour before until now out of the journal.

        Where that cannot be done the samples alone are attached: in a day the journal has
        nothing of it any more.
        """
        incoming = self._files.receive(self._new_id(), MOST_BYTES)
        incoming.drop()
        path = incoming.path
        span = (one.cause_at - attaching.AROUND, one.cause_at + attaching.AROUND)
        since, until = (f"{instant:%Y-%m-%dT%H:%M:%S%z}" for instant in span)
        named = [part for agent in agents for part in ("--agent", agent)]
        arguments = ["reports", *named, "--since", since, "--until", until, "--to", str(path)]
        try:
            job = await self._jobs.wait(self._jobs.start("reports", arguments, COLLECTOR))
        except TooManyJobsError as error:
            raise OSError(str(error)) from error  # in a while
        if job.state == "failed":
            path.unlink(missing_ok=True)
            logger.error("{}: reports cannot be copied from the journal: {}", one.code, job.error)
            return []
        return [await asyncio.to_thread(self._adopt, path, one, job.result)]

    def _adopt(self, path: Path, one: Due, result: dict[str, Any]) -> Draft:
        incoming = self._files.receive(self._new_id(), MOST_BYTES * 2)
        try:
            with path.open("rb") as file:
                while piece := file.read(1 << 20):
                    incoming.write(piece)
            size, sha256 = incoming.size, incoming.keep()
        except BaseException:
            incoming.drop()
            raise
        finally:
            path.unlink(missing_ok=True)
        name = f"{one.code}-{one.cause}-reports.jsonl.gz"
        facts = {"reports": result["reports"], "whole": result["whole"]}
        return _draft(SAMPLES, sha256, size, "application/gzip", one, name, **facts)

    def _keep(self, kind: str, content: bytes, one: Due) -> Draft:
        incoming = self._files.receive(self._new_id(), MOST_BYTES)
        try:
            incoming.write(content)
            sha256 = incoming.keep()
        except BaseException:
            incoming.drop()
            raise
        when = "after" if one.after else "before"
        what = f"{one.cause}-{when}" if kind == SAMPLES else "policy"
        name = f"{one.code}-{what}.json"
        return _draft(kind, sha256, len(content), MEDIA_TYPE, one, name)


def _draft(
    kind: str, sha256: str, size: int, media_type: str, one: Due, name: str, **more: Any
) -> Draft:
    data: dict[str, Any] = {
        "kind": kind,
        "sha256": sha256,
        "bytes": size,
        "media_type": media_type,
        "cause": one.cause,
        **more,
    }
    return Draft(Kind.EVIDENCE, data, {"name": name})


def _new(state: Incident, drafts: list[Draft]) -> list[Draft]:
    """Leave out what an interrupted turn attached already."""
    known = {piece.sha256 for piece in state.evidence.values()}
    return [draft for draft in drafts if draft.data["sha256"] not in known]


def _policy(connection: Connection, code: str) -> bytes:
    revision = revision_in_force(connection)
    return policy_file(code=code, revision=revision, files=files_in_force(connection, revision))
