"""Reports as files: printed and packed in child processes, never in the event loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from collector.job_state import Job
    from collector.jobs import Jobs

Form = Literal["pdf", "docx"]


class Printer:
    """Hands documents to children and returns their files.

    Args:
        folder: Where files lie until they are handed out; a start of the service empties it.
    """

    def __init__(self, jobs: Jobs, folder: Path, new_id: Callable[[], str]) -> None:
        self._jobs, self._folder, self._new_id = jobs, folder, new_id

    async def print(self, document: str, form: Form, actor: str) -> tuple[Job, Path]:
        """Print the JSON of a document; return the work, when it has ended, and the file.

        Raises:
            TooManyJobsError: So many wait already.
        """
        source, target = self._new_file("json"), self._new_file(form)
        await asyncio.to_thread(source.write_text, document, "utf-8")
        try:
            how = ["--of", str(source), "--to", str(target), "--form", form]
            job = self._jobs.start("print", ["print", *how], actor)
            await self._jobs.wait(job)
        finally:
            source.unlink(missing_ok=True)
        return job, target

    async def pack(self, family: int, actor: str) -> tuple[Job, Path]:
        """Write the dossier of a report; return the work, when it has ended, and the file.

        Raises:
            TooManyJobsError: So many wait already.
        """
        target = self._new_file("zip")
        how = ["--to", str(target), "--by", actor]
        job = self._jobs.start("dossier", ["dossier", str(family), *how], actor)
        await self._jobs.wait(job)
        return job, target

    def _new_file(self, ending: str) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._folder / f"{self._new_id()}.{ending}"
