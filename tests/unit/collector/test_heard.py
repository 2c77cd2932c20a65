"""Of which target a message of a device is, and when it was."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.report import Event
from collector.heard import heard_of, target_of
from collector.targets.targets_file import read_targets

TARGETS = read_targets(
    """
targets:
  - {name: cx-a, address: 10.42.1.20, unit: H1, from: [H1/m1]}
  - {name: cx-b, address: 10.42.1.20, unit: H2, region: B, from: [H2/m1]}
  - {name: rt, address: 10.42.0.1, from: [H1/m1]}
  - {name: web, address: 10.42.0.9, port: 443, unit: H1}
  - {name: mail, address: 10.42.0.9, port: 25, unit: H1}
"""
)
AT = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.mark.parametrize(
    ("address", "unit", "target"),
    [
        ("10.42.1.20", "H1", "cx-a"),
        ("10.42.1.20", "H2", "cx-b"),
        ("10.42.1.20", "H3", None),
        ("10.42.0.1", "H1", "rt"),
        ("10.42.0.9", "H1", None),
        ("", "H1", None),
    ],
)
def test_an_address_means_one_target_or_none(address: str, unit: str, target: str | None) -> None:
    """Of who asks it, else of the same unit; of two with the same address none is meant."""
    found = target_of(address, f"{unit}/m1", unit, TARGETS)
    assert (found and found.name) == target


def test_what_a_device_said_is_its_targets_and_of_our_clock() -> None:
    """The agent's offset cancels; other events of the agent are not a device's."""
    events = [
        Event("agent_started", 100.0),
        Event("trap.link", 100.0, {"address": "10.42.0.1", "phase": "problem"}, "to Hanoi"),
        Event("syslog", 110.0, {"address": "10.42.7.7", "severity": "error"}),
    ]
    link, line = heard_of(events, 110.0, AT, "a-1", "H1", "m1", TARGETS)
    assert (link.target, link.unit, link.labels) == ("target:rt", "H1", {"phase": "problem"})
    assert (link.at, line.at) == (datetime(2026, 11, 25, 23, 59, 50, tzinfo=UTC), AT)
    assert (line.target, line.address) == ("", "10.42.7.7")
