"""Whatever falls silent and returns, in whatever order: something is told, and all of it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from collector.alerts import Ended, Firing
from collector.changes import Changes
from collector.fleet import AgentRow, Fleet
from collector.judge import Judge
from collector.outages.outages import Outages
from collector.outages.topology import State
from collector.probing.probes import Answer, Probes
from collector.ranges import Received
from collector.rules.rulebook import load_rulebook, rulebook_of
from collector.rules.rules import Flapping
from collector.states import Handed
from collector.targets.targets_file import read_targets
from incidents.procedures import shipped

if TYPE_CHECKING:
    from collector.fleet import Host

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
STEP = timedelta(seconds=5)
UNITS = {"A": 4, "B": 4, "C": 4, "D": 2, "E": 9}
TARGETS = """
targets:
  - {name: core, address: 10.0.0.1}
  - {name: rt-a, address: 10.1.0.1, via: [core]}
  - {name: rt-b, address: 10.2.0.1, via: [core]}
  - {name: 4g-b, address: 10.3.0.1}
units:
  - {unit: A, via: [rt-a]}
  - {unit: B, via: [rt-b, 4g-b]}
"""
# Without flap damping, which keeps firing what is over.
RULEBOOK = rulebook_of(
    replace(rule, flapping=Flapping(changes=1_000)) for rule in load_rulebook(None).rules
)
PROCEDURE = shipped()
NAMES = [f"{unit}{n}" for unit, count in UNITS.items() for n in range(count)]
GROUPS = [[name for name in NAMES if name.startswith(unit)] for unit in UNITS]
cuts = st.one_of(
    st.sampled_from(GROUPS),
    st.lists(st.sampled_from(GROUPS), max_size=4).map(lambda found: list(chain(*found))),
    st.lists(st.sampled_from(NAMES), max_size=6),
)
answers = st.fixed_dictionaries(
    {name: st.sampled_from([*State, None]) for name in ("core", "rt-a", "rt-b", "4g-b")}
)


class Model:
    """A fleet without files: hosts are heard or not, and the tables are a dictionary."""

    def __init__(self, *, workstations: bool) -> None:
        self.now = START
        self.fleet = Fleet(started_at=START, monotonic=lambda: 0.0, own_unit="E")
        self.fleet.set_units((code, f"Xã {code}", "") for code in UNITS)
        self.fleet.set_targets(read_targets(TARGETS))
        self.judge = Judge(self.fleet, RULEBOOK, changes=Changes(monotonic=lambda: 0.0))
        self.probes = Probes()
        self.outages = Outages(
            self.fleet, self.judge, self.probes, usual=lambda *_: None, procedure=PROCEDURE
        )
        self.open: dict[str, Firing] = {}
        self.ever_told: list[Firing] = []
        for number, name in enumerate(NAMES):
            is_pc = workstations and number % 3 == 2
            self.fleet.add(_row(name, is_pc=is_pc, interval=30 if number % 5 == 4 else 10))

    def step(self, cut: set[str], states: dict[str, State | None]) -> None:
        self.now += STEP
        for number, host in enumerate(list(self.fleet.hosts.values())):
            at = self.now.timestamp() - 5 * number
            if host.agent not in cut and at % host.interval_seconds < STEP.seconds:
                host.last_report_at = self.now
                self.judge.look(host, self.now)
        self.judge.tick(self.now)
        for name in list(self.probes.wanted):
            state = states.get(name)
            if state is not None:
                del self.probes.wanted[name]
                self.probes.answered(name, Answer(state, self.now.timestamp(), "collector"))
        self.outages.turn(self.now)
        self._store()

    def run(self, seconds: int, cut: set[str], states: dict[str, State | None]) -> None:
        for _ in range(seconds // STEP.seconds):
            self.step(cut, states)
            self.check()

    def _store(self) -> None:
        changes = self.judge.pending.take(0.0)
        self.judge.pending.done(changes)
        for change in changes:
            if isinstance(change, Ended):
                self.open.pop(change.fingerprint, None)
                continue
            if change.suppression is None and not self._is_told(change.fingerprint):
                self.ever_told.append(change)
            self.open[change.fingerprint] = change

    def _is_told(self, fingerprint: str) -> bool:
        known = self.open.get(fingerprint)
        return known is not None and known.suppression is None

    def check(self) -> None:
        """What is recorded only is explained by an open alert that is told, or waits for that."""
        for change in self.open.values():
            if change.suppression is None:
                continue
            root = self.open.get(change.suppression.by)
            waits = [self.outages.index.get(change.fingerprint)]
            if root is not None:
                waits.append(self.outages.index.get(root.fingerprint))
            is_waiting = any(silence and silence.due_at is not None for silence in waits)
            assert is_waiting or (root is not None and root.suppression is None)

    def missed(self) -> list[Host]:
        return [h for h in self.fleet.hosts.values() if h.liveness.value in ("silent", "lost")]


def _row(name: str, *, is_pc: bool, interval: int) -> AgentRow:
    kind, presence = ("workstation", "working_hours") if is_pc else ("server", "always")
    return AgentRow(
        name, name[0], f"máy-{name}", kind, presence, bytes(range(32)), interval, None, "",
        Received(), Handed(),
    )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.booleans(),
    st.lists(st.tuples(cuts, st.sampled_from([15, 40, 60, 150]), answers), min_size=1, max_size=4),
)
def test_something_is_told_for_every_outage_and_all_of_it_ends(
    workstations: bool, phases: list[tuple[list[str], int, dict[str, State | None]]]
) -> None:
    """After six minutes nothing waits; a silent server is explained; the return ends everything."""
    model = Model(workstations=workstations)
    model.run(60, set(), {})
    for cut, seconds, states in phases:
        model.run(seconds, set(cut), states)
    cut, _, states = phases[-1]
    model.run(660, set(cut), states)

    is_deaf = model.outages.is_deaf
    for host in model.missed():
        own = [change for change in model.open.values() if change.agent == host.agent]
        if host.is_always and not is_deaf:
            assert own, (host.agent, cut)
    for change in model.open.values():
        if change.suppression is not None and not is_deaf:
            assert change.suppression.by in model.open
            assert model.open[change.suppression.by].suppression is None
    if any(host.is_always for host in model.missed()):
        assert any(change.suppression is None for change in model.open.values())

    model.run(300, set(), dict.fromkeys(states, State.UP))
    assert model.open == {}
    assert list(model.outages.index) == []


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(["A", "B", "C"]), answers)
def test_cut_unit_is_told_once_whatever_the_probers_say(
    unit: str, states: dict[str, State | None]
) -> None:
    """One alert of the unit or of what is above it; the hosts never by themselves."""
    model = Model(workstations=False)
    model.run(60, set(), {})
    cut = {name for name in NAMES if name.startswith(unit)}
    model.run(400, cut, states)
    told = {change.rule for change in model.ever_told}
    assert told <= {"UnitSilent", "TargetDown"}
    assert told
    assert "AgentSilent" not in told
