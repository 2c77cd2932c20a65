"""What is remembered of a report's layout never changes what a report means."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.changes import Changes
from collector.fleet import AgentRow, Fleet, Host
from collector.judge import Judge
from collector.layouts import MAX_LAYOUTS
from collector.ranges import Received
from collector.rules.rulebook import load_rulebook
from collector.states import Handed
from collector.wire import read
from collector.wire_json import RejectedReport

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
RULES = load_rulebook(None)
NAMES = (
    "wanwatch_memory_used_ratio", "wanwatch_swap_used_ratio", "node_network_receive_bytes_total",
    "node_timex_offset_seconds", "node_vmstat_oom_kill", "wanwatch_agent_up",
)  # fmt: skip
samples = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from([{}, {"device": "eth0"}, {"device": "eth1"}]),
        st.sampled_from([0.0, 0.2, 0.5, 0.93, 0.99, 7.0]),
        st.sampled_from([0.0, 0.0, 0.5, 9.0]),
    ),
    max_size=6,
)
turns = st.lists(st.tuples(st.integers(1, 400), samples), max_size=12)


class World:
    """A judge and one host, without any I/O."""

    def __init__(self) -> None:
        self.fleet = Fleet(started_at=START, monotonic=lambda: 0.0)
        self.judge = Judge(self.fleet, RULES, changes=Changes(monotonic=lambda: 0.0))
        row = AgentRow("a", "U", "h", "server", "always", b"", 10, None, "", Received(), Handed())
        self.host: Host = self.fleet.add(row)

    def take(self, seconds: float, body: bytes) -> None:
        """Judge a report that arrives some seconds after the start."""
        report = read(body, self.host.layouts)
        at = datetime.fromtimestamp(START.timestamp() + seconds, UTC)
        self.host.last_report_at = at
        self.judge.report(self.host, report, at)
        self.judge.tick(at)

    def seen(self) -> tuple[Any, ...]:
        """Everything that a report may change."""
        series = {
            (s.identity.name, s.identity.labels): (s.value, round(s.at, 3), round(s.before, 3))
            for s in self.host.series.values()
        }
        hour = {name: list(i.values) for name, i in self.host.indicators.items()}
        return series, str(hour), self.judge.counts(), len(self.judge.pending)


def body_at(seconds: float, rows: list[Any]) -> bytes:
    """A report made at that second; each row ends with its sample's age."""
    at = START.timestamp() + seconds
    content = {
        "v": 1,
        "agent": "a",
        "boot": "b",
        "seq": 1,
        "oldest": 1,
        "state": "",
        "sent_at": at,
        "samples": [[name, labels, value, at - age] for name, labels, value, age in rows],
        "events": [],
        "sections": {},
    }
    return gzip.compress(json.dumps(content).encode())


@settings(deadline=None)
@given(turns)
def test_remembered_layouts_change_nothing(turns: list[tuple[int, list[Any]]]) -> None:
    """Whatever a host sends, a collector that forgets every layout judges it the same."""
    with_memory, without = World(), World()
    seconds = 0
    for pause, rows in turns:
        seconds += pause
        body = body_at(seconds, rows)
        with_memory.take(seconds, body)
        without.host.layouts.forget()
        without.take(seconds, body)
        assert with_memory.seen() == without.seen()


def test_known_layout_is_found_again_and_their_number_is_bounded() -> None:
    """A host that never lays out twice alike costs no more room than one that does."""
    world = World()
    rows = [("wanwatch_memory_used_ratio", {}, 0.5, 0.0)]
    for number in range(3 * MAX_LAYOUTS):
        world.take(10 * number, body_at(10 * number, rows))
        rows = [*rows, (f"own_{number}", {}, 1.0, 0.0)]

    newest = read(body_at(999, rows[:-1]), world.host.layouts)
    oldest = read(body_at(999, rows[:1]), world.host.layouts)

    assert newest.layout is not None
    assert oldest.layout is None


def test_series_that_is_gone_is_not_fed_by_a_remembered_layout() -> None:
    """After a series was dropped, the same report makes it anew."""
    world = World()
    rows = [("wanwatch_memory_used_ratio", {}, 0.5, 0.0)]
    world.take(0, body_at(0, rows))
    (identity,) = [i for i in world.host.series if i.name == rows[0][0]]
    world.fleet.drop_series(world.host, identity)

    world.take(10, body_at(10, rows))

    assert [s.value for s in world.host.series.values() if s.identity.name == rows[0][0]] == [0.5]


def test_agent_cannot_speak_of_what_the_collector_finds_out() -> None:
    """A sample with the name of a figure of ours is left out: it would say that a host is up."""
    world = World()

    world.take(0, body_at(0, [("wanwatch_agent_up", {}, 0.0, 0.0)]))

    assert [s.value for s in world.host.series.values()] == [1.0]


@pytest.mark.parametrize(
    "twice", ['"seq":1,"seq":2', '"samples":[],"samples":[]', '"a":1,"\\u0061"']
)
def test_name_that_occurs_twice_is_refused_beside_a_label_of_that_name(twice: str) -> None:
    """The quick look for repeated names leaves the samples out, and nothing else."""
    at = START.timestamp()
    head = '{"v":1,"agent":"a","boot":"b",' + twice + ',"oldest":1,"state":"",'
    rows = f'"sent_at":{at},"samples":[["m",{{"state":"x","seq":"y"}},1,{at}]],'
    text = head + rows + '"events":[],"sections":{}}'

    with pytest.raises(RejectedReport):
        read(gzip.compress(text.encode()))
