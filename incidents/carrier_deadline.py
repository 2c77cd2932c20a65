"""The promise of a carrier as a deadline: warned of and told like the others, never extended.

It is not a term of the ruleset: the carrier said when. A later promise takes the place of the one
before, which stays in the record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.carrier import BACK, CODE
from incidents.clocks import ACKNOWLEDGE
from incidents.deadline_rows import DeadlineRow, Earlier, Point
from incidents.procedure_clocks import DUE, Deadline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incidents.carrier import CarrierReport
    from incidents.procedure import Procedure
    from incidents.state import Incident


def carrier_deadline(deadlines: Sequence[Deadline]) -> Deadline:
    """Return it for a ruleset: who must take incidents asks the carrier again."""
    owner = next((one.who for one in deadlines if one.code == ACKNOWLEDGE), "")
    return Deadline.model_validate(
        {
            "code": CODE,
            "vi": "Nhà mạng hẹn khôi phục",
            "en": "Restoration promised by the carrier",
            "from": "detection",
            "who": owner,
            "mark": "proposed",
            "met_by": [BACK],
            "due": {},
        }
    )


def carrier_row(incident: Incident, procedure: Procedure) -> DeadlineRow | None:
    """Return the row of the last report that was promised anything; None without one."""
    promised = [one for one in incident.work.carrier if one.promises]
    if not promised:
        return None
    report, deadline = promised[-1], procedure.deadlines[CODE]
    last = report.promises[-1]
    length = last.until - last.said_at
    points = tuple(
        Point(point.percent, point.tell, last.said_at + length * point.percent / DUE)
        for point in procedure.file.warnings.points
    )
    soon = procedure.file.warn_percent
    ended = incident.ended and report.restored_at is None
    return DeadlineRow(
        deadline,
        run=_run(report, len(report.promises)),
        severity=incident.severity,
        start_at=last.said_at,
        clock="elapsed",
        term_vi=f"{report.carrier} hẹn",
        term_en=f"promised by {report.carrier}",
        due_at=last.until,
        soon_at=next((point.at for point in points if point.percent == soon), None),
        points=points,
        met_at=report.restored_at,
        stopped_at=incident.ended_at if ended else None,
        stopped_by="ended" if ended else "",
        earlier=tuple(_earlier(incident, report)),
    )


def _run(report: CarrierReport, promise: int) -> str:
    return f"carrier{report.number}.{promise}"


def _earlier(incident: Incident, report: CarrierReport) -> list[Earlier]:
    return [
        Earlier(_run(report, number), incident.severity, one.until, following.said_at, "extended")
        for number, (one, following) in enumerate(
            zip(report.promises, report.promises[1:], strict=False), start=1
        )
    ]
