"""Puts together what makes and keeps reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.gathering.gatherer import Sources
from collector.reports.daily_keeper import DailyKeeper
from collector.reports.desk import ReportDesk
from collector.reports.printing import Printer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from collector.file_desk import FileDesk
    from collector.fleet import Fleet
    from collector.policy.policy import Policy
    from collector.storage.database import Database
    from incidents.desk import Desk


def report_parts(
    database: Database,
    policy: Policy,
    desk: Desk,
    fleet: Fleet,
    kept: Mapping[str, Any],
    files: FileDesk,
    new_id: Callable[[], str],
) -> dict[str, Any]:
    """Return the parts by the names that others know them under; `kept` are the others."""
    sources = Sources(
        desk=desk,
        fleet=fleet,
        kpi=kept["kpi_book"],
        sessions=kept["sessions"],
        unit_days=kept["unit_days"],
        duties=kept["duty_book"],
    )
    reports = ReportDesk(sources)
    reports.adopt(policy.letterheads)
    printer = Printer(files.jobs, files.exports, new_id)
    daily = DailyKeeper(
        database,
        reports,
        kept["unit_days"],
        desk,
        started_at=fleet.started_at,
        printing=printer.print,
        new_message_id=new_id,
    )
    return {"reports": reports, "printer": printer, "daily_keeper": daily}
