"""Endpoints, paths and a bridge whose values a test sets, in place of agents that measure them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.host import AgentRow
from collector.liveness import Liveness
from collector.ranges import Received
from collector.states import Handed
from collector.targets.targets_file import read_targets
from tests.province import UNITS
from tests.session_facts import GOOD_PATH

if TYPE_CHECKING:
    from collector.fleet import Fleet, Host
    from tests.province import Province

CODES = [code for code, *_ in UNITS]
BRIDGE = "mcu"


def targets_text(count: int) -> str:
    """Return a targets.yaml of so many codecs with their paths, and a bridge."""
    lines = [
        "targets:",
        f"  - {{name: {BRIDGE}, vi: MCU, address: 10.42.0.9, unit: '{CODES[0]}', kind: shared}}",
    ]
    for number in range(1, count + 1):
        unit, asked = CODES[(number - 1) % len(CODES)], f"{CODES[0]}/may-chu-1"
        common = f"unit: '{unit}', from: ['{asked}']"
        third = f"{number // 200}.{number % 200 + 1}"
        codec = f"name: codec-{number}, vi: Phòng họp {number}, address: 10.43.{third}"
        path = f"name: path-{number}, vi: Đường {number}, address: 10.44.{third}"
        sip, stamp = "{probe: sip}, {probe: icmp}", "{probe: stamp}"
        lines += [
            f"  - {{{codec}, kind: conference, {common}, probes: [{sip}]}}",
            f"  - {{{path}, kind: network, {common}, probes: [{stamp}]}}",
        ]
    return "\n".join(lines)


class Rooms:
    """The rooms of a province: `good` lets them be measured without a fault."""

    def __init__(self, province: Province, count: int) -> None:
        self.province, self.count = province, count
        self.fleet: Fleet = province.services.targets._fleet
        self.fleet.set_targets(read_targets(targets_text(count)))

    def heard(self) -> Host:
        """Let an agent that is heard be the one that asks; return it."""
        row = AgentRow(
            "prober", CODES[0], "may-chu-1", "server", "always", bytes(32), 10,
            self.province.clock(), "boot", Received(), Handed(),
        )  # fmt: skip
        host = self.fleet.add(row)
        host.liveness = Liveness.ON_TIME
        return host

    def answer(self, *names: str) -> None:
        """Let every probe of these targets end now, with an answer."""
        for name in names:
            for ask in self.fleet.targets.by_name[name].probes:
                self.set(name, "wanwatch_probe_answer_code", 0, probe=ask.probe)

    def points(self) -> list[dict[str, Any]]:
        """Return the points of a plan, in calling order."""
        return [
            {
                "name": f"Điểm {number}" if number > 1 else "Hàm Thuận",
                "unit": CODES[(number - 1) % len(CODES)],
                "target": f"codec-{number}",
                "path": f"path-{number}",
                "technician": f"Kỹ thuật {number}",
                "phone": f"0912 000 {number:03}",
                "is_confirmed": True,
            }
            for number in range(1, self.count + 1)
        ]

    def set(self, target: str, metric: str, value: float, **labels: str) -> None:
        """Let a target have a value now."""
        found = self.fleet.targets.by_name[target]
        named = (("target", target), *sorted(labels.items()))
        identity = self.fleet.identities.named(metric, named, repr((metric, named)).encode())
        place = self.fleet.places.target(found, found.unit or self.fleet.own.unit)
        series = self.fleet.series_of(place, identity)
        assert series is not None
        series.set(value, self.province.clock().timestamp())

    def forget(self, target: str, metric: str) -> None:
        """Let a target no longer have the series of a metric."""
        place = self.fleet.places.known(f"target:{target}")
        assert place is not None
        for identity in [one for one in place.series if one.name == metric]:
            self.fleet.drop_series(place, identity)

    def good(self, *numbers: int, far_end: str = "") -> None:
        """Let rooms be measured without a fault; in a call where a far end is given."""
        for number in numbers or range(1, self.count + 1):
            codec, path = f"codec-{number}", f"path-{number}"
            self.set(codec, "wanwatch_probe_alive", 1, probe="sip")
            self.set(codec, "wanwatch_endpoint_registered", 1, protocol="sip")
            for kind in ("camera", "microphone", "display"):
                self.set(codec, "wanwatch_endpoint_peripheral_up", 1, kind=kind, name=kind)
            self.set(codec, "wanwatch_endpoint_uptime_seconds", 90_000)
            info = {"family": "cisco", "model": "Room Kit", "software": "ce9.15"}
            self.set(codec, "wanwatch_endpoint_info", 1, **info)
            self.set(codec, "wanwatch_endpoint_calls", 1 if far_end else 0)
            self.forget(codec, "wanwatch_call_info")
            if far_end:
                self.set(codec, "wanwatch_call_info", 1, call="1", far_end=far_end, protocol="sip")
                for media in ("audio", "video"):
                    labels = {"call": "1", "media": media, "direction": "receive"}
                    self.set(codec, "wanwatch_call_lost_ratio", 0.0004, **labels)
                    self.set(codec, "wanwatch_call_bits_per_second", 1.5e6, **labels)
            for metric, labels, value in GOOD_PATH:
                self.set(path, metric, value, **labels)
