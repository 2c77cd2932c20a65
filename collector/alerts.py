"""What judging says of an alert: the state that must be stored, as one value per change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from collector.rules.rules import AlertState, Phase, dedup_key, fingerprint, outcome_of
from collector.wording import (
    days_left,
    english_number,
    english_percent,
    fill,
    plain_number,
    vietnamese_number,
    vietnamese_percent,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.fleet import Host
    from collector.rules.rules import Outcome, Rule, Severity
    from collector.wire_json import Labels


FIRST_PAUSE_SECONDS = 0.5
LAST_PAUSE_SECONDS = 30.0


class Suppression(NamedTuple):
    """Why an alert is recorded and not told: the closed list of `collector.outages.topology.Why`.

    Attributes:
        by: What suppresses it: the fingerprint of another alert, or a silence's or window's id.
    """

    why: str
    by: str = ""


class OpenAlert(NamedTuple):
    """An unresolved alert as stored, before its series was seen again after a start.

    Attributes:
        suppression: Why it is not told; None where it is.
        seen_at: When this process began; a flapping alert is quiet from then on at the earliest.
    """

    fingerprint: str
    rule: str
    severity: Severity
    started_at: float
    is_flapping: bool
    suppression: Suppression | None = None
    seen_at: float = 0.0

    def state(self, changes: tuple[float, ...] = ()) -> AlertState:
        """Return the state in which judging goes on: firing until evidence to the contrary."""
        return AlertState(
            phase=Phase.FIRING,
            severity=self.severity,
            level=self.severity,
            since=self.started_at,
            critical_since=self.started_at if self.severity == "critical" else None,
            started_at=self.started_at,
            changes=changes,
            is_flapping=self.is_flapping,
            toggled_at=max(self.started_at, self.seen_at),
        )


@dataclass(frozen=True, slots=True)
class Firing:
    """An alert that must be open in the tables, with what it says now; writing it twice is once.

    Attributes:
        metric: What its rule looks at.
        joins: Alerts whose open incident it joins, if one has any, instead of opening another.
        revision: Of the configuration that judged it.
        source: Who outside said it; empty: our own rules.
    """

    fingerprint: str
    rule: str
    agent: str
    host: str
    unit: str
    unit_name: str
    labels: Labels
    severity: Severity
    outcome: Outcome
    is_flapping: bool
    value: str
    summary_vi: str
    summary_en: str
    runbook: str
    class_code: str
    impact: str | None
    dedup_key: str
    started_at: datetime
    at: datetime
    metric: str = ""
    scope: str | None = None
    suppression: Suppression | None = None
    joins: tuple[str, ...] = ()
    revision: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """An alert that must not be open; `unwritten` is what it said if nobody ever stored that."""

    fingerprint: str
    at: datetime
    unwritten: Firing | None = None


Change = Firing | Ended


def firing(
    rule: Rule, host: Host, unit_name: str, labels: Labels, state: AlertState, value: float
) -> Firing:
    """Return the change that a firing alert asks for."""
    severity = state.severity or "warning"
    words = {**dict(labels), "host": host.host, "unit": unit_name}
    words_vi, words_en = ({**words, **named} for named in _named(host))
    started_at = state.started_at or 0.0
    return Firing(
        fingerprint=fingerprint(rule.name, host.agent, labels),
        rule=rule.name,
        agent=host.agent,
        host=host.host,
        unit=host.unit,
        unit_name=unit_name,
        labels=labels,
        severity=severity,
        outcome=outcome_of(rule, severity, host.kind),
        is_flapping=state.is_flapping,
        value=plain_number(value),
        summary_vi=fill(rule.summary_vi, _vietnamese(words_vi, value)),
        summary_en=fill(rule.summary_en, _english(words_en, value)),
        runbook=rule.runbook,
        class_code=rule.class_code,
        impact=rule.impact,
        dedup_key=dedup_key(rule, host.agent, host.unit),
        started_at=datetime.fromtimestamp(started_at, UTC),
        at=datetime.fromtimestamp(max(started_at, state.toggled_at), UTC),
        metric=rule.value.metric,
        scope=rule.scope,
    )


class _Pause(NamedTuple):
    """Until when (monotonic) a change is put off, and for how long this time."""

    until: float
    seconds: float


class PendingChanges:
    """What the tables do not say yet: per alert the last word alone.

    One that could not be stored is put off, longer each time, and holds up no other.

    Attributes:
        revision: Of the configuration that judges now; a change keeps the one that judged it.
    """

    def __init__(self, revision: str = "") -> None:
        self.revision = revision
        self._changes: dict[str, Change] = {}
        self._put_off: dict[str, _Pause] = {}

    def __len__(self) -> int:
        return len(self._changes)

    def add(self, change: Change) -> None:
        """Note a change over what was noted of the same alert."""
        if isinstance(change, Firing) and not change.revision:
            change = replace(change, revision=self.revision)
        before = self._changes.get(change.fingerprint)
        if isinstance(change, Ended) and before is not None:
            unwritten = before if isinstance(before, Firing) else before.unwritten
            change = Ended(change.fingerprint, change.at, unwritten)
        self._changes[change.fingerprint] = change

    def take(self, monotonic: float) -> tuple[Change, ...]:
        """Return what is not put off; `done` forgets it once it is stored."""
        return tuple(
            change for name, change in self._changes.items() if self._may_go(name, monotonic)
        )

    def wait_seconds(self, monotonic: float) -> float | None:
        """Return when there is something to take; None when there is nothing at all."""
        if not self._changes:
            return None
        if any(name not in self._put_off for name in self._changes):
            return 0.0
        return max(0.0, min(pause.until for pause in self._put_off.values()) - monotonic)

    @property
    def is_any_put_off(self) -> bool:
        """Say whether a change could not be stored and waits for its next try."""
        return bool(self._put_off)

    def put_off(self, change: Change, monotonic: float) -> None:
        """Try a change again later: half a second, then doubling, at most thirty."""
        before = self._put_off.get(change.fingerprint)
        seconds = FIRST_PAUSE_SECONDS if before is None else before.seconds * 2
        seconds = min(seconds, LAST_PAUSE_SECONDS)
        self._put_off[change.fingerprint] = _Pause(monotonic + seconds, seconds)

    def done(self, changes: tuple[Change, ...]) -> None:
        """Forget what is stored, unless it has changed again meanwhile."""
        for change in changes:
            self._put_off.pop(change.fingerprint, None)
            if self._changes.get(change.fingerprint) is change:
                del self._changes[change.fingerprint]

    def _may_go(self, name: str, monotonic: float) -> bool:
        pause = self._put_off.get(name)
        return pause is None or pause.until <= monotonic


def _named(host: Host) -> tuple[dict[str, str], dict[str, str]]:
    """What a place says beside its labels, Vietnamese and English."""
    words = host.words
    return {name: n.vi for name, n in words.items()}, {name: n.en for name, n in words.items()}


def _vietnamese(words: Mapping[str, str], value: float) -> dict[str, str]:
    percent = vietnamese_percent(value)
    return {**words, "value": vietnamese_number(value), "value_percent": percent, **_days(value)}


def _english(words: Mapping[str, str], value: float) -> dict[str, str]:
    return {
        **words,
        "value": english_number(value),
        "value_percent": english_percent(value),
        **_days(value),
    }


def _days(value: float) -> dict[str, str]:
    return {"value_days_left": str(days_left(value))}
