"""UDP with what IP says beside it: marking, hops left, and the kernel's instant of arrival.

Where a system does not tell them (Windows), they are None and the rest works.
"""

from __future__ import annotations

import socket
import struct
import sys
from ipaddress import ip_address
from typing import NamedTuple

MOST_BYTES = 9_216
IS_LINUX = sys.platform == "linux"
# Linux: ip(7), ipv6(7), socket(7); Python does not name all of them.
_RECEIVE = {socket.AF_INET: (12, 13), socket.AF_INET6: (51, 66)}  # hop limit, marking
_HOPS = {(socket.IPPROTO_IP, 2), (socket.IPPROTO_IPV6, 52)}
_MARKING = {(socket.IPPROTO_IP, 1), (socket.IPPROTO_IPV6, 67)}
_TIMESTAMP_NS = 35
_TIMESPEC = struct.Struct("@ll")
_LEVEL = {socket.AF_INET: socket.IPPROTO_IP, socket.AF_INET6: socket.IPPROTO_IPV6}
_SEND_MARKING = {socket.AF_INET: 1, socket.AF_INET6: 67}
_DISCOVER = {socket.AF_INET: 10, socket.AF_INET6: 23}
# Never in pieces, and no believing in what was learnt of the path before.
_NEVER_FRAGMENT = 3


class Datagram(NamedTuple):
    """What arrived.

    Attributes:
        traffic_class: DSCP and ECN, as the byte in the header has them.
        at: Unix time in seconds when the kernel had it.
    """

    data: bytes
    peer: tuple[str, int]
    traffic_class: int | None = None
    hops_left: int | None = None
    at: float | None = None


def version(address: str) -> int:
    """Return 4 or 6."""
    return ip_address(address).version


def open_udp(address: str) -> socket.socket:
    """Return a UDP socket of the address's family that is told all of the above."""
    family = socket.AF_INET6 if version(address) == 6 else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_DGRAM)
    if IS_LINUX:
        for option in _RECEIVE[family]:
            opened.setsockopt(_LEVEL[family], option, 1)
        opened.setsockopt(socket.SOL_SOCKET, _TIMESTAMP_NS, 1)
    return opened


def mark(opened: socket.socket, dscp: int) -> None:
    """Mark what is sent from now on; systems that do not let us send it unmarked."""
    if IS_LINUX:
        family = socket.AddressFamily(opened.family)
        opened.setsockopt(_LEVEL[family], _SEND_MARKING[family], dscp << 2)


def never_fragment(opened: socket.socket) -> bool:
    """Let no packet be cut in pieces; False where the system does not offer that."""
    if not IS_LINUX:
        return False
    family = socket.AddressFamily(opened.family)
    opened.setsockopt(_LEVEL[family], _DISCOVER[family], _NEVER_FRAGMENT)
    return True


def receive(opened: socket.socket) -> Datagram:
    """Return what arrived next.

    Raises:
        OSError: Nothing in time, or the peer's system says that nobody listens there.
    """
    if not IS_LINUX:
        data, peer = opened.recvfrom(MOST_BYTES)
        return Datagram(data, peer[:2])
    data, ancillary, _, peer = opened.recvmsg(MOST_BYTES, 256)
    found = Datagram(data, peer[:2] if peer else ("", 0))
    for level, kind, value in ancillary:
        if (level, kind) in _MARKING:
            found = found._replace(traffic_class=value[0])
        elif (level, kind) in _HOPS:
            found = found._replace(hops_left=int.from_bytes(value[:4], sys.byteorder))
        elif (level, kind) == (socket.SOL_SOCKET, _TIMESTAMP_NS):
            seconds, nanoseconds = _TIMESPEC.unpack_from(value)
            found = found._replace(at=seconds + nanoseconds / 1e9)
    return found


def send(opened: socket.socket, data: bytes, peer: tuple[str, int], dscp: int) -> None:
    """Send one datagram with a marking of its own."""
    if not IS_LINUX:
        opened.sendto(data, peer)
        return
    family = socket.AddressFamily(opened.family)
    marking = (_LEVEL[family], _SEND_MARKING[family], struct.pack("@i", dscp << 2))
    opened.sendmsg([data], [marking], 0, peer)
