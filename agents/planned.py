"""The probes of a plan as what the scheduler runs: each a check of its own."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections import defaultdict
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from agents import probes
from agents.check import Check, Observation
from agents.probe import Probe, ask, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Sequence

    from agents.host import HostSource
    from agents.probe import Means
    from agents.probe_plan import Ask, ProbePlan
    from agents.scheduler import Scheduler

NAME = "plan"
# A stream of 60 s takes 60 s and waits for its last answers.
GRACE_SECONDS = 5.0
# A report waits for the answer to a question at the most this long.
QUESTION_SECONDS = 6.0
MOST_TOLD, MOST_REASON_CHARACTERS = 20, 200


def known_probes() -> dict[str, Probe[Any]]:
    """Return every compiled-in probe by name; a file that cannot be loaded has none."""
    found: dict[str, Probe[Any]] = {}
    for info in pkgutil.iter_modules(probes.__path__):
        try:
            module = importlib.import_module(f"agents.probes.{info.name}")
        except Exception:  # noqa: BLE001, S112  # asked for, it is refused as unknown
            continue
        probe = getattr(module, "PROBE", None)
        if isinstance(probe, Probe):
            found[probe.name] = probe
    return found


class PlannedProbes:
    """Hands the scheduler what the plan asks for, whenever it is another; one thread uses it.

    Attributes:
        refused: By probe and target, why it cannot be run.

    Args:
        plan: Returns the plan in force.
        networks: What may be asked, by this agent's own settings.
    """

    def __init__(
        self, plan: Callable[[], ProbePlan], networks: Sequence[str], means: Means
    ) -> None:
        self._plan, self._networks, self._means = plan, networks, means
        self._followed: ProbePlan | None = None
        self._hurries_until: float | None = None
        self._known: dict[str, Probe[Any]] = {}
        self._memories: defaultdict[str, dict[str, object]] = defaultdict(dict)
        self._running = 0
        self.refused: dict[str, str] = {}

    def follow(self, scheduler: Scheduler) -> None:
        """Take over another plan; what stays the same keeps what it remembers."""
        plan, now = self._plan(), self._means.monotonic()
        is_over = self._hurries_until is not None and now >= self._hurries_until
        if plan is self._followed and not is_over:
            return
        is_new = plan is not self._followed
        self._hurries_until = now + plan.hurry.for_seconds if is_new and plan.hurry else None
        asks = plan.asks if self._hurries_until is None else plan.hurried
        former_names = scheduler.extra_names
        if plan.asks and not self._known:
            self._known = known_probes()
        checks: dict[str, Check[Any]] = {}
        every_seconds: dict[str, float] = {}
        self.refused = {}
        former, self._memories = self._memories, defaultdict(dict)
        for item in asks:
            key = json.dumps(item, sort_keys=True)
            memory = self._memories[key] = former[key]
            try:
                checks[item.name] = self._check(item, memory)
            except ValueError as error:
                self.refused[item.name] = str(error)
            else:
                every_seconds[item.name] = item.every_seconds
        scheduler.adopt(checks, every_seconds)
        self._followed, self._running = plan, len(checks)
        asked = {item.name for item in plan.asks if item.question}
        new = asked & checks.keys() - former_names
        scheduler.hurry(new, wait_seconds=QUESTION_SECONDS)

    @property
    def report_seconds(self) -> float | None:
        """Return how often to report while the plan is in a hurry; None: as ever."""
        plan, until = self._followed, self._hurries_until
        if plan is None or plan.hurry is None or until is None:
            return None
        return plan.hurry.report_seconds if self._means.monotonic() < until else None

    def of(self, addresses: Container[str]) -> list[str]:
        """Return the names of what asks any of these addresses."""
        asks = () if self._followed is None else self._followed.asks
        return [item.name for item in asks if item.params.get("address") in addresses]

    def target_at(self, address: str) -> str:
        """Return the one target of the plan with this address; empty where there is none or two."""
        asks = () if self._followed is None else self._followed.asks
        found = {
            str(a.params.get("target", "")) for a in asks if a.params.get("address") == address
        }
        return found.pop() if len(found) == 1 else ""

    def _check(self, item: Ask, memory: dict[str, object]) -> Check[Any]:
        probe = self._known.get(item.probe)
        if probe is None:
            raise ValueError(f"there is no probe {item.probe!r} in this agent")
        params = typed(probe.params, item.params)
        lasts = float(getattr(params, "seconds", 0.0)) + GRACE_SECONDS
        means = replace(self._means, memory=memory)
        return Check(
            item.name,
            item.every_seconds,
            max(probe.limit_seconds, lasts),
            partial(_read, probe, params, self._networks, means),
            evaluate,
            probe.most_series,
            {"check": probe.name, "target": params.target},
        )

    def check(self) -> Check[list[Observation]]:
        """Return what says how much of the plan runs, and what does not."""
        return Check(NAME, 60, 5, self._observe, evaluate, most_series=1 + MOST_TOLD)

    def _observe(self, _host: HostSource) -> list[Observation]:
        told = sorted(self.refused.items())[:MOST_TOLD]
        return [
            Observation("wanwatch_plan_probes", {}, self._running),
            *(_refusal(name, reason) for name, reason in told),
        ]


def _refusal(name: str, reason: str) -> Observation:
    labels = {"asked": name, "reason": reason[:MOST_REASON_CHARACTERS]}
    return Observation("wanwatch_plan_refused_info", labels, 1)


def _read(
    probe: Probe[Any],
    params: Any,
    networks: Sequence[str],
    means: Means,
    _host: HostSource,
) -> list[Observation]:
    return ask(probe, params, networks, means)


def evaluate(now: list[Observation], before: list[Observation] | None) -> Iterator[Observation]:  # noqa: ARG001
    """Yield what was read."""
    yield from now
