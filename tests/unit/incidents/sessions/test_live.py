"""Tiles of the live board: what flows, what was logged, and that no data is never green."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.sessions.cells import Verdict
from incidents.sessions.check import Asked
from incidents.sessions.facts import PointFacts
from incidents.sessions.live import FIELDS, Symptom, Tile, open_symptoms, tile
from incidents.sessions.log import LogEntry, LogKind
from incidents.sessions.moments import Moment
from incidents.sessions.thresholds import BY_CLASS
from tests.session_facts import (
    STARTS_AT,
    good_endpoint,
    good_point,
    good_word,
    point,
    reading,
    session,
)

if TYPE_CHECKING:
    from incidents.sessions.facts import Reading

NOW = STARTS_AT + timedelta(minutes=20)
LIVE = session(began_at=STARTS_AT)
ASKED = Asked(LIVE, Moment.LIVE, BY_CLASS["A"], NOW)


def streams(lost: float = 0.0, bits: float = 1e6) -> tuple[Reading, ...]:
    """Return what a codec tells of picture and sound."""
    return tuple(
        one
        for media in ("audio", "video")
        for one in (
            reading("wanwatch_call_lost_ratio", lost, media=media, direction="receive"),
            reading("wanwatch_call_bits_per_second", bits, media=media, direction="receive"),
        )
    )


def in_call(*more: Reading, **changes: Any) -> PointFacts:
    """Return a point in the conference."""
    return good_point(endpoint=(*good_endpoint("9001"), *more), **changes)


def verdicts(found: Tile) -> dict[str, str]:
    """Return the verdict of each field."""
    return {name: found.cells[name].verdict.value for name in FIELDS}


def test_a_point_whose_streams_flow_is_good() -> None:
    """Picture, sound, path and call, each by what was measured of it."""
    found = tile(in_call(*streams()), (), ASKED)

    assert set(verdicts(found).values()) == {"go"}
    assert found.verdict is Verdict.GO


def test_what_nobody_measures_is_grey_and_a_persons_word_stands_in_for_it() -> None:
    """A codec that tells of no streams: what somebody saw since the beginning, or nothing."""
    assert verdicts(tile(in_call(), (), ASKED))["picture"] == "not_checked"
    seen = tile(in_call(said=(good_word(NOW),)), (), ASKED)
    assert verdicts(seen)["picture"] == "go"
    before = tile(in_call(said=(good_word(STARTS_AT - timedelta(minutes=5)),)), (), ASKED)
    assert verdicts(before)["picture"] == "not_checked"
    bad = tile(in_call(*streams(), said=(good_word(NOW, "no_picture"),)), (), ASKED)
    assert verdicts(bad) == {"picture": "no_go", "sound": "go", "path": "go", "call": "go"}


@pytest.mark.parametrize(
    ("more", "field", "verdict"),
    [
        (streams(lost=0.02), "picture", "no_go"),
        (streams(lost=0.006), "sound", "warning"),
        (streams(bits=0.0), "picture", "no_go"),
        ((*streams(), reading("wanwatch_endpoint_video_muted", 1)), "picture", "warning"),
        ((*streams(), reading("wanwatch_endpoint_microphone_muted", 1)), "sound", "go"),
    ],
)
def test_what_flows_badly_is_told(more: tuple[Reading, ...], field: str, verdict: str) -> None:
    """By the thresholds of the class; a muted microphone is as it should be."""
    assert verdicts(tile(in_call(*more), (), ASKED))[field] == verdict


def test_a_codec_that_left_or_is_silent_shows_in_the_call() -> None:
    """Out of the conference, and out of reach."""
    left = tile(good_point(), (), ASKED)
    dead = replace(in_call(), endpoint=(reading("wanwatch_probe_alive", 0, probe="sip"),))

    assert (left.cells["call"].verdict, left.cells["call"].reason) == (Verdict.NO_GO, "not_joined")
    assert tile(dead, (), ASKED).cells["call"].reason == "silent"


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ("freeze", "picture"),
        ("echo", "sound"),
        ("line", "path"),
        ("dropped", "call"),
        ("x", "call"),
    ],
)
def test_a_symptom_outweighs_what_flows_until_it_is_restored(code: str, field: str) -> None:
    """Whoever logged it saw it; every symptom has a field that shows it."""
    found = tile(in_call(*streams()), (Symptom(code, NOW, "person:an"),), ASKED)

    assert {name for name, verdict in verdicts(found).items() if verdict == "no_go"} == {field}
    cell = found.cells[field]
    assert (cell.text, cell.source, cell.said_at) == (code, "person:an", NOW)


def entry(minute: int, kind: LogKind, code: str = "", place: int = 2) -> LogEntry:
    """Return an entry of the log."""
    return LogEntry(
        NOW + timedelta(minutes=minute), "person:an", kind, point=place, code=code, id=minute
    )


def test_symptoms_go_on_until_they_are_restored() -> None:
    """One by its name, or all of the point; the first time that it was logged counts."""
    log = [
        entry(1, LogKind.SYMPTOM, "no_sound"),
        entry(2, LogKind.SYMPTOM, "no_picture"),
        entry(3, LogKind.SYMPTOM, "no_sound"),
        entry(4, LogKind.RESTORED, "no_picture"),
        entry(5, LogKind.SYMPTOM, "line", 3),
        entry(6, LogKind.RESTORED, "", 3),
        entry(7, LogKind.NOTE, "", 4),
    ]

    found = open_symptoms(reversed(log))

    assert list(found) == [2]
    assert [(one.code, one.at) for one in found[2]] == [("no_sound", NOW + timedelta(minutes=1))]


def test_of_a_telephone_only_sound_and_presence_are_shown() -> None:
    """It has no picture and no path of its own."""
    facts = PointFacts(point(way="telephone", target="", path=""), said=(good_word(NOW),))

    assert verdicts(tile(facts, (), ASKED)) == {
        "picture": "not_applicable", "sound": "go", "path": "not_applicable", "call": "go",
    }  # fmt: skip


@given(old=st.sets(st.integers(0, 20)), way=st.sampled_from(["codec", "software", "telephone"]))
def test_nothing_old_is_ever_green(old: set[int], way: Any) -> None:
    """Whichever values stopped coming, no field of which the only word is old is a go."""
    facts = in_call(*streams())
    ends = tuple(one._replace(is_old=place in old) for place, one in enumerate(facts.endpoint))
    found = tile(replace(facts, endpoint=ends, point=replace(facts.point, way=way)), (), ASKED)

    for cell in found.cells.values():
        if cell.verdict is Verdict.GO:
            fresh = {one.age_seconds for one in (*ends, *facts.path) if not one.is_old}
            assert cell.age_seconds in fresh
