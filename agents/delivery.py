"""What an answer means for a report, and which report goes next: decisions, no input or output."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Mapping

FIRST_WAIT_SECONDS = 1.0
MAX_WAIT_SECONDS = 60.0
MAX_SEQ = (1 << 53) - 1  # beyond it not every JSON reader has whole numbers
# Below the collector's 180 requests a minute for one agent, with room for one live report a second.
BACKLOG_PER_MINUTE = 100
MOST_BACKLOG_PER_MINUTE = 6_000
MAX_PAUSE_SECONDS = 3600.0


class Verdict(Enum):
    """What happens to the report."""

    ACKNOWLEDGED = "acknowledged"
    RENUMBER = "its number was used before"
    KEEP = "kept"
    REFUSED = "refused"


class Lane(Enum):
    """The newest report, or those that could not go in time."""

    LIVE = "live"
    BACKLOG = "backlog"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `status` None is no answer at all, for the reason given.

    Attributes:
        body: The JSON object of the answer; None when it is not one.
        may_have_arrived: The request may have been received although no answer came.
    """

    status: int | None
    body: Mapping[str, Any] | None = None
    retry_after_seconds: float | None = None
    reason: str = ""
    may_have_arrived: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to do: with the report, with the next request, and what to remember.

    Attributes:
        wait_seconds: Before any other request.
        backlog_per_minute: How many reports of the backlog may go a minute.
        pause_seconds: Before another report of the backlog; live ones go on.
        live_wait_seconds: Before another live report; only the oldest is taken meanwhile.
    """

    verdict: Verdict
    reason: str
    wait_seconds: float = 0.0
    state: str | None = None
    plan: str | None = None
    next_seq: int | None = None
    backlog_per_minute: int = BACKLOG_PER_MINUTE
    pause_seconds: float = 0.0
    live_wait_seconds: float = 0.0


_KEPT_REASONS = {
    401: "the collector does not know this key, or the signature did not arrive intact: "
    "enrol this machine (`wanwatch-agent enrol`)",
    409: "the collector has seen this key from two places. After a restore have the host attached "
    "again there; on a copy of a machine run `wanwatch-agent enrol --new-key`",
    503: "the collector sheds load",
}
_OLDEST_FIRST = "503: the collector keeps no more gaps between numbers: the oldest go first"
_REFUSED_REASONS = {413: "too large", 422: "not understood"}


def after(answer: Answer, *, failures: int, is_first_attempt: bool, jitter: float) -> Outcome:
    """Say what an answer means; anything but a clear yes or a clear never keeps the report.

    Args:
        failures: Requests in a row before this one that ended with the report kept.
        is_first_attempt: The report was numbered since the start and nothing was heard of it:
            a duplicate can then only mean that its number was used up before.
        jitter: Random, from 0 to below 1.
    """
    body = answer.body
    if answer.status == 202 and body is not None:
        pause = min(answer.retry_after_seconds or 0.0, MAX_PAUSE_SECONDS) * (1.0 + 0.25 * jitter)
        accepted = _accepted(body, is_first_attempt=is_first_attempt)
        return replace(accepted, pause_seconds=pause)
    if answer.status in _REFUSED_REASONS:
        what = _REFUSED_REASONS[answer.status]
        detail = f": {dict(body)}" if body else ""
        return Outcome(Verdict.REFUSED, f"{answer.status} {what}{detail}"[:500])
    if answer.status == 503 and body is not None and body.get("oldest_first") is True:
        wait = min(answer.retry_after_seconds or FIRST_WAIT_SECONDS, MAX_WAIT_SECONDS)
        return Outcome(Verdict.KEEP, _OLDEST_FIRST, live_wait_seconds=wait)
    wait = wait_seconds(failures + 1, answer.retry_after_seconds, jitter)
    return Outcome(Verdict.KEEP, _reason(answer), wait_seconds=wait)


def _accepted(body: Mapping[str, Any], *, is_first_attempt: bool) -> Outcome:
    state, plan, next_seq = body.get("state"), body.get("plan"), body.get("next")
    pace = body.get("backlog_per_minute")
    is_duplicate = body.get("duplicate") is True
    used_up = is_duplicate and is_first_attempt and _is_number(next_seq)
    return Outcome(
        Verdict.RENUMBER if used_up else Verdict.ACKNOWLEDGED,
        "202 duplicate" if is_duplicate else "202 accepted",
        state=state if isinstance(state, str) else None,
        plan=plan if isinstance(plan, str) else None,
        next_seq=next_seq if used_up else None,
        backlog_per_minute=(
            min(pace, MOST_BACKLOG_PER_MINUTE) if _is_number(pace) else BACKLOG_PER_MINUTE
        ),
    )


def _is_number(value: object) -> TypeGuard[int]:
    """A number that a report can have, or a pace; anything else in its place means nothing."""
    return type(value) is int and 0 < value <= MAX_SEQ


def _reason(answer: Answer) -> str:
    if answer.status is None:
        return answer.reason
    if answer.status == 202:
        return "202 without a JSON object: not the collector's answer; is there a proxy between?"
    reason = _KEPT_REASONS.get(answer.status, "not an answer of a collector; is the URL right?")
    return f"{answer.status}: {reason}"


def wait_seconds(failures: int, retry_after_seconds: float | None, jitter: float) -> float:
    """Return how long to wait after the nth failure in a row: doubling from 1 s, at most 60 s.

    Half of it is random, so that agents do not come back together. What the collector asked for
    is the least, with up to a quarter more, but never above 60 s either.
    """
    doubled = FIRST_WAIT_SECONDS * 2.0 ** min(failures - 1, 10)
    wait = min(doubled, MAX_WAIT_SECONDS) * (0.5 + 0.5 * jitter)
    if retry_after_seconds is not None:
        wait = max(wait, retry_after_seconds * (1.0 + 0.25 * jitter))
    return min(wait, MAX_WAIT_SECONDS)


ROUNDING_SECONDS = 1e-6


@dataclass(frozen=True, slots=True)
class Allowance:
    """When the next reports of the backlog may go, one by one. Monotonic seconds.

    Attributes:
        next_at: When one may go; the next one an interval of the pace later.
        per_minute: The pace, as the collector said last.
    """

    next_at: float
    per_minute: int = BACKLOG_PER_MINUTE

    def after_one(self, now: float) -> Allowance:
        """Return what holds after one more report; what was not used is not saved up."""
        return replace(self, next_at=max(self.next_at, now) + 60.0 / self.per_minute)

    def at_pace(self, per_minute: int, pause_seconds: float, now: float) -> Allowance:
        """Return what holds after an answer: from now on at this pace, after a pause if any."""
        waiting = max(0.0, self.next_at - now)
        # Longer is a pause, which stays what it is; instants are rounded.
        if waiting <= 60.0 / self.per_minute + ROUNDING_SECONDS:
            waiting *= self.per_minute / per_minute
        return Allowance(now + max(waiting, pause_seconds), per_minute)

    def after_outage(self, now: float, jitter: float) -> Allowance:
        """Return what holds when the collector can be reached again: a random part of the interval.

        Agents that come back together keep their distance when the answer to the live report, which
        goes first, sets another pace.
        """
        return replace(self, next_at=max(self.next_at, now + 60.0 / self.per_minute * jitter))

    def wait_seconds(self, now: float) -> float:
        """Return how long until one may go; 0 when it may go now."""
        return max(0.0, self.next_at - now)


@dataclass(frozen=True, slots=True)
class Step:
    """Send `seq` in `lane`, or (no `seq`) look again in so many seconds; None: when woken."""

    seq: int | None = None
    lane: Lane = Lane.LIVE
    wait_seconds: float | None = None


def next_step(
    *,
    live: int | None,
    backlog: int | None,
    backlog_first: bool,
    not_before: float,
    live_not_before: float = 0.0,
    allowance: Allowance,
    now: float,
) -> Step:
    """Choose: nothing while backing off, then the live report, then the backlog as allowed.

    The choice falls before every single request, so a live report waits for one at the most.

    Args:
        live: The newest report made since the start, unless it is settled.
        backlog: The oldest report that is held, unless it is the live one.
        backlog_first: The collector has just put a live report off. It may be that it keeps no
            more gaps between numbers: only the oldest report closes one.
        live_not_before: Until then the collector takes nothing but the oldest, and that at once.
    """
    if live is None and backlog is None:
        return Step()
    if now < not_before:
        return Step(wait_seconds=not_before - now)
    is_put_off = backlog_first or now < live_not_before
    if live is not None and backlog is not None and is_put_off:
        return Step(backlog, Lane.BACKLOG)
    wait = allowance.wait_seconds(now)
    if live is not None:
        return Step(live, Lane.LIVE)
    return Step(wait_seconds=wait) if wait > 0 else Step(backlog, Lane.BACKLOG)
