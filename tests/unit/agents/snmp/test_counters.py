"""Counters: a turn is counted, a reset never gives a value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.snmp.counters import WRAP_32, growth_per_second, is_restarted, is_turned_over
from agents.snmp.uptime import Noted, uptime

FAST_ETHERNET = 100e6 / 8


@pytest.mark.parametrize(
    ("before", "now", "bits", "seconds", "most", "expected"),
    [
        (1_000, 7_000, 64, 60, 1e9, 100),
        (7_000, 1_000, 64, 60, 1e9, None),
        (1_000, 7_000, 32, 60, FAST_ETHERNET, 100),
        (WRAP_32 - 3_000, 3_000, 32, 60, FAST_ETHERNET, 100),
        # From 2e9 back to 1,000 would take more than the port can carry: it was reset.
        (2_000_000_000, 1_000, 32, 60, FAST_ETHERNET, None),
        # Within a minute a gigabit port may have gone through 32 bits more than once.
        (1_000, 7_000, 32, 60, 1e9 / 8, None),
        (1_000, 7_000, 32, 30, 1e9 / 8, 200),
        # Nobody knows what it can carry: forwards is believed, backwards is not.
        (1_000, 7_000, 32, 60, None, 100),
        (WRAP_32 - 3_000, 3_000, 32, 60, None, None),
        (1_000, 7_000, 64, 0, None, None),
        (-1, 7_000, 64, 60, None, None),
        (1_000, WRAP_32, 32, 60, None, None),
    ],
)
def test_growth_is_told_only_where_it_can_be_known(
    before: int, now: int, bits: int, seconds: float, most: float | None, expected: float | None
) -> None:
    """A turn of 32 bits is believed where there can have been no second one."""
    width = 64 if bits == 64 else 32
    assert growth_per_second(before, now, width, seconds, most) == expected


@given(st.integers(0, WRAP_32 - 1), st.floats(0.1, 300), st.floats(1, FAST_ETHERNET), st.booleans())
def test_growth_is_what_was_sent_and_never_below_0(
    before: int, seconds: float, per_second: float, is_reset: bool
) -> None:
    """Whatever a port sends within one turn is measured; a reset to 0 gives no rate it cannot."""
    grown = int(per_second * seconds)
    now = 0 if is_reset else (before + grown) % WRAP_32
    found = growth_per_second(before, now, 32, seconds, FAST_ETHERNET)
    if found is not None:
        assert 0 <= found <= 1.1 * FAST_ETHERNET
    if not is_reset and FAST_ETHERNET * seconds < WRAP_32:
        assert found == pytest.approx(grown / seconds)


@pytest.mark.parametrize(
    ("before", "now", "seconds", "expected"),
    [
        (8_640_000, 8_646_000, 60, False),
        (8_640_000, 3_000, 60, True),
        (WRAP_32 - 3_000, 3_000, 60, False),
        # The tick before its turn, and then far less than the time that went by: a restart.
        (WRAP_32 - 3_000, 3_000, 86_400, True),
        # Longer away than it now runs: it restarted, though its figure grew.
        (1_000, 12_000, 3_600, True),
        # A recorded device never moves on.
        (8_640_000, 8_640_000, 60, False),
    ],
)
def test_a_restart_is_told_from_497_days(
    before: int, now: int, seconds: float, expected: bool
) -> None:
    """Uptime that goes back is a restart, except when it came to the end of its 32 bits."""
    assert is_restarted(before, now, seconds) is expected


def test_uptime_goes_on_after_497_days() -> None:
    """The poll before the turn says enough."""
    near = WRAP_32 - 3_000
    seconds, noted = uptime(near, None, None, 1_000.0)
    assert seconds == near / 100
    seconds, noted = uptime(3_000, None, noted, 1_060.0)
    assert seconds == (WRAP_32 + 3_000) / 100
    seconds, noted = uptime(9_000, None, noted, 1_120.0)
    assert seconds == (WRAP_32 + 9_000) / 100
    seconds, noted = uptime(500, None, noted, 5_000.0)
    assert seconds == 5


@pytest.mark.parametrize(
    ("ticks", "engine_seconds", "expected"),
    [
        # A recorded switch: 246 days by both, 141 s apart.
        (2_129_157_527, 21_291_716, 21_291_575.27),
        (3_000, 42_949_700, (WRAP_32 + 3_000) / 100),
        (3_000, 2 * 42_949_673 + 30, (2 * WRAP_32 + 3_000) / 100),
        # An engine that was set anew, or counts something else, says nothing.
        (2_129_157_527, 60, 21_291_575.27),
        (3_000, 20_000_000, 30.0),
    ],
)
def test_uptime_is_known_at_once_where_the_engine_counts_on(
    ticks: int, engine_seconds: float, expected: float
) -> None:
    """snmpEngineTime lasts 68 years; where it agrees it says how often the ticks turned."""
    assert uptime(ticks, engine_seconds, None, 0.0)[0] == pytest.approx(expected)


def test_a_turn_is_not_believed_of_a_device_that_was_away() -> None:
    """What was silent for a month and comes back with a minute was restarted."""
    assert not is_turned_over(WRAP_32 - 3_000, 6_000, 2_592_000)
    assert uptime(6_000, None, Noted(WRAP_32 - 3_000, 0, 0.0), 2_592_000.0)[0] == 60
