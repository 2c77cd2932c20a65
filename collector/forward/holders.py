"""Whose the series of an agent are, as the inventory has it now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.forward.labels import host_holder, target_holder

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.fleet import Fleet
    from collector.forward.labels import Holder


class Holders:
    """Asked by the threads of receivers: it reads the fleet and changes nothing of it."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._hosts: dict[tuple[str, str], Holder] = {}
        self._targets: dict[tuple[str, Holder], Holder] = {}
        self._version = -1

    def of(self, agent: str) -> Callable[[str], Holder] | None:
        """Return what says whose a series is by its target, or by none; None: of nobody we know.

        What an agent says that nobody has let in yet goes nowhere.
        """
        host = self._fleet.hosts.get(agent)
        if host is None or not host.is_approved:
            return None
        if self._version != self._fleet.version:
            self._version = self._fleet.version
            self._hosts, self._targets = {}, {}
        own = self._hosts.get((host.unit, host.host))
        if own is None:
            own = self._hosts[host.unit, host.host] = host_holder(host.unit, host.host)
        return lambda target: self._target(target, own, host.unit) if target else own

    def _target(self, name: str, own: Holder, prober_unit: str) -> Holder:
        found = self._targets.get((name, own))
        if found is None:
            target = self._fleet.targets.by_name.get(name)
            unit = prober_unit if target is None else target.unit or self._fleet.own.unit
            found = self._targets[name, own] = target_holder(unit, own)
        return found
