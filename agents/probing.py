"""What an agent does for the collector over the network; most agents have none of it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from agents.plan_keeper import MAX_ANSWER_BYTES, PlanKeeper
from agents.planned import NAME as PLAN
from agents.planned import PlannedProbes
from agents.probe_checks import new_means, probe_checks
from agents.probe_plan import PLAN_PATH
from agents.probes.reach import Asked
from agents.receiver_checks import receiver_checks
from agents.receivers.hints import Hints
from agents.transport import Transport

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

    from agents.check import Check
    from agents.notes import Notes
    from agents.report import Event
    from agents.rotation import KeyRing
    from agents.scheduler import Scheduler
    from agents.settings import Settings


def make(
    settings: Settings,
    ring: KeyRing,
    notes: Notes,
    context: ssl.SSLContext | None,
    tell: Callable[[Event], None],
    *,
    now: Callable[[], float],
    monotonic: Callable[[], float],
) -> Probing:
    """Return it, with a connection of its own for plans."""
    poster = Transport(
        settings.collector + PLAN_PATH,
        context=context,
        monotonic=monotonic,
        max_answer_bytes=MAX_ANSWER_BYTES,
    )
    keeper = PlanKeeper(settings.data, ring, poster)
    return Probing(settings, keeper, notes, tell, now=now, monotonic=monotonic)


class Probing:
    """The devices it is asked about, the plan it follows, and what it hears, as settings say.

    Args:
        tell: Given what devices say unasked.
        now: Unix time in seconds.
        monotonic: Seconds that only grow.
    """

    def __init__(
        self,
        settings: Settings,
        keeper: PlanKeeper,
        notes: Notes,
        tell: Callable[[Event], None],
        *,
        now: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._keeper, self._monotonic = keeper, monotonic
        self._asked = Asked(settings.probe_networks)
        means = new_means(settings, notes, now, monotonic)
        self._planned = PlannedProbes(lambda: keeper.plan, settings.probe_networks, means)
        self.checks: dict[str, Check[Any]] = probe_checks(settings, self._asked, now, monotonic)
        self.checks[PLAN] = self._planned.check()
        self._hints = Hints()
        self._look: Callable[[], None] = lambda: None
        self.checks |= receiver_checks(
            settings.receivers, means, tell, self._note, self._planned.target_at
        )
        self._stopping = threading.Event()

    def heard(self, body: Mapping[str, Any] | None) -> None:
        """Take what the collector says with a 202: what to look at, and which plan is in force."""
        self._asked.heard(body)
        self._keeper.heard(body)

    def _note(self, address: str, at: float) -> None:
        """A device said something: if anything is to be asked of it, that is done at once."""
        if self._hints.note(address, at) and self._planned.of({address}):
            self._look()

    def prepare(self, scheduler: Scheduler) -> None:
        """Let the scheduler run the plan in force; at once for devices that said something."""
        self._planned.follow(scheduler)
        scheduler.hurry(self._planned.of(self._hints.take(self._monotonic())))

    def report_seconds(self) -> float | None:
        """Return how often to report while the plan is in a hurry; None: as ever."""
        return self._planned.report_seconds

    def start(self, on_question: Callable[[], None]) -> None:
        """Fetch plans in a thread of its own from now on.

        Args:
            on_question: Called when somebody waits for an answer to something in a new plan, and
                when a device that is asked said something.
        """
        self._keeper.on_question = self._look = on_question
        fetching = threading.Thread(
            target=self._keeper.run, args=(self._stopping,), name="plans", daemon=True
        )
        fetching.start()

    def stop(self) -> None:
        """Fetch no more."""
        self._stopping.set()
        self._keeper.stop()
