"""Polycom RMX bridges, RealPresence Collaboration Server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.observation import Observation
from agents.snmp.family import Asked, Family, Poll, is_below, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = "1.3.6.1.4.1.13885.110.1"
# Status as everywhere in Polycom's trees: disabled, ok, failed.
PARTS = {"fan": f"{ROOT}.3.2.1.0", "power": f"{ROOT}.3.3.1.0", "board": f"{ROOT}.3.4.1.0"}
OK, FAILED = 2, 3
CALLS = {"audio": f"{ROOT}.4.4.1.1.0", "video": f"{ROOT}.4.4.2.1.0"}
CONFERENCES = f"{ROOT}.5.1.0"
ASKED = Asked((*PARTS.values(), *CALLS.values(), CONFERENCES))


def evaluate(poll: Poll) -> Iterator[Observation]:
    """Yield what works and how much goes over it."""
    of = {"target": poll.target}
    for part, oid in PARTS.items():
        status = whole(poll.values.get(oid))
        if status in (OK, FAILED):
            yield Observation("wanwatch_bridge_part_up", of | {"part": part}, int(status == OK))
    for media, oid in CALLS.items():
        count = whole(poll.values.get(oid))
        if count is not None:
            yield Observation("wanwatch_bridge_calls", of | {"media": media}, count)
    conferences = whole(poll.values.get(CONFERENCES))
    if conferences is not None:
        yield Observation("wanwatch_bridge_conferences", of, conferences)


FAMILY = Family(
    name="rmx",
    is_likely=lambda identity: is_below(
        identity.object_id, "1.3.6.1.4.1.13885", "1.3.6.1.4.1.2684"
    ),
    asked=lambda _: ASKED,
    evaluate=evaluate,
    metrics=("wanwatch_bridge_part_up", "wanwatch_bridge_calls", "wanwatch_bridge_conferences"),
    most_series=len(PARTS) + len(CALLS) + 1,
    leaf=CONFERENCES,
    kind="conference",
)
