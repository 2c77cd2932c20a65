"""What Alertmanagers were told: what is new, what ended, and for how long an end is told.

A label that changes makes another alert of it: the one before ends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from collector.alerts_in.alert import Labels

# Prometheus says an end for as long.
END_TOLD = timedelta(minutes=15)
# A firing alert is told to end after so many pauses between two tellings; each moves its end.
PAUSES_AHEAD = 4


@dataclass(frozen=True, slots=True)
class Sent:
    """One alert as it is told; `ends_at` is None while it fires."""

    fingerprint: str
    labels: Labels
    annotations: Labels
    generator_url: str
    starts_at: datetime
    ends_at: datetime | None = None

    def body(self, now: datetime, pause: timedelta) -> dict[str, object]:
        """Return it as the API takes it."""
        ends_at = self.ends_at or now + PAUSES_AHEAD * pause
        return {
            "labels": dict(self.labels),
            "annotations": dict(self.annotations),
            "startsAt": self.starts_at.isoformat(),
            "endsAt": ends_at.isoformat(),
            "generatorURL": self.generator_url,
        }


class Followed(NamedTuple):
    """What the tables must be told: alerts as they are told now, and those to forget."""

    changed: tuple[Sent, ...]
    forgotten: tuple[str, ...]


def follow(known: Mapping[str, Sent], wanted: Iterable[Sent], now: datetime) -> Followed:
    """Return what changes when these are the alerts that fire."""
    firing = {one.fingerprint: one for one in wanted}
    changed = [one for name, one in firing.items() if known.get(name) != one]
    forgotten = []
    for name, one in known.items():
        if name in firing:
            continue
        if one.ends_at is None:
            changed.append(replace(one, ends_at=max(now, one.starts_at)))
        elif now - one.ends_at > END_TOLD:
            forgotten.append(name)
    return Followed(tuple(changed), tuple(forgotten))
