"""Loss and delay of a burst of echoes. Sources: RFC 792, RFC 4443 section 4, icmp(7).

Without privileges where the kernel lets this process's group ask; else with CAP_NET_RAW.
"""

from __future__ import annotations

import errno
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.answer import Answer
from agents.check import Observation, SourceError
from agents.exchange import NO_WAY, answer_of, family_of
from agents.probe import Means, Params, Probe, allow_number, answered

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "icmp"
ECHO = {socket.AF_INET: (8, 0), socket.AF_INET6: (128, 129)}  # asked, answered
HEAD_BYTES = 8
NOT_ALLOWED = frozenset({errno.EACCES, errno.EPERM, errno.EPROTONOSUPPORT})
_HEAD = struct.Struct("!BBHHH")


@dataclass(frozen=True, slots=True)
class IcmpParams(Params):
    """A burst; loss of one packet in ten is the least that ten can tell."""

    packets: int = 10
    gap_seconds: float = 0.1
    size_bytes: int = 56
    wait_seconds: float = 1.0

    def __post_init__(self) -> None:
        """Hold each to its range."""
        Params.__post_init__(self)
        allow_number("packets", self.packets, 1, 50)
        allow_number("gap_seconds", self.gap_seconds, 0.02, 1)
        allow_number("size_bytes", self.size_bytes, 16, 1_400)
        allow_number("wait_seconds", self.wait_seconds, 0.05, 5)


@dataclass(slots=True)
class Burst:
    """Instants of the packets 0, 1, 2, ... and of their first answers; what else came."""

    sent_at: list[float]
    came_at: dict[int, float]
    strange: int = 0


def request(family: socket.AddressFamily, seq: int, token: bytes, size_bytes: int) -> bytes:
    """Return an echo; identifier and checksum are the kernel's, or set below where it does not."""
    identifier = int.from_bytes(token[:2], "big")
    body = token.ljust(size_bytes, b"\0")
    kind = ECHO[family][0]
    data = _HEAD.pack(kind, 0, 0, identifier, seq) + body
    return _HEAD.pack(kind, 0, checksum(data), identifier, seq) + body


def checksum(data: bytes) -> int:
    """Return the Internet checksum; RFC 1071."""
    padded = data + b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def read_answer(
    family: socket.AddressFamily, data: bytes, token: bytes, *, raw: bool
) -> int | None:
    """Return which packet with our token this answers; None: none. Raw IPv4 has its header."""
    if raw and family == socket.AF_INET:
        data = data[(data[0] & 0xF) * 4 :] if data else data
    if len(data) < HEAD_BYTES + len(token):
        return None
    kind, _, _, _, seq = _HEAD.unpack_from(data)
    is_ours = kind == ECHO[family][1] and data[HEAD_BYTES : HEAD_BYTES + len(token)] == token
    return seq if is_ours else None


def open_icmp(family: socket.AddressFamily) -> tuple[socket.socket, bool]:
    """Return a socket for echoes, and whether it is a raw one.

    Raises:
        SourceError: Neither is allowed; the text says what to do.
    """
    protocol = socket.IPPROTO_ICMPV6 if family == socket.AF_INET6 else socket.IPPROTO_ICMP
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            return socket.socket(family, kind, protocol), kind == socket.SOCK_RAW
        except OSError as error:
            if error.errno not in NOT_ALLOWED:
                raise SourceError(f"open a socket for ICMP: {error.strerror}") from error
    raise SourceError(
        "ICMP is not allowed to this process. On Linux let its group in (sysctl "
        "net.ipv4.ping_group_range), or give it CAP_NET_RAW; on Windows run it as administrator. "
        "A TCP port can be asked instead"
    )


def run(params: IcmpParams, means: Means) -> list[Observation]:
    """Send the burst and count."""
    token = means.token(8)
    opened, raw = open_icmp(family_of(params.address))
    with opened:
        try:
            opened.connect((params.address, 0))
            burst = _burst(opened, raw, params, token, means)
        except OSError as error:
            answer = answer_of(error, f"send an echo to {params.address}")
            return list(answered(NAME, params.target, answer))
    trips = [at - burst.sent_at[seq] for seq, at in burst.came_at.items()]
    mean = sum(trips) / len(trips) if trips else None
    silent = Answer.GARBAGE if burst.strange and not raw else Answer.SILENT
    answer = Answer.RIGHT if trips else silent
    lost = 1 - len(trips) / params.packets
    return [
        *answered(NAME, params.target, answer, mean),
        *_observe(params.target, lost, trips),
    ]


def _burst(
    opened: socket.socket, raw: bool, params: IcmpParams, token: bytes, means: Means
) -> Burst:
    burst = Burst([], {})
    family = family_of(params.address)
    start = means.monotonic()
    until = start + params.gap_seconds * (params.packets - 1) + params.wait_seconds
    while len(burst.came_at) < params.packets and (now := means.monotonic()) < until:
        seq = len(burst.sent_at)
        due = start + params.gap_seconds * seq if seq < params.packets else until
        try:
            if now >= due:
                burst.sent_at.append(now)
                opened.send(request(family, seq, token, params.size_bytes))
                continue
            opened.settimeout(due - now)
            came = opened.recv(4_096)
        except TimeoutError:
            continue
        except OSError as error:  # told by a router on the way: that packet is lost
            if error.errno not in NO_WAY and error.errno != errno.ECONNREFUSED:
                raise
            continue
        number = read_answer(family, came, token, raw=raw)
        if number is None or number >= len(burst.sent_at):
            burst.strange += 1
        else:
            burst.came_at.setdefault(number, means.monotonic())
    return burst


def _observe(target: str, lost: float, trips: list[float]) -> Iterator[Observation]:
    labels = {"target": target}
    yield Observation("wanwatch_icmp_lost_ratio", labels, round(lost, 6))
    if trips:
        yield Observation("wanwatch_icmp_rtt_min_seconds", labels, round(min(trips), 6))
        mean = sum(trips) / len(trips)
        yield Observation("wanwatch_icmp_rtt_mean_seconds", labels, round(mean, 6))
        yield Observation("wanwatch_icmp_rtt_max_seconds", labels, round(max(trips), 6))


PROBE = Probe(
    NAME,
    every_seconds=30,
    limit_seconds=2,
    params=IcmpParams,
    metrics=(
        "wanwatch_icmp_lost_ratio",
        "wanwatch_icmp_rtt_min_seconds",
        "wanwatch_icmp_rtt_mean_seconds",
        "wanwatch_icmp_rtt_max_seconds",
    ),
    most_series=7,
    run=run,
)
