"""What the web application is given: one frozen bundle of parts and the shapes it expects."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from collector.carrier_desk import CarrierDesk
from collector.certificates.book import CertificateBook
from collector.hours.hours import NO_HOURS
from collector.oncall.desk import OncallDesk
from collector.oncall.handover_desk import HandoverDesk

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date, datetime
    from enum import Enum

    from prometheus_client import CollectorRegistry
    from sqlalchemy import Connection

    from collector.access import Access
    from collector.accounts.accounts import Accounts
    from collector.accounts.admin import AccountAdmin
    from collector.accounts.own_account import OwnAccount
    from collector.alerts_in.desk import OutsideDesk
    from collector.backtest_desk import BacktestDesk
    from collector.catalogue.board import ServiceBoard
    from collector.channel_tester import ChannelTester
    from collector.duties.book import DutyBook
    from collector.duties.unit_day_desk import UnitDayDesk
    from collector.file_desk import FileDesk
    from collector.hours.hours import Hours
    from collector.identity.enrolment_door import EnrolmentDoor
    from collector.kpi_book import KpiBook
    from collector.library import Library
    from collector.oncall.phone_desk import PhoneDesk
    from collector.reports.desk import ReportDesk
    from collector.reports.printing import Printer
    from collector.samples_in.door import SamplesDoor
    from collector.sessions.board_access import BoardAccess
    from collector.sessions.board_presence import BoardPresence
    from collector.sessions.desk import SessionDesk
    from collector.sessions.live_boards import LiveBoards
    from collector.sessions.readiness_desk import ReadinessDesk
    from collector.source_tokens import SourceBook
    from collector.storage.database import Database
    from collector.targets.endpoint_book import EndpointBook
    from collector.targets.plans import Plans
    from collector.targets.target_book import TargetBook
    from collector.watching.verdict import Progress
    from incidents.ack_links import AckLinks
    from incidents.actor import Viewer
    from incidents.causes import HandReport
    from incidents.commands import Action, Command
    from incidents.desk_store import DeskTransaction
    from incidents.paging_policy import PagingPolicy
    from incidents.people import People, Standing
    from incidents.procedure import Procedure
    from incidents.procedure_evidence import EvidenceKind, RequiredEvidence
    from incidents.rulesets import Rulesets
    from incidents.state import Draft, Incident
    from incidents.switchboard import Switchboard

SeriesKey = tuple[str, tuple[tuple[str, str], ...]]


class LatestValue(Protocol):
    """The newest value of one series."""

    @property
    def value(self) -> float: ...
    @property
    def at(self) -> datetime: ...


class HourOfValues(Protocol):
    """One value a minute for an hour."""

    def last_hour(self, now: float) -> list[float | None]:
        """Return 60 values, the minute of `now` (Unix seconds) last; None where none came."""


class HostState(Protocol):
    """What the collector knows now of one host."""

    @property
    def agent(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def is_always(self) -> bool: ...
    @property
    def interval_seconds(self) -> int: ...
    @property
    def last_report_at(self) -> datetime | None: ...
    @property
    def is_approved(self) -> bool: ...
    @property
    def quarantined_at(self) -> datetime | None: ...
    @property
    def liveness(self) -> Enum: ...
    @property
    def latest(self) -> Mapping[SeriesKey, LatestValue]: ...
    def latest_of(self, name: str) -> Sequence[tuple[tuple[tuple[str, str], ...], LatestValue]]: ...
    @property
    def indicators(self) -> Mapping[str, HourOfValues]: ...


class FleetState(Protocol):
    """All hosts that must report, by agent id."""

    @property
    def hosts(self) -> Mapping[str, HostState]: ...


ChangeKind = Literal[
    "unit", "host", "alert", "worklist", "incident", "identity", "message", "session"
]


class News(Protocol):
    """One watcher's view of what changes."""

    async def next(self) -> Mapping[ChangeKind, set[str]]:
        """Return what changed since the last time, as soon as anything did."""


class ChangeFeed(Protocol):
    """Tells pages what changed: ids by kind, at most one batch a second."""

    def publish(self, kind: ChangeKind, id_: str) -> None: ...
    def subscribe(self, spacing_seconds: float = ...) -> AbstractContextManager[News]: ...


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the collector works, and if not why, in words that hold no secret."""

    ok: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What became of a reload: the revision in force, the files that changed, or why not."""

    revision: str
    changed: tuple[str, ...] = ()
    error: str = ""


class Names(Protocol):
    """The procedure's own words for its codes; an unknown code is returned as it is."""

    def stage(self, code: str, language: str) -> str: ...
    def incident_class(self, code: str, language: str) -> str: ...
    def severity(self, code: str, language: str) -> str: ...
    def deadline(self, code: str, language: str) -> str: ...
    def impact(self, code: str, language: str) -> str: ...
    def scope(self, code: str, language: str) -> str: ...
    def role(self, code: str, language: str) -> str: ...
    def named(self, field: str, code: str, language: str) -> str: ...
    def root_causes(self, language: str) -> list[tuple[str, str]]: ...
    def dispositions(self, language: str) -> list[tuple[str, str]]: ...

    @property
    def severities(self) -> tuple[str, ...]: ...


class KeyDesk(Protocol):
    """The keys as the running process uses them."""

    async def refresh(self) -> None:
        """Take over what changed in the tables."""

    def reattach(self, agent: str) -> bool:
        """Let the holder of a quarantined key in again; false when it is not quarantined."""


class WatchersDesk(Protocol):
    """The watchers of this collector as the running process knows them."""

    async def refresh(self) -> None:
        """Take over what changed in the tables."""

    def seen(self, token: str, every_seconds: float) -> str | None:
        """Note that the holder of a token asked; return who it is."""


class IncidentDesk(Protocol):
    """Takes people's commands; called inside a write transaction with its own `tx`."""

    console_url: str

    @property
    def people(self) -> People: ...
    @property
    def policy(self) -> PagingPolicy: ...
    @property
    def public_facts(self) -> Callable[[Incident], Sequence[str]]: ...
    @property
    def procedure(self) -> Procedure: ...
    @property
    def rulesets(self) -> Rulesets: ...

    @property
    def switchboard(self) -> Switchboard: ...

    def reserved_without_holder(self) -> tuple[str, ...]: ...

    def procedure_of(self, tx: DeskTransaction, state: Incident) -> Procedure: ...

    def start_drill(
        self, tx: DeskTransaction, source: int, pace_percent: int, actor: str, now: datetime
    ) -> int: ...

    def open_by_hand(
        self, tx: DeskTransaction, report: HandReport, actor: str, now: datetime
    ) -> int: ...

    def standing(self, name: str) -> Standing: ...

    def viewer(self, actor: str, now: datetime) -> Viewer:
        """Return what `person:NAME` sees."""

    def command(
        self,
        tx: DeskTransaction,
        incident: int,
        command: Command,
        actor: str,
        now: datetime,
        *,
        way: str = "",
    ) -> Sequence[object]: ...

    @property
    def file_years(self) -> int: ...

    def evidence_kinds(
        self, tx: DeskTransaction, state: Incident
    ) -> Mapping[str, EvidenceKind]: ...

    def check_act(
        self, act: str, actor: str, now: datetime, units: Collection[str] | None = None
    ) -> None: ...

    def check_incident_act(
        self, tx: DeskTransaction, incident: int, act: str, actor: str, now: datetime
    ) -> None: ...

    def missing(self, tx: DeskTransaction, state: Incident) -> Sequence[RequiredEvidence]: ...

    def add(
        self,
        tx: DeskTransaction,
        incident: int,
        actor: str,
        now: datetime,
        decide: Callable[[Incident], list[Draft]],
    ) -> Sequence[object]: ...

    def look(
        self, tx: DeskTransaction, incident: int, actor: str, now: datetime
    ) -> tuple[Incident, Sequence[Action]]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything routes and pages use; made once by the composition root.

    Attributes:
        desk_tx: Makes the desk's transaction out of an open connection.
        files: Sealing, exports and evidence.
        promote: Raises an incident from a worklist line (connection, alert, actor, now) and
            returns the incident's id.
        health: Whether a whole desk turn ended lately, and if not why.
        ready: Whether the collector can take reports and people now, and if not why.
        reload: Takes over the policy directory for somebody (actor, reason).
        progress: What the desk, evaluation and the outbox have done so far.
        shedding: Whether the event loop lags so much that pages must not be refreshed.
        rule_names: The rules in force.
        expected_hours: A unit and a kind of host, or none for the whole unit → its hours.
        is_set_in_file: Whether the policy's own file says them.
        is_working_day: By the procedure's calendar.
        knows_node: Whether this is a unit or target of the topology, `unit:CODE` or `target:NAME`.
        mutes_changed: Called when a silence or window was made or ended.
        stopping: Set when the process ends; live streams end with it.
        open_paths: Paths with an authentication of their own, such as the door for reports.
    """

    db: Database
    access: Access
    accounts: Accounts
    own_account: OwnAccount
    account_admin: AccountAdmin
    fleet: FleetState
    endpoints: EndpointBook
    identity: KeyDesk
    enrolment: EnrolmentDoor
    plans: Plans
    board: ServiceBoard
    targets: TargetBook
    readiness: ReadinessDesk
    reports: ReportDesk
    boards: LiveBoards
    board_access: BoardAccess
    presence: BoardPresence
    watch: WatchersDesk
    sources: SourceBook
    outside: OutsideDesk
    samples_door: SamplesDoor
    phone: PhoneDesk
    acks: AckLinks
    channel_tester: ChannelTester
    desk: IncidentDesk
    names: Names
    library: Library
    duties: DutyBook
    kpi: KpiBook
    sessions: SessionDesk
    unit_days: UnitDayDesk
    printer: Printer
    desk_tx: Callable[[Connection], DeskTransaction]
    files: FileDesk
    backtests: BacktestDesk
    promote: Callable[[Connection, int, str, datetime], int]
    changes: ChangeFeed
    registry: CollectorRegistry
    health: Callable[[], Health]
    ready: Callable[[], Health]
    progress: Callable[[], Progress]
    reload: Callable[[str, str], Awaitable[Reloaded]]
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    shedding: Callable[[], bool] = lambda: False
    rule_names: Callable[[], Sequence[str]] = lambda: ()
    expected_hours: Callable[[str, str], Hours] = lambda _unit, _kind: NO_HOURS
    is_set_in_file: Callable[[str, str], bool] = lambda _unit, _kind: False
    is_working_day: Callable[[date], bool] = lambda day: day.weekday() < 5
    knows_node: Callable[[str], bool] = lambda _: False
    mutes_changed: Callable[[], None] = lambda: None
    certificates: CertificateBook = field(default_factory=CertificateBook)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    open_paths: frozenset[str] = frozenset()
    heartbeat_seconds: float = 5.0
    stale_after_seconds: float = 20.0

    @property
    def oncall(self) -> OncallDesk:
        """Who is on call, asked of the desk's schedules and the tables."""
        return OncallDesk(self.desk)

    @property
    def carriers(self) -> CarrierDesk:
        """What a carrier is told of a line, asked of targets and tables."""
        return CarrierDesk(self.targets)

    @property
    def handovers(self) -> HandoverDesk:
        """Handovers of shifts, made and signed over the same schedules."""
        return HandoverDesk(self.desk)
