"""Whose sample it is that a Prometheus holds, and which of its labels are the host's own.

What this collector sends out is called as `collector.forward.labels` says; what a Prometheus
scrapes from an agent has `instance` and `job` of the scrape, and what its configuration adds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

EXPORTED = "exported_"
# What says whose it is, in samples that we sent and in those that others collected.
_OURS = frozenset({"__name__", "agent", "host", "instance", "unit"})
_OTHERS = _OURS | {"job"}
_JOBS = frozenset({"node", "probe"})


class Named(NamedTuple):
    """A host as the inventory names it."""

    agent: str
    unit: str
    host: str


class Owners:
    """Finds the agent that reported a series.

    By the label `agent`; else by an `instance` that is UNIT/HOST; else by `unit` and `host`; else
    by `host`, or `instance` without its port, where one host alone has that name.
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
        """Return who reported this series; None: nobody that is enrolled."""
        if labels.get("agent") in self._agents:
            return labels["agent"]
        unit, instance = labels.get("unit", ""), labels.get("instance", "")
        if is_ours(labels):
            unit, _, name = instance.partition("/")
            return self._in_unit.get((unit, name))
        name = labels.get("host") or instance.rpartition(":")[0] or instance
        return self._in_unit.get((unit, name)) or self._alone.get(name)


def is_ours(labels: Mapping[str, str]) -> bool:
    """Say whether a collector like this one sent it: its `instance` is UNIT/HOST."""
    return "/" in labels.get("instance", "")


def own_labels(labels: Mapping[str, str], added: Collection[str] = ()) -> dict[str, str]:
    """Return the labels as the host reported them.

    A label of the host that had to be renamed (`exported_…`) has its own name again.

    Args:
        added: Labels that the sender or the store adds to every series.
    """
    ours = is_ours(labels)
    whose = _OURS if ours else _OTHERS
    own = {
        name: value
        for name, value in labels.items()
        if name not in whose
        and name not in added
        and not (ours and name == "job" and value in _JOBS)
    }
    return {name.removeprefix(EXPORTED): value for name, value in own.items()}
