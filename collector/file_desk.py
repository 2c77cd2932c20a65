"""Everything around incidents' files that is no decision: sealing, exports, evidence on disk."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from collector.storage import removal
from collector.storage.database import overwrite_removed
from collector.storage.sealer import BATCH, ORIGIN, newest_note, seal

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from nacl.signing import SigningKey
    from sqlalchemy import Connection

    from collector.carrying import Carrier
    from collector.evidence_files import EvidenceFiles
    from collector.jobs.jobs import Jobs
    from collector.jobs.state import Job
    from collector.storage.database import Database


class FileDesk:
    """Lives on the event loop; what it does on disk or in the tables happens elsewhere.

    Attributes:
        carrier: Hands the newest checkpoint to whoever keeps it.
        evidence: The files of evidence; `evidence_bytes` is the most that one may have.
        exports: Where exports lie until they are handed out.
    """

    def __init__(
        self,
        database: Database,
        *,
        key: SigningKey,
        carrier: Carrier,
        jobs: Jobs,
        evidence: EvidenceFiles,
        evidence_bytes: int,
        exports: Path,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._database, self._key, self._now, self._new_id = database, key, now, new_id
        self.carrier, self.jobs = carrier, jobs
        self.evidence, self.evidence_bytes = evidence, evidence_bytes
        self.exports = exports

    async def seal(self) -> None:
        """Give every entry that waits its place, sign the tree, and carry that away."""
        write = partial(self._database.write, self._seal_some)
        while await write():
            pass
        note = await self._database.read(newest_note)
        self.carrier.note = note or ""
        await self._scrub()

    async def export(self, code: str, actor: str) -> tuple[Job, Path]:
        """Write an incident's file as a zip and return the work, when it has ended, and the file.

        Raises:
            TooManyJobsError: So many wait already.
        """
        await self.seal()
        self.exports.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = self.exports / f"{self._new_id()}.zip"
        job = self.jobs.start("export", ["export", code, "--to", str(target), "--by", actor], actor)
        await self.jobs.wait(job)
        return job, target

    async def forget(self, sha256: str) -> None:
        """Remove a file that no entry speaks of: its intake was refused."""
        if not await self._database.read(lambda c: removal.is_held(c, sha256)):
            await asyncio.to_thread(self.evidence.remove, sha256)

    def verify(self, actor: str) -> Job:
        """Begin to verify everything, or return the work that does so already.

        Raises:
            TooManyJobsError: So many wait already.
        """
        newest = self.jobs.newest("audit")
        if newest is not None and newest.state in ("waiting", "running"):
            return newest
        return self.jobs.start("audit", ["audit"], actor)

    def clear(self) -> None:
        """Remove what a stop left: files half received, exports nobody fetched."""
        self.evidence.clear_incoming()
        if self.exports.is_dir():
            for path in self.exports.iterdir():
                path.unlink(missing_ok=True)

    async def _scrub(self) -> None:
        """Let nothing remain on disk of what was removed from files since the last time."""
        since = await self._database.read(removal.must_scrub)
        if since is None:
            return
        for sha256 in await self._database.read(removal.gone_files):
            await asyncio.to_thread(self.evidence.remove, sha256)
        if await asyncio.to_thread(overwrite_removed, self._database.engine):
            await self._database.write(lambda c: removal.scrubbed(c, since))

    def _seal_some(self, connection: Connection) -> bool:
        """Seal a batch; say whether more may wait."""
        before = seal(connection, self._now(), key=self._key, origin=ORIGIN, limit=BATCH)
        return before is not None
