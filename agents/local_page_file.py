"""Keeps the local page: what turns and answers say, written when it changes or grows old."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from agents.files import replace_atomically
from agents.local_page import MOST_KNOWN, Facts, Matter, clean, lights
from agents.local_page_html import STALE_SECONDS, render

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from agents.delivery import Answer
    from agents.notes import Notes
    from agents.report import Sample

log = logging.getLogger(__name__)
# Half of what makes the page call itself old.
REWRITE_SECONDS = STALE_SECONDS / 2
READABLE_BY_ALL = 0o644
NOTES = "local_page"


class LocalPage:
    """One page; `heard` may come from another thread than the rest.

    Args:
        contact: Whom to call, as the settings say; empty for nobody.
        notes: Remembers over a restart whom the province says to call.
        now: Unix time in seconds.
        monotonic: Seconds that only grow.
    """

    def __init__(
        self,
        path: Path,
        *,
        host: str,
        agent: str,
        contact: str,
        notes: Notes,
        now: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._path, self._contact, self._notes = path, contact, notes
        self._now, self._monotonic = now, monotonic
        self._lock = threading.Lock()
        self._facts = Facts(clean(host), agent, contacts=self._contacts())
        self._failing: set[str] = set()
        self._since: dict[str, tuple[str, float]] = {}
        self._written: tuple[object, ...] = ()
        self._due_at = monotonic()
        self._trouble = ""

    def turn(self, samples: Sequence[Sample]) -> None:
        """Take a turn's samples: which checks fail."""
        for sample in samples:
            if sample.name == "wanwatch_check_success":
                change = self._failing.discard if sample.value else self._failing.add
                change(sample.labels["check"])
        with self._lock:
            self._facts = self._facts._replace(failing=tuple(sorted(self._failing)))

    def heard(self, answer: Answer, waiting: int) -> None:
        """Take the collector's answer to a report, or that there was none."""
        with self._lock:
            line = self._facts.line._replace(status=answer.status, waiting=waiting, was_tried=True)
            if answer.status == 202 and answer.body is not None:
                line = line._replace(accepted_at=self._now())
                self._remember(answer.body.get("contact"))
                known = _matters(answer.body.get("known"))
                self._facts = self._facts._replace(known=known, contacts=self._contacts())
            self._facts = self._facts._replace(line=line)

    def tend(self) -> float:
        """Write the page if it is due; return in how many seconds to look again."""
        now = self._monotonic()
        with self._lock:
            facts = self._facts
        line = facts.line._replace(waiting=0)  # it changes at every turn
        content = (lights(facts._replace(line=line)), facts.known, facts.contacts)
        if content != self._written or now >= self._due_at:
            self._write(facts)
            self._written, self._due_at = content, now + REWRITE_SECONDS
        return self._due_at - now

    def stopped(self) -> None:
        """Write that the agent was stopped in order: no light is one any more."""
        with self._lock:
            facts = self._facts._replace(is_running=False)
        self._write(facts)

    def _write(self, facts: Facts) -> None:
        now = self._now()
        for light in lights(facts):
            if self._since.get(light.title, ("", 0.0))[0] != light.state:
                self._since[light.title] = (light.state, now)
        since = {title: at for title, (_, at) in self._since.items()}
        text = render(facts, since, now)
        try:
            replace_atomically(self._path, text.encode(), is_durable=False, mode=READABLE_BY_ALL)
            trouble = ""
        except OSError as error:
            trouble = str(error)
        if trouble and trouble != self._trouble:
            log.warning("the local page cannot be written: %s", trouble)
        self._trouble = trouble

    def _remember(self, contact: object) -> None:
        if isinstance(contact, str) and clean(contact):
            self._notes.keep(NOTES, {"contact": clean(contact)})

    def _contacts(self) -> tuple[str, ...]:
        """The province's word first, then the settings'."""
        both = (self._notes.of(NOTES).get("contact", ""), clean(self._contact))
        return tuple(dict.fromkeys(text for text in both if text))


def _matters(known: Any) -> tuple[Matter, ...] | None:
    """Return what the province knows; what is not as agreed is left out."""
    if not isinstance(known, list):
        return None
    found = []
    for matter in known[:MOST_KNOWN]:
        since = matter.get("since") if isinstance(matter, dict) else None
        text = matter.get("text_vi") if isinstance(matter, dict) else None
        if isinstance(since, int | float) and isinstance(text, str) and 0 <= since < 1e11:
            found.append(Matter(float(since), clean(text)))
    return tuple(found)
