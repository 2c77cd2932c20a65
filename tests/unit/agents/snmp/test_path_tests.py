"""What routers measure of their paths, from four makes under one set of names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.snmp.path_tests import MOST_TESTS, PathTest, name_and_rest, observe
from tests.snmp_walks import Device

if TYPE_CHECKING:
    from agents.snmp.family import Value

SLA, RTT = "1.3.6.1.4.1.9.9.42.1.5.2.1", "1.3.6.1.4.1.9.9.42.1.2.10.1"
NQA, PING = "1.3.6.1.4.1.2011.5.25.111.4.3.1", "1.3.6.1.2.1.80.1.3.1"
RPM_SUM, RPM_CALC = "1.3.6.1.4.1.2636.3.50.1.2.1", "1.3.6.1.4.1.2636.3.50.1.3.1"
FORTI, HEALTH = "1.3.6.1.4.1.12356.101.4.8.2.1", "1.3.6.1.4.1.12356.101.4.9.2.1"
# Owner "ha", test "giang".
HA_GIANG = "2.104.97.5.103.105.97.110.103"


def rows(root: str, row: str, columns: dict[int, Value]) -> dict[str, Value]:
    return {f"{root}.{column}.{row}": value for column, value in columns.items()}


def figures(family: str, values: dict[str, Value]) -> dict[str, float]:
    """Return the settled figures, by the end of their names and their direction."""
    start = "wanwatch_path_probe_"
    return {
        "/".join([one.labels["test"], one.name.removeprefix(start), *way]): one.value
        for one in Device(family, values).settle()
        for way in [[one.labels["direction"]] if "direction" in one.labels else []]
    }


JITTER = {
    1: 96, 2: 9_600, 26: 3, 27: 1, 29: 0, 30: 0, 31: 1, 46: 12, 47: 15, 48: 8, 49: 60, 50: 42,
    51: 1,
}  # fmt: skip


def test_cisco_tells_loss_jitter_and_delay_each_way() -> None:
    """UDP jitter: a share of what was sent, seconds, and one way while the clocks agree."""
    tag = {"1.3.6.1.4.1.9.9.42.1.2.1.1.3.7": b"to-centre"}
    values = rows(SLA, "7", JITTER) | rows(RTT, "7", {1: 100, 2: 1}) | tag
    assert figures("ip_sla", values) == {
        "to-centre/up": 1,
        "to-centre/lost_ratio": 0.04,
        "to-centre/rtt_seconds": 0.1,
        "to-centre/jitter_seconds": 0.012,
        "to-centre/direction_lost_ratio/forward": 0.03,
        "to-centre/direction_lost_ratio/reverse": 0.01,
        "to-centre/direction_jitter_seconds/forward": 0.015,
        "to-centre/direction_jitter_seconds/reverse": 0.008,
        "to-centre/direction_delay_seconds/forward": 0.06,
        "to-centre/direction_delay_seconds/reverse": 0.042,
    }


def test_cisco_in_microseconds_and_with_clocks_that_differ() -> None:
    """rttMonEchoAdminPrecision says the unit; without agreed clocks no delay one way."""
    precision = {"1.3.6.1.4.1.9.9.42.1.2.2.1.37.7": 2}
    values = rows(SLA, "7", JITTER | {2: 9_600_000, 51: 2}) | rows(RTT, "7", {2: 1}) | precision
    found = figures("ip_sla", values)
    assert found["sla-7/rtt_seconds"] == 0.1
    assert found["sla-7/jitter_seconds"] == 0.000012
    assert not [name for name in found if "delay" in name]


@pytest.mark.parametrize(
    ("sense", "up", "rtt"), [(1, [1], [0.016]), (3, [1], [0.016]), (4, [0], []), (0, [], [])]
)
def test_cisco_echo_says_whether_the_far_end_answers(
    sense: int, up: list[float], rtt: list[float]
) -> None:
    """A time that is over leaves the last figure in the table: it is not told."""
    found = figures("ip_sla", rows(RTT, "10", {1: 16, 2: sense}))
    assert [value for name, value in found.items() if name.endswith("/up")] == up
    assert [value for name, value in found.items() if name.endswith("rtt_seconds")] == rtt


def test_cisco_result_that_is_old_says_nothing() -> None:
    """An operation that ended leaves its last result in the table for ever."""
    uptime = {"1.3.6.1.2.1.1.3.0": 8_640_000}
    now = figures("ip_sla", rows(RTT, "10", {1: 16, 2: 1, 5: 8_634_000}) | uptime)
    assert (now["sla-10/age_seconds"], now["sla-10/up"]) == (60, 1)
    old = figures("ip_sla", rows(RTT, "10", {1: 16, 2: 1, 5: 8_200_000}) | uptime)
    assert old == {"sla-10/age_seconds": 4_400}


def test_cisco_test_that_loses_everything() -> None:
    """No packet came back: the path is gone, which is not the same as one that loses."""
    nothing = JITTER | {1: 0, 2: 0, 26: 0, 27: 0, 29: 100, 31: 4}
    found = figures("ip_sla", rows(SLA, "7", nothing) | rows(RTT, "7", {2: 4}))
    assert found == {"sla-7/up": 0}


def test_huawei_tells_a_test_with_jitter_by_its_own_table() -> None:
    """The latest result of a test counts; its unit is its own."""
    old = {2: 2, 34: 0, 35: 0, 40: 0, 41: 20, 46: 0, 67: 2}
    new = {
        2: 1, 34: 2, 35: 0, 40: 18, 41: 20, 46: 80, 48: 4, 49: 5, 50: 3, 67: 2, 68: 0, 69: 0,
    }  # fmt: skip
    values = rows(PING, HA_GIANG, {6: 79, 7: 18, 8: 20})
    values |= rows(NQA, f"{HA_GIANG}.9", old) | rows(NQA, f"{HA_GIANG}.10", new)
    assert figures("nqa", {**values, "1.3.6.1.2.1.1.2.0": "1.3.6.1.4.1.2011.2.224"}) == {
        "ha/giang/up": 1,
        "ha/giang/lost_ratio": 0.1,
        "ha/giang/rtt_seconds": 0.08,
        "ha/giang/jitter_seconds": 0.004,
        "ha/giang/direction_lost_ratio/forward": 0.1,
        "ha/giang/direction_lost_ratio/reverse": 0,
        "ha/giang/direction_jitter_seconds/forward": 0.005,
        "ha/giang/direction_jitter_seconds/reverse": 0.003,
    }


def test_huawei_tells_an_echo_by_the_standard_table() -> None:
    """DISMAN-PING in milliseconds; of one that lost all no time."""
    values = rows(PING, HA_GIANG, {6: 0, 7: 0, 8: 5}) | rows(PING, "1.97.1.98", {6: 4, 7: 5, 8: 5})
    assert figures("nqa", values) == {
        "ha/giang/up": 0,
        "a/b/up": 1,
        "a/b/lost_ratio": 0,
        "a/b/rtt_seconds": 0.004,
    }


def test_juniper_tells_its_last_whole_test() -> None:
    """Microseconds; jitter is the mean of both signs with the weight of each."""
    values: dict[str, Value] = {}
    for collection, received in (("1", 3), ("2", 9), ("4", 1)):
        values |= rows(RPM_SUM, f"{HA_GIANG}.{collection}", {2: 10, 3: received})
    means = {"1": (9, 42_000), "2": (2, 3_000), "3": (6, 1_000), "4": (9, 30_000), "7": (9, 12_000)}
    for kind, (samples, average) in means.items():
        values |= rows(RPM_CALC, f"{HA_GIANG}.2.{kind}", {2: samples, 5: average})
        values |= rows(RPM_CALC, f"{HA_GIANG}.4.{kind}", {2: 1, 5: 1})
    assert figures("rpm", values) == {
        "ha/giang/up": 1,
        "ha/giang/lost_ratio": 0.1,
        "ha/giang/rtt_seconds": 0.042,
        "ha/giang/jitter_seconds": 0.0015,
        "ha/giang/direction_delay_seconds/forward": 0.03,
        "ha/giang/direction_delay_seconds/reverse": 0.012,
    }


def test_fortigate_tells_its_monitors_and_its_checks() -> None:
    """Text with units; a line that is dead has no time, and its last figure is not told."""
    monitor = {2: b"centre", 3: 0, 4: b"4.102", 5: b"0.092", 8: b"0.500%", 9: b"root"}
    check = {2: b"MPLS", 4: 1, 5: b"18.4", 6: b"0.9", 9: b"100.000", 10: b"prod", 14: b"wan2"}
    assert figures("fortigate", rows(FORTI, "1", monitor) | rows(HEALTH, "8", check)) == {
        "centre/up": 1,
        "centre/lost_ratio": 0.005,
        "centre/rtt_seconds": 0.004102,
        "centre/jitter_seconds": 0.000092,
        "MPLS wan2 prod/up": 0,
    }


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (HA_GIANG, ("ha/giang", "")),
        (f"{HA_GIANG}.2.1", ("ha/giang", "2.1")),
        ("6.65.66", ("6.65.66", "")),
        ("-1.5", ("-1.5", "")),
        ("1.999.1.98", ("1.999.1.98", "")),
        ("", ("", "")),
        ("0.0", ("/", "")),
    ],
)
def test_an_index_that_is_none_is_its_own_name(row: str, expected: tuple[str, str]) -> None:
    """Whatever a device sends as an index is taken."""
    assert name_and_rest(row) == expected


def test_tests_are_bounded_and_each_name_counts_once() -> None:
    """A router with a thousand tests tells the first ones."""
    many = [PathTest(str(number // 2), True, 0.5) for number in range(1_000)]
    assert len(list(observe("r1", many))) == 2 * MOST_TESTS
