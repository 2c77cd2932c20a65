"""What measures for the collector, put together: plans, and questions about new incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.diagnosis.diagnoser import Diagnoser
from collector.probing.prober import CollectorProber
from collector.storage.desk_store import DeskStore
from collector.targets.plans import Plans

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from collector.changes import Changes
    from collector.fleet import Fleet
    from collector.host import Host
    from collector.judge import Judge
    from collector.outages.outages import Outages
    from collector.policy.policy import Policy
    from collector.storage.database import Database
    from incidents.desk import Desk


def new_plans(
    fleet: Fleet, judge: Judge, outages: Outages, *, monotonic: Callable[[], float]
) -> Plans:
    """Return who measures what, told of who is heard and which paths became worse."""
    plans = Plans(fleet, monotonic=monotonic)
    judge.on_liveness = _both(judge.on_liveness, plans.note_liveness)
    outages.places.on_degraded = plans.set_degraded
    return plans


def new_diagnoser(
    database: Database,
    desk: Desk,
    fleet: Fleet,
    plans: Plans,
    outages: Outages,
    policy: Policy,
    changes: Changes,
    *,
    new_id: Callable[[], str],
    now: Callable[[], datetime],
    monotonic: Callable[[], float],
) -> Diagnoser:
    """Return what looks into incidents that open; calls wait for it."""
    diagnoser = Diagnoser(
        database,
        desk,
        DeskStore,
        fleet,
        plans,
        outages.graph,
        policy.library,
        CollectorProber(),
        changes,
        new_id=new_id,
        now=now,
        monotonic=monotonic,
    )
    desk.looks_into = diagnoser.looks_into
    return diagnoser


def _both(first: Callable[[Host], None], second: Callable[[Host], None]) -> Callable[[Host], None]:
    def told(host: Host) -> None:
        first(host)
        second(host)

    return told
