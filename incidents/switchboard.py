"""What the calls of an incident go by: its own levels, and the roster of now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from incidents.clocks import ACKNOWLEDGE
from incidents.levels import Plan
from incidents.oncall_file import NO_ONCALL
from incidents.people import UNDECLARED
from incidents.places import NO_PLACES, Places
from incidents.procedure_clocks import BACKUP, OWNER, SCREEN
from incidents.quiet import held_until
from incidents.roster import Roster

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from incidents.incident import Incident
    from incidents.oncall import Override
    from incidents.oncall_file import Oncall
    from incidents.oncall_levels import EscalationPolicy
    from incidents.paging_policy import PagingPolicy
    from incidents.people import People
    from incidents.procedure import Procedure

_NO_ROLES = frozenset({SCREEN, OWNER, BACKUP})


@dataclass(frozen=True, slots=True)
class Switchboard:
    """Who can be called today: contacts and schedules, who holds which role, where units lie."""

    oncall: Oncall = NO_ONCALL
    people: People = UNDECLARED
    places: Places = NO_PLACES

    def roster(
        self,
        overrides: Iterable[Override],
        policy: PagingPolicy,
        procedure: Procedure,
        at: datetime,
    ) -> Roster:
        """Return who can be called at an instant."""
        return Roster(
            self.oncall,
            overrides,
            policy,
            at=at,
            holidays=procedure.calendar.holidays,
            people=self.people,
            places=self.places,
        )

    def plan(
        self,
        incident: Incident,
        kept: Oncall,
        policy: PagingPolicy,
        procedure: Procedure,
        roster: Roster,
        now: datetime,
    ) -> Plan | None:
        """Return by what an incident's people are called; None: no policy is about it."""
        levels = self._levels(kept, incident)
        if levels is None:
            return None
        only = procedure.only_role(incident.nature)
        every = {**policy.repeat, **levels.repeat}
        return Plan(
            levels=levels,
            every=next(length for name, length in every.items() if name == incident.severity),
            expires={**policy.acknowledgement_expires, **levels.acknowledgement_expires},
            static=policy,
            by_role=roster.told_by_role(_roles(procedure), incident.unit, policy, only),
            roster=roster,
            unit=incident.unit,
            only=only,
            quiet_until=held_until(incident, policy.quiet, procedure, now),
        )

    def _levels(self, kept: Oncall, incident: Incident) -> EscalationPolicy | None:
        region = self.places.region(incident.unit)
        part = incident.around.in_session
        in_session = part is not None and part.left_at is None
        given = (incident.severity, incident.nature, incident.class_code, region)
        for levels in kept.file.escalation:
            if levels.fits(*given, in_session=in_session):
                return levels
        return None


NO_SWITCHBOARD = Switchboard()


def acknowledging_role(procedure: Procedure) -> str:
    """Return the role whose deadline the acknowledgement is."""
    return next((one.who for one in procedure.file.deadlines if one.code == ACKNOWLEDGE), "")


def _roles(procedure: Procedure) -> tuple[str, ...]:
    """Return the roles to which deadlines are told, each once."""
    told = [point.tell for point in procedure.file.warnings.points]
    owners = [deadline.who for deadline in procedure.file.deadlines]
    return tuple(dict.fromkeys(role for role in (*owners, *told) if role not in _NO_ROLES))
