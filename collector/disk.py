"""How much room the data disk has, and what is refused when there is little."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

REFUSE_METRICS_BELOW_RATIO = 0.02


def free_ratio(directory: Path) -> float:
    """Return the free share of the disk that holds `directory`, 0 to 1, as its owner may use it."""
    disk = os.statvfs(directory)
    return disk.f_bavail / disk.f_blocks if disk.f_blocks else 0.0


def must_refuse(ratio: float, *, has_events: bool) -> bool:
    """Say whether a report must wait: metrics below two per cent of room, events never."""
    return ratio < REFUSE_METRICS_BELOW_RATIO and not has_events
