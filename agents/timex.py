"""The kernel's own opinion of the clock, through adjtimex(2)."""

from __future__ import annotations

import os
import struct
from typing import NamedTuple

# Source: adjtimex(2). `modes offset freq maxerror esterror status`, native alignment and sizes.
_HEAD = struct.Struct("@I4li")
_STRUCT_TIMEX_BYTES = 256  # 208 on 64-bit Linux, 128 on 32-bit
_TIME_ERROR = 5
_STA_NANO = 0x2000


class Timex(NamedTuple):
    """Offset to the reference, whether it is kept by one, and the largest error it may have."""

    offset_seconds: float
    is_synchronised: bool
    maxerror_seconds: float


def decode(clock_state: int, head: bytes) -> Timex:
    """Return the values from adjtimex's return value and the first bytes of `struct timex`.

    The offset counts nanoseconds when the status says so (STA_NANO), else microseconds.
    """
    _, offset, _, maxerror, _, status = _HEAD.unpack_from(head)
    return Timex(
        offset_seconds=offset / (1e9 if status & _STA_NANO else 1e6),
        is_synchronised=clock_state != _TIME_ERROR,
        maxerror_seconds=maxerror / 1e6,
    )


def read_timex() -> Timex:
    """Ask the kernel, changing nothing (`modes` is zero).

    Raises:
        OSError: The call does not exist here or was refused.
    """
    import ctypes  # 1 MiB that only hosts with the clock check on pay for

    try:
        adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
    except (AttributeError, OSError, TypeError) as error:
        raise OSError(f"adjtimex(2) is not available: {error}") from error
    buffer = ctypes.create_string_buffer(_STRUCT_TIMEX_BYTES)
    clock_state = adjtimex(buffer)
    if clock_state < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"adjtimex(2): {os.strerror(code)}")
    return decode(clock_state, buffer.raw)
