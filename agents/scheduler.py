"""Runs the checks that are due, each with its own time limit and failure."""

from __future__ import annotations

import logging
import zlib
from dataclasses import dataclass
from functools import partial
from math import floor, isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

from agents.calls import Call, Calls
from agents.check import NoData
from agents.report import Sample, label_value

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from agents.check import Check, Observation
    from agents.host import HostSource
    from agents.plan import Plan
    from agents.scanner import LoadFailure

log = logging.getLogger(__name__)
# A probe waits more than it works; threads are made only while others are busy.
MOST_EXTRA_THREADS = 64
MOST_SPREAD_SECONDS = 60.0


def due(next_at: Mapping[str, float], running: Collection[str], now: float) -> list[str]:
    """Return the names whose instant has come, the longest waiting first.

    An instant that equals `now` has come. What still runs is not due, however late it is.
    """
    come = [name for name, at in next_at.items() if at <= now and name not in running]
    return sorted(come, key=lambda name: (next_at[name], name))


def following(previous_at: float, every_seconds: float, now: float) -> float:
    """Return the next instant after `now` on the grid of the previous one; missed ones are gone."""
    missed = max(0, floor((now - previous_at) / every_seconds))
    return previous_at + (missed + 1) * every_seconds


def spread(name: str) -> float:
    """Return a share from 0 to below 1, the same for a name at all times."""
    return zlib.crc32(name.encode()) / (1 << 32)


class Reading(NamedTuple):
    """What a reader brought: its values or its error, when (Unix time), after how many seconds."""

    values: Any
    at: float
    duration_seconds: float
    error: Exception | None = None


@dataclass(slots=True)
class _Run:
    """A check under way; `is_overdue` once its limit has passed and was reported."""

    check: Check[Any]
    call: Call[Reading]
    is_overdue: bool = False


class Scheduler:
    """Keeps when each check is due, what runs, and what each read last; one thread uses it.

    Attributes:
        reasons: By check, why its last run gave no values: a failure, or nothing to report.

    Args:
        now: Unix time in seconds.
        monotonic: Seconds that only grow.
    """

    def __init__(
        self,
        checks: Mapping[str, Check[Any]],
        failures: Sequence[LoadFailure],
        plan: Plan,
        host: HostSource,
        *,
        now: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._checks, self._plan, self._host = checks, plan, host
        self._now, self._monotonic = now, monotonic
        self._calls = Calls(most=len(checks) + 1 + MOST_EXTRA_THREADS, monotonic=monotonic)
        start = monotonic()
        self._next_at = dict.fromkeys(checks, start)
        self._extra: dict[str, Check[Any]] = {}
        self._every: dict[str, float] = {}
        self._awaited: dict[str, float] = {}
        self._runs: dict[str, _Run] = {}
        self._previous: dict[str, Any] = {}
        self.reasons: dict[str, str] = {}
        self._trouble = {failure.module: failure.reason for failure in failures}
        self._not_loaded = tuple(failures)
        for failure in failures:
            log.error("check %s cannot be loaded: %s", failure.module, failure.reason)

    def adopt(self, extra: Mapping[str, Check[Any]], every_seconds: Mapping[str, float]) -> None:
        """Run these beside the checks, in place of those adopted before.

        What is the same goes on when it would have; what is new begins spread over its interval,
        at most a minute. What is gone and still runs ends unheard.
        """
        for name in self._extra.keys() - extra.keys():
            del self._next_at[name]
            self._previous.pop(name, None)
            self._runs.pop(name, None)
        start = self._monotonic()
        for name in extra:
            spread_seconds = min(every_seconds[name], MOST_SPREAD_SECONDS)
            if every_seconds[name] != self._every.get(name) or name not in self._next_at:
                self._next_at[name] = start + spread_seconds * spread(name)
        self._extra, self._every = dict(extra), dict(every_seconds)

    @property
    def extra_names(self) -> frozenset[str]:
        """The names of what is adopted."""
        return frozenset(self._extra)

    def hurry(self, names: Iterable[str], wait_seconds: float = 0.0) -> None:
        """Run these at the next turn, whenever they would have been due.

        Args:
            wait_seconds: How long that turn waits for them, where that is longer than for others.
        """
        for name in names:
            if name in self._next_at:
                self._next_at[name] = min(self._next_at[name], self._monotonic())
                self._awaited[name] = wait_seconds

    def _check(self, name: str) -> Check[Any]:
        return self._extra[name] if name in self._extra else self._checks[name]

    def turn(self, patience_seconds: float) -> list[Sample]:
        """Start what is due and return the samples of all that ended, late ones included.

        Args:
            patience_seconds: How long to wait for the checks; what takes longer (but less than
                its own limit) is in the next turn's samples.
        """
        started_at = self._monotonic()
        self._start(due(self._next_at, self._runs, started_at), started_at)
        self._wait(started_at, patience_seconds)
        samples = [sample for name in list(self._runs) for sample in self._look_at(name)]
        for failure in self._not_loaded:
            labels = {"check": failure.module}
            samples.append(self._sample("success", labels, 0, self._now()))
        return samples

    def _start(self, names: Iterable[str], at: float) -> None:
        readers = {name: partial(self._read, self._check(name)) for name in names}
        for name, call in self._calls.start(readers).items():
            self._advance(name, at)
            self._runs[name] = _Run(self._check(name), call)

    def _wait(self, started_at: float, patience_seconds: float) -> None:
        """Give each check its time from this instant, or to its own limit if that comes first."""
        awaited, self._awaited = self._awaited, {}
        until = {
            name: started_at + max(patience_seconds, awaited.get(name, 0.0)) for name in self._runs
        }
        calls = {name: run.call for name, run in self._runs.items() if not run.is_overdue}
        limits_seconds = {
            name: min(until[name] - call.started_at, self._check(name).limit_seconds)
            for name, call in calls.items()
        }
        self._calls.wait(calls, limits_seconds)

    def _advance(self, name: str, now: float) -> None:
        every = self._every[name] if name in self._extra else self._plan.every_seconds[name]
        self._next_at[name] = following(self._next_at[name], every, now)

    def _read(self, check: Check[Any]) -> Reading:
        """Runs in a thread of the calls."""
        started_at = self._monotonic()
        values, error = None, None
        try:
            values = check.read(self._host)
        except Exception as raised:  # noqa: BLE001  # one failing check never stops another
            error = raised
        return Reading(values, self._now(), self._monotonic() - started_at, error)

    def _look_at(self, name: str) -> Iterator[Sample]:
        """Take in a run that ended, or fail one that is past its limit; else leave it be."""
        run = self._runs[name]
        took_seconds = self._monotonic() - run.call.started_at
        if run.call.is_done:
            del self._runs[name]
            if run.is_overdue:
                self._say(name, "")
            else:
                yield from self._ended(run.check, run.call.result())
        elif run.call.is_begun and took_seconds >= run.check.limit_seconds:
            run.is_overdue = True
            limit = run.check.limit_seconds
            self._say(name, f"still running after its limit of {limit:g} s; skipped until it ends")
            yield from self._own(run.check, 0, took_seconds, self._now())
        elif run.is_overdue and self._next_at[name] <= self._monotonic():
            self._advance(name, self._monotonic())
            yield from self._own(run.check, 0, took_seconds, self._now())

    def _ended(self, check: Check[Any], reading: Reading) -> Iterator[Sample]:
        name, success = check.name, 1
        try:
            if reading.error is not None:
                raise reading.error
            samples = self._evaluate(check, reading)
        except NoData as reason:
            log.debug("check %s: nothing to report: %s", name, reason)
            self._say(name, "")
            self.reasons[name] = str(reason)
        except Exception as error:  # noqa: BLE001  # one failing check never stops another
            self._say(name, f"{type(error).__name__}: {error}")
            success = 0
        else:
            self._say(name, "")
            yield from samples
        yield from self._own(check, success, reading.duration_seconds, reading.at)

    def _evaluate(self, check: Check[Any], reading: Reading) -> list[Sample]:
        before = self._previous.get(check.name)
        observations = list(check.evaluate(reading.values, before))
        self._previous[check.name] = reading.values
        if len(observations) > check.most_series:
            raise ValueError(f"{len(observations)} series, more than its {check.most_series}")
        return [to_sample(observation, reading.at) for observation in observations]

    def _own(
        self, check: Check[Any], success: float, duration_seconds: float, at: float
    ) -> Iterator[Sample]:
        labels = dict(check.labels or {"check": check.name})
        yield self._sample("success", labels, success, at)
        yield self._sample("duration_seconds", labels, duration_seconds, at)

    @staticmethod
    def _sample(what: str, labels: dict[str, str], value: float, at: float) -> Sample:
        return Sample(f"wanwatch_check_{what}", labels, round(value, 3), round(at, 2))

    def _say(self, name: str, trouble: str) -> None:
        """One line when a check begins to fail, fails in another way, or works again."""
        self.reasons[name] = trouble
        if self._trouble.get(name, "") == trouble:
            return
        if trouble:
            log.warning("check %s fails: %s", name, trouble)
        else:
            log.info("check %s works again", name)
        self._trouble[name] = trouble


def to_sample(observation: Observation, at: float) -> Sample:
    """Return the sample of an observation; label values are made fit.

    Its instant is to the hundredth of a second: those of one turn are then mostly the same text.

    Raises:
        ValueError: The value is not finite.
    """
    if not isfinite(observation.value):
        raise ValueError(f"{observation.name}{observation.labels} is {observation.value}")
    value = observation.value
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # two characters less to send, and to spool
    labels = {key: label_value(text) for key, text in observation.labels.items()}
    return Sample(observation.name, labels, value, round(at, 2))
