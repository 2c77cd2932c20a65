"""Composition root of the collector: it alone names concrete classes and reads clocks."""

from __future__ import annotations

import asyncio
import gc
import hmac
import os
import random
import secrets
import time
import uuid
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import uvloop
from loguru import logger
from nacl.signing import SigningKey

from agents.segments import SegmentLog
from collector import lock, logs, server, starter
from collector.accounts.parts import SECRET_BYTES
from collector.alerts_in import Outside
from collector.alerts_in.book import OutsideBook
from collector.alerts_in.door import AlertsDoor
from collector.assembly import Makers, services_of
from collector.attaching import Attacher
from collector.attendance import Attendance, first_day, today
from collector.auditor import Auditor
from collector.carrying import Carrier
from collector.catalogue.board import ServiceBoard
from collector.changes import Changes
from collector.channel_tester import ChannelTester
from collector.console.names import ProcedureNames
from collector.cycle import Cycle
from collector.evidence_files import EvidenceFiles
from collector.file_desk import FileDesk
from collector.fleet import Fleet
from collector.host_clock import clock_state
from collector.identity import keys
from collector.identity.desk import IdentityDesk
from collector.identity.knocks import Knocks
from collector.intake import Door
from collector.jobs.jobs import Jobs
from collector.judge import Judge
from collector.keepers import new_keepers
from collector.known_desk import KnownDesk
from collector.kpi_book import KpiBook
from collector.limits import Vitals
from collector.metrics.metrics import Counted
from collector.missing import RollCall
from collector.outages.outages import Outages
from collector.outside import outside_parts
from collector.parts import Clocks, Parts
from collector.probing.agent_probers import Probers
from collector.probing.asked import AskedTargets
from collector.probing.measuring import new_diagnoser, new_plans
from collector.probing.prober import CollectorProber
from collector.probing.probes import Probes
from collector.probing.probing import Probing
from collector.public_facts import public_facts
from collector.replay import start
from collector.reports.parts import report_parts
from collector.service import Service
from collector.sessions.parts import looking_parts
from collector.starter import StartError
from collector.storage.alerts import AlertWriter
from collector.storage.attendance import load_attendance
from collector.storage.database import Database
from collector.storage.desk_store import DeskStore
from collector.storage.fleet import UnitsInUse
from collector.storage.hours import listed_on, load_approved
from collector.storage.knocks import load_knocks
from collector.storage.policy_record import STARTED, take_over
from collector.storage.sealer import newest_note
from collector.storage.witness import Witness, witnessed
from collector.stream.journal import Journal
from collector.targets.targets import COLLECTOR
from collector.watch_desk import WatchDesk
from collector.web import build as build_web
from incidents.ack_links import AckLinks
from incidents.desk import Desk

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from collector.host import Host
    from collector.policy.policy import Policy
    from collector.settings import Settings
    from collector.targets.plans import Plans

__all__ = ["StartError", "jitter", "new_id", "now", "run"]

ADDRESS_FILE = "collector.address"
TOKEN_FILE = "cli.token"  # noqa: S105 - a file name
SALT_BYTES = 16
GARBAGE_THRESHOLDS = (50_000, 20, 50)


def now() -> datetime:
    """Return the instant, in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """Return a name that nothing else has."""
    return uuid.uuid4().hex


def jitter() -> float:
    """Return a random number from 0 to below 1."""
    return random.random()


def run(settings: Settings) -> None:
    """Run the collector until it is asked to stop.

    Raises:
        StartError: Something that it needs is wrong; the text says what and what to do.
    """
    logs.set_up(settings.log_level)
    policy = starter.load_policy(settings.policy_directory)
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        with (
            lock.only_one(settings.data),
            closing(server.listen(settings)) as listener,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            runner.run(_serve(settings, policy, listener))
    except (
        OSError, lock.LockedError, server.ListenError, keys.KeyFileError, UnitsInUse,
    ) as error:  # fmt: skip
        raise StartError(str(error)) from error


async def _serve(settings: Settings, policy: Policy, listener: socket.socket) -> None:
    witness = Witness(_new_salt, clock_state)
    database = Database(witnessed(starter.open_database(settings), witness))
    try:
        policy = database.read_now(lambda c: starter.in_force(c, policy, now()))
        database.write_now(lambda c: take_over(c, policy, now(), STARTED, ""))
        address = server.address_of(settings, listener)
        service = _build(settings, policy, database, address, witness)
        (settings.data / ADDRESS_FILE).write_text(address + "\n", encoding="utf-8")
        _quieten_garbage_collector()
        await service.serve([listener])
    finally:
        database.close()


def _quieten_garbage_collector() -> None:
    """Look for cycles seldom, and never again through what the start made.

    A report is a few hundred objects without a cycle; with the usual thresholds they make the
    collector walk through all series of all hosts again and again, and the loop waits meanwhile.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


def _build(
    settings: Settings, policy: Policy, database: Database, address: str, witness: Witness
) -> Service:
    """Make every part and put them together."""
    token = keys.read_or_make_token(
        settings.data / TOKEN_FILE, new_secret=lambda: secrets.token_urlsafe(SECRET_BYTES)
    )
    desk = Desk(
        policy.rulesets,
        policy.paging,
        new_message_id=new_id,
        new_salt=_new_salt,
        console_url=(settings.public_url or address).rstrip("/"),
        people=policy.people,
        switchboard=policy.switchboard,
        clock=clock_state,
    )
    witness.deputy_for = desk.deputy_for
    database.write_now(lambda c: desk.keep(DeskStore(c), now()))
    key = hmac.digest(token.encode(), b"acknowledge links", "sha256")
    acks = AckLinks(key, desk.console_url, lambda name, of: desk.may_acknowledge(name, of, now()))
    parts = _parts(settings, policy, database, desk, acks)
    desk.public_facts = lambda incident: public_facts(
        incident, parts.fleet.targets, parts.judge.rulebook.rules, desk.procedure
    )
    desk.around = parts.sessions.around_of
    clocks = Clocks(now=now, monotonic=time.monotonic, jitter=jitter)
    service = Service(parts, policy, clocks)
    web = build_web(
        services_of(
            parts,
            service,
            Makers(
                now=now,
                monotonic=time.monotonic,
                new_id=new_id,
                random_bytes=secrets.token_bytes,
            ),
            cli_token=token,
            account_key=_key(settings, "accounts"),
        )
    )
    service.server = server.make(
        web,
        parts.door,
        settings,
        parts.connections,
        note_unknown=parts.identity.note_unknown,
    )
    return service


def _parts(
    settings: Settings, policy: Policy, database: Database, desk: Desk, acks: AckLinks
) -> Parts:
    """Make what takes and judges reports, filled with what tables and journal know."""
    clocks: dict[str, Any] = {"now": now, "monotonic": time.monotonic}
    journal = _journal(settings)
    started_at, vitals = now(), Vitals()
    fleet, changes = _fleet(policy, database, started_at), Changes(monotonic=time.monotonic)
    judge = Judge(fleet, policy.rulebook, changes=changes)
    attendance, probes = _attendance(fleet, database, started_at), Probes()
    outages = Outages(fleet, judge, probes, usual=attendance.usual, procedure=policy.procedure)
    book = OutsideBook(judge, outages, policy.outside)
    replayed = start(database, journal, fleet, judge, outages, started_at, book)
    if replayed.lost:
        logger.error("{} reports left the journal before they were judged", replayed.lost)
    knocks = Knocks(database.read_now(load_knocks))
    known = KnownDesk(database, fleet, judge, changes, policy.procedure)
    plans = new_plans(fleet, judge, outages, monotonic=time.monotonic)
    key, files = _key(settings, "state"), _files(settings, database)
    said = _said(known, files, AskedTargets(fleet), plans)
    door = Door(fleet, journal, secret=key, vitals=vitals, known=said, **clocks)
    outside = Outside(book, AlertsDoor(door, journal, book, vitals=vitals, now=now))
    return Parts(
        settings=settings,
        database=database,
        journal=journal,
        fleet=fleet,
        judge=judge,
        door=door,
        known=known,
        plans=plans,
        identity=IdentityDesk(database, fleet, judge, knocks, door.rates, now=now),
        watch=WatchDesk(database, fleet, judge, **clocks),
        outages=outages,
        outside=outside,
        attendance=attendance,
        **_keepers(settings, database, outages, desk, changes, policy, fleet, files),
        probing=Probing(probes, _probers(fleet), told=door.arrived.set, now=now),
        cycle=Cycle(
            door,
            judge,
            outages,
            database,
            AlertWriter(desk, DeskStore),
            changes,
            judged=replayed.judged,
            outside=outside,
            **clocks,
        ),
        diagnoser=new_diagnoser(
            database, desk, fleet, plans, outages, policy, changes, new_id=new_id, **clocks
        ),
        **outside_parts(settings, database, journal, fleet, jitter=jitter, **clocks),
        **_of_desk(settings, policy, database, desk, acks),
        changes=changes,
        vitals=vitals,
        files=files,
        attacher=_attacher(database, desk, fleet, files),
        stopping=asyncio.Event(),
    )


def _of_desk(
    settings: Settings, policy: Policy, database: Database, desk: Desk, acks: AckLinks
) -> dict[str, Any]:
    """Make what stands around the desk: who watches it, tests its channels, knows its words."""
    return {
        "desk": desk,
        "acks": acks,
        "counted": Counted(),
        "connections": server.connections_of(settings),
        "auditor": Auditor(database, now(), url=settings.deadman_url.get_secret_value()),
        "channel_tester": ChannelTester(database, desk, new_id),
        "names": ProcedureNames(policy.procedure),
        "library": policy.library,
    }


def _keepers(
    settings: Settings,
    database: Database,
    outages: Outages,
    desk: Desk,
    changes: Changes,
    policy: Policy,
    fleet: Fleet,
    files: FileDesk,
) -> dict[str, Any]:
    """Make what keeps silences, windows, duties and sessions, and what looks at these."""
    kept = new_keepers(settings, database, outages, desk, changes, policy, new_id, fleet)
    kept |= _boards(fleet, policy)
    listed = database.read_now(lambda c: listed_on(c, today(fleet.started_at)))
    kept["roll_call"] = RollCall(fleet, listed)
    kept |= looking_parts(database, fleet, changes, desk, time.monotonic, kept["sessions"])
    return kept | report_parts(database, policy, desk, fleet, kept, files, new_id)


def _said(
    known: KnownDesk, files: FileDesk, asked: AskedTargets, plans: Plans
) -> Callable[[Host], dict[str, Any]]:
    """Return what else the answer to a report says."""

    def said(host: Host) -> dict[str, Any]:
        carried = files.carrier.of(host.agent)
        return {**known.of(host), **carried, **asked.of(host), **plans.said(host)}

    return said


def _attacher(database: Database, desk: Desk, fleet: Fleet, files: FileDesk) -> Attacher:
    return Attacher(database, desk, DeskStore, fleet, files.evidence, files.jobs, new_id=new_id)


def _attendance(fleet: Fleet, database: Database, started_at: datetime) -> Attendance:
    """Return who was heard when, as far as the tables know."""
    attendance = Attendance(fleet)
    attendance.load(database.read_now(lambda c: load_attendance(c, first_day(started_at))))
    return attendance


def _journal(settings: Settings) -> Journal:
    return Journal(
        SegmentLog(settings.data / "journal"),
        now=now,
        max_bytes=settings.journal_bytes,
        max_age_seconds=settings.journal_hours * 3600,
    )


def _boards(fleet: Fleet, policy: Policy) -> dict[str, Any]:
    """Make what reads figures off the fleet."""
    kpi_book = KpiBook(
        lambda: sorted({h.unit for h in fleet.approved() if h.last_report_at is not None}),
        lambda: fleet.targets.watched,
        fleet.expected_of_unit,
    )
    return {"kpi_book": kpi_book, "service_board": ServiceBoard(fleet, policy.catalogue)}


def _probers(fleet: Fleet) -> Probers:
    return Probers({COLLECTOR: CollectorProber()}, fleet, now=now)


def _fleet(policy: Policy, database: Database, started_at: datetime) -> Fleet:
    """Return who must report, and in which hours, before any host is in it."""
    own_unit = next((unit.code for unit in policy.units if unit.parent is None), "")
    fleet = Fleet(started_at=started_at, monotonic=time.monotonic, own_unit=own_unit)
    fleet.calendar = policy.procedure.calendar
    fleet.set_targets(policy.targets)
    fleet.set_expectations(policy=policy.hours, approved=database.read_now(load_approved))
    return fleet


def _files(settings: Settings, database: Database) -> FileDesk:
    """Make what seals, exports and keeps evidence; its children get our settings."""
    environment = {
        "WANWATCH_DATA": str(settings.data),
        "WANWATCH_DATABASE_URL": settings.database,
        "WANWATCH_EVIDENCE": str(settings.evidence_directory),
    }
    return FileDesk(
        database,
        key=SigningKey(_key(settings, "seal")),
        carrier=Carrier(database.read_now(newest_note) or "", monotonic=time.monotonic),
        jobs=Jobs(now=now, new_id=new_id, environment=environment),
        evidence=EvidenceFiles(settings.evidence_directory),
        evidence_bytes=settings.evidence_bytes,
        exports=settings.data / "exports",
        now=now,
        new_id=new_id,
    )


def _new_salt() -> str:
    return secrets.token_hex(SALT_BYTES)


def _key(settings: Settings, name: str) -> bytes:
    return keys.read_or_make(settings.data / "keys" / name, random_bytes=os.urandom)
