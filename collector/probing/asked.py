"""Which agents are asked to look at which targets, ready to be sent with the answers to reports."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from collector.targets.targets import COLLECTOR
from collector.targets.targets_file import is_ip

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.fleet import Fleet, Host
    from collector.targets.targets import Target

# As many as an agent takes.
MOST_TARGETS = 32
NOTHING: dict[str, msgspec.Raw] = {}
_encode = msgspec.json.Encoder().encode


class AskedTargets:
    """Made anew when the fleet or its targets changed; otherwise `of` is one look-up."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._version: object = None
        self._of_agents: dict[str, dict[str, msgspec.Raw]] = {}

    def of(self, host: Host) -> Mapping[str, msgspec.Raw]:
        """Return `targets` of `agents.report.Accepted` as JSON; nothing for all who ask nobody."""
        if self._version != self._fleet.version:
            self._version, self._of_agents = self._fleet.version, self._made()
        return self._of_agents.get(host.agent, NOTHING)

    def _made(self) -> dict[str, dict[str, msgspec.Raw]]:
        found: defaultdict[str, list[Target]] = defaultdict(list)
        for target in self._fleet.targets.by_name.values():
            for name in target.asked_by:
                host = None if name == COLLECTOR else self._fleet.named(name)
                if host is not None and is_ip(target.address):
                    found[host.agent].append(target)
        return {
            agent: {"targets": msgspec.Raw(_encode([_told(t) for t in targets[:MOST_TARGETS]]))}
            for agent, targets in found.items()
        }


def _told(target: Target) -> dict[str, str | int]:
    return {"name": target.name, "address": target.address, "port": target.port}
