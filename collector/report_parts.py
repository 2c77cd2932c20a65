"""Puts together what makes and keeps reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.gathering.gatherer import Sources
from collector.report_desk import ReportDesk

if TYPE_CHECKING:
    from collector.fleet import Fleet
    from collector.kpi_book import KpiBook
    from collector.policy import Policy
    from collector.session_desk import SessionDesk
    from incidents.desk import Desk


def report_parts(
    policy: Policy, desk: Desk, fleet: Fleet, kpi: KpiBook, sessions: SessionDesk
) -> dict[str, Any]:
    """Return the parts by the names that others know them under."""
    reports = ReportDesk(Sources(desk=desk, fleet=fleet, kpi=kpi, sessions=sessions))
    reports.adopt(policy.letterheads)
    return {"reports": reports}
