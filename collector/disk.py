"""What a nearly full data disk means: first a page, then no more metrics, never no more events."""

from __future__ import annotations

from enum import Enum

PAGE_BELOW_RATIO = 0.10
REFUSE_METRICS_BELOW_RATIO = 0.02


class DiskVerdict(Enum):
    """What the data disk still allows."""

    FINE = "fine"
    PAGE = "page"
    REFUSE_METRICS = "refuse metrics"


def free_ratio(free_bytes: int, total_bytes: int) -> float:
    """Return the share of the disk that is free; a disk without a size counts as full."""
    return min(1.0, free_bytes / total_bytes) if total_bytes > 0 else 0.0


def verdict(ratio: float) -> DiskVerdict:
    """Judge the free share (0 to 1) of the data disk; a limit itself is still allowed."""
    if ratio < REFUSE_METRICS_BELOW_RATIO:
        return DiskVerdict.REFUSE_METRICS
    return DiskVerdict.PAGE if ratio < PAGE_BELOW_RATIO else DiskVerdict.FINE
