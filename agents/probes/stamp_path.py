"""What test packets and their answers say of a path: loss each way, delay, variation, order.

Sources: RFC 8762 (what a stateful reflector's own numbers tell), RFC 4737 section 3 (reordering),
RFC 3550 section 6.4.1 (variation).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agents.probes.jitter import interarrival

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WINDOW_SECONDS = 5.0
# An answer counted so much lower than one before it comes from a reflector that began anew.
MOST_DISPLACED = 64


class Reply(NamedTuple):
    """One answer, in the order of arrival. Instants of ours grow steadily; the far ones are Unix.

    Attributes:
        seq: Ours; `far_seq` is the reflector's own.
        sent_at, received_at: By our monotonic clock, in seconds.
        far_received_at, far_sent_at: By the reflector's clock.
        clock_ahead: Our Unix time less our monotonic one where both clocks are kept; else None.
        arrived, returned: The marking of our packet there, and of the answer here; None: not told.
    """

    seq: int
    far_seq: int
    sent_at: float
    received_at: float
    far_received_at: float
    far_sent_at: float
    clock_ahead: float | None = None
    arrived: int | None = None
    returned: int | None = None

    @property
    def round_trip_seconds(self) -> float:
        """How long it was under way, without what the reflector took."""
        return self.received_at - self.sent_at - (self.far_sent_at - self.far_received_at)


class Direction(NamedTuple):
    """One way; None is what cannot be said.

    Attributes:
        lost_ratio: Of what set out on this way.
        reordered_ratio: Of what arrived, those overtaken by a later one.
        delay_seconds: The mean; only where both clocks are kept.
        marking: What arrived last; `remarked_ratio` of them differ from what was sent.
    """

    lost_ratio: float | None
    jitter_seconds: float
    reordered_ratio: float
    delay_seconds: float | None
    marking: int | None
    remarked_ratio: float | None


class Figures(NamedTuple):
    """What a run found; `forward` and `reverse` are None when nothing came back.

    Attributes:
        lost_ratio: Of all sent, those without an answer.
        worst_window_lost_ratio: The same in the worst 5 s.
        longest_loss: Packets without an answer in a row.
    """

    sent: int
    received: int
    duplicates: int
    lost_ratio: float
    worst_window_lost_ratio: float
    longest_loss: int
    round_trips: tuple[float, float, float] | None
    forward: Direction | None
    reverse: Direction | None


def figures(sent_at: Sequence[float], replies: Sequence[Reply], dscp: int) -> Figures:
    """Return the figures of one run.

    Args:
        sent_at: Instants of the packets 0, 1, 2, ... by our monotonic clock.
        replies: In the order of arrival; those of numbers never sent are not among them.
    """
    first: dict[int, Reply] = {}
    for reply in replies:
        first.setdefault(reply.seq, reply)
    came = list(first.values())
    answered = [seq in first for seq in range(len(sent_at))]
    lost = answered.count(False)
    result = Figures(
        len(sent_at),
        len(came),
        len(replies) - len(came),
        lost / len(sent_at) if sent_at else 0.0,
        _worst_window(sent_at, answered),
        _longest(answered),
        None,
        None,
        None,
    )
    if not came:
        return result
    trips = [max(0.0, reply.round_trip_seconds) for reply in came]
    forward_lost, reverse_lost = lost_each_way(replies)
    return result._replace(
        round_trips=(min(trips), sum(trips) / len(trips), max(trips)),
        forward=_forward(came, forward_lost, dscp),
        reverse=_reverse(came, reverse_lost, dscp),
    )


def lost_each_way(replies: Sequence[Reply]) -> tuple[float | None, float | None]:
    """Return the lost ratio forward and in reverse, up to the last packet that was answered.

    The reflector numbers its answers: those that it sent and that never came were lost on the way
    back, and what it never numbered was lost on the way there. After the last answer nobody knows.
    None where the reflector began to count anew.
    """
    top = -1
    for reply in sorted(replies, key=lambda reply: reply.seq):
        if reply.far_seq < top - MOST_DISPLACED:
            return None, None
        top = max(top, reply.far_seq)
    distinct = {reply.far_seq for reply in replies}
    known = {(reply.seq, reply.far_seq) for reply in replies}
    twice_there = len(known) - len({reply.seq for reply in replies})
    sent = max((reply.seq for reply in replies), default=-1) + 1
    reflected = top + 1 - twice_there
    if not 0 < reflected <= sent:
        return None, None
    returned = len(distinct) - twice_there
    return (sent - reflected) / sent, max(0, reflected - returned) / reflected


def _forward(came: Sequence[Reply], lost_ratio: float | None, dscp: int) -> Direction:
    by_arrival_there = sorted(came, key=lambda reply: reply.far_seq)
    transits = [one.far_received_at - one.sent_at for one in by_arrival_there]
    delays = [
        one.far_received_at - one.sent_at - one.clock_ahead
        for one in came
        if one.clock_ahead is not None
    ]
    return Direction(
        lost_ratio,
        interarrival(transits)[-1],
        _overtaken(one.seq for one in by_arrival_there) / len(came),
        _delay(delays),
        *_marked([one.arrived for one in came], dscp),
    )


def _reverse(came: Sequence[Reply], lost_ratio: float | None, dscp: int) -> Direction:
    transits = [one.received_at - one.far_sent_at for one in came]
    delays = [
        one.received_at + one.clock_ahead - one.far_sent_at
        for one in came
        if one.clock_ahead is not None
    ]
    return Direction(
        lost_ratio,
        interarrival(transits)[-1],
        _overtaken(one.far_seq for one in came) / len(came),
        _delay(delays),
        *_marked([one.returned for one in came], dscp),
    )


def _delay(delays: Sequence[float]) -> float | None:
    """Return the mean; clocks that make packets arrive before they left are not believed."""
    mean = sum(delays) / len(delays) if delays else -1.0
    return mean if mean >= 0 else None


def _marked(markings: Sequence[int | None], dscp: int) -> tuple[int | None, float | None]:
    known = [one for one in markings if one is not None]
    if not known:
        return None, None
    return known[-1], sum(one != dscp for one in known) / len(known)


def _overtaken(order: Iterable[int]) -> int:
    top, found = -1, 0
    for number in order:
        found += number < top
        top = max(top, number)
    return found


def _longest(answered: Sequence[bool]) -> int:
    longest = run = 0
    for is_answered in answered:
        run = 0 if is_answered else run + 1
        longest = max(longest, run)
    return longest


def _worst_window(sent_at: Sequence[float], answered: Sequence[bool]) -> float:
    """Return the worst lost ratio of a window; a rest of less than half counts with the last."""
    if not sent_at:
        return 0.0
    last = max(1, round((sent_at[-1] - sent_at[0]) / WINDOW_SECONDS)) - 1
    windows: dict[int, list[bool]] = {}
    for at, came in zip(sent_at, answered, strict=True):
        number = min(last, int((at - sent_at[0]) / WINDOW_SECONDS))
        windows.setdefault(number, []).append(came)
    return max(inside.count(False) / len(inside) for inside in windows.values())
