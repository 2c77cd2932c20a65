"""What is done every few seconds or minutes beside the turns of evaluation and desk."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from collector import housekeeping
from collector.attendance import first_day, today
from collector.coverage import covered
from collector.forward.watch import tell_lags
from collector.kpi_book import period_of
from collector.rush import rush_of
from collector.sessions.measurer import SessionMeasurer
from collector.sessions.tightening import tighten
from collector.storage import identity_log, message_files, phone, retention
from collector.storage.access_store import prune_access
from collector.storage.answers import prune_answers
from collector.storage.attendance import save_attendance
from collector.storage.coverage import save_coverage
from collector.storage.device_events import prune_heard
from collector.storage.fleet import fact
from collector.storage.hours import HOURS, load_approved, prune_missing, save_missing
from collector.storage.log_ins import prune_log_ins
from collector.storage.queries.visibility import NOBODY
from collector.storage.sessions import in_the_way
from collector.storage.sources import save_seen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.parts import Clocks, Parts
    from collector.services import Health

SEAL_SECONDS = 10.0
HOUSEKEEPING_SECONDS = 5.0
ATTACH_SECONDS = 10.0
PRUNE_SECONDS = 600.0
ATTENDANCE_SECONDS = 60.0
ATTENDANCE_STORE_SECONDS = 600.0
KNOWN_SECONDS = 2.0
ALERTMANAGERS_SECONDS = 60.0
DUTIES_SECONDS = 60.0
AUDIT_SECONDS = 30.0
PRE_CHECK_SECONDS = 4.0
SESSIONS_SECONDS = 2.0
MEASURING_SECONDS = 15.0
FIGURES_SECONDS = 300.0
SOURCES_SECONDS = 60.0
RECEIVERS_SECONDS = 15.0
FIGURES_DAYS = 30
NEXT_BATCH_SECONDS = 0.1
ANSWERS_KEPT = timedelta(days=7)
MISSING_KEPT = timedelta(days=90)
REFUSED_KEPT = timedelta(days=30)
IDENTITY_LOG_KEPT = timedelta(days=400)
HEARD_KEPT = timedelta(days=90)


class Upkeep:
    """The works of upkeep; each returns after how many seconds it wants its next turn, or None."""

    def __init__(self, parts: Parts, clocks: Clocks, health: Callable[[], Health]) -> None:
        self._parts, self._clocks, self._health = parts, clocks, health
        self._measurer = SessionMeasurer(parts)
        self._hours_version: str | None = None
        self._attendance_stored_at = clocks.monotonic()

    def works(self) -> dict[str, tuple[Callable[[], Awaitable[float | None]], float]]:
        """Return the works by name, each with the longest pause between two turns in seconds."""
        return {
            "seal": (self.seal, SEAL_SECONDS),
            "housekeeping": (self.keep_house, HOUSEKEEPING_SECONDS),
            "attach": (self.attach, ATTACH_SECONDS),
            "prune": (self.prune, PRUNE_SECONDS),
            "known": (self._parts.known.turn, KNOWN_SECONDS),
            "alertmanagers": (self._parts.alerts_out.turn, ALERTMANAGERS_SECONDS),
            "duties": (self.keep_duties, DUTIES_SECONDS),
            "daily": (self.make_daily, DUTIES_SECONDS),
            "sessions": (self.keep_sessions, SESSIONS_SECONDS),
            "audit": (self.audit, AUDIT_SECONDS),
            "measuring": (self.measure_sessions, MEASURING_SECONDS),
            "pre-checks": (self.check_points, PRE_CHECK_SECONDS),
            "attendance": (self.count_attendance, ATTENDANCE_SECONDS),
            "figures": (self.count_figures, FIGURES_SECONDS),
            "sources": (self.note_sources, SOURCES_SECONDS),
            "receivers": (self.look_at_receivers, RECEIVERS_SECONDS),
        }

    async def keep_duties(self) -> float | None:
        """Tell of duties, certificates and gaps in who is on call that come near; test channels."""
        now = self._clocks.now()
        await self._parts.duty_keeper.turn(now)
        await self._parts.certificate_keeper.turn(now)
        self._parts.counted.unit_days = await self._parts.unit_day_keeper.turn(now)
        self._parts.counted.oncall = await self._parts.oncall_keeper.turn(now)
        self._parts.counted.channels = await self._parts.channel_tester.turn(now)
        return None

    async def note_sources(self) -> float | None:
        """Store when outside sources were last heard."""
        if seen := self._parts.sources.take_seen():
            await self._parts.database.write(lambda c: save_seen(c, seen))
        return None

    async def look_at_receivers(self) -> float | None:
        """Let the rules judge how long receivers of samples have not taken any."""
        tell_lags(self._parts.forwarding.senders, self._parts.judge, self._clocks.now())
        return None

    async def make_daily(self) -> float | None:
        """Make and send the report of the day, at its hour or as soon as the service is back."""
        if await self._parts.daily_keeper.turn(self._clocks.now()):
            self._parts.changes.publish("message", "")
        return None

    async def keep_sessions(self) -> float | None:
        """Move sessions by the clock, and keep up with calendars."""
        await self._parts.session_keeper.turn(self._clocks.now())
        return None

    async def measure_sessions(self) -> float | None:
        """Read what was measured of sessions that are over."""
        await self._measurer.turn(self._clocks.now())
        return None

    async def audit(self) -> float | None:
        """Look for what is stuck, and feed the dead-man's switch."""
        await self._parts.auditor.turn(self._clocks.now(), self._health)
        self._parts.counted.auditor = self._parts.auditor
        return None

    async def check_points(self) -> float | None:
        """Look at the points of sessions that come near; let those that go on be measured often."""
        now, parts = self._clocks.now(), self._parts
        sessions = await parts.database.read(in_the_way)
        targets, monotonic = parts.fleet.targets, self._clocks.monotonic()
        again_seconds = await parts.readiness.turn(now)
        anew = parts.readiness.under_way.anew
        parts.plans.rush(rush_of(sessions, targets, now, monotonic, anew))
        parts.door.rates.set_hurried(parts.plans.hurried())
        live = rush_of(sessions, targets, now, monotonic)
        tighten(parts.fleet, parts.judge, live.targets, now)
        return again_seconds

    async def seal(self) -> float | None:
        """Give new entries their place in the tree."""
        await self._parts.files.seal()
        return None

    async def attach(self) -> float | None:
        """Attach samples and the policy in force to incidents that open and recover."""
        more = await self._parts.attacher.turn(self._clocks.now())
        return NEXT_BATCH_SECONDS if more else None

    async def keep_house(self) -> float | None:
        """Look at the disk, at new agents and hours, and count what the metrics show."""
        parts = self._parts
        parts.vitals.disk_free_ratio = housekeeping.free_ratio(parts.settings.data)
        parts.cycle.note_disk(parts.vitals.disk_free_ratio)
        await parts.identity.refresh()
        await parts.identity.save_knocks()
        await parts.watch.turn()
        await self._refresh_hours()
        now = self._clocks.now()
        await parts.database.read(
            lambda c: housekeeping.count(c, parts.counted, parts.duty_book, now)
        )
        return None

    async def count_figures(self) -> float | None:
        """Count what the metrics show of the last thirty days."""
        now, book = self._clocks.now(), self._parts.kpi_book
        last = today(now)
        period = period_of(last - timedelta(days=FIGURES_DAYS - 1), last)
        found = await self._parts.database.read(lambda c: book.figures(c, period, NOBODY, now))
        self._parts.counted.figures = found
        return None

    async def _refresh_hours(self) -> None:
        """Take over what people decided about hours since the last time."""
        parts = self._parts
        hours = await parts.database.read(lambda c: fact(c, HOURS))
        if hours != self._hours_version:
            approved = await parts.database.read(load_approved)
            parts.fleet.set_expectations(approved=approved)
            parts.judge.inventory_changed(self._clocks.now())
            self._hours_version = hours

    async def count_attendance(self) -> float | None:
        """Count who is heard; store it now and then."""
        now, monotonic = self._clocks.now(), self._clocks.monotonic()
        if not self._parts.outages.is_deaf:
            self._parts.attendance.sample(now)
            await self._call_roll(now)
        if monotonic - self._attendance_stored_at >= ATTENDANCE_STORE_SECONDS:
            self._attendance_stored_at = monotonic
            await self.store_attendance()
        return None

    async def _call_roll(self, now: datetime) -> None:
        """Once a day for each unit: who was not switched on."""
        lists = self._parts.roll_call.call(now)
        try:
            await self._parts.database.write(lambda c: save_missing(c, lists))
        except SQLAlchemyError:
            self._parts.roll_call.take_back(lists)
            raise
        for one in lists:
            self._parts.changes.publish("worklist", one.unit)

    async def store_attendance(self) -> None:
        """Write what was counted since the last time."""
        now, attendance = self._clocks.now(), self._parts.attendance
        days, before = attendance.take_changed(), first_day(now)
        touched = {(day.unit, day.day) for day in days}
        whole = [
            day
            for unit in {unit for unit, _ in touched}
            for day in attendance.days_of(unit)
            if (unit, day.day) in touched
        ]
        covers = covered(whole, self._parts.fleet.expected_of_kind)

        def write(connection: Connection) -> None:
            save_attendance(connection, days, before=before)
            save_coverage(connection, covers, today=today(now))

        try:
            await self._parts.database.write(write)
        except SQLAlchemyError:
            self._parts.attendance.put_back(days)
            raise

    async def prune(self) -> float | None:
        """At night, remove what is old enough; in batches, one right after another."""
        now = self._clocks.now()
        if not housekeeping.is_night(now):
            return None
        write = self._parts.database.write
        await write(lambda c: prune_access(c, now))
        await write(lambda c: prune_log_ins(c, now))
        await write(lambda c: prune_missing(c, (now - MISSING_KEPT).date()))
        await write(lambda c: prune_answers(c, now - ANSWERS_KEPT))
        await write(lambda c: prune_heard(c, now - HEARD_KEPT))
        await write(lambda c: message_files.prune(c, now - ANSWERS_KEPT))
        await write(
            lambda c: identity_log.prune(
                c, refused_before=now - REFUSED_KEPT, all_before=now - IDENTITY_LOG_KEPT
            )
        )
        await write(
            lambda c: phone.prune(
                c, strangers_before=now - REFUSED_KEPT, all_before=now - IDENTITY_LOG_KEPT
            )
        )
        removed = await write(lambda c: retention.prune(c, now))
        return NEXT_BATCH_SECONDS if removed else None
