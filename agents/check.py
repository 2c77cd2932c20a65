"""What a check is: one reader, one pure evaluation, an interval and a time limit; no threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from agents.observation import Observation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from agents.host import HostSource

__all__ = ["Check", "NoData", "Observation", "SourceError", "ratio"]
Values = TypeVar("Values")


class NoData(Exception):  # a fact, not an error
    """The host has no such thing (no systemd, no swap): nothing to report and nothing wrong."""


class SourceError(Exception):
    """The host refused to say: the check failed this time, the next turn tries again."""


def ratio(part: float, whole: float) -> float:
    """Return a share to the millionth: what lies beyond is noise that every report would carry."""
    return round(part / whole, 6)


@dataclass(frozen=True, slots=True)
class Check(Generic[Values]):
    """One file of `agents/checks` ends in one of these at module level; the scanner finds it.

    Attributes:
        name: The label `check` of `wanwatch_check_success`, and the name in agent.toml.
        every_seconds: How often it runs when reports go every 10 s; it scales with the interval.
        limit_seconds: After this it counts as failed, and is skipped until the call returns.
        read: All input and output; it may hang. Raises NoData or SourceError.
        evaluate: Pure: what was read now, and what was read last time (None at first).
        most_series: The most observations one evaluation may yield.
        labels: Of what is said of its runs; nothing for `check` with its name.
    """

    name: str
    every_seconds: float
    limit_seconds: float
    read: Callable[[HostSource], Values]
    evaluate: Callable[[Values, Values | None], Iterator[Observation]]
    most_series: int
    labels: Mapping[str, str] | None = None
