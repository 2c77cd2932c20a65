"""Through which routers a path goes, as far as they say; no privileges. Source: RFC 792, ip(7).

One packet of UDP for each number of hops, all at once; who lets one end says so. Linux only.
"""

from __future__ import annotations

import select
import socket
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from agents.answer import Answer
from agents.check import Observation, SourceError
from agents.exchange import answer_of, family_of
from agents.probe import Means, Params, Probe, allow_number, answered, known_by
from agents.probes.datagrams import IS_LINUX
from agents.probes.trace_error import End, read_error

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "trace"
# Where nobody listens, as traceroute has it.
PORT = 33_434
# Linux: level, hop limit, errors to a queue.
_OPTIONS = {socket.AF_INET: (socket.IPPROTO_IP, 2, 11), socket.AF_INET6: (41, 16, 25)}
_ERROR_QUEUE = 0x2000


@dataclass(frozen=True, slots=True)
class TraceParams(Params):
    """A path; a hop that is silent is asked `attempts` times."""

    port: int = PORT
    most_hops: int = 16
    attempts: int = 2
    wait_seconds: float = 1.0

    def __post_init__(self) -> None:
        """Hold each to its range."""
        Params.__post_init__(self)
        allow_number("port", self.port, 1, 65_535)
        allow_number("most_hops", self.most_hops, 1, 30)
        allow_number("attempts", self.attempts, 1, 5)
        allow_number("wait_seconds", self.wait_seconds, 0.05, 3)


class Hop(NamedTuple):
    """Who let the packet end, and after how long."""

    end: End
    seconds: float


def run(params: TraceParams, means: Means) -> list[Observation]:
    """Ask all hops at once, and again those that were silent before the last that spoke."""
    if not IS_LINUX:
        raise SourceError("a trace needs the error queue of Linux. Nothing was sent")
    hops: dict[int, Hop] = {}
    for _ in range(params.attempts):
        missing = [n for n in range(1, length(hops, params.most_hops) + 1) if n not in hops]
        if not missing:
            break
        try:
            hops |= _round(params, missing, means)
        except OSError as error:
            answer = answer_of(error, f"send to {params.address} UDP port {params.port}")
            return list(answered(NAME, params.target, answer))
    return list(_observe(params.target, hops, length(hops, params.most_hops), means))


def length(hops: dict[int, Hop], most: int) -> int:
    """Return after how many hops the path ends: at the target, or where it is stopped."""
    ends = [n for n, hop in hops.items() if hop.end.has_arrived or hop.end.is_stopped]
    return min(ends, default=most)


def _round(params: TraceParams, numbers: list[int], means: Means) -> dict[int, Hop]:
    family = family_of(params.address)
    level, hop_limit, errors = _OPTIONS[family]
    found: dict[int, Hop] = {}
    with ExitStack() as stack:
        poll, waiting = select.poll(), {}
        for number in numbers:
            opened = stack.enter_context(socket.socket(family, socket.SOCK_DGRAM))
            opened.setblocking(False)
            opened.setsockopt(level, hop_limit, number)
            opened.setsockopt(level, errors, 1)
            opened.connect((params.address, params.port))
            opened.send(b"wanwatch")
            waiting[opened.fileno()] = number, opened, means.monotonic()
            poll.register(opened, select.POLLIN | select.POLLERR)
        until = means.monotonic() + params.wait_seconds
        while waiting and (left := until - means.monotonic()) > 0:
            for descriptor, _ in poll.poll(left * 1000):
                number, opened, sent_at = waiting[descriptor]
                end = _end(opened, params.address)
                if end is not None:
                    found[number] = Hop(end, means.monotonic() - sent_at)
                poll.unregister(descriptor)
                del waiting[descriptor]
    return found


def _end(opened: socket.socket, address: str) -> End | None:
    """Return what is said of a packet; an answer from the port itself is an arrival, too."""
    try:
        _, ancillary, _, _ = opened.recvmsg(512, 512, _ERROR_QUEUE)
    except BlockingIOError:
        return End(address, True, False)
    ends = (read_error(data) for _, _, data in ancillary)
    return next((end for end in ends if end is not None), None)


def _observe(target: str, hops: dict[int, Hop], last: int, means: Means) -> Iterator[Observation]:
    """Yield the path as far as it is known; its length only where it was walked to the end."""
    end = hops.get(last)
    has_arrived = end is not None and end.end.has_arrived
    answer = Answer.RIGHT if has_arrived else Answer.SILENT
    yield from answered(NAME, target, answer, end.seconds if end and has_arrived else None)
    known = {number: hop for number, hop in hops.items() if number <= last}
    labels = {"target": target}
    yield Observation("wanwatch_trace_answered_hops", labels, len(known))
    if has_arrived:
        yield Observation("wanwatch_trace_hops", labels, last)
    for number, hop in sorted(known.items()):
        hop_labels = {**labels, "hop": str(number)}
        yield Observation("wanwatch_trace_hop_seconds", hop_labels, round(hop.seconds, 6))
    if known:
        addresses = [known[n].end.address if n in known else "*" for n in range(1, max(known) + 1)]
        path = " ".join(addresses)
        yield from known_by(means, NAME, target, "wanwatch_trace_path_info", "path", path)


PROBE = Probe(
    NAME,
    every_seconds=300,
    limit_seconds=5,
    params=TraceParams,
    metrics=(
        "wanwatch_trace_answered_hops",
        "wanwatch_trace_hops",
        "wanwatch_trace_hop_seconds",
        "wanwatch_trace_path_info",
    ),
    most_series=37,
    run=run,
)
