"""What one run over history came to: alerts, incidents, pages, and what nobody was told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One alert from its firing to its end.

    Attributes:
        first_sign_at: When the value that made it fire was first bad; of a silence, when the host
            was last heard; None where that was before the history.
        suppressed: Why it was recorded and not told, each reason once; empty: it was told, or its
            outcome tells nobody.
        suppressed_by: What explained or muted it: fingerprints, numbers of silences.
        incident: The code of its incident in this run; empty: it has none.
    """

    fingerprint: str
    rule: str
    agent: str
    host: str
    unit: str
    severity: str
    outcome: str
    started_at: datetime
    resolved_at: datetime | None
    first_sign_at: datetime | None = None
    suppressed: tuple[str, ...] = ()
    suppressed_by: tuple[str, ...] = ()
    incident: str = ""
    summary_vi: str = ""
    summary_en: str = ""


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """One incident as the desk would have opened it.

    Attributes:
        key: What one open incident covers: its cause and class.
        ended_at: When the people of that time closed it; None: it is open at the end.
        is_restricted: Its nature is reserved for some readers.
    """

    code: str
    key: str
    rule: str
    unit: str
    host: str
    class_code: str
    severity: str
    opened_at: datetime
    recovered_at: datetime | None = None
    acknowledged_at: datetime | None = None
    ended_at: datetime | None = None
    title_vi: str = ""
    title_en: str = ""
    is_restricted: bool = False


@dataclass(frozen=True, slots=True)
class PageLine:
    """One message that would have left for a person; `kind` is page, notice or digest."""

    at: datetime
    recipient: str
    channel: str
    kind: str
    reason: str
    severity: str
    incident: str
    key: str


@dataclass(frozen=True)
class Outcome:
    """One whole run.

    Attributes:
        revision: Of the rules.
        silent: Why persons were not told, by reason: how often.
        withheld: What became of messages that did not leave, by status: how many.
    """

    revision: str
    alerts: tuple[AlertLine, ...] = ()
    incidents: tuple[IncidentLine, ...] = ()
    pages: tuple[PageLine, ...] = ()
    silent: Mapping[str, int] = field(default_factory=dict)
    withheld: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleCount:
    """What one rule came to; `pages` are those of incidents that it opened."""

    rule: str
    alerts: int
    suppressed: int
    incidents: int
    pages: int


def within(outcome: Outcome, since: datetime, until: datetime) -> Outcome:
    """Return what of a run belongs to a span: what was open in it, what left in it.

    An instant at the end of the span no longer belongs to it.
    """
    incidents = tuple(
        one
        for one in outcome.incidents
        if one.opened_at < until and (one.ended_at is None or one.ended_at >= since)
    )
    return Outcome(
        outcome.revision,
        tuple(
            one
            for one in outcome.alerts
            if one.started_at < until and (one.resolved_at is None or one.resolved_at >= since)
        ),
        incidents,
        tuple(one for one in outcome.pages if since <= one.at < until),
        outcome.silent,
        outcome.withheld,
    )


def unrestricted(outcome: Outcome) -> Outcome:
    """Return a run without the incidents of reserved natures, their alerts and their pages."""
    hidden = {one.code for one in outcome.incidents if one.is_restricted}
    return Outcome(
        outcome.revision,
        tuple(one for one in outcome.alerts if one.incident not in hidden),
        tuple(one for one in outcome.incidents if one.code not in hidden),
        tuple(one for one in outcome.pages if one.incident not in hidden),
        outcome.silent,
        outcome.withheld,
    )


def counts_by(values: Iterable[str]) -> dict[str, int]:
    """Return how often each value is there, the most frequent first."""
    return dict(sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0])))


def by_rule(outcome: Outcome) -> list[RuleCount]:
    """Return what each rule came to, the one that pages most first."""
    alerts = Counter(one.rule for one in outcome.alerts)
    suppressed = Counter(one.rule for one in outcome.alerts if one.suppressed)
    incidents = Counter(one.rule for one in outcome.incidents)
    opened_by = {one.code: one.rule for one in outcome.incidents}
    pages = Counter(
        opened_by[one.incident]
        for one in outcome.pages
        if one.kind == "page" and one.incident in opened_by
    )
    found = [
        RuleCount(rule, alerts[rule], suppressed[rule], incidents[rule], pages[rule])
        for rule in {*alerts, *incidents}
    ]
    return sorted(found, key=lambda one: (-one.pages, -one.incidents, -one.alerts, one.rule))
