"""What each network interface is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.check import NoData
from agents.checks.interfaces import CHECK, Interface, evaluate, read
from tests.fake_host import fake_host

if TYPE_CHECKING:
    from pathlib import Path


def test_interfaces_report_only_what_the_device_says() -> None:
    """An unknown speed (-1) is absent, never 0; one without flags is no interface."""
    found = {(o.name, o.labels["device"]): o for o in evaluate(read(fake_host()), None)}

    assert found["node_network_speed_bytes", "eth0"].value == 125_000_000
    assert found["node_network_mtu_bytes", "eth0"].value == 1500
    assert found["node_network_info", "eth0"].labels == {
        "device": "eth0",
        "address": "52:54:00:12:34:56",
        "adminstate": "up",
        "broadcast": "ff:ff:ff:ff:ff:ff",
        "duplex": "full",
        "ifalias": "",
        "operstate": "up",
    }
    assert ("node_network_speed_bytes", "wlan0") not in found


def test_interfaces_leave_out_container_cables_and_keep_their_series_few(tmp_path: Path) -> None:
    """28 interfaces at most, the host's own."""
    for name in (*(f"dev{n:03}" for n in range(300)), "veth0a1b2c"):
        directory = tmp_path / "sys/class/net" / name
        directory.mkdir(parents=True)
        for file, text in (("flags", "0x1003"), ("speed", "1000"), ("mtu", "1500")):
            (directory / file).write_text(f"{text}\n")

    found = read(fake_host(root=tmp_path))

    assert list(found) == [f"dev{n:03}" for n in range(28)]
    assert len(list(evaluate(found, None))) <= CHECK.most_series


def test_interfaces_have_no_data_where_there_is_none(tmp_path: Path) -> None:
    """A container without a network."""
    with pytest.raises(NoData):
        read(fake_host(root=tmp_path))


def test_interfaces_read_a_host_without_sysfs() -> None:
    """Windows knows the same; an address is written as on Linux."""
    assert read(fake_host(is_linux=False))["Ethernet"] == Interface(
        {
            "device": "Ethernet",
            "address": "00:15:5d:01:02:03",
            "adminstate": "",
            "broadcast": "",
            "duplex": "full",
            "ifalias": "",
            "operstate": "up",
        },
        speed_megabits=1000,
        mtu_bytes=1500,
    )
