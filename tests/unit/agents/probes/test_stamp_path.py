"""What a run says of a path, from packets and answers alone."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.probes.stamp_path import Reply, figures, lost_each_way

# The far clock is wrong by an hour: nothing but the delay one way may depend on it.
FAR_AHEAD = 1_700_000_000.0


class Fate(NamedTuple):
    """What happens to one packet: lost there, lost on the way back, or its delays in seconds."""

    lost: str = ""
    there: float = 0.010
    back: float = 0.020


def travel(fates: list[Fate], gap: float = 0.1) -> tuple[list[float], list[Reply]]:
    """Return what a stateful reflector makes of it, whose turn takes 1 ms."""
    sent_at = [100.0 + gap * n for n in range(len(fates))]
    there = [(sent_at[n] + f.there, n) for n, f in enumerate(fates) if f.lost != "there"]
    back = []
    for far_seq, (at, n) in enumerate(sorted(there)):
        if fates[n].lost != "back":
            far = at + FAR_AHEAD
            arrival = at + 0.001 + fates[n].back
            back.append(Reply(n, far_seq, sent_at[n], arrival, far, far + 0.001))
    return sent_at, sorted(back, key=lambda reply: reply.received_at)


FATES = st.lists(st.sampled_from(["", "", "", "there", "back"]).map(Fate), min_size=1, max_size=80)
DELAYS = st.floats(0, 0.4)


@given(FATES)
def test_loss_is_told_by_direction(fates: list[Fate]) -> None:
    """Exactly, up to the last packet answered: what went there, and of that what came back."""
    sent_at, replies = travel(fates)
    found = figures(sent_at, replies, 34)
    assert found.lost_ratio == pytest.approx(sum(bool(f.lost) for f in fates) / len(fates))
    if not replies:
        assert (found.forward, found.reverse, found.round_trips) == (None, None, None)
        return
    until = fates[: max(reply.seq for reply in replies) + 1]
    lost_there = sum(f.lost == "there" for f in until)
    lost_back = sum(f.lost == "back" for f in until)
    forward, reverse = lost_each_way(replies)
    assert forward == pytest.approx(lost_there / len(until))
    assert reverse == pytest.approx(lost_back / (len(until) - lost_there))


@given(st.lists(st.tuples(DELAYS, DELAYS), min_size=1, max_size=50))
def test_delays_and_order_hold_whatever_the_clocks_say(delays: list[tuple[float, float]]) -> None:
    """Round trips without the reflector's share; nothing lost is nothing lost, in any order."""
    sent_at, replies = travel([Fate("", there, back) for there, back in delays])
    found = figures(sent_at, replies, 34)
    trips = [there + back for there, back in delays]
    assert found.round_trips == pytest.approx((min(trips), sum(trips) / len(trips), max(trips)),
                                              abs=1e-5)  # fmt: skip
    assert found.lost_ratio == 0
    assert lost_each_way(replies) == (0, 0)
    for one in (found.forward, found.reverse):
        assert one is not None
        assert 0 <= one.reordered_ratio < 1
        assert one.delay_seconds is None


@given(st.lists(st.builds(Reply, *[st.integers(0, 500)] * 2, *[st.floats(-1e9, 1e9)] * 4)))
def test_any_answers_give_ratios(replies: list[Reply]) -> None:
    """A reflector that lies makes figures that are wrong, never ones that are impossible."""
    found = figures([0.1 * n for n in range(501)], replies, 34)
    ratios = [found.lost_ratio, found.worst_window_lost_ratio]
    for one in (found.forward, found.reverse):
        if one is not None:
            ratios += [one.reordered_ratio, one.lost_ratio or 0, one.remarked_ratio or 0]
    assert all(0 <= ratio <= 1 for ratio in ratios)


def test_a_packet_that_is_overtaken_is_reordered() -> None:
    """One held up on the way there, one on the way back."""
    fates = [Fate() for _ in range(10)]
    fates[2] = Fate(there=0.35)
    fates[6] = Fate(back=0.35)
    found = figures(*travel(fates), 34)
    assert found.forward is not None
    assert found.reverse is not None
    assert (found.forward.reordered_ratio, found.reverse.reordered_ratio) == (0.1, 0.1)


def test_a_burst_is_seen_in_its_window() -> None:
    """Twelve packets of 600 are 2 % of the minute and 24 % of five seconds."""
    fates = [Fate("there" if 200 <= n < 212 else "") for n in range(600)]
    found = figures(*travel(fates), 34)
    assert found.lost_ratio == pytest.approx(0.02)
    assert found.worst_window_lost_ratio == pytest.approx(0.24)
    assert found.longest_loss == 12


@pytest.mark.parametrize(("packets", "worst"), [(20, 0.25), (70, 0.1), (80, 5 / 30)])
def test_a_short_rest_is_no_window_of_its_own(packets: int, worst: float) -> None:
    """Up to half a window counts with the one before it."""
    fates = [Fate("there" if n >= packets - 6 and n < packets - 1 else "") for n in range(packets)]
    assert figures(*travel(fates), 34).worst_window_lost_ratio == pytest.approx(worst, abs=0.03)


def test_a_duplicate_is_no_second_packet() -> None:
    """One doubled on the way back, one on the way there, which the reflector answers twice."""
    sent_at, replies = travel([Fate() for _ in range(10)])
    doubled = [*replies, replies[3]]
    assert figures(sent_at, doubled, 34).duplicates == 1
    assert lost_each_way(doubled) == (0, 0)
    later = [one._replace(far_seq=one.far_seq + (one.seq > 4)) for one in replies]
    twice = [*later, later[4]._replace(far_seq=5)]
    assert lost_each_way(twice) == (0, 0)


def test_a_reflector_that_began_anew_tells_no_direction() -> None:
    """Its numbers start at 0 again; the loss there and back together is still known."""
    sent_at, replies = travel([Fate() for _ in range(300)])
    anew = [one._replace(far_seq=one.far_seq - 200) if one.seq >= 200 else one for one in replies]
    found = figures(sent_at, anew, 34)
    assert found.lost_ratio == 0
    assert lost_each_way(anew) == (None, None)


def test_delay_one_way_needs_both_clocks() -> None:
    """With them it is told; clocks by which packets arrive before they left are not believed."""
    sent_at, replies = travel([Fate() for _ in range(10)])
    kept = [one._replace(clock_ahead=FAR_AHEAD) for one in replies]
    found = figures(sent_at, kept, 34)
    assert found.forward is not None
    assert found.reverse is not None
    assert found.forward.delay_seconds == pytest.approx(0.010, abs=1e-6)
    assert found.reverse.delay_seconds == pytest.approx(0.020, abs=1e-6)
    wrong = [one._replace(clock_ahead=FAR_AHEAD + 1) for one in replies]
    found = figures(sent_at, wrong, 34)
    assert found.forward is not None
    assert found.forward.delay_seconds is None


def test_a_marking_that_changed_is_told() -> None:
    """What arrived there and here, and how many of them were not as sent; None where not told."""
    sent_at, replies = travel([Fate() for _ in range(4)])
    marked = [one._replace(arrived=34 if one.seq else 0) for one in replies]
    found = figures(sent_at, marked, 34)
    assert found.forward is not None
    assert found.reverse is not None
    assert (found.forward.marking, found.forward.remarked_ratio) == (34, 0.25)
    assert (found.reverse.marking, found.reverse.remarked_ratio) == (None, None)


def test_nothing_sent_is_no_figure() -> None:
    """And no error."""
    assert figures([], [], 34).lost_ratio == 0
