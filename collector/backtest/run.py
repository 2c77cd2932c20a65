"""One stretch of history put under one or two sets of rules, side by side and bounded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from collector.backtest.history import TOGETHER, together
from collector.backtest.outcome import within
from collector.backtest.reading import outcome_of
from collector.backtest.trial import Trial
from collector.storage.schema import alerts
from collector.stream import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from collector.backtest.choice import Choice
    from collector.backtest.history import History
    from collector.backtest.outcome import Outcome
    from collector.backtest.past import Past

    Told = Callable[[int, int], None]

# No rule looks back further than an hour: whoever begins an hour earlier knows what it must know.
WARM_UP = timedelta(hours=1)
# A history that begins this much later than asked begins late; one that ends so much earlier ends.
LATE = timedelta(minutes=2)
LOOK_EVERY_PIECES = 500


class NoHistory(Exception):
    """Nothing of the span is held: there is nothing to try rules on."""


class Span(NamedTuple):
    """What is asked for; the evaluation begins `warm_up` earlier."""

    since: datetime
    until: datetime
    warm_up: timedelta = WARM_UP

    @property
    def start(self) -> datetime:
        """Return from when on history is read."""
        return self.since - self.warm_up


class Bounds(NamedTuple):
    """What a run may cost at most: seconds of the machine, alerts in memory."""

    most_seconds: float = 1_800.0
    most_alerts: int = 50_000


@dataclass
class Ran:
    """What came of it.

    Attributes:
        since, until: What the answer covers: it may be less than what was asked.
        stopped: Why it ended early: `seconds` or `alerts`; empty: it did not.
        outcomes: In the order of the choices.
        heard: The hosts that reported.
        people: How many acts of people were repeated; `people_refused`: how many could not be.
    """

    since: datetime
    until: datetime
    stopped: str = ""
    outcomes: list[Outcome] = field(default_factory=list)
    heard: set[str] = field(default_factory=set)
    strangers: int = 0
    unreadable: int = 0
    failed: int = 0
    people: int = 0
    people_refused: int = 0


async def run(
    choices: Sequence[Choice],
    past: Past,
    history: History,
    span: Span,
    *,
    bounds: Bounds,
    told: Told,
    monotonic: Callable[[], float],
) -> Ran:
    """Judge a span of history by every choice and return what each came to.

    Raises:
        NoHistory: There is nothing of it.
    """
    ran = Ran(span.since, span.until)
    trials: list[Trial] = []
    try:
        await _drive(trials, choices, past, history, span, ran, bounds, told, monotonic)
        if not trials:
            raise NoHistory
        for trial in trials:
            await trial.run_to(ran.until)
            ran.outcomes.append(_outcome(trial, ran))
        _count(ran, trials[0])
        return ran
    finally:
        for trial in trials:
            trial.close()


async def _drive(
    trials: list[Trial],
    choices: Sequence[Choice],
    past: Past,
    history: History,
    span: Span,
    ran: Ran,
    bounds: Bounds,
    told: Told,
    monotonic: Callable[[], float],
) -> None:
    began, whole = monotonic(), int((span.until - span.start).total_seconds())
    for number, piece in enumerate(together(history.read(span.start, span.until))):
        at = piece[-1].at
        if not trials:
            begins_at = at if at - span.start > LATE else span.start
            trials += [Trial(c.policy, c.rulebook, past, begins_at) for c in choices]
            ran.since = max(span.since, begins_at)
        for trial in trials:
            await trial.take(piece)
        ran.heard.update(one.agent for one in piece if one.kind is Kind.REPORT)
        told(int((at - span.start).total_seconds()), whole)
        if number % LOOK_EVERY_PIECES == 0:
            ran.stopped = _stopped(trials, monotonic() - began, bounds)
            if ran.stopped:
                ran.until = at
                return
    last_at = history.held.last_at
    if last_at is not None and span.until - last_at > LATE:
        ran.until = last_at + TOGETHER  # after that nothing is known: silence means nothing
    told(whole, whole)


def _stopped(trials: Sequence[Trial], seconds: float, bounds: Bounds) -> str:
    if seconds > bounds.most_seconds:
        return "seconds"
    count = select(func.count()).select_from(alerts)
    most = max(trial.tables.read_now(lambda c: c.scalar(count)) or 0 for trial in trials)
    return "alerts" if most > bounds.most_alerts else ""


def _outcome(trial: Trial, ran: Ran) -> Outcome:
    found = trial.tables.read_now(
        lambda c: outcome_of(c, trial.rulebook.revision, trial.notes, ran.since)
    )
    return within(found, ran.since, ran.until)


def _count(ran: Ran, trial: Trial) -> None:
    ran.strangers, ran.unreadable = trial.door.strangers, trial.door.unreadable
    ran.failed = trial.cycle.failed_reports
    ran.people, ran.people_refused = trial.people.done, trial.people.refused
