"""Alerts and their groups as Alertmanager's API v2 shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.alerts_in.alert import label_fingerprint
from collector.alerts_in.matchers import all_match
from collector.alerts_in.routing import group_labels, taken

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from collector.alerts_in.alert import Labels
    from collector.alerts_in.matchers import LabelMatcher
    from collector.alerts_in.routing import Route

# What keeps an alert from being told, as Alertmanager divides it.
SILENCED = frozenset({"silence", "maintenance"})


class Shown(NamedTuple):
    """One open alert to be shown.

    Attributes:
        why: Why it is not told, empty where it is; `by`: the ids of silences, or fingerprints.
    """

    labels: Labels
    annotations: Labels
    starts_at: datetime
    ends_at: datetime
    updated_at: datetime
    generator_url: str = ""
    why: str = ""
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which alerts a request asks for."""

    matchers: tuple[LabelMatcher, ...] = ()
    is_active: bool = True
    is_silenced: bool = True
    is_inhibited: bool = True
    receiver: re.Pattern[str] | None = field(default=None)

    def has_state(self, alert: Shown) -> bool:
        """Say whether an alert in its state is asked for."""
        if not alert.why:
            return self.is_active
        return self.is_silenced if alert.why in SILENCED else self.is_inhibited


def listed(alerts: Iterable[Shown], wanted: Wanted, root: Route) -> list[dict[str, Any]]:
    """Return the alerts that are asked for, by fingerprint."""
    found = []
    for alert in alerts:
        labels = dict(alert.labels)
        if not wanted.has_state(alert) or not all_match(wanted.matchers, labels):
            continue
        receivers = _receivers(root, labels)
        if wanted.receiver is None or any(map(wanted.receiver.fullmatch, receivers)):
            found.append(_alert(alert, labels, receivers))
    return sorted(found, key=lambda one: str(one["fingerprint"]))


def grouped(alerts: Iterable[Shown], wanted: Wanted, root: Route) -> list[dict[str, Any]]:
    """Return the alerts that are asked for in their groups: by route and labels."""
    groups: dict[tuple[int, Labels], dict[str, Any]] = {}
    for alert in alerts:
        labels = dict(alert.labels)
        if not wanted.has_state(alert) or not all_match(wanted.matchers, labels):
            continue
        receivers = _receivers(root, labels)
        for one in taken(root, labels):
            if wanted.receiver is not None and not wanted.receiver.fullmatch(one.route.name):
                continue
            by = group_labels(one.group_by, alert.labels)
            group = groups.setdefault(
                (id(one.route), by),
                {"labels": dict(by), "receiver": {"name": one.route.name}, "alerts": []},
            )
            group["alerts"].append(_alert(alert, labels, receivers))
    for group in groups.values():
        group["alerts"].sort(key=lambda one: one["fingerprint"])
    return sorted(
        groups.values(), key=lambda g: (sorted(g["labels"].items()), g["receiver"]["name"])
    )


def instant_text(at: datetime) -> str:
    """Return an instant as the API writes it: UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _receivers(root: Route, labels: Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys(one.route.name for one in taken(root, labels)))


def _alert(alert: Shown, labels: dict[str, str], receivers: list[str]) -> dict[str, Any]:
    silenced = list(alert.by) if alert.why in SILENCED else []
    inhibited = list(alert.by) if alert.why and alert.why not in SILENCED else []
    return {
        "annotations": dict(alert.annotations),
        "endsAt": instant_text(alert.ends_at),
        "fingerprint": label_fingerprint(alert.labels),
        "receivers": [{"name": name} for name in receivers],
        "startsAt": instant_text(alert.starts_at),
        "status": {
            "inhibitedBy": inhibited,
            "mutedBy": [],
            "silencedBy": silenced,
            "state": "suppressed" if alert.why else "active",
        },
        "updatedAt": instant_text(alert.updated_at),
        **({"generatorURL": alert.generator_url} if alert.generator_url else {}),
        "labels": labels,
    }
