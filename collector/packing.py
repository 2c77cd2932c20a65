"""Packs a report for the archive in a child process."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from collector.file_desk import FileDesk
    from collector.jobs.state import Job


async def pack(files: FileDesk, name: str, family: int, actor: str) -> tuple[Job, Path]:
    """Write the dossier of a report; return the work, when it has ended, and the zip.

    Args:
        name: Of the zip where it lies until it is handed out.

    Raises:
        TooManyJobsError: So many wait already.
    """
    files.exports.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = files.exports / f"{name}.zip"
    how = ["--to", str(target), "--by", actor]
    job = files.jobs.start("dossier", ["dossier", str(family), *how], actor)
    await files.jobs.wait(job)
    return job, target
