"""One incident with everything that belongs to it, read in one transaction."""

from dataclasses import dataclass

from sqlalchemy import Connection

from collector.access import Identity
from collector.api.deps import viewer_for
from collector.api.errors import NotFoundError
from collector.duties.deadline_lines import DeadlineLine, deadline_lines
from collector.ruleset_desk import items_of
from collector.services import Services
from collector.storage.queries.alerts import (
    AlertRow,
    alerts_of_incident,
    children_of_incident,
    count_children,
)
from collector.storage.queries.incidents import (
    DecisionRow,
    DeliveryRow,
    EntryRow,
    IncidentRow,
    find_incident,
    list_decisions,
    list_deliveries,
    newest_entries,
)
from collector.storage.queries.paging import MAX_LIMIT
from collector.storage.queries.reports import ReportRow, of_incident
from collector.storage.queries.tasks import TaskRow, list_tasks
from collector.storage.task_rows import TASK
from incidents.commands import Action
from incidents.deadlines import rows
from incidents.in_session import Around
from incidents.piece import Piece
from incidents.state import Incident
from incidents.work import Work


@dataclass(frozen=True, slots=True)
class Named:
    """A kind of evidence, or one that is required, by its name."""

    code: str
    vi: str
    en: str
    attached: bool = False


@dataclass(frozen=True, slots=True)
class IncidentFile:
    """An incident's file; each list has at most its newest 500 rows; `/entries` has every entry.

    Attributes:
        work: What people did with it beside moving it.
        evidence: Pieces that were taken in, whoever holds them now.
        evidence_kinds: What may be handed in, and what the service attaches.
        missing: What the procedure requires before the end and is not there.
        presumed: Grounds that count because nobody has decided on reporting in time.
        reports: Of it that people sign, every version.
        children: Silent hosts and units that it explains; they are no incidents of their own.
    """

    incident: IncidentRow
    work: Work
    around: Around
    presumed: tuple[str, ...]
    tasks: list[TaskRow]
    actions: list[Action]
    entries: list[EntryRow]
    alerts: list[AlertRow]
    evidence: list[Piece]
    evidence_kinds: list[Named]
    missing: list[Named]
    children: list[AlertRow]
    children_count: int
    deadlines: list[DeadlineLine]
    decisions: list[DecisionRow]
    deliveries: list[DeliveryRow]
    reports: list[ReportRow]


def read_file(
    services: Services,
    connection: Connection,
    code: str,
    caller: Identity,
    *,
    before: int | None = None,
    most: int = MAX_LIMIT,
) -> IncidentFile:
    """Return the file of an incident as it is now.

    Args:
        before: Of its entries only those with a smaller number.
        most: How many entries, the newest of them.

    Raises:
        NotFoundError: There is no incident with this code.
    """
    viewer = viewer_for(services, caller)
    incident = find_incident(connection, code, viewer)
    if incident is None:
        raise NotFoundError("incident", code)
    tx = services.desk_tx(connection)
    now = services.now()
    todo = list_tasks(connection, viewer, now, state="all", incident=code, limit=MAX_LIMIT)
    state, actions = services.desk.look(tx, incident.id, caller.actor, now)
    return IncidentFile(
        incident=incident,
        work=state.work,
        around=state.around,
        presumed=state.clocks.presumed if state.work.decided is None else (),
        tasks=[task for task in todo if task.kind == TASK],
        actions=list(actions),
        entries=newest_entries(connection, incident.id, limit=most, before=before),
        alerts=alerts_of_incident(connection, incident.id, viewer, limit=MAX_LIMIT),
        evidence=list(state.evidence.values()),
        evidence_kinds=[
            Named(code, kind.vi, kind.en, kind.attached)
            for code, kind in services.desk.evidence_kinds(tx, state).items()
        ],
        missing=[Named(one.code, one.vi, one.en) for one in services.desk.missing(tx, state)],
        children=children_of_incident(connection, incident.id, viewer, limit=MAX_LIMIT),
        children_count=count_children(connection, incident.id, viewer),
        deadlines=read_deadlines(services, connection, state),
        decisions=list_decisions(connection, incident.id, limit=MAX_LIMIT),
        deliveries=list_deliveries(connection, incident.id, limit=MAX_LIMIT),
        reports=of_incident(connection, incident.id, viewer),
    )


def read_deadlines(
    services: Services, connection: Connection, state: Incident
) -> list[DeadlineLine]:
    """Return the deadlines of an incident, by its own ruleset, as they stand now."""
    procedure = services.desk.procedure_of(services.desk_tx(connection), state)
    confirmed = items_of(connection, procedure)
    return deadline_lines(rows(state, procedure), procedure, confirmed, services.now())
