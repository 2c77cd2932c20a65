"""Polycom RealPresence Resource Manager: what it knows of each site and each link between two.

The units are nowhere given. Per cent and milliseconds are assumed; no device has confirmed it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.observation import Observation
from agents.snmp.family import Asked, Family, Poll, Value, columns, is_below, label, number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = "1.3.6.1.4.1.13885.102.1.2"
HIGH_AVAILABILITY = f"{ROOT}.16.1.0"
SITES = {
    name: f"{ROOT}.14.4.1.{column}"
    for name, column in {
        "name": 2, "calls": 4, "used": 5, "total": 6, "lost": 8, "jitter": 9, "delay": 10,
    }.items()
}  # fmt: skip
LINKS = {
    name: f"{ROOT}.14.6.1.{column}"
    for name, column in {
        "name": 3, "calls": 7, "used": 8, "total": 9, "lost": 11, "jitter": 12, "delay": 13,
    }.items()
}  # fmt: skip
MOST_PLACES = 100
PREFIX = "wanwatch_site_"
METRICS = tuple(
    PREFIX + end for end in ("calls", "used_ratio", "lost_ratio", "jitter_seconds", "delay_seconds")
)


def asked(last: Mapping[str, Value]) -> Asked:
    """Ask for figures only of what there is."""
    tables = list[str]()
    for columns_of in (SITES, LINKS):
        is_there = any(key.startswith(f"{columns_of['name']}.") for key in last)
        tables += columns_of.values() if is_there else [columns_of["name"]]
    return Asked((HIGH_AVAILABILITY,), tuple(tables))


def evaluate(poll: Poll) -> Iterator[Observation]:
    """Yield each site and each link."""
    seen = set[tuple[str, str]]()
    for kind, columns_of in (("site", SITES), ("link", LINKS)):
        table = columns(poll.values, columns_of.values())
        for row, value in table[columns_of["name"]].items():
            name = label(value)
            if not name or (kind, name) in seen or len(seen) == MOST_PLACES:
                continue
            seen.add((kind, name))
            said = {key: number(table[oid].get(row)) for key, oid in columns_of.items()}
            labels = {"target": poll.target, "kind": kind, "site": name}
            for end, figure in _figures(said).items():
                if figure is not None and figure >= 0:
                    yield Observation(PREFIX + end, labels, figure)


def _figures(said: Mapping[str, float | None]) -> dict[str, float | None]:
    used, total, lost = said["used"], said["total"], said["lost"]
    jitter, delay = said["jitter"], said["delay"]
    share = used / total if used is not None and total and total > 0 else None
    return {
        "calls": said["calls"],
        "used_ratio": None if share is None else round(min(1.0, share), 6),
        "lost_ratio": lost / 100 if lost is not None and lost <= 100 else None,
        "jitter_seconds": None if jitter is None else jitter / 1e3,
        "delay_seconds": None if delay is None else delay / 1e3,
    }


FAMILY = Family(
    name="rprm",
    is_likely=lambda identity: is_below(
        identity.object_id, "1.3.6.1.4.1.13885", "1.3.6.1.4.1.2684"
    ),
    asked=asked,
    evaluate=evaluate,
    metrics=METRICS,
    most_series=MOST_PLACES * len(METRICS),
    leaf=HIGH_AVAILABILITY,
    kind="conference",
)
