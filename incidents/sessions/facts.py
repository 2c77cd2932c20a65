"""What is known of a point when somebody asks whether it is ready."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from incidents.sessions.model import Point


class Reading(NamedTuple):
    """The newest value of one series.

    Attributes:
        source: The target or host that it is about.
        labels: Without `target`.
        is_old: Another value should have come since.
        growth_per_second: Of a counter, over its last two values; None where that is not known.
    """

    source: str
    metric: str
    labels: Mapping[str, str]
    value: float
    age_seconds: float
    is_old: bool
    growth_per_second: float | None = None


class Trouble(NamedTuple):
    """An open incident in the way of a point."""

    code: str
    severity: str
    title_vi: str
    title_en: str
    detected_at: datetime


class Work(NamedTuple):
    """A maintenance window that meets the session."""

    what: str
    owner: str
    starts_at: datetime
    ends_at: datetime


class Said(NamedTuple):
    """What a person said of a point; `answer` is a code of `incidents.sessions.roll_call`."""

    answer: str
    actor: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class PointFacts:
    """All that is known of one point.

    Attributes:
        endpoint: Values of its endpoint; `path`: of what measures its path; `site`: of devices and
            hosts of its unit beside these.
        said: What people said in this session, the oldest first.
        usual_software: What most of the fleet runs, by family and model.
        ours: By what the far end of this session's calls is known: the bridge's names and
            addresses, the conference's number, those of its rehearsal.
    """

    point: Point
    endpoint: tuple[Reading, ...] = ()
    path: tuple[Reading, ...] = ()
    site: tuple[Reading, ...] = ()
    said: tuple[Said, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    works: tuple[Work, ...] = ()
    usual_software: Mapping[tuple[str, str], str] = field(default_factory=dict)
    ours: tuple[str, ...] = ()

    @property
    def everything(self) -> tuple[Reading, ...]:
        """Return the values of the endpoint, its path and its surroundings."""
        return (*self.endpoint, *self.path, *self.site)


def of_metric(
    readings: tuple[Reading, ...],
    *metrics: str,
    where: Callable[[Mapping[str, str]], bool] | None = None,
) -> Iterator[Reading]:
    """Yield the readings of these metrics whose labels fit."""
    for one in readings:
        if one.metric in metrics and (where is None or where(one.labels)):
            yield one
