"""Devices that SNMP only identifies: what they say in their description, and nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.observation import Observation
from agents.snmp.family import Asked, Family, Identity, Kind, Poll, is_below, label

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

VERSION = "wanwatch_device_version_info"
NET_SNMP = "1.3.6.1.4.1.8072.3.2.10"
PARTS = ("model", "software", "serial")


def identified(
    name: str,
    *roots: str,
    description: re.Pattern[str] | None = None,
    says: re.Pattern[str] | None = None,
    model: Callable[[str], str] = lambda _: "",
    kind: Kind = "conference",
) -> Family:
    """Return a family that is told by where its object identifier lies.

    Args:
        description: What must be in sysDescr, too, where many makes share an identifier.
        says: Where in sysDescr `model`, `software` and `serial` stand.
        model: The model by the object identifier, where sysDescr gives none.
    """

    def is_likely(identity: Identity) -> bool:
        is_said = description is None or description.search(identity.description) is not None
        return is_below(identity.object_id, *roots) and is_said

    def evaluate(poll: Poll) -> Iterator[Observation]:
        found = says.search(poll.identity.description) if says else None
        said = {part: label(found[part]) if found else "" for part in PARTS}
        said["model"] = said["model"] or label(model(poll.identity.object_id))
        if any(said.values()):
            yield Observation(VERSION, {"target": poll.target, **said}, 1)

    return Family(
        name=name,
        is_likely=is_likely,
        asked=lambda _: Asked(),
        evaluate=evaluate,
        metrics=(VERSION,),
        most_series=1,
        kind=kind,
    )
