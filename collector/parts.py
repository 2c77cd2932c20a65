"""What the composition root makes: the parts of the running collector, and its clocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from datetime import datetime

    from collector.alerts_in import Outside
    from collector.alerts_out.telling import AlertsOut
    from collector.attaching import Attacher
    from collector.attendance import Attendance
    from collector.auditor import Auditor
    from collector.catalogue.board import ServiceBoard
    from collector.certificates.book import CertificateBook
    from collector.certificates.keeper import CertificateKeeper
    from collector.changes import Changes
    from collector.channel_tester import ChannelTester
    from collector.connections import Connections
    from collector.console.names import ProcedureNames
    from collector.cycle import Cycle
    from collector.diagnosis.diagnoser import Diagnoser
    from collector.duties.book import DutyBook
    from collector.duties.keeper import DutyKeeper
    from collector.duties.unit_day_desk import UnitDayDesk
    from collector.duties.unit_day_keeper import UnitDayKeeper
    from collector.file_desk import FileDesk
    from collector.fleet import Fleet
    from collector.forward.forwarding import Forwarding
    from collector.identity.desk import IdentityDesk
    from collector.intake import Door
    from collector.judge import Judge
    from collector.known_desk import KnownDesk
    from collector.kpi_book import KpiBook
    from collector.library import Library
    from collector.limits import Vitals
    from collector.metrics.metrics import Counted
    from collector.missing import RollCall
    from collector.mutes.keeper import MuteKeeper
    from collector.oncall.keeper import OncallKeeper
    from collector.outages.outages import Outages
    from collector.probing.probing import Probing
    from collector.reports.daily_keeper import DailyKeeper
    from collector.reports.desk import ReportDesk
    from collector.reports.printing import Printer
    from collector.sessions.board_presence import BoardPresence
    from collector.sessions.desk import SessionDesk
    from collector.sessions.keeper import SessionKeeper
    from collector.sessions.readiness_desk import ReadinessDesk
    from collector.settings import Settings
    from collector.source_tokens import SourceBook
    from collector.storage.database import Database
    from collector.stream.journal import Journal
    from collector.targets.plans import Plans
    from collector.watch_desk import WatchDesk
    from incidents.ack_links import AckLinks
    from incidents.desk import Desk


@dataclass(frozen=True)
class Clocks:
    """Time and chance, from the composition root."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    jitter: Callable[[], float]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the composition root made."""

    settings: Settings
    database: Database
    journal: Journal
    fleet: Fleet
    judge: Judge
    outages: Outages
    attendance: Attendance
    mute_keeper: MuteKeeper
    duty_book: DutyBook
    duty_keeper: DutyKeeper
    certificate_book: CertificateBook
    certificate_keeper: CertificateKeeper
    oncall_keeper: OncallKeeper
    kpi_book: KpiBook
    sessions: SessionDesk
    session_keeper: SessionKeeper
    unit_days: UnitDayDesk
    unit_day_keeper: UnitDayKeeper
    daily_keeper: DailyKeeper
    printer: Printer
    roll_call: RollCall
    probing: Probing
    door: Door
    known: KnownDesk
    plans: Plans
    readiness: ReadinessDesk
    reports: ReportDesk
    presence: BoardPresence
    service_board: ServiceBoard
    identity: IdentityDesk
    watch: WatchDesk
    sources: SourceBook
    outside: Outside
    forwarding: Forwarding
    alerts_out: AlertsOut
    cycle: Cycle
    diagnoser: Diagnoser
    desk: Desk
    acks: AckLinks
    auditor: Auditor
    channel_tester: ChannelTester
    names: ProcedureNames
    library: Library
    changes: Changes
    connections: Connections
    vitals: Vitals
    counted: Counted
    files: FileDesk
    attacher: Attacher
    stopping: asyncio.Event
