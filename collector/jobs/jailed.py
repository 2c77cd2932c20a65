"""Bounds for a child process that does long work: it ends before the machine suffers."""

from __future__ import annotations

import contextlib

MOST_BYTES = 3 << 30


def limit_memory(most_bytes: int = MOST_BYTES) -> None:
    """Let this process have so much memory of its own; where a system cannot, it has no bound."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        wanted = most_bytes if hard == resource.RLIM_INFINITY else min(most_bytes, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))
