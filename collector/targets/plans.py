"""Which agent runs which probes: the first that a target names and that is heard; made when needed.

A plan is handed out in two steps: the answer to a report says its tag, and the agent that knows
another one comes for the whole of it.
"""

from __future__ import annotations

import hashlib
import json
from itertools import chain
from typing import TYPE_CHECKING

from agents.probe_plan import Ask, ProbePlan, to_json
from collector.liveness import Liveness
from collector.rush import NO_RUSH, NOTHING_SOONER, REPORT_SECONDS
from collector.targets import mesh

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from collector.fleet import Fleet, Host
    from collector.rush import Rush
    from collector.targets.targets import Target, Targets

TRACE, TRACE_EVERY_SECONDS = "trace", 60.0
EMPTY = ProbePlan("none", ())
LEAST_LEFT_SECONDS = 1.0
# One of these does not measure for us now, as far as we know.
AWAY = frozenset({Liveness.SILENT, Liveness.LOST, Liveness.STOPPED, Liveness.OFF_HOURS})


class Plans:
    """The plans of all agents; made anew when the fleet changed, or who of the probers is heard."""

    def __init__(self, fleet: Fleet, *, monotonic: Callable[[], float]) -> None:
        self._fleet, self._monotonic = fleet, monotonic
        self._version: object = None
        self._is_stale = True
        self._probers: frozenset[str] = frozenset()
        self._plans: dict[str, ProbePlan] = {}
        self._measuring: dict[str, Host] = {}
        self._rush = NO_RUSH
        self._degraded: frozenset[str] = frozenset()
        self._questions: dict[str, list[tuple[str, Ask]]] = {}

    def rush(self, rush: Rush) -> None:
        """Let what these sessions need be measured more often, until their end."""
        if rush != self._rush:
            self._rush, self._is_stale = rush, True

    def host(self, agent: str) -> Host | None:
        """Return an enrolled host by its key's id."""
        return self._fleet.hosts.get(agent)

    def wait_seconds(self, host: Host) -> float:
        """Draw on what an agent may ask for, as its reports do; return how long it must wait."""
        return host.bucket.wait_seconds(1, self._monotonic())

    def of(self, host: Host) -> ProbePlan:
        """Return what an agent is to run."""
        if self._is_stale or self._version != self._fleet.version:
            self._make()
        plan = self._plans.get(host.agent, EMPTY)
        if plan.hurry is None:
            return plan
        left = self._rush.left_seconds(plan.hurry, self._monotonic())
        left_seconds = max(LEAST_LEFT_SECONDS, left)
        return plan._replace(hurry=plan.hurry._replace(for_seconds=left_seconds))

    def measuring(self, target: str) -> Host | None:
        """Return who is asked to measure a target now."""
        if self._is_stale or self._version != self._fleet.version:
            self._make()
        return self._measuring.get(target)

    def hurried(self) -> list[Host]:
        """Return who is to report every second now."""
        if self._is_stale or self._version != self._fleet.version:
            self._make()
        hosts = self._fleet.hosts
        return [
            hosts[agent]
            for agent, plan in self._plans.items()
            if plan.hurry is not None
            and plan.hurry.report_seconds <= REPORT_SECONDS
            and agent in hosts
        ]

    def said(self, host: Host) -> Mapping[str, str]:
        """Return what the answer to a report says of it."""
        return {"plan": self.of(host).tag}

    def set_degraded(self, paths: Collection[str]) -> None:
        """Trace these targets hop by hop: what leads to them has become worse."""
        if self._degraded != (degraded := frozenset(paths)):
            self._degraded, self._is_stale = degraded, True

    def ask_now(self, question: str, target: Target, asks: Iterable[Ask]) -> Host | None:
        """Let the agent that measures a target ask at once; return it, None where there is none.

        Args:
            question: Its name, until `forget` takes it back.
        """
        host = self.measuring(target.name)
        if host is None:
            return None
        asked = [(host.agent, ask._replace(question=question)) for ask in asks]
        self._questions.setdefault(question, []).extend(asked)
        self._is_stale = True
        return host

    def forget(self, question: str) -> None:
        """Nobody waits for the answers any more."""
        if self._questions.pop(question, None) is not None:
            self._is_stale = True

    def note_liveness(self, host: Host) -> None:
        """Another agent may have to measure for one that is away."""
        if host.agent in self._probers:
            self._is_stale = True

    def _make(self) -> None:
        self._version, self._is_stale = self._fleet.version, False
        hosts = {f"{host.unit}/{host.host}": host for host in self._by_last_word()}
        asks: dict[str, list[Ask]] = {}
        probers: set[str] = set()
        self._measuring = {}
        targets = self._fleet.targets
        of_paths, sooner = self._paths(targets)
        for target in targets.by_name.values():
            if target.probes:
                able = [hosts[name] for name in target.asked_by if name in hosts]
                probers.update(host.agent for host in able)
                chosen = chosen_of(able)
                if chosen is not None:
                    self._measuring[target.name] = chosen
                    of_agent = asks.setdefault(chosen.agent, [])
                    of_agent += of_paths.get(target.name, target.probes)
                    if target.name in self._degraded:
                        of_agent.append(trace_of(target))
        for agent, ask in chain.from_iterable(self._questions.values()):
            asks.setdefault(agent, []).append(ask)
        self._probers = frozenset(probers)
        rushed = {host.agent for name, host in hosts.items() if name in self._rush.hosts}
        for agent in rushed:
            asks.setdefault(agent, [])
        self._plans = {
            agent: plan_of(found, self._rush, sooner, is_point=agent in rushed)
            for agent, found in asks.items()
        }

    def _paths(self, targets: Targets) -> tuple[dict[str, tuple[Ask, ...]], dict[str, Ask]]:
        """Return what is asked of the paths of the mesh, and of those in a rush for its time."""
        if targets.mesh is None:
            return {}, {}
        rushed = self._rush.targets
        found = mesh.asks(targets.mesh, rushed)
        calm = mesh.asks(targets.mesh, ()) if rushed else {}
        ours = [name for name in found if name in rushed]
        sooner = {ask.name: ask for name in ours for ask in found[name]}
        return found | {name: calm[name] for name in ours}, sooner

    def _by_last_word(self) -> list[Host]:
        """Return approved hosts, of two with one name the one heard last behind the other."""
        started_at = self._fleet.started_at
        return sorted(self._fleet.approved(), key=lambda host: host.last_report_at or started_at)


def trace_of(target: Target) -> Ask:
    """Return what finds out through which routers a target is reached, and how far one comes."""
    who = {"target": target.name, "address": target.address}
    return Ask(TRACE, TRACE_EVERY_SECONDS, who)


def chosen_of(hosts: Iterable[Host]) -> Host | None:
    """Return the first that can measure now; where none can, the first of all."""
    able = list(hosts)
    present = (h for h in able if h.liveness not in AWAY and h.quarantined_at is None)
    return next(present, able[0] if able else None)


def plan_of(
    asks: list[Ask],
    rush: Rush = NO_RUSH,
    sooner: Mapping[str, Ask] = NOTHING_SOONER,
    *,
    is_point: bool = False,
) -> ProbePlan:
    """Return a plan whose tag stands for its content.

    Args:
        sooner: What the mesh asks of paths in a rush, by the names of asks.
        is_point: The host itself takes part in a session that goes on.
    """
    plan = ProbePlan("", tuple(asks), rush.hurry_of(asks, sooner, is_point=is_point))
    content = json.dumps([to_json(plan), rush.tag if plan.hurry else ""], sort_keys=True).encode()
    return plan._replace(tag=hashlib.sha256(content).hexdigest()[:16])
