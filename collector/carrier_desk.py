"""What is known of a line that is down, at both of its ends: read out of targets and alerts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from collector.outages.topology import TARGET_PREFIX
from collector.storage.queries.alerts import alerts_of_incident, list_alerts
from collector.targets.targets import unit_node
from incidents.actor import Viewer
from incidents.carrier_slip import MOST_FAULTS, End, Fault, LineFacts, Measured, PortState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

    from collector.storage.queries.alerts import AlertRow
    from collector.storage.queries.incidents import IncidentRow
    from collector.targets.target_book import TargetBook
    from collector.targets.target_values import Value
    from collector.targets.targets import Target
    from incidents.procedure import Procedure

# Each way by itself: the agent's own packets, and those of a device at the unit.
DIRECTIONS = ("wanwatch_stamp_direction_lost_ratio", "wanwatch_path_probe_direction_lost_ratio")
BOTH_WAYS = ("wanwatch_icmp_lost_ratio", "wanwatch_path_probe_lost_ratio")
ON_BATTERY = "wanwatch_ups_on_battery"
PORT_LOST, PORT_UP = "wanwatch_interface_lost", "wanwatch_interface_up"
CARRIER_CLASS = "third-party-failures"
MOST_ALERTS = 50
EVERYTHING = Viewer()


class CarrierDesk:
    """Finds the line of an incident and what its carrier asks about."""

    def __init__(self, targets: TargetBook) -> None:
        """Keep where targets and their newest values are."""
        self._targets = targets

    def line_of(
        self, incident: IncidentRow, alerts: Iterable[AlertRow], procedure: Procedure
    ) -> Target | None:
        """Return the line that an incident is about; None where none, or none is told of it.

        It is the alert's own target or the nearest line on its way; of a whole unit only where the
        class of the incident lies with a carrier, or the unit itself is what is silent.
        """
        policy = self._targets.policy
        if incident.nature in procedure.natures_inside:
            return None
        for node in _nodes(incident, alerts):
            if (line := policy.line_from(node)) is not None:
                return line
        for target in policy.by_name.values():
            if incident.host and incident.host in (target.name, target.label_vi):
                return policy.line_from(target.node)
        known = procedure.classes.get(incident.class_code)
        if incident.host or known is None or known.root_cause != CARRIER_CLASS:
            return None
        return policy.line_from(unit_node(incident.unit))

    def facts(
        self,
        connection: Connection,
        incident: IncidentRow,
        line: Target | None,
        now: datetime,
    ) -> LineFacts:
        """Return what is known now; called for whoever may see the incident."""
        its = alerts_of_incident(connection, incident.id, EVERYTHING, limit=MOST_ALERTS)
        since = min((one.started_at for one in its), default=incident.detected_at)
        if line is None:
            unit = End(self._targets.unit_name(incident.unit))
            return LineFacts(incident.code, "", "", "", "", since, near=unit)
        paths = [line, *self._paths(line)]
        values = [value for path in paths for value in self._targets.values(path, now)]
        near, far = self._ends(line)
        return LineFacts(
            incident.code,
            line.label_vi,
            line.label_en,
            line.carrier,
            line.circuit,
            since,
            to_centre=_newest(values, DIRECTIONS, "forward"),
            from_centre=_newest(values, DIRECTIONS, "reverse"),
            both_ways=_newest(values, BOTH_WAYS),
            near=self._end(near, line, now),
            far=self._end(far, line, now),
            faults=tuple(_faults(connection, paths, its, since)),
        )

    def _paths(self, line: Target) -> list[Target]:
        """Return the measured paths that go over a line."""
        mesh = self._targets.policy.mesh
        sites = () if mesh is None else mesh.sites
        by_name = self._targets.policy.by_name
        return [by_name[site.name] for site in sites if site.line == line.name]

    def _ends(self, line: Target) -> tuple[str, str]:
        """Return the units at both ends; the far one is where the line's uplink stands."""
        policy = self._targets.policy
        above = [policy.of_node(node) for node in policy.uplinks.get(line.node, ())]
        far = next((one for one in above if one is not None), None)
        near = self._targets.unit_of(line)
        return near, self._targets.own_unit if far is None else self._targets.unit_of(far)

    def _end(self, unit: str, line: Target, now: datetime) -> End:
        """Return power and port at one end: of the devices that stand in its unit."""
        name = self._targets.unit_name(unit)
        there = [one for one in self._targets.policy.by_name.values() if self._is_at(one, unit)]
        values = [self._targets.values(one, now) for one in there]
        ports = [port for its in values if (port := _port(its, line.circuit)) is not None]
        return End(
            name,
            _newest([value for its in values for value in its], (ON_BATTERY,)),
            min(ports, key=lambda port: port.up.is_old, default=None),
        )

    def _is_at(self, target: Target, unit: str) -> bool:
        return self._targets.unit_of(target) == unit


def _nodes(incident: IncidentRow, alerts: Iterable[AlertRow]) -> Iterator[str]:
    wholes = (unit_node(incident.unit), TARGET_PREFIX)
    for alert in alerts:
        if alert.agent.startswith(wholes):
            yield alert.agent


def _newest(values: Iterable[Value], metrics: tuple[str, ...], way: str = "") -> Measured | None:
    """Return the newest of some metrics, one that is not old before one that is."""
    found = [one for one in values if one.metric in metrics]
    if way:
        found = [one for one in found if one.labels.get("direction") == way]
    chosen = max(found, key=lambda one: (not one.is_old, one.at), default=None)
    return None if chosen is None else _measured(chosen)


def _measured(one: Value) -> Measured:
    return Measured(one.value, datetime.fromtimestamp(one.at, UTC), one.is_old)


def _port(values: Iterable[Value], circuit: str) -> PortState | None:
    """Return the port in whose description the circuit's number stands."""
    known = list(values)
    wanted = circuit.casefold()
    names = {
        one.labels.get("interface", "")
        for one in known
        if one.metric == PORT_LOST and wanted in one.labels.get("description", "").casefold()
    }
    up = [one for one in known if one.metric == PORT_UP and one.labels.get("interface") in names]
    best = max(up, key=lambda one: (not one.is_old, one.at), default=None)
    return None if best is None else PortState(best.labels["interface"], _measured(best))


def _faults(
    connection: Connection, paths: Iterable[Target], its: Iterable[AlertRow], since: datetime
) -> list[Fault]:
    """Return the last faults before this one, the newest first; those that overlap are one."""
    own = {one.id for one in its}
    found = [
        (alert.started_at, alert.resolved_at)
        for path in paths
        for alert in list_alerts(
            connection, EVERYTHING, agent=path.node, severity="critical", limit=MOST_ALERTS
        ).items
        if alert.id not in own and alert.started_at < since
    ]
    return joined(found)[:MOST_FAULTS]


def joined(found: Iterable[tuple[datetime, datetime | None]]) -> list[Fault]:
    """Return spans of time that overlap as one fault each, the newest first."""
    faults: list[Fault] = []
    for began_at, ended_at in sorted(found, key=lambda span: span[0]):
        last = faults[-1] if faults else None
        if last is not None and (last.ended_at is None or began_at <= last.ended_at):
            open_end = last.ended_at is None or ended_at is None
            end = None if open_end else max(last.ended_at, ended_at)  # type: ignore[type-var]
            faults[-1] = Fault(last.began_at, end)
        else:
            faults.append(Fault(began_at, ended_at))
    return faults[::-1]
