"""Ports: what is said of one that works, one that is off, and one that went down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.snmp.family import Identity
from tests.snmp_walks import FAMILIES, Device, by_name

if TYPE_CHECKING:
    from agents.snmp.family import Value

IF, IFX = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
DUPLEX = "1.3.6.1.2.1.10.7.2.1.19"
DAY = 8_640_000


def port(
    row: int = 1,
    name: str = "Gi0/1",
    *,
    admin: int = 1,
    oper: int = 1,
    octets: tuple[int, int] = (0, 0),
    is_64: bool = True,
    mbits: int = 100,
    alias: str = "",
    changed: int = 0,
    kind: int = 6,
) -> dict[str, Value]:
    """Return the rows of one port."""
    into, out = (f"{IFX}.6", f"{IFX}.10") if is_64 else (f"{IF}.10", f"{IF}.16")
    rows: dict[str, Value] = {
        f"{IF}.2": b"GigabitEthernet0/1", f"{IF}.3": kind, f"{IF}.5": min(mbits * 10**6, 2**32 - 1),
        f"{IF}.7": admin, f"{IF}.8": oper, f"{IF}.9": changed, into: octets[0], out: octets[1],
        f"{IFX}.1": name.encode(), f"{IFX}.15": mbits, f"{IFX}.18": alias.encode(),
        f"{IF}.14": 7, f"{IF}.20": 0, f"{IF}.13": 1, f"{IF}.19": 2, DUPLEX: 3,
    }  # fmt: skip
    return {f"{column}.{row}": value for column, value in rows.items()}


def device(*ports: dict[str, Value], ticks: int = DAY) -> Device:
    found = Device("interfaces", {}, Identity("", "1.3.6.1.4.1.9.1.1", ticks, "r1"))
    for one in ports:
        found.values |= one
    return found


def later(known: Device, *ports: dict[str, Value], ticks: int = DAY + 6_000) -> Device:
    known.values = {key: value for one in ports for key, value in one.items()}
    known.identity = Identity("", "1.3.6.1.4.1.9.1.1", ticks, "r1")
    return known


def test_a_port_that_works_says_all_about_it() -> None:
    """State, speed, errors, and its load from the second poll on."""
    known = device(port(octets=(1_000, 5_000)))
    first = {one.name: one.value for one in known.poll(0.0)}
    assert "wanwatch_interface_receive_used_ratio" not in first
    grown = later(known, port(octets=(1_000 + 375_000_000, 5_000 + 7_500_000)))
    found = {one.name: one.value for one in grown.poll(60.0)}
    assert found == {
        "wanwatch_interface_enabled": 1,
        "wanwatch_interface_up": 1,
        "wanwatch_interface_lost": 0,
        "wanwatch_interface_half_duplex": 0,
        "wanwatch_interface_speed_bits_per_second": 100e6,
        "wanwatch_interface_receive_bits_per_second": 50e6,
        "wanwatch_interface_transmit_bits_per_second": 1e6,
        "wanwatch_interface_receive_used_ratio": 0.5,
        "wanwatch_interface_transmit_used_ratio": 0.01,
        "wanwatch_interface_receive_errors_total": 7,
        "wanwatch_interface_transmit_errors_total": 0,
        "wanwatch_interface_receive_discards_total": 1,
        "wanwatch_interface_transmit_discards_total": 2,
        "wanwatch_device_left_out_interfaces": 0,
    }


def test_a_counter_of_32_bits_that_turned_over_is_read_on() -> None:
    """Where a device has no long counters, one turn between two polls is understood."""
    known = device(port(octets=(2**32 - 1_000_000, 0), is_64=False))
    known.poll(0.0)
    later(known, port(octets=(6_500_000, 0), is_64=False))
    assert by_name(known.poll(60.0), "wanwatch_interface_receive_bits_per_second") == [1e6]


def test_a_restart_of_the_device_gives_no_load() -> None:
    """Counters that began anew are no growth, even where they look like it."""
    known = device(port(octets=(2**32 - 1_000_000, 0), is_64=False))
    known.poll(0.0)
    later(known, port(octets=(6_500_000, 0), is_64=False), ticks=3_000)
    assert by_name(known.poll(60.0), "wanwatch_interface_receive_bits_per_second") == []


def test_a_card_that_was_changed_gives_no_load() -> None:
    """ifCounterDiscontinuityTime says that the counters are others."""
    known = device(port(octets=(1_000, 0)) | {f"{IFX}.19.1": 0})
    known.poll(0.0)
    later(known, port(octets=(900_000, 0)) | {f"{IFX}.19.1": DAY})
    assert by_name(known.poll(60.0), "wanwatch_interface_receive_bits_per_second") == []


def test_a_speed_that_nobody_set_gives_bits_and_no_share() -> None:
    """A tunnel that says 9 kbit/s and carries a megabit is not a thousand times full."""
    tunnel = {f"{IF}.5.1": 9_000}
    known = device(port(mbits=0, kind=131) | tunnel)
    known.poll(0.0)
    later(known, port(mbits=0, kind=131, octets=(7_500_000, 0)) | tunnel)
    found = known.poll(60.0)
    assert by_name(found, "wanwatch_interface_receive_bits_per_second") == [1e6]
    assert by_name(found, "wanwatch_interface_receive_used_ratio") == []


def test_a_fast_port_is_as_fast_as_it_says_in_mbits() -> None:
    """ifSpeed ends at 4.29 Gbit/s."""
    found = device(port(mbits=10_000)).poll()
    assert by_name(found, "wanwatch_interface_speed_bits_per_second") == [10e9]


@pytest.mark.parametrize(
    ("admin", "oper", "changed", "was_up", "expected"),
    [
        (1, 2, 0, True, [1]),
        (1, 7, 0, True, [1]),
        (1, 2, 0, False, [0]),
        # It went down five hours after the device started: before that it was up.
        (1, 2, 5 * 360_000, False, [1]),
        (1, 2, 520, False, [0]),
        # Somebody switched it off.
        (2, 2, 5 * 360_000, True, []),
        # It waits for a call: neither.
        (1, 5, 0, True, [0]),
    ],
)
def test_a_port_is_lost_that_was_up_and_that_nobody_switched_off(
    admin: int, oper: int, changed: int, was_up: bool, expected: list[float]
) -> None:
    """What was never connected is not missed."""
    known = device(port() if was_up else port(oper=2))
    known.poll(0.0)
    later(known, port(admin=admin, oper=oper, changed=changed, alias="Line to Ha Giang"))
    found = known.poll(60.0)
    lost = "wanwatch_interface_lost"
    assert by_name(found, lost, description="Line to Ha Giang") == expected
    if oper != 1:
        assert by_name(found, "wanwatch_interface_speed_bits_per_second") == []
    if admin != 1:
        assert next(one.name for one in found) == "wanwatch_interface_enabled"
        assert by_name(found, "wanwatch_interface_up") == []


def test_a_port_that_comes_back_is_lost_no_more() -> None:
    """And it is remembered to have been up."""
    known = device(port())
    known.poll(0.0)
    assert by_name(later(known, port(oper=2)).poll(60.0), "wanwatch_interface_lost") == [1]
    assert by_name(later(known, port()).poll(120.0), "wanwatch_interface_lost") == [0]
    assert by_name(later(known, port(oper=2)).poll(180.0), "wanwatch_interface_lost") == [1]


def test_half_duplex_is_told_of_ports_that_work() -> None:
    """One end set by hand, the other not: the most frequent fault of all."""
    half = {f"{DUPLEX}.1": 2}
    assert by_name(device(port() | half).poll(), "wanwatch_interface_half_duplex") == [1]
    assert by_name(device(port(oper=2) | half).poll(), "wanwatch_interface_half_duplex") == []
    unknown = {f"{DUPLEX}.1": 1}
    assert by_name(device(port() | unknown).poll(), "wanwatch_interface_half_duplex") == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [("Vlan178", 53), ("lo", 24), ("Null0", 1), ("dummy0", 6), ("sit0", 131), ("br-3f", 6)],
)
def test_what_is_no_port_is_left_out(name: str, kind: int) -> None:
    """Loopbacks, networks within a switch, and what the system makes up."""
    found = device(port(name=name, kind=kind)).poll()
    assert by_name(found, "wanwatch_interface_up") == []


def test_ports_that_are_used_come_first_where_there_are_too_many() -> None:
    """Of a chassis the first 96 are told, and how many are not."""
    off = [port(row, f"Gi{row}", admin=2, oper=2) for row in range(1, 100)]
    down = [port(row, f"Gi{row}", oper=2) for row in range(100, 150)]
    up = [port(row, f"Gi{row}") for row in range(200, 260)]
    found = device(*off, *down, *up).poll()
    assert len(by_name(found, "wanwatch_interface_enabled")) == 96
    assert sum(by_name(found, "wanwatch_interface_up")) == 60
    assert by_name(found, "wanwatch_device_left_out_interfaces") == [113]


def test_a_port_that_goes_down_keeps_its_place() -> None:
    """Among more ports than can be told, what was up is told before what is up since later."""
    many = [port(row, f"Gi{row}") for row in range(1, 97)]
    known = device(*many, *(port(row, f"Gi{row}", oper=2) for row in range(97, 120)))
    known.poll(0.0)
    known = later(known, port(1, "Gi1", oper=2), *many[1:], port(97, "Gi97", oper=2))
    assert by_name(known.poll(60.0), "wanwatch_interface_lost", interface="Gi1") == [1]


def test_a_speed_beyond_what_a_device_can_say_is_unknown() -> None:
    """ifSpeed at its end, and no ifHighSpeed: faster than 4.29 Gbit/s, nobody knows how much."""
    values = port(mbits=0) | {f"{IF}.5.1": 2**32 - 1}
    found = device(values).poll()
    assert by_name(found, "wanwatch_interface_speed_bits_per_second") == []


def test_two_ports_with_one_name_stay_two() -> None:
    """The second has its number with it."""
    found = device(port(1, "eth0"), port(2, "eth0")).poll()
    names = {one.labels.get("interface") for one in found} - {None}
    assert names == {"eth0", "eth0 #2"}


def test_short_counters_and_long_names_are_asked_for_only_where_needed() -> None:
    """Half of what a switch could be asked is not."""
    asked = FAMILIES["interfaces"].asked
    assert {f"{IF}.2", f"{IF}.10", f"{IF}.16"} <= set(asked({}).tables)
    assert not {f"{IF}.2", f"{IF}.10", f"{IF}.16"} & set(asked(port()).tables)
