"""Network interfaces: counters of /proc/net/dev and link of /sys/class/net."""

from __future__ import annotations

import pytest

from agents.check import SourceError
from agents.checks.network import CHECK, MOST_DEVICES, Interface, evaluate, parse_net_dev, read
from tests.fake_host import fake_host


def test_network_reads_counters_and_state() -> None:
    """Each direction has its columns; a container's cable is left out."""
    found = read(fake_host())

    assert sorted(found) == ["eth0", "lo", "wlan0"]
    assert found["eth0"].counters["receive_drop"] == 42
    assert found["eth0"].counters["transmit_bytes"] == 9315587528


def test_network_reports_only_what_the_device_says() -> None:
    """A carrier that cannot be read is absent, never 0."""
    found = {(o.name, o.labels.get("device")): o.value for o in evaluate(read(fake_host()), None)}

    assert found["node_network_up", "eth0"] == 1
    assert found["node_network_up", "lo"] == 0
    assert found["node_network_up", "wlan0"] == 0
    assert ("node_network_carrier", "wlan0") not in found


def test_network_says_so_when_the_file_is_not_the_kernels() -> None:
    """A short line is an error that shows it."""
    with pytest.raises(SourceError, match="eth0: 1 2"):
        parse_net_dev("a\nb\neth0: 1 2\n")


def test_network_keeps_its_series_few_on_a_host_with_hundreds_of_devices() -> None:
    """28 devices at most, and the rest is counted."""
    eight = {f"{d}_{n}": 1.0 for d in ("receive", "transmit") for n in "abcd"}
    many = {f"dev{n:03}": Interface(eight, True, True) for n in range(300)}

    found = list(evaluate(many, None))

    assert found[-1].value == 300 - MOST_DEVICES
    assert len(found) <= CHECK.most_series


def test_network_reads_a_host_without_procfs() -> None:
    """Windows gives the same counters; an adapter without a state has none."""
    found = read(fake_host(is_linux=False))
    values = {
        (o.name, o.labels["device"]): o for o in evaluate(found, None) if "device" in o.labels
    }

    assert values["node_network_receive_bytes_total", "Ethernet"].value == 9_000_000
    assert values["node_network_receive_drop_total", "Ethernet"].value == 3
    assert values["node_network_up", "Ethernet"].value == 1
    assert ("node_network_up", "Local Area Connection* 1") not in values
