"""What an alert from outside is here: its unit, its host or target, severity, class and words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple, Protocol

from collector.alerts import Firing
from collector.alerts_in.alert import identity
from collector.alerts_in.nodes import node_of_outside
from collector.alerts_in.routing import DEFAULT_CLASS, Words, group_labels, taken, words_of
from collector.metrics.own import OUTSIDE_DOWN, OUTSIDE_FIRES
from collector.rules.rules import INCIDENT_KINDS
from collector.targets.targets import unit_node
from collector.wording import fill

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from collector.alerts_in.alert import Labels, OutsideAlert
    from collector.alerts_in.routes_file import OutsidePolicy
    from collector.alerts_in.sources import Source
    from collector.rules.rules import Outcome, Severity

MAX_SUMMARY_CHARACTERS = 500
MAX_HOST_CHARACTERS = 200


class Thing(NamedTuple):
    """What an alert is about.

    Attributes:
        agent: An enrolled host's key, `target:NAME`, or `unit:CODE` for all that is not known here.
        kind: As of a host.
        host: What people call it; empty for a unit.
    """

    agent: str
    unit: str
    host: str
    kind: str = "server"


class Inventory(Protocol):
    """What is known here of units, hosts and targets."""

    def has_unit(self, code: str) -> bool: ...
    def unit_name(self, code: str) -> str: ...
    def host(self, unit: str, name: str) -> Thing | None:
        """Return an enrolled host; without a unit only where one has that name."""

    def target(self, name: str) -> Thing | None: ...

    @property
    def own_unit(self) -> str: ...


def firing(
    alert: OutsideAlert,
    source: Source,
    policy: OutsidePolicy,
    inventory: Inventory,
    at: datetime,
    revision: str = "",
) -> Firing:
    """Return what is told of a firing alert now.

    Args:
        at: Since when it says what it says now.
    """
    labels = dict(alert.labels)
    routes = taken(policy.root, labels)
    words = words_of(routes)
    thing = thing_of(labels, source, words, policy, inventory)
    said = _first(labels, policy.severity_labels).lower()
    severity: Severity = words.severity or ("critical" if said in policy.critical else "warning")
    summary_vi, summary_en = _summary(alert, words, thing, inventory)
    class_code = words.class_code or DEFAULT_CLASS
    by_group = None
    if words.group_by is not None:
        by_group = (routes[-1].route.name, group_labels(words.group_by, alert.labels))
    return Firing(
        fingerprint=identity(source.id, alert.labels),
        rule=alert.name,
        agent=thing.agent,
        host=thing.host,
        unit=thing.unit,
        unit_name=inventory.unit_name(thing.unit),
        labels=alert.labels,
        severity=severity,
        outcome=_outcome(words, severity, thing.kind, is_for_record=said in policy.recorded),
        is_flapping=False,
        value=dict(alert.annotations).get("value", "")[:MAX_HOST_CHARACTERS],
        summary_vi=summary_vi,
        summary_en=summary_en,
        runbook=words.runbook or "",
        class_code=class_code,
        impact=words.impact,
        dedup_key=_dedup_key(alert, words, thing, class_code, by_group),
        started_at=min(alert.starts_at, at),
        at=at,
        metric=OUTSIDE_DOWN if words.is_unreachable else OUTSIDE_FIRES,
        scope=words.scope,
        revision=revision,
        source=source.id,
    )


def thing_of(
    labels: Mapping[str, str],
    source: Source,
    words: Words,
    policy: OutsidePolicy,
    inventory: Inventory,
) -> Thing:
    """Return what an alert is about; of a source of one unit nothing else than that unit's."""
    named = source.unit or words.unit or _known_unit(labels, policy, inventory)
    target = inventory.target(_first(labels, policy.target_labels))
    if target is not None and (not source.unit or target.unit == source.unit):
        return target
    name = _without_port(_first(labels, policy.host_labels))[:MAX_HOST_CHARACTERS]
    host = inventory.host(named, name) if name else None
    if host is not None:
        return host
    unit = named or inventory.own_unit
    return Thing(unit_node(unit), unit, name, "server" if name else "unit")


def _outcome(words: Words, severity: Severity, kind: str, *, is_for_record: bool) -> Outcome:
    if words.outcome is not None:
        return words.outcome
    if is_for_record and words.severity is None:
        return "record"
    is_incident = severity == "critical" and kind in INCIDENT_KINDS | {"unit"}
    return "incident" if is_incident else "worklist"


def _dedup_key(
    alert: OutsideAlert,
    words: Words,
    thing: Thing,
    class_code: str,
    by_group: tuple[str, Labels] | None,
) -> str:
    """Return what one open incident covers: as of our own alerts, unless routes group."""
    if by_group is not None:
        return f"group:{json.dumps(by_group, ensure_ascii=False)}:{class_code}"
    cause = words.cause or "host"
    if cause == "rule":
        return f"rule:{alert.name}"
    is_known = thing.agent != unit_node(thing.unit)
    # Of hosts that are not enrolled nobody knows the line: those of one unit are one.
    if cause == "unit" or not (is_known or thing.host) or (words.is_unreachable and not is_known):
        return f"unit:{thing.unit}:{class_code}"
    return f"host:{thing.agent if is_known else node_of_outside(*thing[:3])}:{class_code}"


def _summary(
    alert: OutsideAlert, words: Words, thing: Thing, inventory: Inventory
) -> tuple[str, str]:
    annotations = dict(alert.annotations)
    named = {**dict(alert.labels), "host": thing.host, "unit": inventory.unit_name(thing.unit)}
    if words.summary_vi is not None and words.summary_en is not None:
        found = fill(words.summary_vi, named), fill(words.summary_en, named)
    else:
        said = next(
            (annotations[one] for one in ("summary", "title", "message", "description")
             if annotations.get(one)), "",
        )  # fmt: skip
        place = thing.host or inventory.unit_name(thing.unit)
        said = said or f"{alert.name}: {place}"
        found = annotations.get("summary_vi") or said, annotations.get("summary_en") or said
    return _one_line(found[0]), _one_line(found[1])


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_SUMMARY_CHARACTERS else line[: MAX_SUMMARY_CHARACTERS - 1] + "…"


def _known_unit(labels: Mapping[str, str], policy: OutsidePolicy, inventory: Inventory) -> str:
    found = (labels.get(name, "") for name in policy.unit_labels)
    return next((code for code in found if code and inventory.has_unit(code)), "")


def _first(labels: Mapping[str, str], names: Sequence[str]) -> str:
    return next((labels[name] for name in names if labels.get(name)), "")


def _without_port(instance: str) -> str:
    """Return the host of `host:9100` and `[address]:9100`; other names stay as they are."""
    head, colon, tail = instance.rpartition(":")
    if not colon or not tail.isdigit() or (":" in head and not head.endswith("]")):
        return instance
    return head.strip("[]")
