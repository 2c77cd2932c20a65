"""`targets.yaml`: what it says becomes a graph; every mistake is named with its line and field."""

from __future__ import annotations

import pytest

from agents.probe_plan import Ask
from collector.targets.targets import HostName, Target
from collector.targets.targets_file import read_targets
from incidents.yaml_problems import InvalidDocument

GOOD = """
targets:
  - {name: core, vi: Bộ định tuyến lõi, address: 10.0.0.1, region: Trung tâm}
  - {name: rt-a, address: 10.42.0.1, port: 22, region: Bắc, from: [collector, H42.07/m1],
     via: [core]}
  - {name: rt-b, address: 10.42.0.1, port: 22, region: Nam, via: [core]}
  - {name: sw-a, unit: H42.07, host: chuyen-mach-1, via: ["unit:H42.07"]}
units:
  - {unit: H42.07, via: [rt-a, rt-b]}
hosts:
  - {unit: H42.07, host: may-chu-2, via: [sw-a]}
"""
UNITS = {"H42.07"}
PROBED = "targets:\n  - {name: a, address: 10.0.0.1, from: [H42.07/m1], probes: ["


MESH = """
targets:
  - {name: rt-a, address: 10.42.0.1, rate_kbit: 1000}
mesh:
  address: 10.42.0.10
  sites:
    - {unit: H42.07, from: H42.07/m1, line: rt-a}
    - {unit: H42.07, from: H42.07/m2, line: rt-a, name: second}
"""


def test_file_becomes_targets_and_uplinks() -> None:
    """The same address in two regions is two targets."""
    targets = read_targets(GOOD, units=UNITS)
    assert targets.by_name["rt-a"] == Target(
        *("rt-a", "rt-a", "rt-a", "Bắc", "", "10.42.0.1", 22, ("collector", "H42.07/m1")),
    )
    assert targets.by_name["core"].label_en == "Bộ định tuyến lõi"
    assert targets.uplinks == {
        "target:rt-a": ("target:core",),
        "target:rt-b": ("target:core",),
        "target:sw-a": ("unit:H42.07",),
        "unit:H42.07": ("target:rt-a", "target:rt-b"),
    }
    assert targets.hosts == {HostName("H42.07", "may-chu-2"): ("target:sw-a",)}
    assert targets.of_node("target:core") is targets.by_name["core"]
    assert targets.of_node("unit:H42.07") is None


def test_only_what_somebody_measures_or_lies_behind_is_watched() -> None:
    """Of a device that nobody asks and that nothing is reached through nothing is known."""
    measured = "  - {name: codec, address: 10.0.0.9, from: [H42.07/m1], probes: [{probe: icmp}]}\n"
    text = GOOD.replace("units:", measured + "  - {name: idle, address: 10.0.0.8}\nunits:")
    watched = read_targets(text, units=UNITS).watched
    assert watched == ["codec", "core", "rt-a", "rt-b", "sw-a"]


def test_probes_are_what_an_agent_is_asked() -> None:
    """With the target's own name and address, every so often or as often as the probe likes."""
    text = (
        f"{PROBED}{{probe: sip, every: 2m, transport: TLS}}, {{probe: h323}}], kind: conference}}"
    )
    target = read_targets(text, units=UNITS).by_name["a"]
    who = {"target": "a", "address": "10.0.0.1"}
    assert target.kind == "conference"
    assert target.probes == (
        Ask("sip", 120.0, {**who, "transport": "TLS"}),
        Ask("h323", 60.0, who),
    )


def test_a_mesh_makes_a_target_of_each_path() -> None:
    """Of the site's unit, measured by the site's agent, under the line that it goes over."""
    targets = read_targets(MESH, units=UNITS)
    path = targets.by_name["path-h42.07"]
    assert (path.unit, path.asked_by, path.address) == ("H42.07", ("H42.07/m1",), "10.42.0.10")
    assert targets.uplinks["target:path-h42.07"] == ("target:rt-a",)
    (ask,) = path.probes
    assert ask.probe == "stamp"
    assert ask.params["most_bits_per_second"] == 10_000  # half of 2 % of a megabit each
    assert set(targets.by_name) == {"rt-a", "path-h42.07", "second"}


def test_two_services_may_share_an_address() -> None:
    """Each is a target with probes of its own."""
    one = "address: 10.0.0.1, from: [H42.07/m1], probes: [{probe: http}]"
    text = f"targets:\n  - {{name: a, {one}}}\n  - {{name: b, {one}}}"
    assert set(read_targets(text, units=UNITS).by_name) == {"a", "b"}


def test_empty_file_is_the_default_graph() -> None:
    """Nothing has to be written for units to be told as units."""
    assert read_targets("").uplinks == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("targets:\n  - {name: a, address: 10.0.0.1, via: [b]}",
         "targets.yaml:2: targets[0].via[0]: there is no target or unit 'b'"),
        ("units:\n  - {unit: X.1, via: [a]}\ntargets: [{name: a, address: 10.0.0.1}]",
         "targets.yaml:2: units[0].unit: there is no unit 'X.1'"),
        ("targets:\n  - {name: a, address: 10.0.0.1, via: ['unit:X.1']}",
         "targets.yaml:2: targets[0].via[0]: there is no target or unit 'unit:X.1'"),
        (("targets:\n  - {name: a, address: 10.0.0.1, via: [b]}\n"
          "  - {name: b, address: 10.0.0.2, via: [a]}"),
         "targets.yaml:2: targets[0].via: goes in a circle: target:a → target:b → target:a"),
        (("targets:\n  - {name: a, address: 10.0.0.1, via: ['unit:H42.07']}\n"
          "units:\n  - {unit: H42.07, via: [a]}"),
         "targets.yaml:4: units[0].via: goes in a circle"),
        ("targets:\n  - {name: a, address: 10.0.0.1}\n  - {name: a, address: 10.0.0.2}",
         "targets.yaml:3: targets[1].name: the same name is already in line 2"),
        ("targets:\n  - {name: a, address: 10.0.0.1}\n  - {name: b, address: 10.0.0.1}",
         "targets.yaml:3: targets[1].address: the same address is already in line 2"),
        ("targets:\n  - {name: a, address: 10.0.0.1, port: 22}\n  - {name: b, address: 10.0.0.300}",
         "targets.yaml:3: targets[1].address: '10.0.0.300' given; write an IP address"),
        ("targets:\n  - {name: a}", "targets.yaml:2: targets[0]: needs `address`"),
        ("targets:\n  - {name: a, host: x}", "targets.yaml:2: targets[0].host: needs `unit`"),
        ("targets:\n  - {name: a, unit: H42.07, host: x, port: 22}",
         "targets.yaml:2: targets[0].port: needs `address`"),
        ("targets:\n  - {name: A B, address: 10.0.0.1}", "targets.yaml:2: targets[0].name"),
        ("targets:\n  - {name: a, address: 10.0.0.1, ports: 1}", "did you mean 'port'?"),
        ("units:\n  - {unit: H42.07, via: []}", "targets.yaml:2: units[0].via"),
        ("targets:\n  - {name: a, address: 10.0.0.1, from: [a1b2]}", "targets[0].from[0]"),
        ("targets:\n  - {name: a, address: 10.0.0.1, from: [H99/m1]}", "there is no unit 'H99'"),
        ("targets:\n  - {name: a, address: core.lan, from: [H42.07/m1]}", "asks an IP address"),
        ("targets:\n  - {name: a, address: 10.0.0.1, probes: [{probe: sip}]}",
         "targets.yaml:2: targets[0].probes: are run by agents: name one"),
        ("targets:\n  - {name: a, address: core.lan, probes: [{probe: sip}]}",
         "targets[0].probes: need an IP address"),
        (MESH.replace("unit: H42.07", "unit: X.1", 1), "sites[0].unit: there is no unit 'X.1'"),
        (MESH.replace("line: rt-a", "line: rt-b", 1), "sites[0].line: there is no target 'rt-b'"),
        (MESH.replace("second", "path-h42.07"), "'path-h42.07' is taken"),
        (MESH.replace("1000", "10"), "sites[0]: nothing is left for it"),
        (MESH.replace("10.42.0.10", "core.lan"), "mesh.address"),
        (f"{PROBED}{{probe: sipp}}]}}", "there is no probe 'sipp'; known: cisco_xapi,"),
        (f"{PROBED}{{probe: sip}}, {{probe: sip}}]}}", "sip is asked twice of one target"),
        (f"{PROBED}{{probe: sip, transport: SCTP}}]}}", "parameter 'transport' is 'SCTP'"),
        (f"{PROBED}{{probe: sip, tranport: TCP}}]}}", "parameter 'tranport' is 'TCP'; allowed is"),
        (f"{PROBED}{{probe: sip, target: b}}]}}", "'target' is the target's own"),
        (f"{PROBED}{{probe: sip, every: 0s}}]}}", "targets[0].probes[0].every"),
        (f"{PROBED}{{every: 10s}}]}}", "targets[0].probes[0].probe"),
    ],
)  # fmt: skip
def test_mistake_is_named_with_file_line_and_field(text: str, expected: str) -> None:
    """Also those across entries: strangers, circles, the same thing twice."""
    with pytest.raises(InvalidDocument) as caught:
        read_targets(text, units=UNITS)
    assert expected in str(caught.value)
