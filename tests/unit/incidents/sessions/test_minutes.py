"""Minutes lost: counted once per point, within the session's own time, recomputed by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from incidents.sessions.figures import figures_of
from incidents.sessions.log import LogEntry, LogKind
from incidents.sessions.minutes import covered, lost_of
from incidents.sessions.model import Point, Session, Stage

START = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
POINTS = (
    Point(1, "U1", "Một", path="duong-1"),
    Point(2, "U2", "Hai", path="duong-1"),
    Point(3, "U2", "Ba", path="duong-2"),
)
SESSION = Session(
    1, "Họp", "A", START, START + 120 * MINUTE, began_at=START, over_at=START + 100 * MINUTE,
    stage=Stage.ENDED, points=POINTS,
)  # fmt: skip
LOSING = frozenset({"no_picture", "no_sound"})


def entry(minute: float, kind: str, point: int, code: str = "", number: int = 0) -> LogEntry:
    """Return an entry so many minutes after the beginning."""
    at = START + minute * MINUTE
    return LogEntry(at, "person:An", LogKind(kind), point=point, code=code, id=number)


def minutes(*log: LogEntry, session: Session = SESSION) -> dict[int, float]:
    """Return the minutes lost by point."""
    lost = lost_of(session, log, LOSING, START + 200 * MINUTE)
    return {point: seconds / 60 for point, seconds in lost.by_point.items()}


def test_from_symptom_to_restored() -> None:
    """Two symptoms at once at one point are one interruption; another point counts for itself."""
    assert minutes(
        entry(10, "symptom", 1, "no_picture"),
        entry(12, "symptom", 1, "no_sound"),
        entry(14, "symptom", 2, "no_sound"),
        entry(15, "restored", 1, "no_picture"),
        entry(17, "restored", 1),
        entry(24, "restored", 2),
    ) == {1: 7, 2: 10}


def test_what_is_not_restored_lasts_to_the_end_and_not_longer() -> None:
    """What began before the session counts from its beginning; what came after does not."""
    assert minutes(
        entry(-10, "symptom", 1, "no_sound"),
        entry(5, "restored", 1),
        entry(90, "symptom", 2, "no_sound"),
        entry(150, "restored", 2),
        entry(110, "symptom", 3, "no_sound"),
    ) == {1: 5, 2: 10}


def test_the_whole_session_costs_every_point_and_echo_costs_nobody() -> None:
    """A bridge fault is entered once; `loses: false` counts as a fault and no minute."""
    log = (
        entry(10, "symptom", 0, "no_picture"), entry(14, "restored", 0),
        entry(12, "symptom", 1, "no_sound"), entry(16, "restored", 1),
        entry(30, "symptom", 3, "echo"),
    )  # fmt: skip
    assert minutes(*log) == {1: 6, 2: 4, 3: 4}
    assert len(lost_of(SESSION, log, LOSING, START).faults) == 3


SPAN = st.tuples(st.integers(-30, 130), st.integers(0, 60))


@given(st.lists(st.tuples(st.integers(1, 3), SPAN), max_size=12))
def test_any_log_agrees_with_counting_second_by_second(
    spans: list[tuple[int, tuple[int, int]]],
) -> None:
    """For each minute of the session: is there a symptom that was not restored?"""
    log, number = [], 0
    for point, (begin, length) in spans:
        number += 1
        log += [entry(begin, "symptom", point, "no_sound", number)]
        number += 1
        log += [entry(begin + length, "restored", point, "", number)]
    found = minutes(*log)
    for point in (1, 2, 3):
        down = 0
        for minute in range(100):
            is_down = False
            ordered = sorted((e for e in log if e.point == point), key=lambda e: (e.at, e.id))
            for one in ordered:
                if one.at <= START + minute * MINUTE:
                    is_down = one.kind is LogKind.SYMPTOM
            down += is_down
        # An entry that ends what began before it ends everything at its point.
        assert found.get(point, 0) == down
    assert sum(found.values()) <= 300


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), max_size=10))
def test_covered_time_is_that_of_the_union(spans: list[tuple[int, int]]) -> None:
    """Spans that overlap, touch, are empty or backwards."""
    given_spans = [(START + a * MINUTE, START + b * MINUTE) for a, b in spans]
    expected = len({minute for a, b in spans for minute in range(a, b)})
    assert covered(given_spans) == expected * MINUTE


def test_figures_of_a_month() -> None:
    """Sessions, those with faults, minutes, causes, by unit and line; rehearsals stay out."""
    clean = Session(
        2, "Họp 2", "B", START, START + 60 * MINUTE, began_at=START, over_at=START + 60 * MINUTE,
        closed_at=START + 70 * MINUTE, stage=Stage.REPORTED, points=POINTS[:1],
    )  # fmt: skip
    rehearsal = Session(3, "Thử", "A", START, START + MINUTE, kind="rehearsal", began_at=START)
    cancelled = Session(4, "Hủy", "C", START, START + MINUTE, stage=Stage.CANCELLED)
    log = (
        entry(10, "symptom", 2, "no_sound"), entry(20, "restored", 2),
        entry(30, "symptom", 3, "no_picture"), entry(35, "restored", 3),
        entry(40, "symptom", 0, "echo"),
    )  # fmt: skip
    found = figures_of(
        [(SESSION, log), (clean, ()), (rehearsal, ()), (cancelled, ())], LOSING, START
    )
    assert (found.planned, found.held, found.cancelled, found.rehearsals) == (3, 2, 1, 1)
    assert (found.with_faults, found.faults, found.lost_seconds) == (1, 3, 900)
    assert (found.clean, found.unclosed) == (1, 1)
    assert [(c.code, c.faults, c.lost_seconds) for c in found.causes] == [
        ("no_sound", 1, 600), ("no_picture", 1, 300), ("echo", 1, 0)
    ]  # fmt: skip
    units = {row.name: (row.sessions, row.with_faults, row.lost_seconds) for row in found.units}
    assert units == {"U1": (2, 1, 0), "U2": (1, 1, 900)}
    assert [(row.name, row.lost_seconds) for row in found.lines] == [
        ("duong-1", 600), ("duong-2", 300)
    ]  # fmt: skip
