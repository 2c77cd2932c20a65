"""Handovers of shifts: made when a shift begins, added to and signed by people."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collector.oncall.desk import ACT
from collector.storage import handovers as store
from collector.storage import oncall
from incidents import handover
from incidents.handover import Signature
from incidents.oncall import on_call
from incidents.state import PERSON

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.services import IncidentDesk
    from collector.storage.handovers import Handover
    from incidents.actor import Viewer
    from incidents.handover import Side
    from incidents.oncall import Shift
    from incidents.oncall_schedules import Schedule

_INSTANT = timedelta(microseconds=1)
# An override that has ended may still tell who had the shift before.
_BACK = timedelta(days=3)


class HandoverDesk:
    """Makes the documents and takes what people add; keeps nothing itself."""

    def __init__(self, desk: IncidentDesk) -> None:
        self._desk = desk

    @property
    def grace(self) -> timedelta:
        """How long after its shift began a handover may wait for signatures."""
        return self._desk.switchboard.oncall.file.handover_grace

    def sees(self, one: Handover, viewer: Viewer) -> bool:
        """Say whether somebody sees a handover: they see all units it is about, or are in it."""
        people = {f"person:{name.casefold()}" for name in (*one.outgoing, *one.incoming) if name}
        if viewer.units is None or people & {tag.casefold() for tag in viewer.tags}:
            return True
        served = self.served(one)
        return bool(served) and viewer.units.issuperset(served or ())

    def served(self, one: Handover) -> list[str] | None:
        """Return the units that a handover is about; None: all, or its schedule is gone."""
        schedule = self._desk.switchboard.oncall.schedules.get(one.schedule)
        return None if schedule is None else self._units(schedule)

    def make(self, connection: Connection, now: datetime) -> list[int]:
        """Make the documents of the shifts that run now and have none yet; return their numbers.

        Where the same person goes on, nothing is handed over.
        """
        made = []
        for schedule, before, after in self.wanted(connection, now):
            filled = store.contents(
                connection,
                self._units(schedule),
                before.starts_at,
                after.starts_at,
                after.ends_at,
            )
            document = handover.write(before, after, filled)
            outgoing = (before.primary.person, before.backup.person)
            incoming = (after.primary.person, after.backup.person)
            at, name = after.starts_at, schedule.name
            made.append(store.add(connection, name, at, outgoing, incoming, document, now))
        return made

    def wanted(self, connection: Connection, now: datetime) -> list[tuple[Schedule, Shift, Shift]]:
        """Return the changes of shifts that have no document yet: who gives, who takes."""
        found = []
        for schedule in self._desk.switchboard.oncall.schedules.values():
            pair = self._change(connection, schedule, now)
            if pair is None or store.exists(connection, schedule.name, pair[1].starts_at):
                continue
            if oncall.is_in_force(connection, pair[1].starts_at):  # not of before the first day
                found.append((schedule, *pair))
        return found

    def note(
        self, connection: Connection, number: int, field: str, text: str, actor: str, now: datetime
    ) -> Handover | None:
        """Write into a field; None: there is no such handover.

        Raises:
            Refused: Both have signed, the field is unknown, it is without words, or the actor is
                none of the two sides and lacks the role.
        """
        found = store.find(connection, number, lock=True)
        if found is None:
            return None
        name = actor.removeprefix(PERSON).casefold()
        if name not in {one.casefold() for one in (*found.outgoing, *found.incoming)}:
            self._desk.check_act(ACT, actor, now)
        handover.check_note(found.signatures, field, text)
        store.add_note(connection, number, actor, field, text.strip(), now)
        return store.find(connection, number)

    def sign(
        self,
        connection: Connection,
        number: int,
        side: Side,
        accepted: Sequence[str],
        actor: str,
        now: datetime,
    ) -> Handover | None:
        """Sign for one side; None: there is no such handover.

        Raises:
            Refused: The side is another person's, has signed, or leaves incidents to nobody.
        """
        found = store.find(connection, number, lock=True)
        if found is None:
            return None
        holders: dict[Side, Sequence[str]] = {
            "outgoing": found.outgoing,
            "incoming": found.incoming,
        }
        left = self.left_open(connection, found)
        handover.check_signature(side, actor, holders, found.signatures, left, accepted)
        kept = tuple(code for code in left if code in accepted) if side == "incoming" else ()
        store.sign(connection, number, Signature(side, actor, now, found.digest, kept))
        return store.find(connection, number)

    def left_open(self, connection: Connection, found: Handover) -> list[str]:
        """Return the incidents that nobody has acknowledged by now."""
        return store.unacknowledged(connection, self.served(found))

    def _change(
        self, connection: Connection, schedule: Schedule, now: datetime
    ) -> tuple[Shift, Shift] | None:
        """Return the shift that ended last and the one that runs, where hands changed."""
        given = self._desk.switchboard.oncall.overrides
        known = [*given, *oncall.overrides_from(connection, now - _BACK)]
        holidays = self._desk.procedure.calendar.holidays
        plain = on_call(schedule, [], holidays, now)
        after = on_call(schedule, known, holidays, plain.starts_at)
        before = on_call(schedule, known, holidays, plain.starts_at - _INSTANT)
        named = (before.primary.person, after.primary.person)
        if not all(named) or named[0].casefold() == named[1].casefold():
            return None
        return before, after

    def _units(self, schedule: Schedule) -> list[str] | None:
        """Return the units that a schedule serves; None: all."""
        if schedule.is_province_wide:
            return None
        places = self._desk.switchboard.places
        return sorted(places.covered(schedule.units, schedule.regions))
