"""A path between two agents: loss each way, delay, variation, order, marking. Source: RFC 8762.

One run is a steady stream of packets, marked as the media are, never above its budget of the line.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from agents import exchange
from agents.answer import Answer
from agents.check import Observation
from agents.probe import Means, Params, Probe, allow, allow_number, answered
from agents.probes.datagrams import version
from agents.probes.emodel import CODECS, Rating, rate
from agents.probes.pace import wire_bits
from agents.probes.stamp_packet import PORT
from agents.probes.stamp_path import Direction, Figures, figures
from agents.probes.stamp_sender import LEAST_BYTES, Run, Traffic, send
from agents.probes.stamp_stream import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "stamp"
STAMP, TWAMP = "stamp", "twamp"
# AF41, as video conferences are marked.
VIDEO_DSCP = 34
STREAM_GRACE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class StampParams(Params):
    """A run.

    Attributes:
        packets_per_second: As wished; the budget may make it fewer.
        size_bytes: Content of UDP: 52 is like audio, 1200 like video.
        most_bits_per_second: Of the line, headers of IP and UDP included.
        wait_seconds: What comes later than this after the last packet is lost.
        codec: For which R and MOS are worked out; empty for none.
        peer: What answers: `stamp`, or `twamp` for a router that speaks TWAMP Light.
        continuous: One run follows the other without a gap as long as it is asked for; each time
            the newest is told, and the worst of all since the last time.
    """

    port: int = PORT
    seconds: float = 55.0
    packets_per_second: float = 10.0
    size_bytes: int = LEAST_BYTES
    dscp: int = VIDEO_DSCP
    most_bits_per_second: float = 64_000.0
    wait_seconds: float = 2.0
    codec: str = ""
    continuous: bool = False
    peer: str = STAMP

    def __post_init__(self) -> None:
        """Hold each to its range."""
        Params.__post_init__(self)
        allow_number("port", self.port, 1, 65_535)
        allow_number("seconds", self.seconds, 0.1, 300)
        allow_number("packets_per_second", self.packets_per_second, 0.1, 200)
        allow_number("size_bytes", self.size_bytes, LEAST_BYTES, 8_900)
        allow_number("dscp", self.dscp, 0, 63)
        allow_number("most_bits_per_second", self.most_bits_per_second, 1_000, 10_000_000)
        allow_number("wait_seconds", self.wait_seconds, 0.05, 5)
        allow("codec", self.codec, not self.codec or self.codec in CODECS, ", ".join(CODECS))
        allow("peer", self.peer, self.peer in (STAMP, TWAMP), f"{STAMP} or {TWAMP}")


def traffic(params: StampParams) -> Traffic:
    """Return what is sent: as much as is wished, and no more than the budget has room for."""
    bits = wire_bits(params.size_bytes, version(params.address))
    per_second = min(params.packets_per_second, params.most_bits_per_second / bits)
    return Traffic(
        params.address,
        params.port,
        params.size_bytes,
        params.dscp,
        max(1, int(params.seconds * per_second)),
        per_second,
        params.most_bits_per_second,
        params.wait_seconds,
        params.peer == TWAMP,
    )


def run(params: StampParams, means: Means) -> list[Observation]:
    """Send, and return what the path is like."""
    runs = _stream_of(params, means) if params.continuous else [send(traffic(params), means)]
    done = runs[-1] if runs else Run()
    found = figures(done.sent_at, done.replies, params.dscp)
    if params.peer == TWAMP and not _counts(done, means):
        found = without_ways(found)
    for other in runs[:-1]:
        found = worse(found, figures(other.sent_at, other.replies, params.dscp))
    trip = found.round_trips[1] if found.round_trips else None
    observed = list(answered(NAME, params.target, answer_of(done, params.address), trip))
    if done.error is None:
        observed += observe(params, found)
    return observed


def _stream_of(params: StampParams, means: Means) -> list[Run]:
    """Return the runs that ended since the last time; the first time one is waited for."""
    stream = means.memory.get("stream")
    if not isinstance(stream, Stream):
        stream = Stream(partial(send, traffic(params), means), params.seconds, means.monotonic)
        means.memory["stream"] = stream
    return stream.take(params.seconds + params.wait_seconds + STREAM_GRACE_SECONDS)


def worse(newest: Figures, other: Figures) -> Figures:
    """Return the newest figures with the worst losses of another run."""
    return newest._replace(
        worst_window_lost_ratio=max(newest.worst_window_lost_ratio, other.worst_window_lost_ratio),
        longest_loss=max(newest.longest_loss, other.longest_loss),
    )


def _counts(done: Run, means: Means) -> bool:
    """Say whether a reflector was ever seen to have numbers of its own."""
    if any(reply.far_seq != reply.seq for reply in done.replies):
        means.memory["counts"] = True
    return "counts" in means.memory


def without_ways(found: Figures) -> Figures:
    """Return figures that do not say on which way packets were lost.

    A reflector that repeats our numbers, as TWAMP Light allows, cannot tell; one that counts is
    known by a number that is not ours, after the first packet that did not reach it.
    """
    forward, reverse = (
        None if one is None else one._replace(lost_ratio=None)
        for one in (found.forward, found.reverse)
    )
    return found._replace(forward=forward, reverse=reverse)


def answer_of(done: Run, address: str) -> Answer:
    """Return what came back.

    Raises:
        SourceError: This host cannot send to it.
    """
    if done.replies:
        return Answer.RIGHT
    if done.error is not None:
        return exchange.answer_of(done.error, f"send test packets to {address}")
    if done.is_refused:
        return Answer.REFUSED
    return Answer.GARBAGE if done.strange else Answer.SILENT


def observe(params: StampParams, found: Figures) -> Iterator[Observation]:
    """Yield a run's figures; what cannot be said is absent, never 0."""
    labels = {"target": params.target}
    yield Observation("wanwatch_stamp_sent_packets", labels, found.sent)
    yield Observation("wanwatch_stamp_received_packets", labels, found.received)
    yield Observation("wanwatch_stamp_duplicate_packets", labels, found.duplicates)
    yield Observation("wanwatch_stamp_lost_ratio", labels, round(found.lost_ratio, 6))
    worst = round(found.worst_window_lost_ratio, 6)
    yield Observation("wanwatch_stamp_worst_window_lost_ratio", labels, worst)
    yield Observation("wanwatch_stamp_longest_loss_packets", labels, found.longest_loss)
    if found.round_trips is not None:
        for stat, seconds in zip(("min", "mean", "max"), found.round_trips, strict=True):
            yield Observation(f"wanwatch_stamp_rtt_{stat}_seconds", labels, round(seconds, 6))
        # Without kept clocks: half of there and back.
        half = found.round_trips[1] / 2
        for name, one in (("forward", found.forward), ("reverse", found.reverse)):
            if one is not None:
                yield from _direction({**labels, "direction": name}, one)
                yield from _rating({**labels, "direction": name}, params.codec, one, half)


def _direction(labels: dict[str, str], one: Direction) -> Iterator[Observation]:
    values = {
        "wanwatch_stamp_direction_lost_ratio": one.lost_ratio,
        "wanwatch_stamp_jitter_seconds": one.jitter_seconds,
        "wanwatch_stamp_reordered_ratio": one.reordered_ratio,
        "wanwatch_stamp_delay_seconds": one.delay_seconds,
        "wanwatch_stamp_dscp": one.marking,
        "wanwatch_stamp_remarked_ratio": one.remarked_ratio,
    }
    for name, value in values.items():
        if value is not None:
            yield Observation(name, labels, round(value, 6))


def _rating(
    labels: dict[str, str], codec: str, one: Direction, half_seconds: float
) -> Iterator[Observation]:
    if not codec or one.lost_ratio is None:
        return
    delay = half_seconds if one.delay_seconds is None else one.delay_seconds
    found = rate(codec, one.lost_ratio, delay)
    if isinstance(found, Rating):
        labels = {**labels, "codec": codec, "scale": found.scale}
        yield Observation("wanwatch_stamp_r_factor", labels, round(found.r, 2))
        yield Observation("wanwatch_stamp_mos", labels, round(found.mos, 2))


PROBE = Probe(
    NAME,
    every_seconds=60,
    limit_seconds=60,
    params=StampParams,
    metrics=(
        "wanwatch_stamp_sent_packets",
        "wanwatch_stamp_received_packets",
        "wanwatch_stamp_duplicate_packets",
        "wanwatch_stamp_lost_ratio",
        "wanwatch_stamp_worst_window_lost_ratio",
        "wanwatch_stamp_longest_loss_packets",
        "wanwatch_stamp_rtt_min_seconds",
        "wanwatch_stamp_rtt_mean_seconds",
        "wanwatch_stamp_rtt_max_seconds",
        "wanwatch_stamp_direction_lost_ratio",
        "wanwatch_stamp_jitter_seconds",
        "wanwatch_stamp_reordered_ratio",
        "wanwatch_stamp_delay_seconds",
        "wanwatch_stamp_dscp",
        "wanwatch_stamp_remarked_ratio",
        "wanwatch_stamp_r_factor",
        "wanwatch_stamp_mos",
    ),
    most_series=28,
    run=run,
)
