"""Readiness: what each check comes to, what is never green, what comes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import isnan
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.sessions.cells import WORST_FIRST, Cell, Verdict
from incidents.sessions.check import Asked
from incidents.sessions.checks import CHECKS
from incidents.sessions.facts import PointFacts, Reading, Trouble, Work
from incidents.sessions.moments import Moment, moment_of
from incidents.sessions.policy import load_sessions
from incidents.sessions.readiness import board, cells
from incidents.sessions.thresholds import BY_CLASS, of_policy
from tests.session_facts import (
    STARTS_AT,
    T15M,
    T24H,
    T60M,
    good_endpoint,
    good_point,
    good_word,
    point,
    reading,
    session,
)

if TYPE_CHECKING:
    from datetime import datetime

SECOND = timedelta(seconds=1)
PART = "wanwatch_endpoint_peripheral_up"
GO, WARNING, NO_GO = Verdict.GO, Verdict.WARNING, Verdict.NO_GO
NOT_CHECKED, NOT_APPLICABLE = Verdict.NOT_CHECKED, Verdict.NOT_APPLICABLE


def cell(name: str, facts: PointFacts, now: datetime = T60M, session_class: str = "A") -> Cell:
    """Return the cell of one check."""
    of = session(session_class)  # type: ignore[arg-type]
    asked = Asked(of, moment_of(of, now), BY_CLASS[of.session_class], now)
    return next(one for one in cells(facts, asked) if one.check == name)


def with_endpoint(metric: str, value: float, **labels: Any) -> PointFacts:
    """Return a good point with one series of its endpoint in place of those of that metric."""
    kept = tuple(one for one in good_endpoint() if one.metric != metric)
    return good_point(endpoint=(*kept, reading(metric, value, **labels)))


def with_path(metric: str, value: float, **labels: Any) -> PointFacts:
    """Return a good point with one series of its path in place of those of that metric."""
    good = good_point()
    kept = tuple(one for one in good.path if one.metric != metric)
    return replace(good, path=(*kept, reading(metric, value, source="path-1", **labels)))


def with_site(metric: str, value: float, **labels: Any) -> PointFacts:
    """Return a good point with one more series of its surroundings."""
    good = good_point()
    return replace(good, site=(*good.site, reading(metric, value, source="router-1", **labels)))


def test_a_point_without_a_fault_is_a_go_once_somebody_saw_and_heard_it() -> None:
    """Everything measured and said: go; the same without a person's word: not checked."""
    now = T60M + SECOND

    spoken = board(session(), [good_point(said=(good_word(now),))], now)
    silent = board(session(), [good_point()], now)

    assert spoken.verdict is GO
    assert silent.verdict is NOT_CHECKED


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_nothing_known_is_never_a_go(check: Any) -> None:
    """Without a value no check that measures is green, at any moment before or in a session."""
    facts = PointFacts(replace(point(), is_confirmed=False))
    # That no incident is open and no work planned is known from the tables themselves.
    known = {"troubles", "maintenance"}

    for now in (T24H - SECOND, T24H, T60M, T15M, STARTS_AT):
        found = cell(check.name, facts, now)
        assert (found.verdict is GO) == (check.name in known)


def test_an_old_value_is_not_checked_whatever_it_says() -> None:
    """Values that should have come again are grey, a failing one among them included."""
    stale = tuple(one._replace(is_old=True, age_seconds=900) for one in good_point().everything)
    facts = good_point(endpoint=stale, path=stale, site=())
    measured = {
        "reachability", "registration", "peripherals", "uptime", "path_loss", "path_jitter",
        "path_delay", "path_mtu", "path_dscp", "interfaces", "clock", "ups", "firmware",
    }  # fmt: skip

    found = {name: cell(name, facts) for name in measured}

    assert {one.verdict for one in found.values()} == {NOT_CHECKED}
    assert {one.reason for one in found.values()} == {"old"}
    assert all(one.age_seconds == 900 for one in found.values())


@pytest.mark.parametrize(
    ("metric", "labels", "value", "check", "verdict"),
    [
        ("wanwatch_probe_alive", {"probe": "sip"}, 0, "reachability", NO_GO),
        ("wanwatch_endpoint_registered", {"protocol": "h323"}, 0, "registration", NO_GO),
        (PART, {"kind": "camera", "name": "C"}, 0, "peripherals", NO_GO),
        (PART, {"kind": "other", "name": "X"}, 0, "peripherals", WARNING),
        ("wanwatch_endpoint_uptime_seconds", {}, 600, "uptime", WARNING),
        ("wanwatch_endpoint_uptime_seconds", {}, 601, "uptime", GO),
        ("wanwatch_tls_expiry_timestamp_seconds", {}, 30 * 86_400, "certificate", WARNING),
        ("wanwatch_tls_expiry_timestamp_seconds", {}, 3_600, "certificate", NO_GO),
        ("wanwatch_ntp_offset_seconds", {}, -1, "clock", WARNING),
    ],
)  # fmt: skip
def test_a_fault_of_the_endpoint_is_a_cell_with_its_value(
    metric: str, labels: dict[str, str], value: float, check: str, verdict: Verdict
) -> None:
    """Each fault of an endpoint makes its own cell what it is, with source and age."""
    absolute = T60M.timestamp() + value if "timestamp" in metric else value

    found = cell(check, with_endpoint(metric, absolute, **labels))

    assert (found.verdict, found.source, found.age_seconds) == (verdict, "codec-1", 4.0)
    assert bool(found.runbook) == (verdict is not GO)


@pytest.mark.parametrize(
    ("metric", "value", "check", "verdict", "threshold"),
    [
        ("wanwatch_stamp_direction_lost_ratio", 0.0049, "path_loss", GO, 0.005),
        ("wanwatch_stamp_direction_lost_ratio", 0.005, "path_loss", WARNING, 0.005),
        ("wanwatch_stamp_direction_lost_ratio", 0.01, "path_loss", NO_GO, 0.01),
        ("wanwatch_stamp_worst_window_lost_ratio", 0.05, "path_loss", WARNING, 0.05),
        ("wanwatch_stamp_jitter_seconds", 0.02, "path_jitter", WARNING, 0.02),
        ("wanwatch_stamp_jitter_seconds", 0.035, "path_jitter", NO_GO, 0.035),
        ("wanwatch_stamp_delay_seconds", 0.15, "path_delay", WARNING, 0.15),
        ("wanwatch_stamp_delay_seconds", 0.25, "path_delay", NO_GO, 0.25),
        ("wanwatch_stamp_remarked_ratio", 0.05, "path_dscp", WARNING, 0.05),
        ("wanwatch_path_mtu_bytes", 1_200, "path_mtu", GO, 1_199),
        ("wanwatch_path_mtu_bytes", 1_196, "path_mtu", NO_GO, 1_199),
    ],
)
def test_a_path_is_held_against_the_thresholds_of_the_class(
    metric: str, value: float, check: str, verdict: Verdict, threshold: float
) -> None:
    """A value equal to a threshold has reached it, and the cell shows both."""
    found = cell(check, with_path(metric, value))

    assert (found.verdict, found.value, found.threshold) == (verdict, value, threshold)


def test_a_session_of_class_c_bears_more_loss() -> None:
    """Thresholds are by class: what stops class A is a warning in class C."""
    facts = with_path("wanwatch_stamp_direction_lost_ratio", 0.012)

    assert cell("path_loss", facts).verdict is NO_GO
    assert cell("path_loss", facts, session_class="C").verdict is WARNING


def test_what_the_province_decided_comes_before_what_is_shipped() -> None:
    """By class, out of sessions.yaml; there and back may take twice what one way may."""
    text = "thresholds: {delay_seconds: {amber: 0.2, red: 0.4}, loss_ratio: {amber: 0.1, red: 0.2}}"

    found = of_policy(load_sessions(text, file="sessions.yaml"), "A")

    assert (found.lost_ratio, found.delay_seconds) == ((0.1, 0.2), (0.2, 0.4))
    assert found.round_trip_seconds == (0.4, 0.8)
    assert found.least_path_bytes == BY_CLASS["A"].least_path_bytes
    sooner = load_sessions("joined_from: 60m", file="sessions.yaml")
    assert of_policy(sooner, "A").joined_from is Moment.T60M


def test_without_a_reflector_pings_say_what_the_path_loses() -> None:
    """Loss and delay fall back to ping, and the cell names whom it comes from."""
    facts = good_point(
        path=(),
        endpoint=(
            reading("wanwatch_icmp_lost_ratio", 0.1),
            reading("wanwatch_icmp_rtt_mean_seconds", 0.31),
        ),
    )

    assert cell("path_loss", facts).verdict is NO_GO
    assert cell("path_delay", facts).verdict is WARNING
    assert cell("path_jitter", facts).verdict is NOT_CHECKED


@pytest.mark.parametrize(
    ("metric", "value", "labels", "check", "verdict"),
    [
        ("wanwatch_interface_transmit_used_ratio", 0.85, {}, "interfaces", WARNING),
        ("wanwatch_interface_lost", 1, {"description": "WAN"}, "interfaces", NO_GO),
        ("wanwatch_interface_lost", 1, {"description": ""}, "interfaces", GO),
        ("wanwatch_interface_half_duplex", 1, {}, "interfaces", WARNING),
        ("node_timex_offset_seconds", 1.5, {}, "clock", WARNING),
        ("wanwatch_ups_on_battery", 1, {}, "ups", WARNING),
        ("wanwatch_ups_outage_runtime_seconds", 300, {}, "ups", NO_GO),
        ("wanwatch_ups_battery_low", 1, {}, "ups", WARNING),
        ("node_power_supply_online", 0, {}, "ups", WARNING),
    ],
)
def test_what_stands_around_a_point_counts(
    metric: str, value: float, labels: dict[str, str], check: str, verdict: Verdict
) -> None:
    """Ports, clocks and power supplies of the unit are the point's."""
    assert cell(check, with_site(metric, value, **labels)).verdict is verdict


def test_errors_of_a_port_are_told_by_their_rate() -> None:
    """A counter that is high says nothing; one that grows does."""
    metric = "wanwatch_interface_receive_errors_total"
    grown = reading(metric, 9_000, source="router-1", growth_per_second=2.0)
    still = grown._replace(growth_per_second=0.0)
    good = good_point()

    found = cell("interfaces", replace(good, site=(*good.site, grown)))

    assert (found.verdict, found.value, found.measure) == (WARNING, 2.0, "per_second")
    assert cell("interfaces", replace(good, site=(*good.site, still))).verdict is GO


@pytest.mark.parametrize(
    ("now", "far_end", "verdict", "reason"),
    [
        (T60M, "", GO, "free"),
        (T60M, "9001", GO, "joined"),
        (T60M, "sip:9001@10.42.0.9", GO, "joined"),
        (T60M, "sip:90011@10.42.0.99", NO_GO, "in_other_call"),
        (T60M, "Huyện khác", NO_GO, "in_other_call"),
        (T15M, "", NO_GO, "not_joined"),
        (T15M, "MCU", GO, "joined"),
        (T15M, "Huyện khác", NO_GO, "elsewhere"),
    ],
)
def test_a_codec_is_free_or_with_us_and_near_the_start_only_with_us(
    now: datetime, far_end: str, verdict: Verdict, reason: str
) -> None:
    """From fifteen minutes before on, free is not enough; another conference never is."""
    found = cell("call", good_point(far_end=far_end), now)

    assert (found.verdict, found.reason) == (verdict, reason)


def test_a_call_whose_far_end_is_not_told_was_not_checked() -> None:
    """The endpoint is in a call, and with whom nobody knows: not green."""
    facts = with_endpoint("wanwatch_endpoint_calls", 1)

    assert cell("call", facts, T15M).verdict is NOT_CHECKED


def test_of_a_computer_or_telephone_a_person_says_whether_it_joined() -> None:
    """Nothing measures it: asked from fifteen minutes before on, and answered by the roll call."""
    phone = point(way="telephone", target="")

    def found(now: datetime, *answers: str) -> Cell:
        said = tuple(good_word(now, answer) for answer in answers)
        return cell("call", PointFacts(phone, said=said), now)

    assert found(T60M).verdict is NOT_APPLICABLE
    assert found(T15M).verdict is NOT_CHECKED
    assert found(T15M, "good").verdict is GO
    assert found(T15M, "good", "absent").verdict is NO_GO


def test_software_of_the_minority_is_a_warning() -> None:
    """The fleet's usual version is the measure, by family and model."""
    usual = {("cisco", "Room Kit"): "ce9.16"}

    found = cell("firmware", good_point(usual_software=usual))

    assert (found.verdict, found.text) == (WARNING, "ce9.15 ≠ ce9.16")


def test_open_incidents_and_planned_work_are_in_the_way() -> None:
    """A grave incident and any maintenance stop a point; a light one warns."""
    light = Trouble("SC-1", "S3", "Đường truyền", "Line", T24H)
    work = Work("H42.01: thay UPS", "An", T60M, STARTS_AT + timedelta(hours=3))

    assert cell("troubles", good_point(troubles=(light,))).verdict is WARNING
    both = (light, light._replace(code="SC-2", severity="S2"))
    assert cell("troubles", good_point(troubles=both)).verdict is NO_GO
    assert cell("maintenance", good_point(works=(work,))).verdict is NO_GO


def test_a_technician_who_has_not_confirmed_warns_first_and_stops_later() -> None:
    """A day before there is time to ask; an hour before they should be in the room."""
    facts = good_point(point(is_confirmed=False))

    assert cell("technician", facts, T24H).verdict is WARNING
    assert cell("technician", facts, T60M).verdict is NO_GO


@pytest.mark.parametrize(
    ("said_at", "now", "verdict"),
    [
        (T60M, T60M + SECOND, GO),
        (T60M, T15M - SECOND, GO),
        (T60M, T15M, NOT_CHECKED),
        (T24H, T60M, NOT_CHECKED),
        (T15M, STARTS_AT, GO),
    ],
)
def test_a_good_word_ages_out_when_the_next_moment_begins(
    said_at: datetime, now: datetime, verdict: Verdict
) -> None:
    """What somebody saw an hour before says nothing fifteen minutes before."""
    found = cell("picture", good_point(said=(good_word(said_at),)), now)

    assert (found.verdict, found.source, found.said_at) == (verdict, "person:an", said_at)


def test_a_bad_word_stands_until_somebody_says_something_else() -> None:
    """A fault that a person told of does not heal by waiting; "later" takes nothing back."""
    bad = good_word(T24H, "no_sound")
    later = good_word(T15M, "later")

    assert cell("sound", good_point(said=(bad, later)), T15M).verdict is NO_GO
    mended = (bad, later, good_word(T15M + SECOND))
    assert cell("sound", good_point(said=mended), T15M + SECOND).verdict is GO


@pytest.mark.parametrize(
    ("way", "names"),
    [
        ("software", {"registration", "peripherals", "firmware"}),
        (
            "telephone",
            {check.name for check in CHECKS}
            - {"call", "troubles", "maintenance", "technician", "sound"},
        ),
    ],
)
def test_what_says_nothing_about_a_way_does_not_apply(way: Any, names: set[str]) -> None:
    """A computer registers nowhere; of a telephone nothing is measured, and nobody sees it."""
    now = T15M + SECOND
    found = board(session(), [good_point(point(way=way), said=(good_word(now),))], now).rows[0]

    assert {one.check for one in found.cells if one.verdict is NOT_APPLICABLE} == names
    assert found.verdict is GO


def test_what_a_class_can_do_without_stays_grey_and_stops_nobody() -> None:
    """Without backup power class A is not checked; class B may begin, and the cell is not green."""
    now = T60M + SECOND
    good = good_point(said=(good_word(now),))
    facts = replace(good, site=tuple(one for one in good.site if "ups" not in one.metric))

    assert board(session("A"), [facts], now).verdict is NOT_CHECKED
    found = board(session("B"), [facts], now)
    assert found.verdict is GO
    assert next(c for c in found.rows[0].cells if c.check == "ups").verdict is NOT_CHECKED


def test_the_worst_point_comes_first_and_makes_the_session() -> None:
    """No-go before not checked before warning before go; within one, in calling order."""
    now = T60M + SECOND
    word = (good_word(now),)
    light = (Trouble("SC-1", "S4", "", "", T24H),)
    dead = (reading("wanwatch_probe_alive", 0, probe="sip"),)
    points = [
        good_point(point(1), said=word),
        good_point(point(2), said=word, troubles=light),
        good_point(point(3)),
        good_point(point(4), said=word, endpoint=dead),
        good_point(point(5), said=word),
    ]

    found = board(session(), points, now)

    assert [row.point.order for row in found.rows] == [4, 3, 2, 1, 5]
    assert found.verdict is NO_GO


def test_a_session_without_points_is_not_checked() -> None:
    """Nothing is not everything."""
    assert board(session(), [], T60M).verdict is NOT_CHECKED


METRICS = sorted({one.metric for one in good_point(far_end="x").everything})


@given(
    readings=st.lists(
        st.builds(
            Reading,
            st.just("codec-1"),
            st.sampled_from(METRICS),
            st.dictionaries(
                st.sampled_from(["probe", "kind", "name", "far_end", "software", "interface"]),
                st.text(max_size=8),
            ),
            st.floats(allow_nan=True, allow_infinity=True),
            st.floats(0, 1e6),
            st.booleans(),
            st.none() | st.floats(0, 10),
        ),
        max_size=12,
    ),
    moment=st.sampled_from(Moment),
    way=st.sampled_from(["codec", "software", "telephone"]),
    session_class=st.sampled_from(["A", "B", "C"]),
)
def test_whatever_was_measured_there_is_one_cell_a_check_and_a_go_has_its_source(
    readings: list[Reading], moment: Moment, way: Any, session_class: Any
) -> None:
    """No input breaks the board; a row is no better than its worst counted cell."""
    values = tuple(readings)
    facts = PointFacts(point(way=way), values, values, values)

    found = board(session(session_class), [facts], T60M, moment=moment)

    row = found.rows[0]
    assert [one.check for one in row.cells] == [check.name for check in CHECKS]
    for one in row.cells:
        if one.verdict is GO and one.check not in ("troubles", "maintenance", "technician"):
            assert one.source
            assert one.age_seconds is not None
            assert one.value is None or not isnan(one.value)
        if one.verdict in (NO_GO, WARNING) and one.check not in ("troubles", "maintenance"):
            assert one.runbook or one.check == "technician"
        if one.needed and one.verdict is not NOT_APPLICABLE:
            assert WORST_FIRST.index(row.verdict) <= WORST_FIRST.index(one.verdict)
