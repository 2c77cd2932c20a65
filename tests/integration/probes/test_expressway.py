"""An Expressway over HTTPS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.answer import Answer
from agents.probes.expressway import PROBE
from tests.devices.asking import Asking
from tests.devices.cisco import Expressway
from tests.devices.server import device_server

if TYPE_CHECKING:
    from pathlib import Path


def test_its_calls_zones_and_alarms_are_told(tmp_path: Path) -> None:
    """An alarm that somebody acknowledged on it is none."""
    with device_server(Expressway(), tmp_path) as port:
        found = Asking(PROBE, port).poll()
    assert found.answer is Answer.RIGHT
    assert found.values("bridge_calls", "kind") == {"traversal": 2, "non_traversal": 7}
    assert found.values("bridge_zone_up", "zone") == {"Tỉnh": 1, "DMZ": 0}
    assert found.value("endpoint_faults") == 1
    assert found.labels("endpoint_info")["software"] == "X14.0.3"


def test_pages_that_a_version_lacks_cost_only_themselves(tmp_path: Path) -> None:
    """No number of alarms where none is told; without its identity it is another device."""
    with device_server(Expressway(("Warnings",)), tmp_path) as port:
        found = Asking(PROBE, port).poll()
        assert found.answer is Answer.RIGHT
        assert found.value("endpoint_faults") is None
    with device_server(Expressway(("SystemUnit",)), tmp_path) as port:
        assert Asking(PROBE, port).poll().answer is Answer.GARBAGE
