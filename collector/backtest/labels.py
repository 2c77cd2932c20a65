"""Whose sample it is that a Prometheus holds, and which of its labels are the host's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What a Prometheus, a remote write or a service discovery adds to say where a sample is from.
ADDED = frozenset(
    {"__name__", "agent", "host", "instance", "job", "kind", "monitor", "region", "unit"}
)


class Named(NamedTuple):
    """A host as the inventory names it."""

    agent: str
    unit: str
    host: str


class Owners:
    """Finds the agent of a series.

    By the label `agent`; else by `unit` and `host`; else by `host`, or `instance` without its
    port, where one host alone has that name.
    """

    def __init__(self, hosts: Iterable[Named]) -> None:
        listed = list(hosts)
        self._agents = {one.agent for one in listed}
        self._in_unit = {(one.unit, one.host): one.agent for one in listed}
        names: dict[str, set[str]] = {}
        for one in listed:
            names.setdefault(one.host, set()).add(one.agent)
        self._alone = {name: agents.pop() for name, agents in names.items() if len(agents) == 1}

    def of(self, labels: Mapping[str, str]) -> str | None:
        """Return whose series this is; None: nobody's that is enrolled."""
        if labels.get("agent") in self._agents:
            return labels["agent"]
        name = labels.get("host") or labels.get("instance", "").rpartition(":")[0]
        name = name or labels.get("instance", "")
        return self._in_unit.get((labels.get("unit", ""), name)) or self._alone.get(name)


def own_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Return the labels as the host reported them.

    A label of the host that the store had to rename (`exported_…`) has its own name again.
    """
    own = {name: value for name, value in labels.items() if name not in ADDED}
    return {name.removeprefix("exported_"): value for name, value in own.items()}
