"""What Linux tells of a packet that ended on its way. Source: RECVERR in ip(7) and ipv6(7)."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

# struct sock_extended_err: errno, origin, type, code, padding, info, data.
_ERROR = struct.Struct("@IBBBBII")
ORIGIN_ICMP, ORIGIN_ICMP6 = 2, 3
# By origin: (hops used up, unreachable, code of a port where nobody listens).
_KINDS = {ORIGIN_ICMP: (11, 3, 3), ORIGIN_ICMP6: (3, 1, 4)}


class End(NamedTuple):
    """Where a packet ended, and why: its hops were used up, it arrived, or somebody stopped it."""

    address: str
    has_arrived: bool
    is_stopped: bool


def read_error(data: bytes) -> End | None:
    """Return what the ancillary data of the error queue says; None: it is of another kind."""
    if len(data) < _ERROR.size:
        return None
    _, origin, kind, code, _, _, _ = _ERROR.unpack_from(data)
    address = _offender(data[_ERROR.size :], origin)
    if origin not in _KINDS or address is None:
        return None
    used_up, unreachable, no_port = _KINDS[origin]
    if kind == used_up:
        return End(address, False, False)
    if kind == unreachable:
        return End(address, code == no_port, code != no_port)
    return None


def _offender(data: bytes, origin: int) -> str | None:
    """Return the address of who says so: in a sockaddr after 4 bytes, in one of IPv6 after 8."""
    if origin == ORIGIN_ICMP and len(data) >= 8:
        return str(IPv4Address(data[4:8]))
    if origin == ORIGIN_ICMP6 and len(data) >= 24:
        return str(IPv6Address(data[8:24]))
    return None
