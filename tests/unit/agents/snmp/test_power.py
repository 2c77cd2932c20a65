"""Power supplies: on battery, for how long yet, and whether the battery is any good."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.snmp.family import Identity
from tests.snmp_walks import Device, detected

if TYPE_CHECKING:
    from agents.snmp.family import Value

UPS, APC = "1.3.6.1.2.1.33.1", "1.3.6.1.4.1.318.1.1.1"


def facts(family: str, values: dict[str, Value]) -> dict[str, float]:
    found = Device(family, values).settle()
    return {one.name.removeprefix("wanwatch_ups_"): one.value for one in found}


def standard(**other: Value) -> dict[str, Value]:
    """Return a supply on its mains; other leaves by the end of their identifiers."""
    values: dict[str, Value] = {
        "2.1.0": 2, "2.2.0": 0, "2.3.0": 40, "2.4.0": 100, "4.1.0": 3, "6.1.0": 0, "4.4.1.5.1": 27,
    }  # fmt: skip
    values |= {key.strip("_").replace("_", "."): value for key, value in other.items()}
    return {f"{UPS}.{key}": value for key, value in values.items()}


def test_supply_on_its_mains() -> None:
    """The runtime is told, and no runtime of an outage."""
    assert facts("ups", standard()) == {
        "on_battery": 0,
        "battery_low": 0,
        "replace_battery": 0,
        "runtime_seconds": 2_400,
        "on_battery_seconds": 0,
        "charge_ratio": 1,
        "load_ratio": 0.27,
    }


def test_supply_on_its_battery() -> None:
    """What is left is told as that of an outage, too."""
    bad = {"_6_1_0": 2, "_6_2_1_2_5": "1.3.6.1.2.1.33.1.6.3.2", "_6_2_1_2_6": f"{UPS}.6.3.1"}
    found = facts("ups", standard(_4_1_0=5, _2_1_0=3, _2_2_0=95, _2_3_0=9, _2_4_0=22, **bad))
    assert found == {
        "on_battery": 1,
        "battery_low": 1,
        "replace_battery": 1,
        "runtime_seconds": 540,
        "outage_runtime_seconds": 540,
        "on_battery_seconds": 95,
        "charge_ratio": 0.22,
        "outage_charge_ratio": 0.22,
        "load_ratio": 0.27,
    }


def test_what_a_supply_cannot_say_is_not_told() -> None:
    """2**32 - 1 minutes is the answer of a card that does not know; source 2 is no source."""
    found = facts("ups", standard(_2_3_0=2**32 - 1, _4_1_0=2, _2_1_0=1))
    assert set(found) == {"replace_battery", "on_battery_seconds", "charge_ratio", "load_ratio"}


@pytest.mark.parametrize(("load", "expected"), [(100, 1), (130, 1)])
def test_more_than_it_may_carry_is_all_it_may_carry(load: int, expected: float) -> None:
    """A ratio ends at 1."""
    assert facts("ups", standard(_4_4_1_5_1=load))["load_ratio"] == expected


def apc(**other: Value) -> dict[str, Value]:
    values: dict[str, Value] = {
        "2.1.1.0": 2, "2.1.2.0": 9_500, "2.2.1.0": 99, "2.2.3.0": 114_000, "2.2.4.0": 1,
        "2.3.1.0": 987, "4.1.1.0": 2, "4.2.3.0": 30, "4.3.3.0": 305,
    }  # fmt: skip
    values |= {key.strip("_").replace("_", "."): value for key, value in other.items()}
    return {f"{APC}.{key}": value for key, value in values.items()}


def test_apc_tells_more_exactly() -> None:
    """Tenths where it has them, 1/100 s."""
    assert facts("apc_ups", apc()) == {
        "on_battery": 0,
        "battery_low": 0,
        "replace_battery": 0,
        "runtime_seconds": 1_140,
        "charge_ratio": 0.987,
        "load_ratio": 0.305,
    }


@pytest.mark.parametrize(
    ("output", "expected"), [(3, 1), (2, 0), (12, 0), (15, 0), (1, None), (7, None), (99, None)]
)
def test_apc_on_battery_is_not_a_test_of_the_battery(output: int, expected: int | None) -> None:
    """And nothing is said of a supply that is off or does not know."""
    found = facts("apc_ups", apc(_4_1_1_0=output))
    assert found.get("on_battery") == expected
    assert ("outage_runtime_seconds" in found) is (expected == 1)


@pytest.mark.parametrize(("status", "replace"), [(4, 1), (2, 2)])
def test_apc_battery_that_failed_or_is_worn_is_to_be_replaced(status: int, replace: int) -> None:
    """Two ways in which it says so."""
    assert facts("apc_ups", apc(_2_1_1_0=status, _2_2_4_0=replace))["replace_battery"] == 1


def test_a_supply_is_of_one_family() -> None:
    """APC's card speaks both: it is asked once."""
    both = standard() | apc()
    own = Identity("", "1.3.6.1.4.1.318.1.3.27", 1, "")
    other = Identity("", "1.3.6.1.4.1.534.1", 1, "")
    assert {"ups", "apc_ups"} & detected(both, own) == {"apc_ups"}
    assert {"ups", "apc_ups"} & detected(both, other) == {"ups"}
