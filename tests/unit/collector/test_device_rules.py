"""Rules of devices by SNMP: what is at a threshold, on which series, and from whole polls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collector.rules.rulebook import load_rulebook
from collector.rules.rules import INACTIVE, Phase, judge, level_of, wait
from tests.snmp_walks import Device

if TYPE_CHECKING:
    from agents.observation import Observation
    from agents.snmp.family import Value
    from collector.rules.rules import Rule, Severity

RULES = {rule.name: rule for rule in load_rulebook(None).rules}
NOW = 1_795_000_000.0
UPS = "1.3.6.1.2.1.33.1"
IF, IFX = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"


@pytest.mark.parametrize(
    ("name", "value", "severity"),
    [
        ("InterfaceReceiveErrors", 0.9, None),
        ("InterfaceReceiveErrors", 1, "warning"),
        ("InterfaceTransmitFull", 0.84, None),
        ("InterfaceTransmitFull", 0.85, "warning"),
        ("InterfaceLost", 1, "warning"),
        ("HalfDuplex", 0, None),
        ("HalfDuplex", 1, "warning"),
        ("UpsOnBattery", 1, "warning"),
        ("UpsRuntimeShort", 601, None),
        ("UpsRuntimeShort", 600, "critical"),
        ("UpsChargeLow", 0.3, "critical"),
        ("UpsReplaceBattery", 1, "warning"),
        ("DeviceRestarted", 600, "warning"),
        ("DeviceRestarted", 601, None),
        ("DeviceConfigChanged", 0, None),
        ("DeviceConfigChanged", 1, "warning"),
        ("DeviceSnmpRefused", 9, None),
        ("DeviceSnmpRefused", 10, "warning"),
        ("PathProbeLoss", 0.0049, None),
        ("PathProbeLoss", 0.005, "warning"),
        ("PathProbeLoss", 0.01, "critical"),
        ("PathProbeJitter", 0.02, "warning"),
        ("PathProbeJitter", 0.035, "critical"),
        ("PathProbeDelay", 0.15, "warning"),
        ("PathProbeDelay", 0.25, "critical"),
        ("PathProbeRoundTrip", 0.5, "critical"),
        ("PathProbeDown", 0, "warning"),
        ("PathProbeStopped", 3_600, "warning"),
        ("BridgePartFailed", 0, "critical"),
        ("BridgePortsTaken", 0.9, "warning"),
        ("BridgeOverloaded", 0.89, None),
        ("BridgeOverloaded", 0.9, "warning"),
        ("BridgeLossReceiving", 0.0049, None),
        ("BridgeLossReceiving", 0.005, "warning"),
        ("BridgeLossSending", 0.01, "critical"),
    ],
)
def test_a_value_at_its_threshold_has_reached_it(
    name: str, value: float, severity: Severity | None
) -> None:
    """As docs/rules.md says, for each limit that somebody may argue about."""
    assert level_of(RULES[name], value, None) == severity


def judged(rule: Rule, found: list[Observation]) -> list[float]:
    """Return the values of a poll that a rule judges."""
    return [
        one.value
        for one in found
        if one.name == rule.value.metric
        and all(matcher.matches(one.labels) for matcher in rule.where)
    ]


def supply(source: int, minutes: int, charge: int) -> dict[str, Value]:
    return {
        f"{UPS}.2.1.0": 2, f"{UPS}.2.3.0": minutes, f"{UPS}.2.4.0": charge, f"{UPS}.4.1.0": source,
    }  # fmt: skip


def test_an_outage_is_told_at_once_and_is_an_incident_when_it_gets_short() -> None:
    """The battery of a supply on its mains may be as low as it likes: it is being charged."""
    device = Device("ups", supply(3, 5, 20))
    mains = device.poll(0.0)
    assert judged(RULES["UpsRuntimeShort"], mains) == judged(RULES["UpsChargeLow"], mains) == []
    device.values = supply(5, 40, 90)
    outage = device.poll(60.0)
    (on_battery,) = judged(RULES["UpsOnBattery"], outage)
    assert judge(RULES["UpsOnBattery"], INACTIVE, on_battery, NOW).phase is Phase.FIRING
    (left,) = judged(RULES["UpsRuntimeShort"], outage)
    assert level_of(RULES["UpsRuntimeShort"], left, None) is None
    device.values = supply(5, 9, 28)
    short = device.poll(120.0)
    for name in ("UpsRuntimeShort", "UpsChargeLow"):
        (value,) = judged(RULES[name], short)
        assert judge(RULES[name], INACTIVE, value, NOW).severity == "critical"


@pytest.mark.parametrize(("description", "is_told"), [("Line to Ha Giang", True), ("", False)])
def test_a_port_that_went_down_is_told_where_somebody_described_it(
    description: str, is_told: bool
) -> None:
    """Of all others it may be a workstation that was switched off for the night."""
    values: dict[str, Value] = {
        f"{IF}.7.1": 1, f"{IF}.8.1": 1, f"{IFX}.1.1": b"Gi0/1",
        f"{IFX}.18.1": description.encode(),
    }  # fmt: skip
    device = Device("interfaces", values)
    device.poll(0.0)
    device.values[f"{IF}.8.1"] = 2
    lost = judged(RULES["InterfaceLost"], device.poll(60.0))
    assert lost == ([1] if is_told else [])
    if is_told:
        state = judge(RULES["InterfaceLost"], INACTIVE, lost[0], NOW)
        assert state.phase is Phase.PENDING
        assert wait(RULES["InterfaceLost"], state, NOW + 60).phase is Phase.FIRING


def test_a_path_that_is_gone_is_not_told_as_one_that_loses() -> None:
    """The unit behind it is silent, and that is told: one cause, one incident."""
    root = "1.3.6.1.2.1.80.1.3.1"
    row = "1.97.1.98"
    gone: dict[str, Value] = {f"{root}.6.{row}": 0, f"{root}.7.{row}": 0, f"{root}.8.{row}": 5}
    found = Device("nqa", gone).settle()
    assert judged(RULES["PathProbeLoss"], found) == []
    (up,) = judged(RULES["PathProbeDown"], found)
    assert level_of(RULES["PathProbeDown"], up, None) == "warning"


def test_a_fault_of_an_endpoint_is_told_by_one_rule() -> None:
    """What shows as a service, a part or a registration is no fault in general beside."""
    root = "1.3.6.1.4.1.13885.101.1"
    values: dict[str, Value] = {f"{root}.1.4.0": b"Room", f"{root}.6.9.1.0": 3}
    found = Device("poly_endpoint", values).settle()
    telling = [
        name
        for name, rule in RULES.items()
        if any(level_of(rule, value, None) for value in judged(rule, found))
    ]
    assert telling == ["EndpointServiceFailed"]
