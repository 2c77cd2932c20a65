"""Prints documents in a child process: the loop goes on meanwhile."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

from collector.jobs.jobs import TooManyJobsError
from incidents.reports.document_json import dumped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from collector.jobs.jobs import Jobs
    from incidents.reports.document import Document

Form = Literal["pdf", "docx"]
MEDIA_TYPES: dict[Form, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


class PrintError(Exception):
    """A document could not be printed; the text says why."""


class Printer:
    """Hands documents to children, one at a time.

    Args:
        folder: Where the files lie for that moment; emptied when the collector starts.
    """

    def __init__(self, jobs: Jobs, folder: Path, new_id: Callable[[], str]) -> None:
        self._jobs, self._folder, self._new_id = jobs, folder, new_id

    async def print(self, document: Document, form: Form, actor: str) -> bytes:
        """Return the file.

        Raises:
            PrintError: The child failed, or too much work waits.
        """
        name = self._new_id()
        source, made = self._folder / f"{name}.json", self._folder / f"{name}.{form}"
        try:
            await asyncio.to_thread(_write, source, dumped(document))
            arguments = ["print", str(source), "--to", str(made), "--form", form]
            job = await self._jobs.wait(self._jobs.start("print", arguments, actor))
            if job.error:
                raise PrintError(job.error)
            return await asyncio.to_thread(made.read_bytes)
        except (OSError, TooManyJobsError) as error:
            raise PrintError(f"{type(error).__name__}: {error}") from error
        finally:
            for path in (source, made):
                path.unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(text, encoding="utf-8")
