"""Targets that probers say are down: fed to the rules, and asked about again until they are up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.metrics.own import TARGET_UP
from collector.outages.places import Names
from collector.outages.topology import State
from collector.targets.targets import COLLECTOR

if TYPE_CHECKING:
    from datetime import datetime

    from collector.fleet import Fleet, Host
    from collector.judge import Judge
    from collector.outages.graph import Graph
    from collector.probing.probes import Answer, Probes
    from collector.targets.targets import Target

COLLECTOR_NAMES = Names("máy chủ thu thập", "the collector")


class TargetWatch:
    """What is known of targets; only those above a silence are ever asked about.

    One that gives no answer while hosts are heard through it alone is not down: it does not
    answer probes.
    """

    def __init__(self, fleet: Fleet, judge: Judge, probes: Probes, graph: Graph) -> None:
        self._fleet, self._judge, self._probes, self._graph = fleet, judge, probes, graph
        self._down: set[str] = set()
        self._carrying: dict[str, bool] = {}

    def ask_about(self, node: str, now: float) -> None:
        """Ask about everything above a silent node that may explain it."""
        if self._fleet.targets.by_name:
            for target in self._graph.targets_above(node):
                self._probes.want(target, now)

    def is_open_above(self, node: str, now: float) -> bool:
        """Say whether an answer about something above a node may still come."""
        if not self._fleet.targets.by_name:
            return False
        above = self._graph.targets_above(node)
        return any(self._probes.is_open(target.name, now) for target in above)

    def state(self, name: str, now: float) -> State:
        """Return how a target is; what was down is so until something says the contrary."""
        state = State.DOWN if name in self._down else self._probes.state(name, now)
        if state is State.DOWN and self._carries(name):
            return State.UNKNOWN
        return state

    def turn(self, now: datetime) -> bool:
        """Take the answers that came and ask again; return whether there were any."""
        self._carrying.clear()
        news = self._probes.take_news()
        for name in news:
            target, answer = self._fleet.targets.by_name.get(name), self._probes.answer(name)
            if target is not None and answer is not None:
                self._note(target, answer, now)
        for name in list(self._down):
            target = self._fleet.targets.by_name.get(name)
            if target is None:
                self._down.discard(name)
            elif self._carries(name):
                self._down.discard(name)
                self._judge.feed(self._place(target), TARGET_UP, 1.0, now)
            else:
                self._probes.want(target, now.timestamp())
        return bool(news)

    def _carries(self, name: str) -> bool:
        """Say whether a host was heard through a target alone after its last answer."""
        if name not in self._carrying:
            self._carrying[name] = self._find_carries(name)
        return self._carrying[name]

    def _find_carries(self, name: str) -> bool:
        target, answer = self._fleet.targets.by_name.get(name), self._probes.answer(name)
        if target is None or answer is None:
            return False
        hosts = (self._fleet.hosts.get(node) for node in self._graph.only_through(target.node))
        heard = (host.last_report_at for host in hosts if host is not None)
        return any(at is not None and at.timestamp() > answer.at for at in heard)

    def _place(self, target: Target) -> Host:
        return self._fleet.places.target(target, target.unit or self._fleet.own.unit)

    def _note(self, target: Target, answer: Answer, now: datetime) -> None:
        known = self._fleet.places.known(target.node)
        is_up = answer.state is State.UP
        if is_up:
            self._down.discard(target.name)
        else:
            self._down.add(target.name)
        if known is not None or not is_up:
            place = self._place(target)
            self._say_who_saw(place, answer)
            self._judge.feed(place, TARGET_UP, float(is_up), now)

    def _say_who_saw(self, place: Host, answer: Answer) -> None:
        """The page says from where it was seen."""
        names = Names(answer.seen_from, answer.seen_from)
        if answer.seen_from == COLLECTOR:
            names = COLLECTOR_NAMES
        elif (host := self._fleet.named(answer.seen_from)) is not None:
            unit = self._fleet.unit_name(host.unit)
            names = Names(f"{host.host} ({unit})", f"{host.host} ({unit})")
        place.words = {**place.words, "seen_from": names}
