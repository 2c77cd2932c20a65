"""One turn of the agent: run the checks, put the report into the spool, wake the sender."""

from __future__ import annotations

import logging
from operator import attrgetter
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from agents.report import MAX_SAMPLES, Event
from agents.scheduler import following, to_sample

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agents.check import Observation
    from agents.report import Sample
    from agents.scheduler import Scheduler
    from agents.spool import Spool

log = logging.getLogger(__name__)
MAX_PATIENCE_SECONDS = 0.8
OWN_EVERY_TURNS = 3

# What other threads and signal handlers tell the agent: something happened, or (None) stop. A
# SimpleQueue, because putting into it is safe inside a signal handler.
Inbox = SimpleQueue["Event | Look | None"]


class Look:
    """Tells the agent to take a turn now: somebody waits for what it finds."""


LOOK = Look()


class Agent:
    """Makes reports; the sender delivers them.

    Args:
        interval_seconds: Seconds between reports.
        wake_sender: Told after every report.
        show: Given the samples of every turn: `/metrics`, where it is on, and the local page.
        prepare: Called before each turn.
        facts: What it says of itself beside what its spool is like.
        hurry_seconds: Returns the seconds between reports while there is a hurry, else None.
        tend: Asked after all that happens, and when it wants to be: in how many seconds again.
        now: Unix time in seconds.
        monotonic: Seconds that only grow.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        spool: Spool,
        *,
        interval_seconds: float,
        wake_sender: Callable[[], None],
        show: Sequence[Callable[[Sequence[Sample]], None]] = (),
        prepare: Callable[[], None] = lambda: None,
        hurry_seconds: Callable[[], float | None] = lambda: None,
        facts: Callable[[], Sequence[Observation]] = tuple,
        tend: Callable[[], float] | None = None,
        now: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._scheduler, self._spool = scheduler, spool
        self._interval_seconds = interval_seconds
        self._wake_sender, self._show, self._tend = wake_sender, show, tend
        self._prepare, self._now, self._monotonic = prepare, now, monotonic
        self._hurry_seconds, self._facts = hurry_seconds, facts
        self._turns = 0
        self._condition: dict[str, float] = {}

    def turn(self, events: Sequence[Event] = ()) -> int:
        """Run what is due and report it; return the number of its last report."""
        self._prepare()
        patience_seconds = min(MAX_PATIENCE_SECONDS, self.interval_seconds / 2)
        samples = self._scheduler.turn(patience_seconds)
        samples += self._own()
        samples.sort(key=attrgetter("name"))  # equal names side by side pack better
        for show in self._show:
            show(samples)
        seq = self._spool.add(samples[:MAX_SAMPLES], events)
        for start in range(MAX_SAMPLES, len(samples), MAX_SAMPLES):
            seq = self._spool.add(samples[start : start + MAX_SAMPLES], ())
        self._wake_sender()
        return seq

    @property
    def interval_seconds(self) -> float:
        """Return the seconds between reports just now."""
        hurry = self._hurry_seconds()
        return self._interval_seconds if hurry is None else min(hurry, self._interval_seconds)

    def _own(self) -> list[Sample]:
        """Return what the agent says of itself: with every third report, and when it matters."""
        own = [to_sample(observation, self._now()) for observation in self._spool.observations()]
        condition = {s.name: s.value for s in own if s.name.endswith(("_total", "_writable"))}
        is_due = self._turns % OWN_EVERY_TURNS == 0 or condition != self._condition
        self._turns, self._condition = self._turns + 1, condition
        if not is_due:
            return []
        return [*own, *(to_sample(one, self._now()) for one in self._facts())]

    def report_events(self, events: Sequence[Event]) -> int:
        """Report events at once, without waiting for the checks; return the report's number."""
        seq = self._spool.add([], events)
        self._wake_sender()
        return seq

    def run(self, inbox: Inbox, events: Sequence[Event]) -> None:
        """Report at every interval, and events as they come, until the inbox says stop.

        Args:
            events: What goes with the first report.
        """
        next_at = self._monotonic()
        while True:
            if self._monotonic() >= next_at:
                try:
                    self.turn(events)
                    events = ()
                except Exception:  # a turn that fails must not end all those after it
                    log.exception("the turn failed in an unexpected way; the next one is tried")
                next_at = following(next_at, self.interval_seconds, self._monotonic())
            tended_seconds = self._interval_seconds if self._tend is None else self._tend()
            wait_seconds = min(tended_seconds, next_at - self._monotonic())
            try:
                message = inbox.get(timeout=max(0.0, wait_seconds))
            except Empty:
                continue
            if message is None:
                return
            if isinstance(message, Look):
                next_at = self._monotonic()
                continue
            self.report_events([message, *_waiting(inbox)])


def _waiting(inbox: Inbox) -> list[Event]:
    """Take the events that came together; a stop or a look among them is put back."""
    events: list[Event] = []
    while True:
        try:
            message = inbox.get_nowait()
        except Empty:
            return events
        if message is None or isinstance(message, Look):
            inbox.put(message)
            return events
        events.append(message)
