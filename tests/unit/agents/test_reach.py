"""What an agent asks over the network for the collector, and what it refuses to."""

from __future__ import annotations

import socket
import time
from contextlib import closing
from typing import Any

import pytest

from agents.probes.reach import MOST_TARGETS, Asked, Reached, Target, evaluate, make, reach

LOOPBACK = Target("here", "127.0.0.1", 0)


def item(name: object = "rt", address: object = "10.0.0.1", port: object = 0) -> dict[str, object]:
    return {"name": name, "address": address, "port": port}


def test_targets_of_an_answer_are_taken_over_and_given_up() -> None:
    """The next answer counts alone; one that is no answer of a collector changes nothing."""
    asked = Asked(["10.0.0.0/8"])
    asked.heard({"state": "s", "targets": [item(), item("sw", "fd00::1", 22)]})
    assert asked.targets == (Target("rt", "10.0.0.1", 0), Target("sw", "fd00::1", 22))
    asked.heard({"error": "proxy"})
    asked.heard(None)
    assert len(asked.targets) == 2
    asked.heard({"state": "s"})
    assert asked.targets == ()


@pytest.mark.parametrize(
    "wrong",
    [
        item(name=""), item(name="A B"), item(name=5), item(address="router.lan"),
        item(address=167_772_161), item(address=None), item(port=-1), item(port=70_000),
        item(port=True), item(port="22"), "rt", None, [],
    ],
)  # fmt: skip
def test_what_is_no_target_is_ignored(wrong: object) -> None:
    """Names are never looked up; the others in the list count."""
    asked = Asked(["10.0.0.0/8"])
    asked.heard({"state": "s", "targets": [wrong, item()]})
    assert asked.targets == (Target("rt", "10.0.0.1", 0),)
    asked.heard({"state": "s", "targets": "rt"})
    assert asked.targets == ()


def test_a_collector_cannot_ask_for_more_than_a_few() -> None:
    """Whatever it sends."""
    asked = Asked(["10.0.0.0/8"])
    asked.heard({"state": "s", "targets": [item(f"rt-{n}") for n in range(100)]})
    assert len(asked.targets) == MOST_TARGETS


def test_addresses_outside_of_the_allowed_networks_are_refused() -> None:
    """Nothing is sent there, and the collector is told so."""
    asked = Asked(["10.42.0.0/16"])
    asked.heard({"state": "s", "targets": [item("rt", "192.0.2.1"), item("sw", "10.43.0.1")]})
    values = make(asked, lambda: 0.0).read(None)  # type: ignore[arg-type]
    assert values == [Reached(target, refused=True) for target in asked.targets]
    found = [(one.name, one.labels["target"], one.value) for one in evaluate(values, None)]
    assert found == [("wanwatch_probe_refused", "rt", 1), ("wanwatch_probe_refused", "sw", 1)]


def test_what_cannot_be_asked_is_not_down() -> None:
    """Up with its time, down without; nothing of one that the system does not let us ask."""
    down, up = Target("d", "10.0.0.1", 0), Target("u", "10.0.0.2", 0)
    values = [Reached(down), Reached(up, 0.0123456), Reached(LOOPBACK, unknown=True)]
    assert [(o.name, o.labels, o.value) for o in evaluate(values, None)] == [
        ("wanwatch_probe_up", {"target": "d"}, 0),
        ("wanwatch_probe_up", {"target": "u"}, 1),
        ("wanwatch_probe_rtt_seconds", {"target": "u"}, 0.01235),
    ]


def test_open_and_refusing_ports_both_answer() -> None:
    """At once and side by side; an address from which nothing comes back is down."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        is_open, refuses = Target("o", "127.0.0.1", port), Target("r", "127.0.0.1", 1)
        found = reach([is_open, refuses], time.monotonic, attempts=1)
    assert [one.seconds is not None for one in found] == [True, True]


def test_silence_is_asked_again_and_then_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """As often as said; no socket stays open."""
    asked: list[int] = []

    def ask(target: Target, attempt: int) -> tuple[Any, int]:
        asked.append(attempt)
        one, _other = socket.socketpair()
        kept.append(_other)
        opened.append(one)
        return one, 1

    kept: list[socket.socket] = []
    opened: list[socket.socket] = []
    monkeypatch.setattr("agents.probes.reach._ask", ask)
    (found,) = reach([LOOPBACK], time.monotonic, attempt_seconds=0.01)
    assert (found.seconds, found.unknown) == (None, False)
    assert asked == [0, 1, 2]
    assert all(one.fileno() == -1 for one in opened)
    for one in kept:
        one.close()


def test_an_echo_is_answered_or_not_allowed() -> None:
    """Where the system does not let us ask, nothing is said."""
    (found,) = reach([LOOPBACK], time.monotonic)
    assert found.unknown or found.seconds is not None
