"""Maintenance around sessions and peak periods: refused, warned of, or let through."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from collector.sessions.freeze import check, in_the_way
from collector.storage.mutes import NewMute
from incidents.conditions import Refused
from incidents.sessions.model import Point, Session, Stage
from incidents.sessions.policy import Known, load_sessions
from incidents.sessions.presence import Presence

START = datetime(2026, 11, 28, 1, 0, tzinfo=UTC)  # a Saturday, 08:00 here
HOUR = timedelta(hours=1)
UNITS = {"U1": "Một", "U2": "Hai"}
PEAK = "peaks: [{code: p, vi: Đại hội, en: Congress, from: 2026-12-01, to: 2026-12-02}]"
POLICY = load_sessions(PEAK, file="s.yaml", known=Known(units=UNITS))
PRESENCE = Presence(POLICY, {"target:codec": ("target:router",)})
SESSION = Session(
    1, "Họp", "A", START, START + 2 * HOUR, points=(Point(1, "U1", "Một", target="codec"),)
)


def window(
    start: datetime, hours: float = 1, *, agent: str = "", unit: str = "U1", weekly: str = ""
) -> NewMute:
    """Return a window."""
    end = start + hours * HOUR
    return NewMute("maintenance", agent, unit, "", "Thay thẻ", "An", start, end, weekly)


@pytest.mark.parametrize(
    ("new", "frozen"),
    [
        (window(START), True),
        (window(START - 2 * HOUR), False),
        (window(START - 1.5 * HOUR), True),  # the pre-check has begun
        (window(START + 2 * HOUR), False),
        (window(START, unit="U2"), False),
        (window(START, unit="", agent="target:codec"), True),
        (window(START, unit="", agent="target:router"), True),
        (window(START, unit="", agent="target:printer"), False),
        (window(START, unit="", agent="unit:U1"), True),
        (window(START - 7 * 24 * HOUR, 14 * 24, weekly="T7 08:30-09:00"), True),
        (window(START - 7 * 24 * HOUR, 9 * 24, weekly="T7 22:00-23:00"), False),
    ],
)
def test_a_window_is_held_against_a_session(new: NewMute, frozen: bool) -> None:
    """By its time, also week after week, and by what lies in the path of the points."""
    found = in_the_way(new, [SESSION], POLICY, PRESENCE)
    sessions = [one for one in found if one.how == "refuse"]
    assert bool(sessions) is frozen


def test_what_is_over_cancelled_or_rehearsed_freezes_nothing() -> None:
    """Class C neither."""
    for change in (
        {"stage": Stage.CANCELLED}, {"stage": Stage.ENDED}, {"kind": "rehearsal"},
        {"session_class": "C"},
    ):  # fmt: skip
        assert in_the_way(window(START), [replace(SESSION, **change)], POLICY, PRESENCE) == []  # type: ignore[arg-type]


def test_a_warning_is_overridden_and_a_refusal_is_not() -> None:
    """A peak period warns unless the file says more; both are named."""
    peak = in_the_way(window(START + 72 * HOUR), [], POLICY, PRESENCE)
    with pytest.raises(Refused, match="Congress") as warned:
        check(peak, despite=False)
    assert warned.value.needed == ("despite_session",)
    check(peak, despite=True)
    check([], despite=False)
    with pytest.raises(Refused, match="Họp"):
        check(in_the_way(window(START), [SESSION], POLICY, PRESENCE), despite=True)
