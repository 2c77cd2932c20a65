"""Small graphs of an hour as geometry: lines break, and a band marks where data is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT, PADDING = 240.0, 56.0, 4.0


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch without data, in picture units."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Spark:
    """What a template draws: line pieces, the areas below them, gaps and the newest point."""

    lines: tuple[str, ...]
    areas: tuple[str, ...]
    gaps: tuple[Band, ...]
    last: tuple[float, float] | None
    lowest: float | None
    highest: float | None
    missing: int
    width: float = WIDTH
    height: float = HEIGHT


def draw(values: Sequence[float | None], *, bounds: tuple[float, float] | None = None) -> Spark:
    """Return the graph of one value a minute, newest last; None is a minute without data.

    Args:
        bounds: The lowest and highest value of the axis; without them it spans zero and the data.
    """
    present = [value for value in values if value is not None]
    low, high = bounds or _span(present)
    runs = _runs(values)
    slot = WIDTH / max(1, len(values))
    pieces = [_points(values, run, slot, low, high) for run in runs if values[run[0]] is not None]
    return Spark(
        lines=tuple(_path(points) for points in pieces),
        areas=tuple(_area(points) for points in pieces if len(points) > 1),
        gaps=tuple(
            Band(round(start * slot, 2), round((stop - start) * slot, 2))
            for start, stop in runs
            if values[start] is None
        ),
        last=pieces[-1][-1] if pieces and values[-1] is not None else None,
        lowest=min(present, default=None),
        highest=max(present, default=None),
        missing=len(values) - len(present),
    )


def _span(present: Sequence[float]) -> tuple[float, float]:
    """Return an axis that holds zero and all values, never of zero height."""
    low, high = min([0.0, *present]), max([0.0, *present])
    return (low, high) if high > low else (low, low + 1.0)


def _runs(values: Sequence[float | None]) -> list[tuple[int, int]]:
    """Return [start, stop) of each stretch with data and without."""
    runs: list[tuple[int, int]] = []
    for place, value in enumerate(values):
        if runs and (values[runs[-1][0]] is None) == (value is None):
            runs[-1] = (runs[-1][0], place + 1)
        else:
            runs.append((place, place + 1))
    return runs


def _points(
    values: Sequence[float | None], run: tuple[int, int], slot: float, low: float, high: float
) -> list[tuple[float, float]]:
    usable = HEIGHT - 2 * PADDING
    points = []
    for place in range(*run):
        share = ((values[place] or 0.0) - low) / (high - low)
        bottom_up = PADDING + min(1.0, max(0.0, share)) * usable
        points.append((round((place + 0.5) * slot, 2), round(HEIGHT - bottom_up, 2)))
    return points


def _path(points: Sequence[tuple[float, float]]) -> str:
    """Return an SVG path; one lonely minute becomes a dot (a line of no length)."""
    drawn = points if len(points) > 1 else [points[0], points[0]]
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in drawn)


def _area(points: Sequence[tuple[float, float]]) -> str:
    return f"{_path(points)}L{points[-1][0]:g} {HEIGHT:g}L{points[0][0]:g} {HEIGHT:g}Z"
