"""The state of an endpoint from its newest values: nothing old is taken for the present."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.targets.endpoint_state import STANDINGS, EndpointState, Reading, endpoint_state

if TYPE_CHECKING:
    from collector.targets.endpoint_state import Standing

NOW = 1_795_000_000.0


def reading(
    name: str, value: float, /, age: float = 10, spacing: float = 60, **labels: str
) -> Reading:
    return Reading(f"wanwatch_{name}", {"target": "cx-a", **labels}, value, NOW - age, spacing)


ALIVE = [
    reading("probe_alive", 1, probe="cisco_xapi"),
    reading("probe_answer_code", 0, probe="cisco_xapi"),
]


def state(*readings: Reading, severities: tuple[str, ...] = ()) -> EndpointState:
    return endpoint_state(readings, severities, NOW)


def test_an_endpoint_of_which_nothing_came_has_no_data() -> None:
    """Neither good nor bad, neither idle nor in a call."""
    found = state()
    assert (found.standing, found.is_reachable, found.activity) == ("no_data", None, None)
    assert found.seen_at is None


def test_figures_that_are_too_old_say_nothing_of_the_present() -> None:
    """Three spacings and half a minute; what is shown then is its age."""
    fresh = state(*ALIVE, reading("endpoint_calls", 1, age=200))
    assert fresh.activity == "in_call"
    old = state(
        reading("probe_alive", 1, age=211, probe="sip"),
        reading("probe_answer_code", 0, age=211, probe="sip"),
        reading("endpoint_calls", 1, age=211),
    )
    assert (old.standing, old.is_reachable, old.activity) == ("no_data", None, None)
    assert old.figures["endpoint_calls"].age_seconds == 211
    assert not old.figures["endpoint_calls"].is_fresh


@pytest.mark.parametrize(
    ("spacing", "age", "is_fresh"),
    [(10, 60, True), (10, 61, False), (0, 210, True), (0, 211, False), (3_600, 10_000, True)],
)
def test_each_figure_is_as_old_as_its_own_spacing_allows(
    spacing: float, age: float, *, is_fresh: bool
) -> None:
    """A certificate is looked at each hour, a call each ten seconds."""
    found = state(reading("tls_expiry_timestamp_seconds", NOW, age=age, spacing=spacing))
    assert found.figures["tls_expiry_timestamp_seconds"].is_fresh is is_fresh


@pytest.mark.parametrize(
    ("calls", "standby", "activity"),
    [(1, 0, "in_call"), (1, 1, "in_call"), (0, 1, "standby"), (0, 0, "idle")],
)
def test_what_it_does(calls: float, standby: float, activity: str) -> None:
    """A call comes before standby, and standby before nothing."""
    found = state(reading("endpoint_calls", calls), reading("endpoint_standby", standby))
    assert found.activity == activity


@pytest.mark.parametrize(
    ("severities", "more", "standing"),
    [
        ((), [], "good"),
        (("warning",), [], "warning"),
        (("warning", "critical"), [], "critical"),
        ((), [reading("endpoint_registered", 0, protocol="sip")], "warning"),
        ((), [reading("endpoint_registered", 0, age=900, protocol="sip")], "good"),
        ((), [reading("endpoint_peripheral_up", 0, kind="camera", name="1")], "warning"),
        ((), [reading("bridge_zone_up", 0, zone="DMZ")], "warning"),
    ],
)
def test_how_it_stands(
    severities: tuple[str, ...], more: list[Reading], standing: Standing
) -> None:
    """The worst that fires; a bad fact is no good standing while its alert still waits."""
    assert state(*ALIVE, *more, severities=severities).standing == standing


def test_one_answer_is_enough_to_be_reachable() -> None:
    """And none that is alive is not; the alert says which probe failed."""
    silent = [reading("probe_alive", 0, probe="sip"), reading("probe_answer_code", 2, probe="sip")]
    assert state(*silent).is_reachable is False
    assert state(*silent).standing == "warning"
    assert state(*silent, *ALIVE).is_reachable is True


def test_its_calls_have_figures_for_each_direction() -> None:
    """With the far end; the worst of all is told for the list, if it is of the present."""
    of = {"call": "27", "media": "video"}
    found = state(
        *ALIVE,
        reading("endpoint_calls", 1),
        reading("call_info", 1, call="27", far_end="Điểm cầu xã A", protocol="sip"),
        reading("call_duration_seconds", 61, call="27"),
        reading("call_lost_ratio", 0.04, direction="receive", **of),
        reading("call_lost_ratio", 0.5, age=999, direction="transmit", **of),
        reading("call_jitter_seconds", 0.02, direction="receive", **of),
    )
    (call,) = found.calls
    assert (call.far_end, call.protocol) == ("Điểm cầu xã A", "sip")
    assert call.figures["duration_seconds"].value == 61
    assert [(one.media, one.direction) for one in call.streams] == [
        ("video", "receive"), ("video", "transmit"),
    ]  # fmt: skip
    assert found.worst_lost_ratio is not None
    assert found.worst_lost_ratio.value == 0.04
    assert found.worst_jitter_seconds is not None
    assert found.worst_jitter_seconds.value == 0.02


def test_the_rest_of_what_is_known() -> None:
    """Identity (the newest one), certificate, path by direction, the call that ended last."""
    found = state(
        reading("endpoint_info", 1, age=90, family="cisco", model="SX20", software="7", serial="F"),
        reading("endpoint_info", 1, family="cisco", model="SX20", software="9", serial="F"),
        reading("endpoint_last_call_lost_ratio", 0.015, media="video", direction="receive"),
        reading("endpoint_last_call_timestamp_seconds", NOW - 60),
        reading("stamp_rtt_mean_seconds", 0.04),
        reading("stamp_direction_lost_ratio", 0.01, direction="forward"),
        reading("stamp_mos", 4.1, direction="forward", codec="G.711", scale="narrowband"),
        reading("tls_chain_trusted", 0),
    )
    assert found.identity["software"] == "9"
    assert found.path[""]["stamp_rtt_mean_seconds"].value == 0.04
    assert set(found.path["forward"]) == {"stamp_direction_lost_ratio"}
    assert found.last_call["video/receive"].value == 0.015
    assert found.figures["tls_chain_trusted"].value == 0


NAMES = st.sampled_from(
    ["probe_alive", "probe_answer_code", "endpoint_calls", "endpoint_standby", "call_lost_ratio",
     "endpoint_registered", "endpoint_info", "endpoint_peripheral_up", "call_info",
     "stamp_direction_lost_ratio", "tls_expiry_timestamp_seconds", "call_duration_seconds"]
)  # fmt: skip
LABELS = st.dictionaries(
    st.sampled_from(["probe", "protocol", "call", "media", "direction", "kind", "name"]),
    st.sampled_from(["a", "b", ""]),
)
READINGS = st.builds(
    lambda name, labels, value, age, spacing: reading(name, value, age, spacing, **labels)
    if "name" not in labels
    else Reading(f"wanwatch_{name}", labels, value, NOW - age, spacing),
    NAMES, LABELS, st.floats(-1e9, 1e9), st.floats(-100, 1e5), st.sampled_from([0.0, 10.0, 60.0]),
)  # fmt: skip


@given(st.lists(READINGS, max_size=30), st.sets(st.sampled_from(["warning", "critical"])))
def test_whatever_came_has_a_state(readings: list[Reading], severities: set[str]) -> None:
    """It is never good without a fresh answer, and never good while something fires."""
    found = endpoint_state(readings, severities, NOW)
    assert found.standing in STANDINGS
    if found.standing == "good":
        assert found.is_reachable
        assert not severities
    if found.activity == "in_call":
        assert found.figures["endpoint_calls"].is_fresh
