"""The fleet as metrics: agents by unit and state, and conference sessions."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import func, select

from collector.liveness import Liveness
from collector.storage.session_tables import conference_sessions
from incidents.sessions.model import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from prometheus_client import Metric
    from sqlalchemy import Connection

    from collector.fleet import Fleet

SESSIONS_AHEAD = timedelta(days=1)
# Of the others nothing is to be done any more.
_OPEN = (Stage.PLANNED, Stage.PRE_CHECK, Stage.LIVE, Stage.ENDED)
CLASSES = ("A", "B", "C")


def count_sessions(connection: Connection, now: datetime) -> dict[tuple[str, str], int]:
    """Count sessions that are still to do something about, by stage and class.

    Planned ones of the next 24 hours; ended ones as long as they wait for their report.
    """
    table = conference_sessions.c
    query = (
        select(table.stage, table.session_class, func.count())
        .where(table.stage.in_([stage.value for stage in _OPEN]))
        .where((table.stage != Stage.PLANNED.value) | (table.starts_at <= now + SESSIONS_AHEAD))
        .group_by(table.stage, table.session_class)
    )
    return {(stage, which): number for stage, which, number in connection.execute(query)}


def fleet_families(fleet: Fleet) -> Iterator[Metric]:
    """Yield the agents of every unit; a state in which a unit has no agent is 0."""
    counts: Counter[tuple[str, str]] = Counter(
        (host.unit, host.liveness.value) for host in fleet.approved()
    )
    agents = GaugeMetricFamily(
        "wanwatch_agents",
        "Approved hosts by unit and by how they report: see docs/topology.md.",
        labels=["unit", "state"],
    )
    for unit_code in sorted({unit for unit, _ in counts}):
        for state in Liveness:
            agents.add_metric([unit_code, state.value], counts[unit_code, state.value])
    yield agents


def session_families(counts: Mapping[tuple[str, str], int]) -> Iterator[Metric]:
    """Yield the conference sessions."""
    family = GaugeMetricFamily(
        "wanwatch_sessions",
        "Conference sessions by stage and class: planned ones of the next 24 hours, ended ones "
        "that wait for their report.",
        labels=["stage", "class"],
    )
    for stage in _OPEN:
        for which in CLASSES:
            family.add_metric([stage.value, which], counts.get((stage.value, which), 0))
    yield family
