"""Variation of delay as RTP receivers estimate it. Source: RFC 3550 section 6.4.1, appendix A.8."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SMOOTHING = 16


def interarrival(transits: Iterable[float]) -> list[float]:
    """Return the estimate after each packet, in the unit of `transits`, in order of arrival.

    A transit is the instant of arrival less that of sending. The two clocks need not agree: only
    differences count. The first packet has nothing before it: 0.
    """
    found: list[float] = []
    before = None
    estimate = 0.0
    for transit in transits:
        if before is not None:
            estimate += (abs(transit - before) - estimate) / SMOOTHING
        before = transit
        found.append(estimate)
    return found
