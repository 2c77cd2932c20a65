"""Older rooms and what carries their calls: CTS, HDX, RMX, DMA, RPRM, and those only identified."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.endpoint import Stream
from agents.snmp.cts_calls import calls_of
from agents.snmp.family import Identity
from tests.snmp_walks import Device, by_name, detected

if TYPE_CHECKING:
    from agents.snmp.family import Value

CTS = "1.3.6.1.4.1.9.9.644.1.4"
PERIPHERAL = "1.3.6.1.4.1.9.9.643.1.2.1.1"
MANAGER = "1.3.6.1.4.1.9.9.644.1.2.6.1.4"


def rows(root: str, row: str, columns: dict[int, Value]) -> dict[str, Value]:
    return {f"{root}.{column}.{row}": value for column, value in columns.items()}


def source(call: int, kind: int, number: int, **other: Value) -> dict[str, Value]:
    """Return one screen or microphone of a call."""
    figures: dict[int, Value] = {
        2: 1, 6: 0, 10: 1, 14: 500_000, 22: 12, 28: 30_000, 30: 29_970, 32: 1080, 34: 1080,
        36: 4_000, 38: 3_900,
    }  # fmt: skip
    figures |= {int(key.strip("_")): value for key, value in other.items()}
    return rows(f"{CTS}.10.1", f"{call}.{kind}.{number}", figures)


def test_immersive_room_in_a_call() -> None:
    """Three screens are one stream: the worst loss, all bits; a call that is over is none."""
    values = rows(f"{CTS}.8.1", "7", {2: b"1001", 7: 600, 9: 3, 11: 8})
    values |= rows(f"{CTS}.8.1", "6", {2: b"1002", 7: 60, 9: 3, 11: 14})
    values |= rows(f"{CTS}.9.1", "7.1", {2: 180}) | rows(f"{CTS}.9.1", "7.2", {2: 150})
    values |= source(7, 1, 9) | source(7, 1, 10, _14=4_000_000) | source(7, 1, 11, _2=2, _10=2)
    values |= source(6, 1, 9)
    (call,) = calls_of(values)
    assert (call.key, call.far_end, call.duration_seconds) == ("7", "1001", 600)
    assert (call.latency_seconds, call.is_encrypted) == (0.18, True)
    assert call.streams == (
        Stream("video", "receive", 0.04, 0.012, None, 7_800_000, 1080, 29.97),
        Stream("video", "transmit", 0.0, None, None, 8_000_000, 1080, 30),
    )


def test_immersive_room_says_what_is_attached_and_who_knows_it() -> None:
    """One of two call managers is enough; what is not watched is not told."""
    values: dict[str, Value] = {f"{CTS}.5.0": 10, f"{MANAGER}.1": 4, f"{MANAGER}.2": 5}
    values |= rows(PERIPHERAL, "1", {2: b"Left display", 3: 0, 4: 5})
    values |= rows(PERIPHERAL, "2", {2: b"Camera", 3: 2, 4: 4})
    values |= rows(PERIPHERAL, "3", {2: b"Doc camera", 3: 9, 4: 7})
    found = Device("cts", values).settle()
    assert by_name(found, "wanwatch_endpoint_registered", protocol="sip") == [1]
    assert by_name(found, "wanwatch_endpoint_peripheral_up", kind="display") == [1]
    assert by_name(found, "wanwatch_endpoint_peripheral_up", kind="camera") == [0]
    assert by_name(found, "wanwatch_endpoint_calls") == [0]
    lost = Device("cts", values | {f"{MANAGER}.2": 6}).settle()
    assert by_name(lost, "wanwatch_endpoint_registered") == [0]


def test_hdx_is_believed_only_while_its_figures_move() -> None:
    """After a call the last figures stand in the table for days."""
    root = "1.3.6.1.4.1.2684.1.1"
    values: dict[str, Value] = {
        f"{root}.2.0": b"10.1.1.1", f"{root}.21.0": b"2", f"{root}.22.0": b"18",
        f"{root}.23.0": b"95",
    }  # fmt: skip
    device = Device("hdx", values)
    assert [one.name for one in device.settle()] == ["wanwatch_endpoint_info"]
    device.values[f"{root}.22.0"] = b"21"
    found = device.poll(120.0)
    assert by_name(found, "wanwatch_endpoint_calls") == [1]
    assert by_name(found, "wanwatch_call_lost_ratio", media="all", direction="receive") == [0.02]
    assert by_name(found, "wanwatch_call_jitter_seconds") == [0.021]
    assert by_name(found, "wanwatch_call_latency_seconds") == [0.095]
    stands = device.poll(180.0)
    assert by_name(stands, "wanwatch_endpoint_calls") == []


def test_bridge_says_what_works_and_what_goes_over_it() -> None:
    """A part that is disabled is not told."""
    root = "1.3.6.1.4.1.13885.110.1"
    values: dict[str, Value] = {
        f"{root}.3.2.1.0": 3, f"{root}.3.3.1.0": 2, f"{root}.3.4.1.0": 1, f"{root}.4.4.2.1.0": 12,
        f"{root}.5.1.0": 2,
    }  # fmt: skip
    found = Device("rmx", values).poll()
    assert {one.labels.get("part"): one.value for one in found if "part" in one.labels} == {
        "fan": 0,
        "power": 1,
    }
    assert by_name(found, "wanwatch_bridge_calls", media="video") == [12]
    assert by_name(found, "wanwatch_bridge_conferences") == [2]


def test_dma_tells_each_cluster() -> None:
    """Ports by kind, so that a rule may compare them."""
    root = "1.3.6.1.4.1.13885.13.2"
    values = rows(f"{root}.2.3.2.1", "1", {2: b"north", 3: 1})
    values |= rows(f"{root}.2.3.2.1", "2", {2: b"south", 3: 3})
    values |= rows(f"{root}.2.3.2.1", "3", {2: b"west", 3: 2})
    values |= rows(f"{root}.2.3.3.1", "1", {2: b"north", 3: 2})
    values |= rows(f"{root}.3.2.1.2.1", "1", {2: b"north", 3: 4, 4: 31, 5: 100, 6: 96})
    values |= rows(f"{root}.3.3.1.2.1", "1", {3: 40, 4: 2})
    found = Device("dma", values).poll()
    in_service = "wanwatch_bridge_cluster_in_service"
    assert by_name(found, in_service, cluster="north") == [1]
    assert by_name(found, in_service, cluster="south") == [0]
    assert by_name(found, in_service, cluster="west") == []
    assert by_name(found, "wanwatch_bridge_licence_valid", cluster="north") == [0]
    assert by_name(found, "wanwatch_bridge_ports", cluster="north", media="video") == [100]
    assert by_name(found, "wanwatch_bridge_used_ports", cluster="north", media="video") == [96]
    assert by_name(found, "wanwatch_bridge_participants") == [31]
    assert by_name(found, "wanwatch_bridge_registered_devices", state="inactive") == [2]


def test_resource_manager_tells_each_site_and_each_link() -> None:
    """Shares and seconds."""
    root = "1.3.6.1.4.1.13885.102.1.2"
    site: dict[int, Value] = {
        2: "Hà Giang".encode(), 4: 2, 5: 3_000, 6: 4_000, 8: 1, 9: 15, 10: 80,
    }  # fmt: skip
    values = rows(f"{root}.14.4.1", "1", site)
    values |= rows(f"{root}.14.6.1", "1", {3: b"HG-centre", 7: 1, 11: 0})
    found = Device("rprm", values).settle()
    figures = {
        one.name.removeprefix("wanwatch_site_"): one.value
        for one in found
        if one.labels["site"] == "Hà Giang"
    }
    assert figures == {
        "calls": 2,
        "used_ratio": 0.75,
        "lost_ratio": 0.01,
        "jitter_seconds": 0.015,
        "delay_seconds": 0.08,
    }
    assert by_name(found, "wanwatch_site_calls", kind="link", site="HG-centre") == [1]


@pytest.mark.parametrize(
    ("description", "object_id", "family", "model"),
    [
        ("", "1.2.826.0.1.4616240.1.1.4510", "codian_mcu", "Codian 4510"),
        ("", "1.3.6.1.4.1.9.1.1541", "codian_mcu", "MCU 5320"),
        ("Scopia XT5000", "1.3.6.1.4.1.903.31.1.1.0", "scopia", "Scopia XT5000"),
        ("Acano", "1.3.6.1.4.1.8072.3.2.10", "cisco_meeting_server", None),
        ("Huawei TE40 terminal", "1.3.6.1.4.1.8072.3.2.10", "huawei_te", None),
        ("Grandstream HT818", "1.3.6.1.4.1.8072.3.2.10", "grandstream_ht", "HT818"),
        (
            "Cisco Codec\nSoftW: ce9.15.0.1\nMCU: Cisco Webex Room Kit\nDate: 2021-03-01\nS/N: F1",
            "1.3.6.1.4.1.5596.150.6.4.1",
            "cisco_codec",
            "Cisco Webex Room Kit",
        ),
        ("Linux router 6.1", "1.3.6.1.4.1.8072.3.2.10", None, None),
    ],
)
def test_devices_that_snmp_only_identifies(
    description: str, object_id: str, family: str | None, model: str | None
) -> None:
    """By number, and where many makes share one by description."""
    who = Identity(description, object_id, 1, "")
    found = detected({}, who) - {"system", "interfaces", "snmp_access"}
    assert found - {"ip_sla"} == ({family} if family else set())
    if family:
        said = Device(family, {}, who).poll()
        assert [one.labels["model"] for one in said] == ([model] if model else [])
