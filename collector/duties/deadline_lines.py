"""The deadlines of an incident as API and pages show them: state, lateness, proof."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from incidents.deadline_rows import DeadlineRow
from incidents.procedure import Procedure
from incidents.procedure_clocks import BY_HAND
from incidents.procedure_items import Item


@dataclass(frozen=True, slots=True)
class EarlierLine:
    """A clock that another one replaced."""

    severity: str
    due_at: datetime
    replaced_at: datetime
    why: str
    met_at: datetime | None
    was_late: bool


@dataclass(frozen=True, slots=True)
class ProofLine:
    """How a duty was done, and when that was written down."""

    at: datetime
    recorded_at: datetime
    by: str
    how: str
    told: str
    document: str


@dataclass(frozen=True, slots=True)
class DeadlineLine:
    """One deadline of one incident.

    Attributes:
        run: Names the clock: another severity, extension or repetition is another one.
        mark: `rule` for a number of law, `proposed` for ours; `confirmed`: somebody did.
        legal: A clock of law: it neither pauses nor can be extended.
        clock: elapsed, working, days, list or none; `on_list` is daily or monthly.
        state: One of chua_den_han, sap_den_han, qua_han, hoan_thanh_dung_han, hoan_thanh_tre, and
            khong_con_ap_dung for a clock that stopped before it was due.
        passed_percent: The last warning point that a running clock has passed; 0 before the first.
        by_hand: A person records that it was done.
    """

    code: str
    run: str
    name_vi: str
    name_en: str
    basis: str
    mark: str
    confirmed: bool
    legal: bool
    clock: str
    on_list: str
    term_vi: str
    term_en: str
    severity: str
    who: str
    report: str | None
    start_at: datetime
    due_at: datetime | None
    target_at: datetime | None
    state: str
    late_seconds: int
    passed_percent: int
    paused_since: datetime | None
    pauses: tuple[tuple[datetime, datetime], ...]
    extended_by: str
    met_at: datetime | None
    proof: ProofLine | None
    stopped_at: datetime | None
    stopped_by: str
    earlier: tuple[EarlierLine, ...]
    by_hand: bool
    running: bool


def deadline_lines(
    rows: Iterable[DeadlineRow], procedure: Procedure, items: Iterable[Item], now: datetime
) -> list[DeadlineLine]:
    """Return the lines, overdue and soonest due first, done and stopped ones last.

    Args:
        items: The numbers of the ruleset with what people confirmed of them.
    """
    confirmed = {item.code: item.confirmed for item in items}
    lines = [_line(row, procedure, confirmed, now) for row in rows]
    return sorted(lines, key=lambda line: (not line.running, line.due_at or now))


def _line(
    row: DeadlineRow, procedure: Procedure, confirmed: Mapping[str, bool], now: datetime
) -> DeadlineLine:
    deadline = procedure.deadlines.get(row.code)
    return DeadlineLine(
        code=row.code,
        run=row.run,
        name_vi=row.vi,
        name_en=row.en,
        basis=row.deadline.basis,
        mark=row.mark,
        confirmed=confirmed.get(f"deadlines.{row.code}", row.deadline.confirmed),
        legal=row.is_legal,
        clock=row.clock,
        on_list=row.on_list,
        term_vi=row.term_vi,
        term_en=row.term_en,
        severity=row.severity,
        who=row.who,
        report=row.deadline.report,
        start_at=row.start_at,
        due_at=row.due_at,
        target_at=row.target_at,
        state=str(row.state(now)),
        late_seconds=int(row.late_by(now).total_seconds()),
        passed_percent=max(
            (p.percent for p in row.points if row.is_running and p.at <= now), default=0
        ),
        paused_since=row.paused_since,
        pauses=row.pauses,
        extended_by="" if row.extension is None else row.extension.approver,
        met_at=row.met_at,
        proof=_proof(row),
        stopped_at=row.stopped_at,
        stopped_by=row.stopped_by,
        earlier=tuple(
            EarlierLine(e.severity, e.due_at, e.replaced_at, e.why, e.met_at, e.was_late)
            for e in row.earlier
        ),
        by_hand=deadline is not None and BY_HAND in deadline.met_by,
        running=row.is_running,
    )


def _proof(row: DeadlineRow) -> ProofLine | None:
    made = row.proof
    if made is None:
        return None
    by = made.by.removeprefix("person:")
    return ProofLine(made.at, made.recorded_at, by, made.how, made.told, made.document)
