"""What a second machine saw of the collector → is it well, and does somebody have to be paged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

FAILURES_TO_PAGE = 3
# The desk turns every five seconds, each channel looks at the outbox every thirty.
STILL_SECONDS = 60.0
LONGEST_REPEAT = timedelta(hours=1)
# A message that is due is claimed within half a minute, or after the few before it.
OVERDUE_SECONDS = 300.0

Act = Literal["page", "repeat", "recovered"]


class Problem(NamedTuple):
    """Why the collector is not well, in both languages."""

    vi: str
    en: str


NO_PROGRESS = Problem(
    "câu trả lời không cho biết đã làm được gì", "its answer does not say what it has done"
)
DESK_STILL = Problem("bàn trực đứng yên", "the desk stands still")
EVALUATION_STILL = Problem("việc xét quy tắc đứng yên", "evaluation stands still")
OUTBOX_STILL = Problem("việc gửi tin đứng yên", "the outbox stands still")


@dataclass(frozen=True, slots=True)
class Progress:
    """What the collector says of its own work: counters that have to move.

    Attributes:
        outbox_turns: None where no channel is configured: then nothing can be sent.
        overdue_seconds: How long the oldest message that is due has waited to be claimed.
    """

    desk_turns: int
    evaluation_turns: int
    outbox_turns: int | None
    overdue_seconds: float


class Moved(NamedTuple):
    """A counter as it was last seen, and since when it has been like this."""

    value: int | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Look:
    """One look: the reason why it failed, None when the collector calls itself well.

    Attributes:
        knows_watcher: The collector knows who asked, and will miss them.
        checkpoint: Its newest signed checkpoint; empty when it gave none.
    """

    problem: Problem | None
    progress: Progress | None = None
    knows_watcher: bool = False
    checkpoint: str = ""


@dataclass(frozen=True, slots=True)
class Watched:
    """What is remembered between two looks; kept over a restart of the watcher.

    Attributes:
        paged_at: When the last page of this outage was made; None: nobody was told of one.
        pages: How many were.
        counters: When each counter last moved: desk, evaluation, outbox.
    """

    failures: int = 0
    failing_since: datetime | None = None
    problem: Problem | None = None
    paged_at: datetime | None = None
    pages: int = 0
    counters: tuple[Moved, ...] = ()


def moved(counters: tuple[Moved, ...], progress: Progress, now: datetime) -> tuple[Moved, ...]:
    """Return the counters after a look; any change is progress, after a restart they are small."""
    values = (progress.desk_turns, progress.evaluation_turns, progress.outbox_turns)
    if not counters:
        return tuple(Moved(value, now) for value in values)
    return tuple(
        before if before.value == value else Moved(value, now)
        for before, value in zip(counters, values, strict=True)
    )


def problem_of(look: Look, counters: tuple[Moved, ...], now: datetime) -> Problem | None:
    """Return why the collector is not well, or None; `counters` include this look."""
    if look.problem is not None:
        return look.problem
    if look.progress is None:
        return NO_PROGRESS
    still = (DESK_STILL, EVALUATION_STILL, OUTBOX_STILL)
    for counter, problem in zip(counters, still, strict=True):
        seconds = (now - counter.since).total_seconds()
        if counter.value is not None and seconds > STILL_SECONDS:
            return problem
    if look.progress.overdue_seconds > OVERDUE_SECONDS:
        waited = f"{look.progress.overdue_seconds:.0f}"
        return Problem(
            f"có tin chờ gửi đã {waited} giây", f"a message has waited to be sent for {waited} s"
        )
    return None


def after(
    watched: Watched, look: Look, now: datetime, *, repeat: timedelta, is_cut_off: bool
) -> tuple[Watched, Act | None]:
    """Return what is remembered after a look, and what has to be said.

    Args:
        repeat: The first pause between two pages of one outage; it doubles, at most to an hour.
        is_cut_off: This machine reaches nobody: it is the one that is missing, and the collector
            says so.
    """
    counters = watched.counters
    if look.progress is not None:
        counters = moved(counters, look.progress, now)
    problem = problem_of(look, counters, now)
    if problem is None:
        act: Act | None = "recovered" if watched.paged_at is not None else None
        return Watched(counters=counters), act
    seen = replace(
        watched,
        failures=watched.failures + 1,
        failing_since=watched.failing_since or now,
        problem=problem,
        counters=counters,
    )
    if seen.failures < FAILURES_TO_PAGE or is_cut_off:
        return seen, None
    if seen.paged_at is None:
        return replace(seen, paged_at=now, pages=1), "page"
    pause = min(repeat * (1 << min(seen.pages - 1, 10)), LONGEST_REPEAT)
    if now - seen.paged_at < pause:
        return seen, None
    return replace(seen, paged_at=now, pages=seen.pages + 1), "repeat"
