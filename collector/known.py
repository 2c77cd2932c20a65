"""What the province already knows of a host or its unit: what its local page may say of it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

MOST_MATTERS = 5
MOST_CHARACTERS = 200


class OpenIncident(NamedTuple):
    """An incident that goes on: neither ended nor recovered. `since` is Unix time in seconds."""

    id: int
    code: str
    text_vi: str
    unit: str
    host: str
    nature: str
    severity: str
    since: int


class FiringAlert(NamedTuple):
    """An alert that somebody is to look at; `agent` is a host's, a unit's node or a target's."""

    agent: str
    unit: str
    rule: str
    text_vi: str
    since: int
    incident: int | None


class Matter(NamedTuple):
    """One line of the page; the order of its fields is the order of the lines."""

    severity: str
    since: int
    text_vi: str


class Matters(NamedTuple):
    """Whom what concerns: hosts by agent, with their unit's matters, and all others of a unit."""

    of_agents: dict[str, tuple[Matter, ...]]
    of_units: dict[str, tuple[Matter, ...]]


class Known(NamedTuple):
    """What is open now.

    Attributes:
        hidden: Incidents that go on and are not spoken of.
    """

    incidents: tuple[OpenIncident, ...]
    alerts: tuple[FiringAlert, ...]
    hidden: frozenset[int] = frozenset()


# Alerts without an incident of their own come after every incident.
_AFTER_INCIDENTS = "~"


def matters(
    known: Known, hosts: Mapping[str, tuple[str, str]], told_rules: Collection[str]
) -> Matters:
    """Say what each host's page may show: incidents by their severity, then alerts, oldest first.

    An incident is of every host and unit that has an alert in it, and of the host that it names; an
    alert in an incident is not said twice. What is of one host is not said to its neighbours.

    Args:
        hosts: The unit and host of each agent.
        told_rules: The rules whose alerts may be spoken of.
    """
    agents_at: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for agent, place in hosts.items():
        agents_at[place].append(agent)
    by_id = {incident.id: incident for incident in known.incidents}
    of_agents: defaultdict[str, set[Matter]] = defaultdict(set)
    of_units: defaultdict[str, set[Matter]] = defaultdict(set)
    for incident in known.incidents:
        if not incident.host:
            of_units[incident.unit].add(_of_incident(incident))
        for agent in agents_at.get((incident.unit, incident.host), ()):
            of_agents[agent].add(_of_incident(incident))
    for alert in _told(known, told_rules):
        of = of_units[alert.unit] if _is_place(alert.agent) else of_agents[alert.agent]
        found = None if alert.incident is None else by_id.get(alert.incident)
        of.add(_of_alert(alert) if found is None else _of_incident(found))
    return Matters(
        {
            agent: _first(found | of_units.get(hosts[agent][0], set()))
            for agent, found in of_agents.items()
            if agent in hosts
        },
        {unit: _first(found) for unit, found in of_units.items() if found},
    )


def contacts(units: Iterable[tuple[str, str | None, str]]) -> dict[str, str]:
    """Return whom to call by unit, from (code, parent, contact); a parent's where it has none."""
    rows = {code: (parent, contact) for code, parent, contact in units}
    found = {}
    for code in rows:
        at: str | None = code
        while at in rows and not rows[at][1]:
            at = rows[at][0]
        if at in rows:
            found[code] = rows[at][1][:MOST_CHARACTERS]
    return found


def _told(known: Known, told_rules: Collection[str]) -> Iterator[FiringAlert]:
    for alert in known.alerts:
        if alert.rule in told_rules and alert.incident not in known.hidden:
            yield alert


def _is_place(agent: str) -> bool:
    """Say whether it is a unit or a target; a key's id has no colon."""
    return ":" in agent


def _of_incident(incident: OpenIncident) -> Matter:
    room = MOST_CHARACTERS - len(incident.code) - 3
    text = f"{incident.text_vi[:room]} ({incident.code})"
    return Matter(incident.severity, incident.since, text)


def _of_alert(alert: FiringAlert) -> Matter:
    return Matter(_AFTER_INCIDENTS, alert.since, alert.text_vi[:MOST_CHARACTERS])


def _first(found: set[Matter]) -> tuple[Matter, ...]:
    return tuple(sorted(found)[:MOST_MATTERS])
