"""One heap for all threads of the agent. Source: mallopt(3)."""

from __future__ import annotations

import contextlib

_M_ARENA_MAX = -8


def share_one_heap() -> None:
    """Let glibc give the threads to come no heaps of their own: they are not given back.

    Elsewhere this does nothing.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        import ctypes  # the clock check needs it anyway

        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
