"""What one change at the desk amounts to: for the paging decision and for search."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from incidents.incident import Kind
from incidents.paging import Happened, Happening

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incidents.incident import Draft, Incident
    from incidents.procedure import Procedure
    from incidents.timeline import Entry


@dataclass(frozen=True, slots=True)
class Step:
    """What was written so far of one change, and what the incident is after it."""

    incident: int
    after: Incident
    entries: tuple[Entry, ...]


def happening_of(
    before: Incident, after: Incident, drafts: Sequence[Draft], procedure: Procedure
) -> Happening | None:
    """Return what happened, for the paging decision; None for what nobody is told of."""
    kinds = {draft.kind for draft in drafts}
    raised = procedure.is_higher(after.severity, before.severity)
    if kinds & {Kind.ALERT_JOINED, Kind.FIRED_AGAIN}:
        return Happening(
            Happened.JOINED,
            severity_raised=raised,
            new_unit=after.units != before.units,
            recovered_at=before.recovered_at,
        )
    if after.ended and not before.ended:
        return Happening(Happened.ENDED)
    if Kind.RECOVERED in kinds:
        return Happening(Happened.RECOVERED)
    if Kind.PASSED_ON in kinds:
        return Happening(Happened.PASSED_ON)
    if kinds & {Kind.ACKNOWLEDGED, Kind.ALSO_ACKNOWLEDGED}:
        return Happening(Happened.ACKNOWLEDGED)
    if raised:
        return Happening(Happened.RAISED, severity_raised=True)
    return None


def search_text(incident: Incident, procedure: Procedure) -> str:
    """Return the words by which an incident is found."""
    incident_class = procedure.classes.get(incident.class_code)
    return " ".join(
        (
            incident.code,
            incident.summary_vi,
            incident.summary_en,
            incident.unit,
            incident.unit_name,
            incident.host,
            incident_class.vi if incident_class else incident.class_code,
        )
    )


def by_way(drafts: list[Draft], way: str) -> list[Draft]:
    """Return drafts that say how they were asked for."""
    return [replace(d, data={**d.data, "way": way}) for d in drafts] if way else drafts
