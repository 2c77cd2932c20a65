"""The board of a conference session: every point's endpoint, call and path, while it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.dashboards import ways
from collector.dashboards.board import board, choice
from collector.dashboards.panels import Column, Query, Steps, curves, number, states, table

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import Dashboard

    from collector.dashboards.panels import Panel
    from collector.dashboards.words import Words

KEY = "session"
POINTS = 'wanwatch_session_point_info{session="$session",target!=""}'
# The path of a point is a target of its own: its name stands where the endpoint's did.
PATHS = (
    'label_replace(wanwatch_session_point_info{session="$session",path!=""}, '
    '"target", "$1", "path", "(.+)")'
)
LOST, JITTER, DELAY = Steps(0.005, 0.01), Steps(0.02, 0.035), Steps(0.15, 0.25)
TO = ways.CHOSEN_BOARD


def build(words: Words) -> Dashboard:
    """Return the board."""
    sessions = choice(words, "session", "label_values(wanwatch_session_info, session)")
    groups = (
        ("now", _now(words)),
        ("points", _points(words)),
        ("calls", _calls(words)),
        ("paths", _paths(words)),
    )
    return board(words, KEY, groups, [sessions], since="now-3h")


def of_points(metric: str, by: str = "target") -> str:
    """Return a metric of the session's endpoints, the worst of each, with the point's name."""
    named = f"max by (target, point, unit) ({POINTS})"
    return f"{named} * on (target) group_right (point, unit) max by ({by}) ({metric})"


def of_paths(metric: str, by: str = "target") -> str:
    """Return a metric of the paths of the session's points, with the point's name."""
    named = f"max by (target, point, unit) ({PATHS})"
    return f"{named} * on (target) group_right (point, unit) max by ({by}) ({metric})"


def _now(words: Words) -> list[Panel]:
    here = 'session="$session"'
    starts = f"max(wanwatch_session_start_timestamp_seconds{{{here}}} - time())"
    ends = f"max(wanwatch_session_end_timestamp_seconds{{{here}}} - time())"
    alive = of_points("min by (target) (wanwatch_probe_alive)")
    calls = of_points("wanwatch_endpoint_calls")
    lost = of_paths("wanwatch_stamp_direction_lost_ratio")
    return [
        number(words, "session.starts", starts, ways.CHOSEN_SESSION, unit="s"),
        number(words, "session.ends", ends, ways.CHOSEN_SESSION, unit="s"),
        number(words, "session.points", f"count(wanwatch_session_point_info{{{here}}})",
               ways.CHOSEN_SESSION),
        number(words, "session.silent", f"sum(({alive}) == bool 0)", TO,
               steps=Steps(1, 2)),
        number(words, "session.in_call", f"sum(({calls}) > bool 0)", TO),
        number(words, "session.losing", f"sum(({lost}) >= bool 0.01)", TO,
               steps=Steps(1, 2)),
    ]  # fmt: skip


def _points(words: Words) -> list[Panel]:
    alive = f"min by (point) ({of_points('min by (target) (wanwatch_probe_alive)')})"
    names = ("place", "point", "unit", "target", "path")
    listed = f'max by ({", ".join(names)}) (wanwatch_session_point_info{{session="$session"}})'
    open_ones = (
        "max by (incident, severity, unit) "
        "(time() - wanwatch_incident_detected_timestamp_seconds) and on (unit) "
        'wanwatch_session_point_info{session="$session"}'
    )
    return [
        states(words, "session.heard", [Query(alive, "{{point}}")], TO),
        table(words, "session.listed", [(listed, Column())], ways.ROW_UNIT, names=names),
        table(words, "session.open", [(open_ones, Column("age", "s"))], ways.ROW_INCIDENT,
              names=("incident", "severity", "unit")),
    ]  # fmt: skip


def _calls(words: Words) -> list[Panel]:
    both, each = "target, direction", "{{point}} {{direction}}"

    def worst(metric: str, by: str, kept: str) -> str:
        return f"max by ({kept}) ({of_points(metric, by)})"

    lost = worst("wanwatch_call_lost_ratio", both, "point, target, direction")
    jitter = worst("wanwatch_call_jitter_seconds", both, "point, target, direction")
    rate = worst("wanwatch_call_bits_per_second", both, "point, target, direction")
    height = worst("wanwatch_call_frame_height_pixels", both, "point, target, direction")
    return [
        curves(words, "session.call_lost", [Query(lost, each)], TO, unit="percentunit", steps=LOST),
        curves(words, "session.call_jitter", [Query(jitter, each)], TO, unit="s", steps=JITTER),
        curves(words, "session.call_rate", [Query(rate, each)], TO, unit="bps"),
        curves(words, "session.picture", [Query(height, each)], TO, unit="none"),
    ]


def _paths(words: Words) -> list[Panel]:
    both, each = "target, direction", "{{point}} {{direction}}"
    lost = of_paths("wanwatch_stamp_direction_lost_ratio", both)
    jitter = of_paths("wanwatch_stamp_jitter_seconds", both)
    delay = of_paths("wanwatch_stamp_delay_seconds", both)
    mos = f"min by (point) ({of_paths('min by (target) (wanwatch_stamp_mos)')})"
    return [
        curves(words, "session.path_lost", [Query(lost, each)], TO, unit="percentunit", steps=LOST),
        curves(words, "session.path_jitter", [Query(jitter, each)], TO, unit="s", steps=JITTER),
        curves(words, "session.path_delay", [Query(delay, each)], TO, unit="s", steps=DELAY),
        curves(words, "session.mos", [Query(mos, "{{point}}")], TO, unit="none",
               steps=Steps(4.0, 3.6), most=5),
    ]  # fmt: skip
