"""How the shared systems are now, read off what this process knows of their targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.answer import Answer
from collector.catalogue.catalogue import NO_CATALOGUE
from collector.hours.expected import Expected
from collector.identity.binding import bounds_of
from collector.metrics.own import TARGET_UP
from collector.outages.topology import TARGET_PREFIX
from collector.rules.rules import Phase
from collector.service_state import Check, Reading, check_target, standings
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from collector.catalogue.catalogue import Catalogue
    from collector.fleet import Fleet, Host
    from collector.service_state import Standing
    from collector.targets.targets import Target

ANSWER_CODE = "wanwatch_probe_answer_code"


class ServiceBoard:
    """The catalogue in force over the fleet; on the event loop alone."""

    def __init__(self, fleet: Fleet, catalogue: Catalogue = NO_CATALOGUE) -> None:
        self._fleet, self._catalogue = fleet, catalogue

    def adopt(self, catalogue: Catalogue) -> None:
        """Go by another catalogue."""
        self._catalogue = catalogue

    def target(self, name: str) -> Target | None:
        """Return a target that an entry names."""
        return self._fleet.targets.by_name.get(name)

    def lines(self, now: datetime) -> list[Standing]:
        """Return how each entry is."""
        local = now.astimezone(ZONE)
        checks = {name: self._check(name, now) for name in self._catalogue.targets()}
        calendar = self._fleet.calendar
        return standings(
            self._catalogue,
            checks,
            lambda entry: Expected(entry.hours, calendar).contain(local, is_patient=False),
        )

    def _check(self, name: str, now: datetime) -> Check:
        place = self._fleet.places.known(TARGET_PREFIX + name)
        if place is None:
            return check_target(name, (), now.timestamp(), is_down=False, is_critical=False)
        up = [one.value for one in place.series.values() if one.identity.name == TARGET_UP]
        return check_target(
            name,
            _readings(place),
            now.timestamp(),
            is_down=bool(up) and up[0] == 0,
            is_critical=any(
                bound.state.phase is Phase.FIRING and bound.state.severity == "critical"
                for bound in bounds_of(place)
            ),
        )


def _readings(place: Host) -> Iterator[Reading]:
    codes = {int(answer) for answer in Answer}
    for one in place.series.values():
        if one.identity.name == ANSWER_CODE and one.value in codes:
            probe = dict(one.identity.labels).get("probe", "")
            yield Reading(probe, Answer(int(one.value)), one.at, one.spacing_seconds)
