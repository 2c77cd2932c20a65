"""One agent that tells everything: all that the checks find on the fixture host, and a site.

The simulated hosts have no probes; what an endpoint, a path, a router and a power supply say stands
here, under the names of docs/probes.md and docs/snmp.md.
"""

from __future__ import annotations

import contextlib
import gzip
import json
from functools import cache
from typing import TYPE_CHECKING

from agents.check import NoData
from agents.observation import Observation
from agents.report import VERSION
from agents.scanner import scan
from collector.simulation.reporter import LEVEL, Reporter
from tests.fake_host import NOW as HOST_NOW
from tests.fake_host import fake_host

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.simulation.effects import Effect

HOST = "may-chu-mau"
CODEC, PATH, ROUTER, UPS = "codec-1", "duong-1", "bdt-1", "ups-1"
TARGETS = """targets:
  - {{name: codec-1, vi: Phòng họp, kind: conference, unit: "{unit}", address: 10.42.1.20,
     from: ["{unit}/may-chu-mau"], probes: [{{probe: sip}}, {{probe: tls}}]}}
  - {{name: duong-1, vi: Đường truyền, unit: "{unit}", address: 10.42.1.1,
     from: ["{unit}/may-chu-mau"], probes: [{{probe: stamp}}, {{probe: icmp}}]}}
  - {{name: bdt-1, vi: Bộ định tuyến, unit: "{unit}", address: 10.42.1.1,
     from: ["{unit}/may-chu-mau"], probes: [{{probe: snmp, credentials: x}}]}}
  - {{name: ups-1, vi: Bộ lưu điện, kind: shared, unit: "{unit}", address: 10.42.1.9,
     from: ["{unit}/may-chu-mau"], probes: [{{probe: snmp, credentials: x}}]}}
"""
Values = dict[str, float]
# By target: the metric with its further labels, as Prometheus writes them, and its value.
PROBED: dict[str, Values] = {
    CODEC: {
        'wanwatch_probe_alive{probe="sip"}': 1,
        'wanwatch_probe_answer_seconds{probe="sip"}': 0.02,
        'wanwatch_endpoint_info{family="poly",model="G7500",software="4.1",serial="x"}': 1,
        'wanwatch_endpoint_registered{protocol="SIP"}': 1,
        "wanwatch_endpoint_calls": 1,
        "wanwatch_endpoint_faults": 0,
        'wanwatch_endpoint_peripheral_up{kind="microphone",name="Micro 1"}': 1,
        "wanwatch_tls_expiry_timestamp_seconds": HOST_NOW + 400 * 86_400,
        **{
            f'{name}{{call="1",media="video",direction="{way}"}}': value
            for way in ("receive", "transmit")
            for name, value in (
                ("wanwatch_call_lost_ratio", 0.001),
                ("wanwatch_call_jitter_seconds", 0.004),
                ("wanwatch_call_bits_per_second", 2e6),
                ("wanwatch_call_frame_height_pixels", 1080),
            )
        },
    },
    PATH: {
        'wanwatch_probe_alive{probe="stamp"}': 1,
        'wanwatch_probe_answer_seconds{probe="stamp"}': 0.01,
        "wanwatch_icmp_lost_ratio": 0,
        "wanwatch_icmp_rtt_mean_seconds": 0.012,
        **{
            f'{name}{{direction="{way}"{more}}}': value
            for way in ("forward", "reverse")
            for name, more, value in (
                ("wanwatch_stamp_direction_lost_ratio", "", 0.002),
                ("wanwatch_stamp_jitter_seconds", "", 0.003),
                ("wanwatch_stamp_delay_seconds", "", 0.02),
                ("wanwatch_stamp_mos", ',codec="G.711",scale="narrow"', 4.3),
            )
        },
    },
    ROUTER: {
        'wanwatch_probe_alive{probe="snmp"}': 1,
        'wanwatch_probe_answer_seconds{probe="snmp"}': 0.03,
        'wanwatch_interface_receive_used_ratio{interface="Gi0/1"}': 0.4,
        'wanwatch_interface_transmit_used_ratio{interface="Gi0/1"}': 0.2,
        'wanwatch_interface_receive_errors_total{interface="Gi0/1"}': 7,
        "wanwatch_device_config_changes_total": 2,
        'wanwatch_device_snmp_refused_total{reason="community"}': 3,
    },
    UPS: {
        'wanwatch_probe_alive{probe="snmp"}': 1,
        "wanwatch_ups_on_battery": 0,
        "wanwatch_ups_charge_ratio": 1,
        "wanwatch_ups_runtime_seconds": 3_600,
    },
}


class SiteReporter(Reporter):
    """Reports the host and the site; counters grow by one a report."""

    def _body(self, at: float, effect: Effect, state: str, seq: int) -> bytes:
        samples = [
            [name, labels, value + seq if name.endswith("_total") else value, at]
            for name, labels, value in (*_host(at), *_site())
        ]
        report = {
            "v": VERSION, "agent": self.identity.agent, "boot": f"site-{self.boots}", "seq": seq,
            "oldest": self.oldest or seq, "state": state, "sent_at": at, "samples": samples,
            "events": [], "sections": {},
        }  # fmt: skip
        return gzip.compress(json.dumps(report).encode(), compresslevel=LEVEL, mtime=0)


def _host(at: float) -> Iterator[tuple[str, dict[str, str], float]]:
    """Yield what every check finds; instants of the fixture host are moved to now."""
    for name, labels, value in _found():
        is_instant = name.endswith("_time_seconds") or "_timestamp_" in name
        yield name, labels, value + (at - HOST_NOW if is_instant else 0)


@cache
def _found() -> tuple[Observation, ...]:
    host, found = fake_host(), []
    for check in scan().checks.values():
        found.append(Observation("wanwatch_check_success", {"check": check.name}, 1.0))
        with contextlib.suppress(NoData):
            found += check.evaluate(check.read(host), None)
    return tuple(found)


def _site() -> Iterator[tuple[str, dict[str, str], float]]:
    for target, values in PROBED.items():
        for text, value in values.items():
            name, _, rest = text.partition("{")
            pairs = (one.split("=", 1) for one in rest.rstrip("}").split(",") if one)
            labels = {label: quoted.strip('"') for label, quoted in pairs}
            yield name, {"target": target, **labels}, value
