"""Conference devices of the seeded province: in a bad call, in standby, silent, and never heard."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from collector.alerts import OpenAlert
from collector.targets.targets_file import read_targets

if TYPE_CHECKING:
    from datetime import datetime

    from collector.fleet import Fleet
    from collector.rules.rules import Severity

TARGETS = """
targets:
  - {name: rt-bac-binh, vi: Bộ định tuyến Bắc Bình, en: Router Bắc Bình, address: 10.42.0.1,
     unit: 000.11.30, from: [000.01.30/probe], probes: [{probe: stamp, every: 60s}]}
  - {name: cx-bac-binh, vi: Phòng họp Bắc Bình, en: Meeting room Bắc Bình, address: 10.42.1.20,
     unit: 000.11.30, kind: conference, via: [rt-bac-binh], from: [000.01.30/probe],
     probes: [{probe: sip}, {probe: cisco_xapi, credentials: codec}]}
  - {name: cx-ham-thuan, vi: Phòng họp Hàm Thuận, en: Meeting room Hàm Thuận, address: 10.42.2.20,
     unit: 000.12.30, kind: conference, from: [000.01.30/probe], probes: [{probe: sip}]}
  - {name: cx-mui-ne, vi: Phòng họp Mũi Né, en: Meeting room Mũi Né, address: 10.42.4.20,
     unit: 000.14.30, kind: conference, from: [000.01.30/probe], probes: [{probe: sip}]}
  - {name: cx-phu-quy, vi: Phòng họp Phú Quý, en: Meeting room Phú Quý, address: 10.42.6.20,
     unit: 000.16.30, kind: conference, from: [000.01.30/probe], probes: [{probe: sip}]}
  - {name: cx-to-chuc, vi: Phòng họp Ban Tổ chức, en: Meeting room Ban Tổ chức,
     address: 10.42.7.20, unit: 000.02.30, kind: conference, from: [000.01.30/probe],
     probes: [{probe: sip}]}
"""
Value = tuple[str, float, dict[str, str]]


def alive(probe: str, code: int = 0, is_alive: int = 1) -> list[Value]:
    """Return what each probe reports."""
    return [
        ("probe_alive", is_alive, {"probe": probe}),
        ("probe_answer_code", code, {"probe": probe}),
    ]


def stream(media: str, direction: str, lost: float, height: float = 0) -> list[Value]:
    """Return a stream of the one call."""
    of = {"call": "27", "media": media, "direction": direction}
    values = {
        "call_lost_ratio": lost,
        "call_jitter_seconds": 0.042 if lost else 0.003,
        "call_bits_per_second": 1_920_000 if height else 64_000,
    }
    if height:
        values |= {
            "call_frame_height_pixels": height,
            "call_best_frame_height_pixels": 1080,
            "call_frames_per_second": 30,
        }
    return [(name, value, of) for name, value in values.items()]


IN_A_CALL: list[Value] = [
    *alive("sip", 6),
    *alive("cisco_xapi"),
    ("endpoint_info", 1, {"family": "cisco", "model": "Cisco Webex Room Kit",
                          "software": "ce9.15.0", "serial": "FOC2345X0Y9"}),
    ("endpoint_registered", 1, {"protocol": "sip"}),
    ("endpoint_registered", 0, {"protocol": "h323"}),
    ("endpoint_calls", 1, {}),
    ("endpoint_standby", 0, {}),
    ("endpoint_microphone_muted", 0, {}),
    ("endpoint_video_muted", 0, {}),
    ("endpoint_uptime_seconds", 864_000, {}),
    ("endpoint_faults", 1, {}),
    ("endpoint_peripheral_up", 1, {"kind": "camera", "name": "1"}),
    ("endpoint_peripheral_up", 0, {"kind": "microphone", "name": "2"}),
    ("endpoint_peripheral_up", 1, {"kind": "display", "name": "1"}),
    ("endpoint_last_call_timestamp_seconds", 1_795_000_000, {}),
    ("endpoint_last_call_lost_ratio", 0.015, {"media": "video", "direction": "receive"}),
    ("call_info", 1, {"call": "27", "far_end": "Cầu truyền hình Tỉnh ủy", "protocol": "sip"}),
    ("call_duration_seconds", 4_530, {"call": "27"}),
    ("call_encrypted", 1, {"call": "27"}),
    *stream("video", "receive", 0.041, 720),
    *stream("video", "transmit", 0.0, 1080),
    *stream("audio", "receive", 0.012),
    *stream("audio", "transmit", 0.0),
    ("tls_expiry_timestamp_seconds", 1_797_500_000, {}),
    ("tls_chain_trusted", 0, {}),
    ("tls_self_issued", 1, {}),
]  # fmt: skip
PATH: list[Value] = [
    *alive("stamp"),
    ("stamp_rtt_mean_seconds", 0.038, {}),
    ("stamp_worst_window_lost_ratio", 0.06, {}),
    ("stamp_direction_lost_ratio", 0.0, {"direction": "forward"}),
    ("stamp_direction_lost_ratio", 0.021, {"direction": "reverse"}),
    ("stamp_jitter_seconds", 0.004, {"direction": "forward"}),
]
IDLE: list[Value] = [
    *alive("sip"),
    ("endpoint_registered", 1, {"protocol": "sip"}),
    ("endpoint_calls", 0, {}),
    ("endpoint_standby", 1, {}),
]


def seed_endpoints(fleet: Fleet, now: datetime) -> None:
    """Give a fleet the targets, and what was measured of them; of Phú Quý nothing ever came."""
    more, known = read_targets(TARGETS), fleet.targets
    fleet.set_targets(
        replace(known, by_name=known.by_name | more.by_name, uplinks=known.uplinks | more.uplinks)
    )
    at = now.timestamp()
    put(fleet, "cx-bac-binh", IN_A_CALL, at - 12, ("critical", "warning"))
    put(fleet, "rt-bac-binh", PATH, at - 30, ("warning",))
    put(fleet, "cx-ham-thuan", IDLE, at - 20)
    put(fleet, "cx-to-chuc", IDLE, at - 20)
    put(fleet, "cx-mui-ne", IDLE, at - 4_000)


def put(
    fleet: Fleet, name: str, values: list[Value], at: float, severities: tuple[Severity, ...] = ()
) -> None:
    """Let a target have had these values at an instant, and a minute before."""
    target = fleet.targets.by_name[name]
    place = fleet.places.target(target, target.unit)
    for metric, value, labels in values:
        all_labels = {"target": name, **labels}
        raw = json.dumps(all_labels, ensure_ascii=False).encode()
        series = fleet.series_of(place, fleet.identities.of(f"wanwatch_{metric}", raw))
        assert series is not None
        series.set(value, at - 60)
        series.set(value, at)
    for number, severity in enumerate(severities):
        place.open_alerts[f"{name}-{number}"] = OpenAlert(
            f"{name}-{number}", "CallLossReceiving", severity, at, is_flapping=False
        )
