"""Keeps the collector's plan: fetched when an answer names another one, on disk over a restart."""

from __future__ import annotations

import contextlib
import json
import logging
import threading
from typing import TYPE_CHECKING

from agents.enrolment import signed
from agents.files import replace_atomically
from agents.probe_plan import NOTHING_ASKED, read_plan, to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Any

    from agents.probe_plan import ProbePlan
    from agents.rotation import KeyRing
    from agents.sender import Poster

log = logging.getLogger(__name__)
FILE = "plan.json"
# A plan of 2,000 probes is about 300 kB.
MAX_ANSWER_BYTES = 2 << 20
RETRY_SECONDS = 30.0


class PlanKeeper:
    """The plan in force; the sender's thread tells of tags, an own thread fetches, the agent reads.

    Attributes:
        plan: What to run, read by other threads: replaced as a whole.
        on_question: Called when a new plan has a question that somebody waits for.

    Args:
        directory: Where the plan is kept; without a collector an agent goes on measuring.
        ring: Whose key signs the question.
    """

    def __init__(self, directory: Path, ring: KeyRing, poster: Poster) -> None:
        self._file, self._ring, self._poster = directory / FILE, ring, poster
        self.plan: ProbePlan = self._kept()
        self.on_question: Callable[[], None] = lambda: None
        self._tag = self.plan.tag
        self._wake = threading.Event()
        self._trouble = ""

    def heard(self, body: Mapping[str, Any] | None) -> None:
        """Note the tag in an answer to a report."""
        tag = None if body is None else body.get("plan")
        if isinstance(tag, str) and tag != self.plan.tag:
            self._tag = tag
            self._wake.set()

    def run(self, stopping: threading.Event) -> None:
        """Fetch whenever the tag is another one, until stopped."""
        while not stopping.is_set():
            self._wake.wait()
            self._wake.clear()
            while not stopping.is_set() and not self.fetch():
                stopping.wait(RETRY_SECONDS)

    def stop(self) -> None:
        """Let `run` see that it is to end."""
        self._wake.set()
        self._poster.abort()

    def fetch(self) -> bool:
        """Ask for the plan if another one is in force; return whether there is nothing to ask."""
        if self._tag == self.plan.tag:
            return True
        said = {"v": 1, "agent": self._ring.agent, "want": "plan"}
        answer = self._poster.post(*signed(self._ring, said))
        found = read_plan(answer.body) if answer.status == 200 else None
        if found is None:
            reason = answer.reason or f"{answer.status}: not an answer of a collector"
            self._say(f"the plan cannot be fetched, the former one goes on: {reason}")
            return False
        self._say("")
        self.plan = found
        self._tag = found.tag
        log.info("plan %s: %d probes", found.tag, len(found.asks))
        kept = found._replace(asks=tuple(ask for ask in found.asks if not ask.question))
        content = json.dumps(to_json(kept), ensure_ascii=False).encode()
        with contextlib.suppress(OSError):  # a full disk; it is fetched again after a restart
            replace_atomically(self._file, content, is_durable=True)
        if any(ask.question for ask in found.asks):
            self.on_question()
        return True

    def _kept(self) -> ProbePlan:
        try:
            found = json.loads(self._file.read_bytes())
        except (OSError, ValueError):
            return NOTHING_ASKED
        plan = (read_plan(found) if isinstance(found, dict) else None) or NOTHING_ASKED
        # How much of a hurry is left nobody knows: it is fetched anew.
        return plan if plan.hurry is None else plan._replace(tag="", hurry=None)

    def _say(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            log.warning("%s", trouble)
        self._trouble = trouble
