"""One value of one metric, as checks and probes find it."""

from __future__ import annotations

from typing import NamedTuple


class Observation(NamedTuple):
    """One value of one metric; the scheduler adds the instant."""

    name: str
    labels: dict[str, str]
    value: float
