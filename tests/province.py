"""A small province for tests of the web application: seeded tables and hand-written fakes."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from nacl.signing import SigningKey
from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy import insert, select, update

from collector.access import Access
from collector.accounts.hashing import Hasher
from collector.accounts.parts import account_parts
from collector.alerts_in import Outside
from collector.alerts_in.book import OutsideBook
from collector.alerts_in.desk import OutsideDesk
from collector.alerts_in.door import AlertsDoor
from collector.alerts_in.routes_file import OutsidePolicy
from collector.attendance import today
from collector.backtest_desk import BacktestDesk
from collector.carrying import Carrier
from collector.changes import Changes as OwnChanges
from collector.channel_tester import ChannelTester
from collector.console.names import ProcedureNames
from collector.duties.book import DutyBook
from collector.duties.unit_day_desk import UnitDayDesk
from collector.evidence_files import EvidenceFiles
from collector.file_desk import FileDesk
from collector.fleet import Fleet as RealFleet
from collector.gathering.gatherer import Sources
from collector.heard import Heard
from collector.hours.expected import Expected
from collector.identity.desk import IdentityDesk
from collector.identity.enrolment_door import EnrolmentDoor
from collector.identity.knocks import Knocks
from collector.intake import Door
from collector.jobs.jobs import Jobs
from collector.judge import Judge
from collector.kpi_book import KpiBook
from collector.library import load_library
from collector.limits import Vitals
from collector.missing import Missing, MissingList
from collector.oncall.phone_desk import PhoneDesk, person_of
from collector.outages.outages import Outages
from collector.outages.usual import SLOTS, Day
from collector.probing.probes import Probes
from collector.rates import Rates
from collector.reports.desk import ReportDesk
from collector.reports.printing import Printer
from collector.rules.rulebook import load_rulebook
from collector.samples_in.door import SamplesDoor
from collector.services import Health, Reloaded, Services
from collector.sessions.board_access import BoardAccess
from collector.sessions.board_presence import BoardPresence
from collector.sessions.desk import SessionDesk
from collector.sessions.live_boards import LiveBoards
from collector.sessions.readiness_desk import ReadinessDesk
from collector.source_tokens import SourceBook
from collector.storage import schema
from collector.storage.attendance import save_attendance
from collector.storage.database import Database, make_engine
from collector.storage.desk_store import DeskStore
from collector.storage.device_events import save_heard
from collector.storage.hours import save_missing
from collector.storage.mutes import NewMute, add_mute, report
from collector.storage.upgrade import upgrade
from collector.stream import Bookmark
from collector.targets.endpoint_book import EndpointBook
from collector.targets.plans import Plans
from collector.targets.target_book import TargetBook
from collector.targets.targets_file import read_targets
from collector.watch_desk import WatchDesk
from collector.watching.verdict import Progress
from incidents import day_file
from incidents.ack_links import AckLinks
from incidents.causes import Cause
from incidents.channels import load_policy
from incidents.commands import Acknowledge, Close, Note
from incidents.desk import Desk
from incidents.duties_file import shipped_duties
from incidents.procedures import shipped
from incidents.rulesets import only
from incidents.sessions.entering import Draft
from incidents.sessions.log import LogKind
from incidents.sessions.model import Point, Session, Stage
from incidents.sessions.policy import shipped_sessions
from incidents.sessions.thresholds import BY_CLASS
from incidents.vietnamese import search_key, sort_key
from tests.catalogue_sample import sample_board
from tests.endpoints import seed_endpoints
from tests.web_fakes import Changes, Clock, Fleet, Host, Liveness, NoStream, make_host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from incidents.procedure import Procedure


TOKEN = "test-token-of-the-command-line"
ACK_KEY = b"k" * 32

CHANNELS = """
channels:
  mail: {kind: email, host: 127.0.0.1, port: 25, from: wanwatch@example.vn}
recipients:
  - {name: Trực ca, channel: mail, address: truc@example.vn, severities: [S1, S2, S3, S4]}
  - {name: Lãnh đạo Văn phòng, channel: mail, address: cvp@example.vn, severities: [S1]}
repeat: {S1: 5m, S2: 10m, S3: 30m, S4: 4h}
"""

TARGET = "phong-hop"
TARGETS = f"""
targets:
  - {{name: {TARGET}, vi: Phòng họp, address: 10.42.1.20, unit: "000.02.30",
     circuit: MLL-0042, from: [000.02.30/may-chu-1], probes: [{{probe: sip}}, {{probe: icmp}}]}}
"""
UNITS = [
    ("000.01.30", "Văn phòng Tỉnh ủy", "Trung tâm", None),
    ("000.02.30", "Ban Tổ chức Tỉnh ủy", "Trung tâm", "000.01.30"),
    ("000.03.30", "Ban Tuyên giáo và Dân vận Tỉnh ủy", "Trung tâm", "000.01.30"),
    ("000.04.30", "Ủy ban Kiểm tra Tỉnh ủy", "Trung tâm", "000.01.30"),
    ("000.11.30", "Đảng ủy xã Bắc Bình", "Khu vực Bắc", "000.01.30"),
    ("000.12.30", "Đảng ủy xã Hàm Thuận", "Khu vực Bắc", "000.01.30"),
    ("000.13.30", "Đảng ủy phường Phan Thiết", "Khu vực Nam", "000.01.30"),
    ("000.14.30", "Đảng ủy phường Mũi Né", "Khu vực Nam", "000.01.30"),
    ("000.15.30", "Đảng ủy xã Đức Linh", "Khu vực Nam", "000.01.30"),
    ("000.16.30", "Đảng ủy đặc khu Phú Quý", "Hải đảo", "000.01.30"),
]


@dataclass
class Province:
    """Everything a test of the web application needs."""

    services: Services
    access: Access
    fleet: Fleet
    changes: Changes
    clock: Callable[[], datetime]
    db: Database


def open_province(
    folder: Path,
    *,
    db: Database | None = None,
    clock: Callable[[], datetime] | None = None,
    health: Callable[[], Health] = lambda: Health(ok=True),
    **settings: Any,
) -> Province:
    """Return the services over `db`, or a fresh SQLite file, with the seeded province in it."""
    now = clock or Clock()
    if db is None:
        engine = make_engine(f"sqlite:///{folder / 'collector.sqlite3'}")
        upgrade(engine, folder / "backups")
        db = Database(engine)
    secrets, ids = itertools.count(1), itertools.count(1)
    desk = make_desk()
    access = Access(
        db,
        cli_token=TOKEN,
        now=now,
        new_secret=lambda: f"secret-{next(secrets):032d}",
        standing=desk.standing,
    )
    registry = CollectorRegistry()
    Gauge("wanwatch_test", "A metric of the test.", registry=registry).set(7)
    fleet, changes = Fleet(), Changes()
    db.write_now(lambda c: seed(c, fleet, desk, now()))
    db.write_now(lambda c: seed_heard(c, now()))
    own_changes = OwnChanges(monotonic=lambda: 0.0)
    real = RealFleet(started_at=now(), monotonic=lambda: now().timestamp())
    real.set_units((code, name, "") for code, name, *_ in UNITS)
    real.set_targets(read_targets(TARGETS))
    seed_endpoints(real, now())
    judge = Judge(real, load_rulebook(None), changes=own_changes)
    keys = IdentityDesk(db, real, judge, Knocks(), Rates(Vitals()), now=now)
    presence = BoardPresence(lambda: now().timestamp())
    desk.at_board = presence.of
    kpi = KpiBook(
        lambda: sorted({host.unit for host in fleet.hosts.values()}),
        lambda: ["duong-truyen"],
        lambda _: Expected(calendar=procedure().calendar),
    )
    sessions = SessionDesk(
        desk,
        shipped_sessions({code: name for code, name, *_ in UNITS}),
        new_message_id=lambda: f"<session-{next(ids)}@example.vn>",
    )
    unit_days, duties = make_unit_days(desk, ids), DutyBook(shipped_duties(), procedure().calendar)
    files = make_files(folder, db, now, ids)
    services = Services(
        db=db,
        access=access,
        **account_parts(
            db,
            access,
            Hasher(passes=1, memory_bytes=8 << 10),
            key=bytes(range(32)),
            now=now,
            random_bytes=lambda size: next(ids).to_bytes(size, "big"),
            office_names=lambda: (UNITS[0][1],),
        ),
        fleet=fleet,
        endpoints=EndpointBook(real),
        identity=keys,
        plans=(plans := Plans(real, monotonic=lambda: now().timestamp())),
        targets=TargetBook(real, plans),
        readiness=ReadinessDesk(
            db, real, changes, BY_CLASS.__getitem__, shipped_sessions().checks_before
        ),
        boards=LiveBoards(db, real, BY_CLASS.__getitem__),
        board_access=BoardAccess(db, desk.standing),
        presence=presence,
        board=sample_board(now()),
        enrolment=EnrolmentDoor(monotonic=lambda: now().timestamp()),
        sources=SourceBook(),
        outside=standing_outside(db, real, judge, now),
        samples_door=SamplesDoor(
            Door(real, NoStream(), secret=b"", vitals=Vitals(), now=now, monotonic=lambda: 0.0),
            real,
            db,
            Vitals(),
            refresh=keys.refresh,
            now=now,
            monotonic=lambda: now().timestamp(),
        ),
        watch=WatchDesk(db, real, judge, now=now, monotonic=lambda: now().timestamp()),
        phone=PhoneDesk(
            desk,
            DeskStore,
            person_of=lambda number: person_of(desk, number),
            new_message_id=lambda: f"answer-{next(ids)}",
            unit_days=unit_days,
        ),
        unit_days=unit_days,
        acks=AckLinks(
            ACK_KEY,
            "http://wan.example:8440",
            lambda name, severity: desk.may_acknowledge(name, severity, now()),
        ),
        channel_tester=ChannelTester(db, desk, lambda: f"batch-{next(ids)}"),
        desk=desk,
        names=ProcedureNames(procedure()),
        library=load_library(None),
        kpi=kpi,
        duties=duties,
        sessions=sessions,
        reports=ReportDesk(
            Sources(
                desk=desk,
                fleet=real,
                kpi=kpi,
                sessions=sessions,
                unit_days=unit_days,
                duties=duties,
            )
        ),
        desk_tx=DeskStore,
        backtests=BacktestDesk(files.jobs, hours=24, rules=folder / "policy" / "rules", now=now),
        files=files,
        printer=Printer(files.jobs, files.exports, lambda: f"print-{next(ids)}"),
        promote=lambda c, alert, actor, at: raise_incident(desk, c, alert, at, actor=actor),
        changes=changes,
        registry=registry,
        health=health,
        ready=lambda: Health(ok=True),
        progress=lambda: Progress(1, 2, 3, 0.0),
        reload=no_reload,
        now=now,
        new_id=lambda: f"id-{next(ids)}",
        rule_names=lambda: list(RUNBOOKS),
        **settings,
    )
    desk.around = services.sessions.around_of
    return Province(services, access, fleet, changes, now, db)


def standing_outside(
    db: Database, fleet: RealFleet, judge: Judge, now: Callable[[], datetime]
) -> OutsideDesk:
    """Return what takes alerts from outside; they are durable at once, and nobody judges them."""
    outages = Outages(
        fleet, judge, Probes(), usual=lambda _unit, _now: None, procedure=procedure()
    )  # fmt: skip
    book = OutsideBook(judge, outages, OutsidePolicy())
    stream: Any = SimpleNamespace(
        submit=lambda _record, stored, _failed: stored(Bookmark(1, 0, 1)),
        end=Bookmark(1, 0, 1),
    )
    vitals = Vitals()
    clocks: Any = {"now": now, "monotonic": lambda: now().timestamp()}
    queue = Door(fleet, stream, secret=b"secret", vitals=vitals, **clocks)
    door = AlertsDoor(queue, stream, book, vitals=vitals, now=now)
    return OutsideDesk(
        Outside(book, door), db, console_url="http://wan.example:8440", started_at=now(), now=now
    )


def make_unit_days(desk: Desk, ids: Iterator[int]) -> UnitDayDesk:
    """Return the desk of the days of units, by the shipped policy and the procedure's calendar."""
    return UnitDayDesk(
        desk,
        day_file.SHIPPED,
        expected_of_unit=lambda _: Expected(calendar=procedure().calendar),
        new_message_id=lambda: f"<day-{next(ids)}@example.vn>",
    )


def make_files(
    folder: Path, db: Database, now: Callable[[], datetime], ids: Iterator[int]
) -> FileDesk:
    """Return real sealing, exports and evidence under a folder."""

    def new_id() -> str:
        return f"file-{next(ids)}"

    keys = folder / "keys"
    keys.mkdir(exist_ok=True)
    if not (keys / "seal").exists():
        (keys / "seal").write_bytes(bytes(range(32)))
        (keys / "seal").chmod(0o600)
    environment = {
        "WANWATCH_DATA": str(folder),
        "WANWATCH_DATABASE_URL": db.engine.url.render_as_string(hide_password=False),
    }
    return FileDesk(
        db,
        key=SigningKey(bytes(range(32))),
        carrier=Carrier("", monotonic=lambda: now().timestamp()),
        jobs=Jobs(now=now, new_id=new_id, environment=environment),
        evidence=EvidenceFiles(folder / "evidence"),
        evidence_bytes=1 << 20,
        exports=folder / "exports",
        now=now,
        new_id=new_id,
    )


async def no_reload(_actor: str, _reason: str) -> Reloaded:
    """A province of a test has no policy directory."""
    return Reloaded("0" * 12, error="there is no policy directory")


@cache
def procedure() -> Procedure:
    """Return the shipped procedure, read once: it never changes."""
    return shipped()


RUNBOOKS: dict[str, str] = {rule.name: rule.runbook for rule in load_rulebook(None).rules}


def make_desk() -> Desk:
    """Return the real desk over the shipped procedure, with one recipient who wants it all."""
    salts, messages = itertools.count(1), itertools.count(1)
    return Desk(
        only(procedure()),
        load_policy(CHANNELS, file="channels.yaml"),
        new_message_id=lambda: f"<{next(messages)}@example.vn>",
        new_salt=lambda: f"{next(salts):032x}",
    )


def cause_of(row: Any, unit_name: str, **values: Any) -> Cause:
    """Return what the collector would say of an alert; `values` replace the defaults."""
    facts: dict[str, Any] = {
        "alert_id": row.id,
        "dedup_key": row.fingerprint,
        "rule": row.rule,
        "class_code": "kt_qua_tai",
        "impact": None,
        "scope": None,
        "severity": row.severity,
        "unit": row.unit,
        "unit_name": unit_name,
        "host": row.host,
        "summary_vi": row.summary_vi,
        "summary_en": row.summary_en,
        "value": row.value,
        "started_at": row.started_at,
        "runbook": row.runbook,
    }
    return Cause(**facts | values)


def raise_incident(
    desk: Desk, connection: Connection, alert: int, now: datetime, **values: Any
) -> int:
    """Let an alert open an incident, as the evaluation turn does."""
    row = connection.execute(select(schema.alerts).where(schema.alerts.c.id == alert)).one()
    names = {code: name for code, name, _, _ in UNITS}
    actor = values.pop("actor", "machine:collector")
    cause = cause_of(row, names[row.unit], **values)
    incident = desk.alert_fired(DeskStore(connection), cause, now, actor=actor)
    connection.execute(
        update(schema.alerts).where(schema.alerts.c.id == alert).values(incident=incident)
    )
    return incident


def add_alert(
    connection: Connection, host: Host, rule: str, summary: str, *, now: datetime, **values: Any
) -> int:
    """Write one firing alert; `values` replace the defaults."""
    row = {
        "runbook": RUNBOOKS.get(rule, ""),
        "fingerprint": f"{rule}/{host.agent}/{values.get('labels', '')}",
        "rule": rule,
        "agent": host.agent,
        "host": host.host,
        "unit": host.unit,
        "labels": "{}",
        "severity": "warning",
        "outcome": "worklist",
        "value": "92 %",
        "summary_vi": summary,
        "summary_en": f"{rule} on {host.host}",
        "revision": "r1",
        "started_at": now - timedelta(minutes=4, seconds=12),
        "changed_at": now - timedelta(minutes=4),
    } | values
    return int(connection.execute(insert(schema.alerts).values(row)).inserted_primary_key[0])


def seed(connection: Connection, fleet: Fleet, desk: Desk, now: datetime) -> None:
    """Fill the tables and the fleet with a province that has a few troubles."""
    connection.execute(
        insert(schema.units),
        [
            {
                "code": code,
                "name": name,
                "kind": "party",
                "parent": parent,
                "region": region,
                "contact": "Tổ CNTT, 0252 000 000",
                "hours": "07:30–17:00",
                "old_names": "",
                "sort_key": sort_key(name),
                "search_key": search_key(name),
            }
            for code, name, region, parent in UNITS
        ],
    )
    for number, (code, _, _, _) in enumerate(UNITS[:-1]):
        for place in range(3 + (number * 5) % 7):
            host = make_host(number, place, code, now)
            fleet.hosts[host.agent] = host
            add_agent(connection, host, now)
    seed_troubles(connection, fleet, desk, now)


def add_agent(connection: Connection, host: Host, now: datetime) -> None:
    """Write the enrolled key of a host."""
    connection.execute(
        insert(schema.agents).values(
            id=host.agent,
            unit=host.unit,
            host=host.host,
            kind=host.kind,
            public_key=b"0" * 32,
            enrolled_at=now - timedelta(days=40),
            approved_at=now - timedelta(days=40),
            sort_key=sort_key(host.host),
            search_key=search_key(host.host),
        )
    )


def seed_troubles(connection: Connection, fleet: Fleet, desk: Desk, now: datetime) -> None:
    """Let the province have a few troubles; the incidents are SC26-0001, -0002 and -0003."""
    hosts = {host.host: host for host in fleet.hosts.values()}
    silent = hosts["may-tram-07-01"]
    silent.liveness = Liveness.SILENT
    silent.last_report_at = now - timedelta(minutes=7)
    for indicator in silent.indicators.values():
        indicator.values[-7:] = [None] * 7
    for place in range(3):
        hosts[f"may-{'chu' if place == 0 else 'tram'}-09-{place:02d}"].liveness = Liveness.NEVER
    hosts["may-tram-02-03"].liveness = Liveness.LATE
    for name, rule, summary in (
        ("may-tram-02-01", "MemoryHigh", "Bộ nhớ đã dùng 93 %"),
        ("may-tram-02-02", "CpuHigh", "CPU bận 97 % trong 10 phút"),
        ("may-tram-06-01", "ClockOffset", "Đồng hồ lệch 2,4 giây"),
    ):
        add_alert(connection, hosts[name], rule, summary, now=now)
    seed_ended(connection, hosts["may-chu-01-00"], desk, now)
    seed_recovered(connection, silent, desk, now)
    seed_open(connection, hosts["may-chu-05-00"], desk, now)


def seed_heard(connection: Connection, now: datetime) -> None:
    """Let an agent have heard a codec, and somebody that no target has the address of."""
    codec, agent, unit = "10.42.1.20", "agent-may-chu-05-00", "000.02.30"
    loss = {"phase": "problem", "key": "call-4", "severity": "4"}
    over = {"phase": "resolution", "key": "call-4", "open_seconds": "95"}
    said = (
        (300, f"target:{TARGET}", codec, "trap.call_loss", loss, "Mất gói quá nhiều"),
        (205, f"target:{TARGET}", codec, "trap.call_loss", over, ""),
        (60, "", "10.42.0.9", "syslog", {"severity": "error", "app": "chassis"}, "fan 2 stopped"),
    )
    heard = [
        Heard(now - timedelta(seconds=ago), agent, unit, *rest)  # type: ignore[arg-type]
        for ago, *rest in said
    ]
    save_heard(connection, heard)


def seed_ended(connection: Connection, host: Host, desk: Desk, now: datetime) -> None:
    """An incident of two days ago that a person closed."""
    at = now - timedelta(days=2)
    critical: dict[str, Any] = {"severity": "critical", "outcome": "incident"}
    summary = "Dịch vụ đồng bộ thời gian dừng"
    alert = add_alert(
        connection,
        host,
        "ServiceFailed",
        summary,
        now=at,
        resolved_at=at + timedelta(hours=3),
        flapping=True,
        **critical,
    )
    incident = raise_incident(desk, connection, alert, at, class_code="kt_phan_mem")
    tx, person = DeskStore(connection), "person:Nguyễn Văn An"
    desk.command(tx, incident, Acknowledge(), person, at + timedelta(minutes=4))
    desk.alert_recovered(tx, incident, alert, at + timedelta(hours=3))
    close = Close("Đã khởi động lại dịch vụ và theo dõi 2 giờ.", "system-failures")
    desk.command(tx, incident, close, person, at + timedelta(hours=5))


def seed_recovered(connection: Connection, host: Host, desk: Desk, now: datetime) -> None:
    """An incident that somebody took and that has recovered by itself."""
    alert = add_alert(
        connection,
        host,
        "AgentSilent",
        f"Mất liên lạc với {host.host}",
        now=now,
        severity="critical",
        outcome="incident",
        resolved_at=now - timedelta(minutes=1),
    )
    at = now - timedelta(minutes=7)
    incident = raise_incident(desk, connection, alert, at, class_code="kt_thiet_bi")
    tx, person = DeskStore(connection), "person:Trần Thị Bích"
    desk.command(tx, incident, Acknowledge(), person, at + timedelta(minutes=2))
    note = Note("Đã gọi đơn vị: mất điện cục bộ, đang chờ điện lực.")
    desk.command(tx, incident, note, person, at + timedelta(minutes=4))
    desk.alert_recovered(tx, incident, alert, now - timedelta(minutes=1))


def seed_open(connection: Connection, host: Host, desk: Desk, now: datetime) -> None:
    """The worst incident: nobody has taken it; one mail left, the next one failed."""
    alert = add_alert(
        connection,
        host,
        "FilesystemAlmostFull",
        f"Ổ đĩa /var trên {host.host} chỉ còn 3 % trống",
        now=now,
        severity="critical",
        outcome="incident",
        value="3,1 %",
    )
    at = now - timedelta(minutes=4, seconds=10)
    incident = raise_incident(desk, connection, alert, at, impact="I3", scope="P2")
    mails = schema.outbox.c.incident == incident
    connection.execute(
        update(schema.outbox).where(mails).values(status="sent", attempts=1, sent_at=at)
    )


CUT_UNIT = "000.12.30"


def seed_cut_unit(province: Province) -> None:
    """Cut one unit off: one incident, SC26-0004, with its hosts inside; one of them is back."""
    now = province.clock()
    silent_for = timedelta(minutes=6)

    def write(connection: Connection) -> None:
        hosts = [host for host in province.fleet.hosts.values() if host.unit == CUT_UNIT]
        place = Host(f"unit:{CUT_UNIT}", "", CUT_UNIT)
        summary = f"Mất liên lạc toàn bộ Đảng ủy xã Hàm Thuận: {len(hosts)} máy"
        told: dict[str, Any] = {"severity": "critical", "outcome": "incident"}
        at = {"started_at": now - silent_for, "changed_at": now - silent_for}
        root = add_alert(connection, place, "UnitSilent", summary, now=now, **told | at)
        opened_at = now - silent_for + timedelta(seconds=20)
        desk: Any = province.services.desk
        raise_incident(desk, connection, root, opened_at, class_code="kt_duong_truyen", scope="P2")
        for number, host in enumerate(hosts):
            host.liveness = Liveness.SILENT
            add_alert(
                connection,
                host,
                "AgentSilent",
                f"Mất liên lạc với {host.host}",
                now=now,
                suppressed="parent",
                suppressed_by="0123456789abcdef",
                root_alert=root,
                resolved_at=now - timedelta(minutes=1) if number == 1 else None,
                **told | at,
            )

    province.db.write_now(write)


def seed_mutes(province: Province) -> None:
    """A silence that covers an alert, a series of windows, and one that left something broken."""
    now = province.clock()

    def write(connection: Connection) -> None:
        hour = timedelta(hours=1)
        silence = NewMute(
            "silence", "agent-may-tram-02-01", "", "", "Đang nâng cấp bộ nhớ", "",
            now - hour, now + hour,
        )  # fmt: skip
        number = add_mute(connection, silence, "person:Nguyễn Văn An", now - hour)
        connection.execute(
            update(schema.alerts)
            .where(schema.alerts.c.agent == silence.agent)
            .values(suppressed="silence", suppressed_by=str(number))
        )
        series = NewMute(
            "maintenance", "", CUT_UNIT, "", "Bảo dưỡng đường truyền hằng tuần", "Tổ CNTT",
            now - 30 * hour, now + 900 * hour, "T7 22:00-24:00",
        )  # fmt: skip
        add_mute(connection, series, "person:Trần Thị Bích", now - 30 * hour)
        over = NewMute(
            "maintenance", "", "000.11.30", "", "Thay ổ đĩa máy chủ", "Trực ca",
            now - 9 * hour, now - 7 * hour,
        )  # fmt: skip
        ended = add_mute(connection, over, "person:Trần Thị Bích", now - 30 * hour)
        broken = select(schema.alerts).where(schema.alerts.c.unit == "000.11.30")
        report(connection, ended, list(connection.execute(broken)), now - 7 * hour)

    province.db.write_now(write)


def seed_hours(province: Province) -> None:
    """A unit that is dark every night, and a morning on which three hosts were not switched on."""
    now = province.clock()
    day = today(now)
    slots = tuple((3, 4) if 14 <= slot < 34 else (0, 0) for slot in range(SLOTS))
    dark = tuple((0, 0) for _ in range(SLOTS))
    days = [
        Day(CUT_UNIT, "server", at, 4, slots if at.weekday() < 5 else dark)
        for at in (day - timedelta(days=number) for number in range(14))
    ]
    hosts = {host.host: host for host in province.fleet.hosts.values()}

    def items(*names: str) -> tuple[Missing, ...]:
        return tuple(Missing(hosts[name].agent, name, "workstation") for name in names)

    lists = [
        MissingList(day, "000.11.30", now, 9, items("may-tram-05-01", "may-tram-05-02")),
        MissingList(day, "000.13.30", now, 5, items("may-tram-07-01")),
    ]
    hosts["may-tram-05-02"].liveness = Liveness.OFF_HOURS
    province.db.write_now(lambda c: save_attendance(c, days, before=day - timedelta(days=14)))
    province.db.write_now(lambda c: save_missing(c, lists))


def seed_sessions(province: Province) -> None:
    """Seed a live session with faults, one that comes, and one that is over and clean."""
    desk, now = province.services.sessions, province.clock()
    hour, minute = timedelta(hours=1), timedelta(minutes=1)
    people = {
        "000.12.30": ("Lê Văn Hòa", "0912 345 678"),
        "000.13.30": ("Trần Thị Mai", "0987654321"),
    }
    points = tuple(
        Point(place, code, name, is_main=place == 1, technician=people.get(code, ("", ""))[0],
              phone=people.get(code, ("", ""))[1], is_confirmed=code in people)
        for place, (code, name, *_) in enumerate(UNITS, start=1)
    )  # fmt: skip
    actor = "person:Nguyễn Văn An"

    def write(connection: Connection) -> None:
        live = Session(
            0, "Hội nghị trực tuyến toàn tỉnh tháng 11", "A", now - hour, now + hour,
            chair="Bí thư Tỉnh ủy", conference="8800", points=points,
        )  # fmt: skip
        number = desk.plan(connection, live, actor, now - 2 * hour)
        desk.step(connection, number, Stage.LIVE, actor, now - hour)
        log = [
            Draft(LogKind.SYMPTOM, now - 40 * minute, 6, "no_sound", "Micro không lên", key="1"),
            Draft(LogKind.ACTION, now - 38 * minute, 6, "", "Đổi micro dự phòng", key="2"),
            Draft(LogKind.RESTORED, now - 33 * minute, 6, key="3"),
            Draft(LogKind.SYMPTOM, now - 5 * minute, 7, "no_picture", key="4"),
            Draft(LogKind.SECRETARIAT, now - 2 * minute, 0, "", "Đã báo đồng chí thư ký", key="5"),
        ]
        desk.enter(connection, number, log, actor, now)
        coming = Session(
            0, "Giao ban công tác chuyển đổi số", "B", now + 20 * hour, now + 22 * hour,
            points=points[:4],
        )  # fmt: skip
        desk.plan(connection, coming, actor, now)
        over = Session(0, "Chạy thử đường truyền", "C", now - 5 * hour, now - 4 * hour,
                       kind="rehearsal", points=points[:3])  # fmt: skip
        third = desk.plan(connection, over, actor, now - 6 * hour)
        desk.step(connection, third, Stage.LIVE, actor, now - 5 * hour)
        desk.step(connection, third, Stage.ENDED, actor, now - 4 * hour)
        desk.close(connection, third, actor, now - 4 * hour + minute, is_clean=True)

    province.db.write_now(write)
