"""Plans: what comes from the wire is checked, what is kept goes on, and the scheduler runs it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from socket import SOCK_STREAM
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from agents.check import Check, Observation
from agents.delivery import Answer
from agents.identity import load_or_create
from agents.plan import Plan
from agents.plan_keeper import FILE, PlanKeeper
from agents.planned import PlannedProbes
from agents.probe_plan import MOST_ASKS, NOTHING_ASKED, Ask, Hurry, ProbePlan, read_plan, to_json
from agents.rotation import KeyRing
from agents.scheduler import Scheduler
from tests.fake_host import fake_host
from tests.probe_means import MEANS
from tests.probe_servers import LOOPBACK, nobody

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ASK = Ask("tcp", 30.0, {"target": "cx", "address": LOOPBACK, "port": 9})
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@given(asks=ANY, tag=ANY | st.just("t"), hurry=ANY)
def test_whatever_stands_for_a_plan_is_read_or_left(asks: Any, tag: Any, hurry: Any) -> None:
    """Never an exception; what is read can be written and read again."""
    found = read_plan({"tag": tag, "asks": asks, "hurry": hurry})
    if found is not None:
        assert read_plan(json.loads(json.dumps(to_json(found)))) == found


def test_what_is_malformed_is_left_out_and_no_plan_is_endless() -> None:
    """The rest goes on."""
    good = {"probe": "sip", "every_seconds": 30, "params": {"target": "a"}}
    bad = [None, {}, {**good, "every_seconds": 0}, {**good, "params": []}, {**good, "probe": 1}]
    found = read_plan({"tag": "t", "asks": [*bad, *[good] * (MOST_ASKS + 5)]})
    assert found is not None
    assert len(found.asks) == MOST_ASKS
    assert read_plan({"asks": []}) is read_plan(None) is read_plan({"tag": ""}) is None


@dataclass
class Collector:
    """Answers what it is told to."""

    answer: Answer
    asked: list[tuple[bytes, Mapping[str, str]]] = field(default_factory=list)

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        self.asked.append((body, headers))
        return self.answer

    def abort(self) -> None: ...
    def close(self) -> None: ...


def test_a_plan_is_fetched_when_another_is_named_and_kept_over_a_restart(tmp_path: Path) -> None:
    """The question is signed; a refusal leaves the former plan in force."""
    ring = KeyRing(load_or_create(tmp_path))
    collector = Collector(Answer(200, to_json(ProbePlan("t1", (ASK,)))))
    keeper = PlanKeeper(tmp_path, ring, collector)
    assert keeper.plan == NOTHING_ASKED
    for said in ({"plan": "t1"}, {"plan": 5}, None):
        keeper.heard(said)
    assert keeper.fetch()
    assert keeper.plan == ProbePlan("t1", (ASK,))
    body, headers = collector.asked[0]
    assert json.loads(body) == {"v": 1, "agent": ring.agent, "want": "plan"}
    assert headers["X-Signature"]

    keeper.heard({"plan": "t1"})
    assert keeper.fetch()
    assert len(collector.asked) == 1
    for answer in (Answer(None, reason="no route"), Answer(503, {}), Answer(200, {"tag": 3})):
        collector.answer = answer
        keeper.heard({"plan": "t2"})
        assert not keeper.fetch()
    again = PlanKeeper(tmp_path, ring, collector)
    assert again.plan == ProbePlan("t1", (ASK,))


def test_a_damaged_file_is_no_plan(tmp_path: Path) -> None:
    """It is fetched anew."""
    ring = KeyRing(load_or_create(tmp_path))
    for content in (b"\xff", b"[]", b"{}"):
        (tmp_path / FILE).write_bytes(content)
        assert PlanKeeper(tmp_path, ring, Collector(Answer(None))).plan == NOTHING_ASKED


class Clock:
    """Monotonic time that a test moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def one(value: float, name: str = "own") -> Check[Any]:
    def read(_host: object) -> float:
        return value

    return Check(name, 10, 5, read, lambda now, _: iter([Observation("x", {}, now)]), 5)


def scheduler(clock: Clock) -> Scheduler:
    return Scheduler(
        {"own": one(1)}, (), Plan(10, {"own": 10}), fake_host(), now=lambda: 0.0, monotonic=clock
    )


def ran(found: Scheduler) -> list[float]:
    return sorted(sample.value for sample in found.turn(5) if sample.name == "x")


def test_the_scheduler_runs_what_is_adopted_beside_its_own() -> None:
    """Spread over a minute at most; what stays keeps its instant, what is gone runs no more."""
    clock = Clock()
    found = scheduler(clock)
    extra = {"a": one(2, "a"), "b": one(3, "b")}
    found.adopt(extra, {"a": 3_600.0, "b": 20.0})
    clock.at += 60
    assert ran(found) == [1, 2, 3]
    found.adopt({"b": one(4, "b")}, {"b": 20.0})
    clock.at += 20
    assert ran(found) == [1, 4]
    found.adopt({}, {})
    clock.at += 3_600
    assert ran(found) == [1]


def test_what_is_hurried_runs_at_the_next_turn() -> None:
    """And then again on its grid; what nobody knows is left alone."""
    clock = Clock()
    found = scheduler(clock)
    found.adopt({"a": one(2, "a")}, {"a": 3_600.0})
    clock.at += 60
    assert ran(found) == [1, 2]
    clock.at += 10
    found.hurry(["a", "nobody"])
    assert ran(found) == [1, 2]


def test_a_question_is_asked_at_once_and_not_kept(tmp_path: Path) -> None:
    """The agent is woken for it; over a restart nobody waits for it any more."""
    ring, woken = KeyRing(load_or_create(tmp_path)), []
    question = ASK._replace(every_seconds=3_600.0, question="7")
    plan = ProbePlan("t1", (ASK, question))
    keeper = PlanKeeper(tmp_path, ring, Collector(Answer(200, to_json(plan))))
    keeper.on_question = lambda: woken.append(1)
    keeper.heard({"plan": "t1"})
    assert keeper.fetch()
    assert (keeper.plan, woken) == (plan, [1])
    assert PlanKeeper(tmp_path, ring, Collector(Answer(None))).plan.asks == (ASK,)

    planned = PlannedProbes(lambda: plan, (), MEANS)
    running = scheduler(Clock())
    planned.follow(running)
    refused = [s.labels for s in running.turn(5) if s.name == "wanwatch_probe_refused"]
    assert refused == [{"probe": "tcp", "target": "cx"}]
    assert running.extra_names == {"tcp:cx", "tcp:cx:7"}


def test_a_plan_runs_within_the_networks_of_the_settings_and_says_what_it_refuses() -> None:
    """What is unknown or wrong is refused with its reason; a target elsewhere is not asked."""
    with nobody(SOCK_STREAM) as port:
        asks = (
            Ask("tcp", 10.0, {"target": "near", "address": LOOPBACK, "port": port}),
            Ask("tcp", 10.0, {"target": "far", "address": "192.0.2.1", "port": port}),
            Ask("sipp", 10.0, {"target": "near"}),
            Ask("sip", 10.0, {"target": "near", "address": LOOPBACK, "transport": "SCTP"}),
        )
        plan = ProbePlan("t", asks)
        planned = PlannedProbes(lambda: plan, ("127.0.0.0/8",), MEANS)
        clock = Clock()
        running = scheduler(clock)
        planned.follow(running)
        clock.at += 10
        samples = running.turn(5)
    values = {(s.name, s.labels.get("target")): s.value for s in samples}
    assert values["wanwatch_probe_alive", "near"] == 0
    assert values["wanwatch_check_success", "near"] == 1
    assert values["wanwatch_probe_refused", "far"] == 1
    said = list(planned.check().evaluate(planned.check().read(fake_host()), None))
    assert said[0] == ("wanwatch_plan_probes", {}, 2)
    assert [one.labels["asked"] for one in said[1:]] == ["sip:near", "sipp:near"]
    assert all(one.labels["reason"] for one in said[1:])


def test_what_stays_in_a_plan_keeps_what_it_remembers() -> None:
    """A counter's last value outlives a change of another line of the plan."""
    plans = [ProbePlan("1", (ASK,)), ProbePlan("2", (ASK, ASK._replace(probe="sip")))]
    planned = PlannedProbes(lambda: plans[0], (), MEANS)
    planned.follow(scheduler(Clock()))
    before = next(iter(planned._memories.values()))
    before["x"] = 1
    del plans[0]
    planned.follow(scheduler(Clock()))
    assert before in planned._memories.values()


def test_a_hurry_ends_by_itself_and_is_not_kept_over_a_restart(tmp_path: Path) -> None:
    """The interval goes back without the collector; a restarted agent asks how much is left."""
    clock, sooner = Clock(), ASK._replace(every_seconds=5.0)
    plan = ProbePlan("t", (ASK,), Hurry(1.0, 600.0, (sooner,)))
    planned = PlannedProbes(lambda: plan, ("127.0.0.0/8",), replace(MEANS, monotonic=clock))
    running = scheduler(clock)
    planned.follow(running)
    assert planned.report_seconds == 1.0
    assert running._every == {"tcp:cx": 5.0}
    clock.at += 599
    planned.follow(running)
    assert planned.report_seconds == 1.0
    clock.at += 1
    assert planned.report_seconds is None
    planned.follow(running)
    assert running._every == {"tcp:cx": 30.0}
    clock.at += 5
    planned.follow(running)
    assert planned.report_seconds is None

    (tmp_path / FILE).write_text(json.dumps(to_json(plan)))
    ring = KeyRing(load_or_create(tmp_path))
    kept = PlanKeeper(tmp_path, ring, Collector(Answer(None))).plan
    assert kept == ProbePlan("", (ASK,))


def test_what_is_out_of_range_is_no_hurry() -> None:
    """The plan stands; nothing makes an agent report for ever or all the time."""
    good = {"report_seconds": 1, "for_seconds": 60, "asks": []}
    for wrong in ({"report_seconds": 0.1}, {"for_seconds": 0}, {"for_seconds": 1e9}, {"asks": 5}):
        found = read_plan({"tag": "t", "asks": [], "hurry": good | wrong})
        assert found is not None
        assert (found.hurry is None) == ("asks" not in wrong)


def test_what_asks_an_address_is_known_by_it() -> None:
    """A device that says something is asked; two targets at one address are none by name."""
    plan = ProbePlan(
        "t",
        (
            ASK,
            ASK._replace(probe="sip"),
            Ask("tcp", 30.0, {"target": "web", "address": "10.0.0.9", "port": 443}),
            Ask("tcp", 30.0, {"target": "mail", "address": "10.0.0.9", "port": 25}),
        ),
    )
    planned = PlannedProbes(lambda: plan, (), MEANS)
    assert (planned.of({LOOPBACK}), planned.target_at(LOOPBACK)) == ([], "")
    planned.follow(scheduler(Clock()))
    assert planned.of({LOOPBACK}) == ["tcp:cx", "sip:cx"]
    assert planned.of({"10.0.0.9"}) == ["tcp:web", "tcp:mail"]
    assert planned.target_at(LOOPBACK) == "cx"
    assert planned.target_at("10.0.0.9") == planned.target_at("10.0.0.8") == ""
