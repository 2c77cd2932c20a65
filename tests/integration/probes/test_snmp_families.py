"""Each family at a device of its own: served by a responder, asked by the probe."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pytest

from agents.probes import snmp
from agents.probes.snmp import INFO, SnmpParams
from agents.snmp.credential import Community
from agents.snmp.scan import known_families
from tests.probe_means import MEANS
from tests.probe_servers import LOOPBACK
from tests.snmp_servers import simulator
from tests.snmp_walks import write_snmprec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.snmp.family import Value

SYSTEM = "1.3.6.1.2.1.1"
POLYCOM, CISCO, APC = "1.3.6.1.4.1.13885", "1.3.6.1.4.1.9", "1.3.6.1.4.1.318"
HA_GIANG = "2.104.97.5.103.105.97.110.103"
NET_SNMP = "1.3.6.1.4.1.8072.3.2.10"


class Simulated(NamedTuple):
    """A device: who it is, what it has, and one figure that only this family can give of it."""

    object_id: str
    values: dict[str, Value]
    figure: tuple[str, dict[str, str], float]
    description: str = "a device"


VERSION = "wanwatch_device_version_info"
DEVICES = {
    "apc_ups": Simulated(
        f"{APC}.1.3.27",
        {f"{APC}.1.1.1.4.1.1.0": 3, f"{APC}.1.1.1.2.2.3.0": 54_000},
        ("wanwatch_ups_outage_runtime_seconds", {}, 540),
    ),
    "cisco_codec": Simulated(
        "1.3.6.1.4.1.5596.150.6.4.1",
        {},
        (VERSION, {"model": "Cisco Webex Room Kit", "software": "ce9.15.0", "serial": "F1"}, 1),
        "Cisco Codec\nSoftW: ce9.15.0\nMCU: Cisco Webex Room Kit\nDate: 2021-03-01\nS/N: F1",
    ),
    "cisco_config": Simulated(
        f"{CISCO}.1.1208",
        {f"{CISCO}.9.43.1.1.1.0": 8_630_000, f"{CISCO}.9.43.1.1.2.0": 8_600_000},
        ("wanwatch_device_config_unsaved", {}, 1),
    ),
    "codian_mcu": Simulated(
        "1.2.826.0.1.4616240.1.1.4510", {}, (VERSION, {"model": "Codian 4510"}, 1)
    ),
    "cts": Simulated(
        f"{CISCO}.1.800",
        {f"{CISCO}.9.644.1.4.5.0": 10, f"{CISCO}.9.644.1.2.6.1.4.1": 6},
        ("wanwatch_endpoint_registered", {"protocol": "sip"}, 0),
    ),
    "dma": Simulated(
        f"{POLYCOM}.13.2",
        {
            f"{POLYCOM}.13.2.2.3.1.0": 1,
            f"{POLYCOM}.13.2.2.3.2.1.2.1": b"north",
            f"{POLYCOM}.13.2.2.3.2.1.3.1": 3,
        },
        ("wanwatch_bridge_cluster_in_service", {"cluster": "north"}, 0),
    ),
    "entity": Simulated(
        "1.3.6.1.4.1.25506.1.1",
        {"1.3.6.1.2.1.47.1.4.1.0": 5_000},
        ("wanwatch_device_parts_changes_total", {}, 0),
    ),
    "fortigate": Simulated(
        "1.3.6.1.4.1.12356.101.1.1000",
        {
            "1.3.6.1.4.1.12356.101.4.8.2.1.2.1": b"centre",
            "1.3.6.1.4.1.12356.101.4.8.2.1.3.1": 0,
            "1.3.6.1.4.1.12356.101.4.8.2.1.8.1": b"0.500%",
        },
        ("wanwatch_path_probe_lost_ratio", {"test": "centre"}, 0.005),
    ),
    "grandstream_ht": Simulated(NET_SNMP, {}, (VERSION, {"model": "HT818"}, 1), "HT818 gateway"),
    "hdx": Simulated(
        "1.3.6.1.4.1.2684.1",
        {"1.3.6.1.4.1.2684.1.1.2.0": b"1001"},
        ("wanwatch_endpoint_info", {"family": "hdx"}, 1),
    ),
    "interfaces": Simulated(
        "1.3.6.1.4.1.25506.1.2",
        {
            "1.3.6.1.2.1.2.2.1.7.1": 1,
            "1.3.6.1.2.1.2.2.1.8.1": 2,
            "1.3.6.1.2.1.2.2.1.9.1": 5_000_000,
            "1.3.6.1.2.1.31.1.1.1.1.1": b"Gi0/1",
            "1.3.6.1.2.1.31.1.1.1.18.1": "Hà Giang".encode(),
        },
        ("wanwatch_interface_lost", {"interface": "Gi0/1", "description": "Hà Giang"}, 1),
    ),
    "ip_sla": Simulated(
        f"{CISCO}.1.2093",
        {f"{CISCO}.9.42.1.2.10.1.1.7": 16, f"{CISCO}.9.42.1.2.10.1.2.7": 1},
        ("wanwatch_path_probe_rtt_seconds", {"test": "sla-7"}, 0.016),
    ),
    "nqa": Simulated(
        "1.3.6.1.4.1.2011.2.224.1",
        {f"1.3.6.1.2.1.80.1.3.1.{part}.{HA_GIANG}": n for part, n in ((6, 79), (7, 18), (8, 20))},
        ("wanwatch_path_probe_lost_ratio", {"test": "ha/giang"}, 0.1),
    ),
    "poly_endpoint": Simulated(
        "1.3.6.1.4.1.2684",
        {
            f"{POLYCOM}.101.1.1.4.0": b"StudioX50",
            f"{POLYCOM}.101.1.4.1.1.2.1": b"c-7",
            f"{POLYCOM}.101.1.4.1.1.16.1": 4,
            f"{POLYCOM}.101.1.4.1.1.58.1": "Phòng họp".encode(),
        },
        ("wanwatch_call_lost_ratio", {"media": "all", "direction": "receive"}, 0.04),
    ),
    "rmx": Simulated(
        f"{POLYCOM}.110",
        {f"{POLYCOM}.110.1.5.1.0": 2, f"{POLYCOM}.110.1.3.2.1.0": 3},
        ("wanwatch_bridge_part_up", {"part": "fan"}, 0),
    ),
    "rpm": Simulated(
        "1.3.6.1.4.1.2636.1.1.1.2.29",
        {
            f"1.3.6.1.4.1.2636.3.50.1.2.1.2.{HA_GIANG}.2": 10,
            f"1.3.6.1.4.1.2636.3.50.1.2.1.3.{HA_GIANG}.2": 9,
        },
        ("wanwatch_path_probe_lost_ratio", {"test": "ha/giang"}, 0.1),
    ),
    "rprm": Simulated(
        f"{POLYCOM}.102",
        {
            f"{POLYCOM}.102.1.2.16.1.0": 1,
            f"{POLYCOM}.102.1.2.14.4.1.2.1": b"Ha Giang",
            f"{POLYCOM}.102.1.2.14.4.1.8.1": 1,
        },
        ("wanwatch_site_lost_ratio", {"site": "Ha Giang"}, 0.01),
    ),
    "scopia": Simulated(
        "1.3.6.1.4.1.903.31.1.1.0", {}, (VERSION, {"model": "Scopia XT5000"}, 1), "Scopia XT5000"
    ),
    "snmp_access": Simulated(
        "1.3.6.1.4.1.25506.1.3",
        {"1.3.6.1.2.1.11.4.0": 7},
        ("wanwatch_device_snmp_refused_total", {"reason": "community"}, 7),
    ),
    "system": Simulated(
        "1.3.6.1.4.1.25506.1.4",
        {"1.3.6.1.6.3.10.2.1.3.0": 43_036_073},
        ("wanwatch_device_uptime_seconds", {}, (2**32 + 8_640_000) / 100),
    ),
    "ups": Simulated(
        "1.3.6.1.4.1.534.1",
        {
            "1.3.6.1.2.1.33.1.2.1.0": 2,
            "1.3.6.1.2.1.33.1.2.3.0": 2**32 - 1,
            "1.3.6.1.2.1.33.1.4.1.0": 5,
        },
        ("wanwatch_ups_on_battery", {}, 1),
    ),
}
# Told by their number alone: they say nothing by SNMP that could be asked for.
SILENT = {
    "cisco_conductor": ("1.3.6.1.4.1.5596.180.6.4.1", ""),
    "cisco_cucm": (f"{CISCO}.1.1348", ""),
    "cisco_meeting_server": (NET_SNMP, "Acano server"),
    "cisco_vcs": ("1.3.6.1.4.1.5596.130.6.4.1", ""),
    "huawei_te": (NET_SNMP, "Huawei TE40"),
}


def records() -> dict[str, str]:
    """Return what is served of each device."""
    devices = {name: (one.object_id, one.description, one.values) for name, one in DEVICES.items()}
    devices |= {name: (*who, {}) for name, who in SILENT.items()}
    return {
        name: write_snmprec(
            {
                f"{SYSTEM}.1.0": description.encode(),
                f"{SYSTEM}.2.0": object_id,
                f"{SYSTEM}.3.0": 8_640_000,
                f"{SYSTEM}.5.0": name.encode(),
                **values,
            }
        )
        for name, (object_id, description, values) in devices.items()
    }


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Every device, each a community."""
    with simulator(tmp_path_factory.mktemp("simulator"), records()) as serving:
        yield serving


@pytest.mark.parametrize("name", known_families())
def test_family_is_found_and_understood_at_its_device(port: int, name: str) -> None:
    """Detected at the first poll, all of it read by the second."""
    means = replace(MEANS, memory={}, snmp_credentials={name: Community("2c", name)})
    params = SnmpParams("it", LOOPBACK, credentials=name, port=port)
    snmp.run(params, means)
    found = snmp.run(params, means)
    families = {one.labels["family"] for one in found if one.name == INFO}
    assert {name, "system", "interfaces", "snmp_access"} <= families
    if name in DEVICES:
        metric, labels, value = DEVICES[name].figure
        said = [
            one.value
            for one in found
            if one.name == metric and {"target": "it", **labels}.items() <= one.labels.items()
        ]
        assert said == [pytest.approx(value)]


def test_every_family_has_a_device() -> None:
    """A new family needs one."""
    assert {*DEVICES, *SILENT} == set(known_families())
