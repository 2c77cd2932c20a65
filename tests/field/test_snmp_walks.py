"""Real devices: each is found to be what it is, and what is said of it is what was so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.snmp.detect import identity_of
from tests.snmp_walks import (
    FAMILIES,
    Device,
    by_name,
    detected,
    read_snmprec,
    read_snmpwalk,
)

if TYPE_CHECKING:
    from pathlib import Path

    from agents.observation import Observation
    from agents.snmp.family import Identity, Values

EVERY_DEVICE = {"system", "interfaces", "snmp_access"}
# What each is beside that. Walks whose object identifier was taken out are given one.
RECORDED = {
    "librenms/acano": {"cisco_meeting_server"},
    "librenms/apc_smt750x-nmc2": {"apc_ups"},
    "librenms/fortigate_60f": {"fortigate"},
    "librenms/fortigate_link-monitor": {"fortigate"},
    "librenms/huaweiups_ups2000": {"ups"},
    "librenms/ios_c3560": {"ip_sla"},
    "librenms/ios_c3560-slas": {"ip_sla"},
    "librenms/iosxe_isr4321": {"ip_sla"},
    "librenms/linux": set(),
    "librenms/polycomLens_studioxc50": {"poly_endpoint"},
    "librenms/routeros": set(),
    "librenms/scopia": {"scopia"},
    "librenms/tpconductor": {"cisco_conductor"},
    "librenms/vccodec": {"cisco_codec"},
    "librenms/vcs": {"cisco_vcs"},
    "librenms/vrp_ar169fgwl": {"nqa"},
    "librenms/vrp_slas": {"nqa"},
    "librenms/windows": set(),
    "synthetic/poly_faults_rollup_ok": {"poly_endpoint"},
    "synthetic/poly_idle": {"poly_endpoint"},
    "synthetic/poly_incall_good": {"poly_endpoint"},
    "synthetic/poly_incall_loss4": {"poly_endpoint"},
}
WALKED = {
    "cisco": ("1.3.6.1.4.1.9.1.1208", {"ip_sla", "cisco_config"}),
    "fortinet-fortigate": ("1.3.6.1.4.1.12356.101.1.1000", {"fortigate"}),
    "huawei_fan": ("1.3.6.1.4.1.2011.2.23.291", {"nqa"}),
    "ipsla-with-echoadminprecision": ("1.3.6.1.4.1.9.1.1208", {"ip_sla"}),
    "linux": ("1.3.6.1.4.1.8072.3.2.10", set()),
    "mikrotik-chateau-lte6": ("1.3.6.1.4.1.14988.1", set()),
    "slim_procurve-spanning-tree": ("1.3.6.1.4.1.11.2.3.7.11", set()),
    "ups-apc-battery-low": ("1.3.6.1.4.1.318.1.3.27", {"apc_ups"}),
    "ups-apc-battery-ok": ("1.3.6.1.4.1.318.1.3.27", {"apc_ups"}),
}


def recorded(walks: Path, name: str) -> Values:
    return read_snmprec((walks / f"{name}.snmprec").read_text(encoding="utf-8"))


def walked(walks: Path, name: str) -> tuple[Values, Identity]:
    path = walks / "centreon" / f"{name}.snmpwalk"
    values = read_snmpwalk(path.read_text(encoding="utf-8", errors="replace"))
    return values, identity_of(values)._replace(object_id=WALKED[name][0])


def said(
    walks: Path, name: str, family: str, identity: Identity | None = None
) -> list[Observation]:
    values = recorded(walks, name) if "/" in name else walked(walks, name)[0]
    return Device(family, values, identity).settle()


def test_every_recorded_walk_is_tried(walks: Path) -> None:
    """A new file has to be told what it is."""
    files = {str(path.relative_to(walks).with_suffix("")) for path in walks.glob("*/*.snmprec")}
    assert files == set(RECORDED)
    assert {path.stem for path in walks.glob("*/*.snmpwalk")} == set(WALKED)


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_device_is_what_it_is(walks: Path, name: str) -> None:
    """By object identifier, description and leaf; every family keeps its promises on it."""
    values = recorded(walks, name)
    assert detected(values) - EVERY_DEVICE == RECORDED[name]
    for family in detected(values):
        Device(family, values).settle()


@pytest.mark.parametrize("name", WALKED)
def test_walked_device_is_what_it_is(walks: Path, name: str) -> None:
    """The same of what snmpwalk printed; others' families say nothing wrong of it either."""
    values, identity = walked(walks, name)
    assert detected(values, identity) - EVERY_DEVICE == WALKED[name][1]
    for family in FAMILIES:
        Device(family, values, identity).settle()


def test_studio_x50_said_ok_and_was_not_registered(walks: Path) -> None:
    """SIP and syslog had failed under a good roll-up; H.323 has no gatekeeper; a camera works."""
    name = "librenms/polycomLens_studioxc50"
    assert recorded(walks, name)["1.3.6.1.4.1.13885.101.1.1.6.0"] == 2
    found = said(walks, name, "poly_endpoint")
    info = {"model": "StudioX50", "software": "3.10.0-362035", "serial": "12345678"}
    assert by_name(found, "wanwatch_endpoint_info", **info) == [1]
    assert by_name(found, "wanwatch_endpoint_registered", protocol="sip") == [0]
    assert by_name(found, "wanwatch_endpoint_registered", protocol="h323") == []
    assert by_name(found, "wanwatch_endpoint_service_up", service="syslog") == [0]
    assert by_name(found, "wanwatch_endpoint_service_up", service="software_update") == [1]
    assert by_name(found, "wanwatch_endpoint_peripheral_up", kind="microphone") == [1, 1]
    assert by_name(found, "wanwatch_endpoint_peripheral_up", kind="camera", name="Main") == [1]
    assert by_name(found, "wanwatch_endpoint_half_duplex", interface="eth0") == [0]
    assert by_name(found, "wanwatch_endpoint_calls") == [0]
    assert by_name(found, "wanwatch_endpoint_data_age_seconds") == []


def test_studio_x50_has_one_port_that_counts(walks: Path) -> None:
    """Wireless is on and was never up; loopback, bundle, dummy, tunnel and peer are left out."""
    found = said(walks, "librenms/polycomLens_studioxc50", "interfaces")
    up = {one.labels["interface"]: one.value for one in found if one.name.endswith("_up")}
    assert up == {"eth0": 1, "wlan0": 0}
    assert by_name(found, "wanwatch_interface_lost") == [0, 0]
    speed = "wanwatch_interface_speed_bits_per_second"
    assert by_name(found, speed, interface="eth0") == [100e6]


def test_call_with_4_per_cent_loss(walks: Path) -> None:
    """4 %, 42 ms, 190 ms; what it gets is 720 lines where it sends 1080; the far end by name."""
    found = said(walks, "synthetic/poly_incall_loss4", "poly_endpoint")
    of = {"call": "c-1001", "media": "all", "direction": "receive"}
    assert by_name(found, "wanwatch_call_lost_ratio", **of) == [0.04]
    assert by_name(found, "wanwatch_call_jitter_seconds", **of) == [0.042]
    assert by_name(found, "wanwatch_call_media_latency_seconds", **of) == [0.19]
    assert by_name(found, "wanwatch_call_info", far_end="Phòng họp UBND tỉnh") == [1]
    height = "wanwatch_call_frame_height_pixels"
    assert by_name(found, height, direction="receive") == [720]
    assert by_name(found, height, direction="transmit") == [1080]
    assert by_name(found, "wanwatch_call_bits_per_second", direction="receive") == [691_000]
    assert by_name(found, "wanwatch_call_encrypted") == [1]
    assert by_name(found, "wanwatch_endpoint_data_age_seconds") == [60]


def test_call_that_gets_worse_keeps_its_best_picture(walks: Path) -> None:
    """Good, then 4 % loss: 720 lines now, 1080 at its best; then it ends."""
    device = Device("poly_endpoint", recorded(walks, "synthetic/poly_incall_good"))
    device.settle()
    device.values = recorded(walks, "synthetic/poly_incall_loss4")
    found = device.poll(120.0)
    best, now = "wanwatch_call_best_frame_height_pixels", "wanwatch_call_frame_height_pixels"
    assert by_name(found, best, direction="receive") == [1080]
    assert by_name(found, now, direction="receive") == [720]
    device.values = recorded(walks, "synthetic/poly_idle")
    assert not [one for one in device.poll(180.0) if one.name.startswith("wanwatch_call_")]


def test_faults_under_a_good_roll_up(walks: Path) -> None:
    """Both registrations, the camera and half duplex."""
    found = said(walks, "synthetic/poly_faults_rollup_ok", "poly_endpoint")
    assert by_name(found, "wanwatch_endpoint_registered") == [0, 0]
    assert by_name(found, "wanwatch_endpoint_peripheral_up", kind="camera") == [0]
    assert by_name(found, "wanwatch_endpoint_half_duplex", interface="eth0") == [1]


def test_cisco_codec_says_model_software_and_serial(walks: Path) -> None:
    """All that SNMP gives of it."""
    found = said(walks, "librenms/vccodec", "cisco_codec")
    assert [one.labels for one in found] == [
        {
            "target": "it",
            "model": "Cisco TelePresence SX20",
            "software": "TC7.3.5.a93bdb1",
            "serial": "A0A0A0A0A0A",
        }
    ]


@pytest.mark.parametrize(
    ("name", "family", "test", "rtt", "jitter", "lost"),
    [
        ("librenms/ios_c3560-slas", "ip_sla", "sla-10", 0.016, [], []),
        ("ipsla-with-echoadminprecision", "ip_sla", "tagname", 0.00001, [], []),
        ("librenms/vrp_slas", "nqa", "Admin1/TEST_Local", 0.002, [], [0]),
        ("librenms/vrp_slas", "nqa", "Admin2/TEST_Lnms_Neg", 0.004, [], [0]),
        ("librenms/fortigate_link-monitor", "fortigate", "lhm-am7", 0.004102, [0.000092], [0]),
        ("librenms/fortigate_60f", "fortigate", "Private Private", 0.013039, [0.000354], [0]),
        ("fortinet-fortigate", "fortigate", "ISP1 wan3", 0.005234, [0.000123], [0.0001]),
        ("fortinet-fortigate", "fortigate", "Backup-4G port2 vdom-prod", 0.012345, [0.000456], [0]),
    ],
)
def test_router_tells_what_it_measured(
    walks: Path,
    name: str,
    family: str,
    test: str,
    rtt: float,
    jitter: list[float],
    lost: list[float],
) -> None:
    """Times in seconds, loss from 0 to 1, whatever the make."""
    found = said(walks, name, family)
    assert by_name(found, "wanwatch_path_probe_up", test=test) == [1]
    assert by_name(found, "wanwatch_path_probe_rtt_seconds", test=test) == [rtt]
    assert by_name(found, "wanwatch_path_probe_jitter_seconds", test=test) == jitter
    assert by_name(found, "wanwatch_path_probe_lost_ratio", test=test) == lost


def test_switch_says_how_old_its_result_is(walks: Path) -> None:
    """Half a second, by its own uptime."""
    found = said(walks, "librenms/ios_c3560-slas", "ip_sla")
    assert by_name(found, "wanwatch_path_probe_age_seconds", test="sla-10") == [0.5]


def test_firewall_lines_that_are_dead_have_no_figures(walks: Path) -> None:
    """Two of five: their last latency stands in the table and is not told."""
    found = said(walks, "fortinet-fortigate", "fortigate")
    dead = {
        one.labels["test"]
        for one in found
        if one.name == "wanwatch_path_probe_up" and not one.value
    }
    assert dead == {"MPLS wan2", "ISP2 port1 vdom-prod"}
    assert len(by_name(found, "wanwatch_path_probe_rtt_seconds")) == 3


@pytest.mark.parametrize(
    ("name", "family", "expected"),
    [
        (
            "librenms/huaweiups_ups2000",
            "ups",
            {"on_battery": 0, "battery_low": 0, "on_battery_seconds": 0, "charge_ratio": 1}
            | {"load_ratio": 0.27},
        ),
        (
            "librenms/apc_smt750x-nmc2",
            "apc_ups",
            {"on_battery": 0, "replace_battery": 0, "runtime_seconds": 109_762, "charge_ratio": 1}
            | {"load_ratio": 0},
        ),
        (
            "ups-apc-battery-low",
            "apc_ups",
            {"on_battery": 0, "battery_low": 1, "replace_battery": 1, "runtime_seconds": 39_925}
            | {"charge_ratio": 0.75, "load_ratio": 0.097},
        ),
        (
            "ups-apc-battery-ok",
            "apc_ups",
            {"on_battery": 0, "battery_low": 0, "replace_battery": 0, "runtime_seconds": 39_925}
            | {"charge_ratio": 1, "load_ratio": 0.097},
        ),
    ],
)
def test_power_supply(walks: Path, name: str, family: str, expected: dict[str, float]) -> None:
    """Charge, load, runtime; what the Huawei cannot say (2**32 - 1 minutes) is not told."""
    found = said(walks, name, family)
    assert {one.name.removeprefix("wanwatch_ups_"): one.value for one in found} == expected


def test_switch_that_ran_for_246_days(walks: Path) -> None:
    """By its ticks, which its engine's seconds confirm."""
    found = said(walks, "librenms/ios_c3560-slas", "system")
    assert by_name(found, "wanwatch_device_uptime_seconds") == [21_291_575.27]


def test_firewall_port_at_half_duplex_is_down(walks: Path) -> None:
    """Two unused ports of the FortiGate say half: nothing is on them, so nothing is told."""
    found = said(walks, "librenms/fortigate_60f", "interfaces")
    assert sum(by_name(found, "wanwatch_interface_half_duplex")) == 0
    assert by_name(found, "wanwatch_interface_up").count(1) > 1


def test_router_whose_configuration_changed_before_its_uptime_turned(walks: Path) -> None:
    """A change at 488 days, an uptime of 19 days by 32 bits: 28.8 days ago, and saved since."""
    values, identity = walked(walks, "cisco")
    found = Device("cisco_config", values, identity).poll()
    (age,) = by_name(found, "wanwatch_device_config_age_seconds")
    assert age == pytest.approx(28.77 * 86_400, rel=0.001)
    assert by_name(found, "wanwatch_device_config_unsaved") == [0]


def test_who_was_turned_away(walks: Path) -> None:
    """3,364 wrong communities at the X50."""
    found = said(walks, "librenms/polycomLens_studioxc50", "snmp_access")
    assert by_name(found, "wanwatch_device_snmp_refused_total", reason="community") == [3_364]
