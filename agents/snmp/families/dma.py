"""Polycom DMA, which hands calls to bridges: its clusters, licences, ports and registrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.observation import Observation
from agents.snmp.family import Asked, Family, Poll, Value, columns, is_below, label, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = "1.3.6.1.4.1.13885.13.2"
CLUSTERS = f"{ROOT}.2.3.1.0"
CLUSTER_NAME, CLUSTER_STATUS = f"{ROOT}.2.3.2.1.2", f"{ROOT}.2.3.2.1.3"
# 2 is a cluster that somebody takes out of service: that is told by nobody.
IN_SERVICE, OUT_OF_SERVICE = 1, 3
LICENCE_NAME, LICENCE_STATUS = f"{ROOT}.2.3.3.1.2", f"{ROOT}.2.3.3.1.3"
VALID, INVALID = 1, 2
# Of the conference manager, by cluster.
MANAGER = f"{ROOT}.3.2.1.2.1"
MANAGER_NAME = f"{MANAGER}.2"
COUNTS = {
    "wanwatch_bridge_conferences": {"": f"{MANAGER}.3"},
    "wanwatch_bridge_participants": {"": f"{MANAGER}.4"},
    "wanwatch_bridge_ports": {"video": f"{MANAGER}.5", "audio": f"{MANAGER}.7"},
    "wanwatch_bridge_used_ports": {"video": f"{MANAGER}.6", "audio": f"{MANAGER}.8"},
}
# Devices that are registered, by whether they are active.
ACTIVE, INACTIVE = f"{ROOT}.3.3.1.2.1.3", f"{ROOT}.3.3.1.2.1.4"
TABLES = (
    CLUSTER_NAME, CLUSTER_STATUS, LICENCE_NAME, LICENCE_STATUS, MANAGER_NAME, ACTIVE, INACTIVE,
    *(oid for kinds in COUNTS.values() for oid in kinds.values()),
)  # fmt: skip
ASKED = Asked((CLUSTERS,), TABLES)
MOST_ROWS = 8


def evaluate(poll: Poll) -> Iterator[Observation]:
    """Yield each cluster."""
    table = columns(poll.values, TABLES)
    of = {"target": poll.target}
    for name, status in _named(table, CLUSTER_NAME, CLUSTER_STATUS):
        if status in (IN_SERVICE, OUT_OF_SERVICE):
            labels, is_up = of | {"cluster": name}, int(status == IN_SERVICE)
            yield Observation("wanwatch_bridge_cluster_in_service", labels, is_up)
    for name, status in _named(table, LICENCE_NAME, LICENCE_STATUS):
        if status in (VALID, INVALID):
            labels = of | {"cluster": name}
            yield Observation("wanwatch_bridge_licence_valid", labels, int(status == VALID))
    for metric, kinds in COUNTS.items():
        for media, oid in kinds.items():
            for name, count in _named(table, MANAGER_NAME, oid):
                labels = of | {"cluster": name} | ({"media": media} if media else {})
                yield Observation(metric, labels, count)
    for state, oid in (("active", ACTIVE), ("inactive", INACTIVE)):
        counts = [said for one in table[oid].values() if (said := whole(one)) is not None]
        if counts and sum(counts) < 2**32:
            labels = of | {"state": state}
            yield Observation("wanwatch_bridge_registered_devices", labels, sum(counts))


def _named(
    table: Mapping[str, Mapping[str, Value]], names: str, oid: str
) -> Iterator[tuple[str, int]]:
    """Yield whole numbers of a column by the name in their row, each name once."""
    seen = set[str]()
    for row, value in table[oid].items():
        name, found = label(table[names].get(row)) or label(row), whole(value)
        if found is not None and name not in seen and len(seen) < MOST_ROWS:
            seen.add(name)
            yield name, found


FAMILY = Family(
    name="dma",
    is_likely=lambda identity: is_below(
        identity.object_id, "1.3.6.1.4.1.13885", "1.3.6.1.4.1.2684"
    ),
    asked=lambda _: ASKED,
    evaluate=evaluate,
    metrics=(
        "wanwatch_bridge_cluster_in_service",
        "wanwatch_bridge_licence_valid",
        *COUNTS,
        "wanwatch_bridge_registered_devices",
    ),
    most_series=MOST_ROWS * 8 + 2,
    leaf=CLUSTERS,
    kind="conference",
)
