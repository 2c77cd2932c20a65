"""A rule, its value and now → the state of its alert. Instants are Unix seconds by our clock.

Prometheus semantics (pending, firing, resolved) with two severities of one alert, hysteresis,
`keep_firing_for` and flap damping. No value is no evidence: it changes nothing.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from enum import Enum
from math import inf
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collector.rules.matching import Matcher
    from collector.rules.values import Value

Severity = Literal["warning", "critical"]
Outcome = Literal["incident", "worklist", "record"]
Cause = Literal["host", "unit", "rule"]
HostKind = Literal["server", "workstation", "network", "conference", "shared"]
INCIDENT_KINDS = frozenset({"server", "network", "conference", "shared"})


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit that a value reaches by being equal to it."""

    limit: float
    is_upper: bool

    def is_reached(self, value: float) -> bool:
        """Say whether `value` has reached the limit."""
        return value >= self.limit if self.is_upper else value <= self.limit

    def is_held(self, value: float, clear: float) -> bool:
        """Say whether `value` has not yet passed back over the limit by more than `clear`."""
        if self.is_upper:
            return value >= self.limit or value > self.limit - clear
        return value <= self.limit or value < self.limit + clear


@dataclass(frozen=True, slots=True)
class Flapping:
    """An alert that changed `changes` times within `within_seconds` keeps firing until quiet."""

    changes: int = 5
    within_seconds: float = 1_800
    quiet_seconds: float = 600


@dataclass(frozen=True, slots=True)
class Tight:
    """What of a rule is another while a conference session goes on."""

    for_seconds: float
    warning: Threshold | None
    critical: Threshold | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the closed language; see docs/rules.md for what each field means."""

    name: str
    value: Value
    warning: Threshold | None
    critical: Threshold | None
    class_code: str
    runbook: str
    summary_vi: str
    summary_en: str
    where: tuple[Matcher, ...] = ()
    kinds: frozenset[str] = frozenset()
    for_seconds: float = 0
    clear: float = 0
    keep_firing_seconds: float = 0
    outcome_warning: Outcome | None = None
    outcome_critical: Outcome | None = None
    impact: str | None = None
    scope: str | None = None
    cause: Cause = "host"
    flapping: Flapping = Flapping()
    checked: str = ""
    in_session: Tight | None = None

    @property
    def tight(self) -> Rule:
        """Return the rule as it judges what lies in the path of a session that goes on."""
        if self.in_session is None:
            return self
        return replace(
            self,
            for_seconds=self.in_session.for_seconds,
            warning=self.in_session.warning,
            critical=self.in_session.critical,
            in_session=None,
        )

    @property
    def quiet(self) -> tuple[float, float]:
        """Return between which values no threshold is reached, both excluded."""
        milder = self.warning or self.critical
        if milder is None:
            return -inf, inf
        return (-inf, milder.limit) if milder.is_upper else (milder.limit, inf)

    def applies_to(self, kind: str) -> bool:
        """Say whether hosts of this kind are judged by the rule."""
        return not self.kinds or kind in self.kinds


class Phase(Enum):
    """Where an alert is."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"


@dataclass(frozen=True, slots=True)
class AlertState:
    """What is remembered of one rule on one series.

    Attributes:
        level: What the last value reached, hysteresis included.
        since: When any level was reached; `critical_since`: when the critical one was.
        started_at: When the alert fired.
        cleared_at: When the condition of a firing alert ended.
        changes: When the alert fired or resolved lately.
        toggled_at: When the condition of a flapping alert last came or went.
    """

    phase: Phase = Phase.INACTIVE
    severity: Severity | None = None
    level: Severity | None = None
    since: float | None = None
    critical_since: float | None = None
    started_at: float | None = None
    cleared_at: float | None = None
    changes: tuple[float, ...] = ()
    is_flapping: bool = False
    toggled_at: float = 0.0


INACTIVE = AlertState()


def judge(rule: Rule, state: AlertState, value: float, now: float) -> AlertState:
    """Return the state after new evidence; the very same object when nothing changed."""
    level = level_of(rule, value, state.level)
    if level is None and state is INACTIVE:
        return state
    return _advance(rule, state, level, now)


def wait(rule: Rule, state: AlertState, now: float) -> AlertState:
    """Return the state after time alone has passed and the last evidence still holds."""
    return state if state is INACTIVE else _advance(rule, state, state.level, now)


def remember(rule: Rule, state: AlertState, value: float, now: float) -> AlertState:
    """Judge a report of the past: timers run, but nothing fires, rises or resolves by it."""
    after = judge(rule, state, value, now)
    if after.phase is Phase.FIRING and state.phase is not Phase.FIRING:
        return replace(
            after, phase=Phase.PENDING, severity=None, started_at=None, changes=state.changes
        )
    if state.phase is Phase.FIRING:
        return replace(
            state, level=after.level, since=after.since, critical_since=after.critical_since
        )
    return after


def level_of(rule: Rule, value: float, held: Severity | None) -> Severity | None:
    """Return the severity that `value` reaches, or still holds by hysteresis."""
    if rule.critical is not None and (
        rule.critical.is_reached(value)
        or (held == "critical" and rule.critical.is_held(value, rule.clear))
    ):
        return "critical"
    if rule.warning is not None and (
        rule.warning.is_reached(value)
        or (held is not None and rule.warning.is_held(value, rule.clear))
    ):
        return "warning"
    return None


def shifted(state: AlertState, seconds: float) -> AlertState:
    """Return the state after our clock was set by `seconds`: what has lasted has lasted as long."""
    if state is INACTIVE:
        return state

    def moved(at: float | None) -> float | None:
        return None if at is None else at + seconds

    return replace(
        state,
        since=moved(state.since),
        critical_since=moved(state.critical_since),
        cleared_at=moved(state.cleared_at),
        changes=tuple(at + seconds for at in state.changes),
        toggled_at=state.toggled_at + seconds,
    )


def due_at(rule: Rule, state: AlertState) -> float | None:
    """Return when `wait` must be asked again, or None when only evidence can change the state."""
    if state is INACTIVE or state.phase is Phase.INACTIVE:
        return None
    times: list[float] = []
    if state.phase is Phase.PENDING:
        started = (state.since, state.critical_since)
        times += [at + rule.for_seconds for at in started if at is not None]
    elif state.critical_since is not None and state.severity == "warning":
        times.append(state.critical_since + rule.for_seconds)
    if state.is_flapping:
        times.append(state.toggled_at + rule.flapping.quiet_seconds)
    elif state.cleared_at is not None:
        times.append(state.cleared_at + rule.keep_firing_seconds)
    return min(times, default=None)


def outcome_of(rule: Rule, severity: Severity, kind: str) -> Outcome:
    """Return what an alert becomes: the rule's word, else the default for the kind of host."""
    own = rule.outcome_critical if severity == "critical" else rule.outcome_warning
    if own is not None:
        return own
    if severity == "warning" or kind == "workstation":
        return "worklist"
    return "incident" if kind in INCIDENT_KINDS else "record"


def fingerprint(rule: str, agent: str, labels: tuple[tuple[str, str], ...]) -> str:
    """Return 16 hex digits that name one alert: its rule, its agent and its labels."""
    identity = json.dumps([rule, agent, sorted(labels)], ensure_ascii=False)
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


def dedup_key(rule: Rule, agent: str, unit: str) -> str:
    """Return what one open incident covers: alerts of one class with one cause."""
    if rule.cause == "rule":
        return f"rule:{rule.name}"
    where = f"unit:{unit}" if rule.cause == "unit" else f"host:{agent}"
    return f"{where}:{rule.class_code}"


def _advance(rule: Rule, state: AlertState, level: Severity | None, now: float) -> AlertState:
    since = None if level is None else state.since if state.since is not None else now
    critical_since = None
    if level == "critical":
        critical_since = state.critical_since if state.critical_since is not None else now
    seen = state
    if (level, since, critical_since) != (state.level, state.since, state.critical_since):
        seen = replace(state, level=level, since=since, critical_since=critical_since)
    if state.phase is not Phase.FIRING:
        return _not_firing(rule, seen, now)
    return _firing(rule, seen, now) if level is not None else _cleared(rule, seen, now)


def _not_firing(rule: Rule, state: AlertState, now: float) -> AlertState:
    if state.level is None:
        changes = _recent(rule, state.changes, now)
        return AlertState(changes=changes) if changes else INACTIVE
    severity = _due_severity(rule, state, now)
    if severity is None:
        return _with(state, phase=Phase.PENDING)
    changes = (*_recent(rule, state.changes, now), now)
    return replace(
        state,
        phase=Phase.FIRING,
        severity=severity,
        started_at=now,
        changes=changes,
        is_flapping=len(changes) >= rule.flapping.changes,
        toggled_at=now,
    )


def _firing(rule: Rule, state: AlertState, now: float) -> AlertState:
    """The condition of a firing alert holds: the severity may rise or fall."""
    severity: Severity = "warning"
    if state.level == "critical" and (
        state.severity == "critical" or _due_severity(rule, state, now) == "critical"
    ):
        severity = "critical"
    if state.cleared_at is not None:
        return replace(state, severity=severity, cleared_at=None, toggled_at=now)
    if state.is_flapping and now - state.toggled_at >= rule.flapping.quiet_seconds:
        return replace(state, severity=severity, is_flapping=False, changes=())
    return _with(state, severity=severity)


def _cleared(rule: Rule, state: AlertState, now: float) -> AlertState:
    """The condition of a firing alert is gone: it resolves, keeps firing, or is flapping."""
    if state.cleared_at is None:
        state = replace(state, cleared_at=now, toggled_at=now)
    assert state.cleared_at is not None
    if state.is_flapping:
        is_quiet = now - state.toggled_at >= rule.flapping.quiet_seconds
        return INACTIVE if is_quiet else state
    if now - state.cleared_at < rule.keep_firing_seconds:
        return state
    changes = (*_recent(rule, state.changes, now), now)
    if len(changes) >= rule.flapping.changes:
        return replace(state, is_flapping=True, changes=changes)
    return AlertState(changes=changes)


def _due_severity(rule: Rule, state: AlertState, now: float) -> Severity | None:
    """Return the severity that has held for the rule's `for`."""
    if state.critical_since is not None and now - state.critical_since >= rule.for_seconds:
        return "critical"
    if rule.warning is None or state.since is None or now - state.since < rule.for_seconds:
        return None
    return "warning"


def _recent(rule: Rule, changes: tuple[float, ...], now: float) -> tuple[float, ...]:
    return tuple(at for at in changes if now - at < rule.flapping.within_seconds)


def _with(
    state: AlertState, *, phase: Phase | None = None, severity: Severity | None = None
) -> AlertState:
    """Replace what differs; the same object when nothing does."""
    if phase in (None, state.phase) and severity in (None, state.severity):
        return state
    return replace(state, phase=phase or state.phase, severity=severity or state.severity)
