"""The board of what probes measure: endpoints, paths, ports of devices, power supplies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.dashboards import ways
from collector.dashboards.board import board, choice
from collector.dashboards.panels import Column, Query, Steps, curves, number, states, table

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Dashboard

    from collector.dashboards.panels import Panel
    from collector.dashboards.words import Words

KEY = "endpoint"
HERE = 'target=~"$target"'
TO = ways.TARGET


def build(words: Words) -> Dashboard:
    """Return the board."""
    query = "label_values(wanwatch_probe_alive, target)"
    groups = (
        ("now", _now(words)),
        ("endpoints", _endpoints(words)),
        ("paths", _paths(words)),
        ("devices", _devices(words)),
    )
    return board(words, KEY, groups, [choice(words, "target", query, everything=True)])


def of(metric: str) -> str:
    """Return the selector of a metric of the chosen targets."""
    return f"{metric}{{{HERE}}}"


def _curve(words: Words, key: str, metric: str, by: str, unit: str, steps: Steps | None) -> Panel:
    """Return one metric, a curve for each of these labels behind the target."""
    labels = ["target", *by.split()]
    legend = " ".join(f"{{{{{label}}}}}" for label in labels)
    expr = f"max by ({', '.join(labels)}) ({of(metric)})"
    return curves(words, key, [Query(expr, legend)], TO, unit=unit, steps=steps)


def _now(words: Words) -> list[Panel]:
    alive = f"min by (target) ({of('wanwatch_probe_alive')})"
    registered = f"min by (target) ({of('wanwatch_endpoint_registered')})"
    return [
        number(words, "endpoint.targets", f"count({alive})", ways.TARGETS),
        number(words, "endpoint.silent", f"sum({alive} == bool 0)", ways.TARGETS,
               steps=Steps(1, 5)),
        number(words, "endpoint.registered", f"sum({registered})", ways.ENDPOINTS),
        number(words, "endpoint.in_call", f"sum({of('wanwatch_endpoint_calls')})", ways.ENDPOINTS),
        number(words, "endpoint.faults", f"sum({of('wanwatch_endpoint_faults')})", ways.ENDPOINTS,
               steps=Steps(1, 5)),
        number(words, "endpoint.on_battery", f"sum({of('wanwatch_ups_on_battery')})", ways.TARGETS,
               steps=Steps(1, 2)),
    ]  # fmt: skip


def _endpoints(words: Words) -> list[Panel]:
    names = ("target", "unit", "family", "model", "software")
    listed = f"max by ({', '.join(names)}) ({of('wanwatch_endpoint_info')})"
    parts = f"min by (target, kind, name) ({of('wanwatch_endpoint_peripheral_up')})"
    return [
        states(words, "endpoint.heard",
               [Query(f"min by (target) ({of('wanwatch_probe_alive')})", "{{target}}")], TO),
        table(words, "endpoint.listed", [(listed, Column())], ways.ROW_ENDPOINT,
              names=names),
        states(words, "endpoint.parts", [Query(parts, "{{target}} {{kind}} {{name}}")],
               ways.ENDPOINT, width=12),
        _curve(words, "endpoint.call_lost", "wanwatch_call_lost_ratio", "media direction",
               "percentunit", Steps(0.005, 0.01)),
        _curve(words, "endpoint.call_jitter", "wanwatch_call_jitter_seconds", "media direction",
               "s", Steps(0.02, 0.035)),
    ]  # fmt: skip


def _paths(words: Words) -> list[Panel]:
    mos = f"min by (target, direction) ({of('wanwatch_stamp_mos')})"
    return [
        _curve(words, "endpoint.lost", "wanwatch_stamp_direction_lost_ratio", "direction",
               "percentunit", Steps(0.005, 0.01)),
        _curve(words, "endpoint.jitter", "wanwatch_stamp_jitter_seconds", "direction", "s",
               Steps(0.02, 0.035)),
        _curve(words, "endpoint.delay", "wanwatch_stamp_delay_seconds", "direction", "s",
               Steps(0.15, 0.25)),
        curves(words, "endpoint.mos", [Query(mos, "{{target}} {{direction}}")], TO, unit="none",
               steps=Steps(4.0, 3.6), most=5),
        _curve(words, "endpoint.ping_lost", "wanwatch_icmp_lost_ratio", "", "percentunit",
               Steps(0.02, 0.05)),
        _curve(words, "endpoint.ping", "wanwatch_icmp_rtt_mean_seconds", "", "s", None),
    ]  # fmt: skip


def _devices(words: Words) -> list[Panel]:
    full, charge = Steps(0.70, 0.85), "wanwatch_ups_charge_ratio"
    errors = f"max by (target, interface) (rate({of('wanwatch_interface_receive_errors_total')}"
    return [
        _curve(words, "endpoint.received", "wanwatch_interface_receive_used_ratio", "interface",
               "percentunit", full),
        _curve(words, "endpoint.sent", "wanwatch_interface_transmit_used_ratio", "interface",
               "percentunit", full),
        curves(words, "endpoint.errors",
               [Query(f"{errors}[$__rate_interval]))", "{{target}} {{interface}}")], TO,
               unit="pps"),
        _curve(words, "endpoint.charge", charge, "", "percentunit", None),
        _curve(words, "endpoint.runtime", "wanwatch_ups_runtime_seconds", "", "s", None),
        _curve(words, "endpoint.answers", "wanwatch_probe_answer_seconds", "probe", "s", None),
    ]  # fmt: skip
