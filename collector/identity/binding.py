"""Which rules look at which series of a host: found once, when the series is first seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.rules.rules import INACTIVE, AlertState, fingerprint, shifted
from collector.rules.values import WITH_MEMORY, Memory
from collector.series import NO_LABELS

if TYPE_CHECKING:
    from collector.fleet import Fleet, Host
    from collector.rules.rulebook import Rulebook
    from collector.rules.rules import Rule
    from collector.series import Series
    from collector.wire_json import Labels


class Bound:
    """One rule on one series of one host; `series` is None for a rule about its absence.

    Attributes:
        is_plain: The rule looks at the newest sample as it is.
        quiet_above, quiet_below: Values between them leave an inactive alert inactive.
    """

    __slots__ = (
        "due_at", "host", "is_plain", "judged_at", "memory", "other", "quiet_above",
        "quiet_below", "rule", "series", "state", "value",
    )  # fmt: skip

    def __init__(self, rule: Rule, host: Host, series: Series | None, other: Series | None) -> None:
        self.rule, self.host, self.series, self.other = rule, host, series, other
        self.is_plain = rule.value.function == "last"
        self.quiet_above, self.quiet_below = rule.quiet
        self.memory = Memory() if rule.value.function in WITH_MEMORY else None
        self.value = 0.0
        self.judged_at = 0.0
        self.due_at: float | None = None
        claimed = host.open_alerts.pop(self.fingerprint, None)
        changes = host.flaps.pop(self.fingerprint, ()) if host.flaps else ()
        self.state: AlertState = INACTIVE
        if claimed is not None:
            self.state = claimed.state(changes)
        elif changes:
            self.state = AlertState(changes=changes)

    @property
    def labels(self) -> Labels:
        """Return the labels of the alert."""
        return NO_LABELS if self.series is None else self.series.identity.labels

    @property
    def fingerprint(self) -> str:
        """Return the name of the alert."""
        return fingerprint(self.rule.name, self.host.agent, self.labels)

    @property
    def other_value(self) -> float | None:
        """Return the value of the second metric, or the number in its place."""
        if self.other is not None:
            return None if self.other.is_new else self.other.value
        fixed = self.rule.value.other
        return fixed if isinstance(fixed, float) else None

    def shift(self, seconds: float) -> None:
        """Move every instant that is remembered, after our clock was set; windows begin anew."""
        self.state = shifted(self.state, seconds)
        self.judged_at += seconds
        if self.due_at is not None:
            self.due_at += seconds
        if self.memory is not None:
            self.memory = Memory()


def bind(fleet: Fleet, rulebook: Rulebook, host: Host, series: Series) -> None:
    """Attach the rules that look at a new series, and those that only waited for it.

    None look at a host that nobody approved yet: its data is kept, and raises and ends nothing.
    """
    if not host.is_approved:
        return
    labels = series.identity.labels
    by_name = dict(labels)
    is_tight = host.agent in fleet.in_session
    for found in rulebook.by_metric.get(series.identity.name, ()):
        rule = found.tight if is_tight else found
        value = rule.value
        matches = all(matcher.matches(by_name) for matcher in rule.where)
        if value.function == "absent" or not matches or not rule.applies_to(host.kind):
            continue
        if not isinstance(value.other, str):
            _attach(Bound(rule, host, series, None))
            continue
        is_first = series.identity.name == value.metric
        partner = _find(fleet, host, value.other if is_first else value.metric, labels)
        if partner is not None:
            first, second = (series, partner) if is_first else (partner, series)
            _attach(Bound(rule, host, first, second))


def bind_absent(rulebook: Rulebook, host: Host) -> tuple[Bound, ...]:
    """Return the rules about what this host does not report."""
    if not host.is_approved:
        return ()
    return tuple(
        Bound(rule, host, None, None)
        for rule in rulebook.rules
        if rule.value.function == "absent" and rule.applies_to(host.kind)
    )


def is_absent(rule: Rule, host: Host) -> bool:
    """Say whether the host has no series that the rule asks for."""
    return not any(
        identity.name == rule.value.metric
        and all(matcher.matches(dict(identity.labels)) for matcher in rule.where)
        for identity in host.series
    )


def bounds_of(host: Host) -> list[Bound]:
    """Return all that is bound to a host."""
    return [bound for series in host.series.values() for bound in series.bounds] + list(host.absent)


def _attach(bound: Bound) -> None:
    assert bound.series is not None
    if all(known.rule is not bound.rule for known in bound.series.bounds):
        bound.series.bounds = (*bound.series.bounds, bound)


def _find(fleet: Fleet, host: Host, name: str, labels: Labels) -> Series | None:
    identity = fleet.identities.find(name, labels)
    return None if identity is None else host.series.get(identity)
