"""What the minutes of a handover are made of: the document of the handover's own desk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from collector.gathering.gatherer import Gathered, Gatherer
from collector.oncall.handover_desk import HandoverDesk
from collector.storage import handovers
from collector.storage.queries.sessions import sessions_between
from collector.storage.queries.visibility import Viewer
from incidents.reports.handover_facts import facts_of
from incidents.state import PERSON
from incidents.timeline import instant
from incidents.vietnamese import local_time

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.gathering.gatherer import Sources

MOST_DIGITS = 15


def gather(
    sources: Sources, connection: Connection, _kind: str, subject: str, _now: datetime
) -> Gathered | None:
    """Return the facts of a handover by its number."""
    is_number = subject.isascii() and subject.isdecimal() and len(subject) <= MOST_DIGITS
    one = handovers.find(connection, int(subject)) if is_number else None
    if one is None:
        return None
    served = HandoverDesk(sources.desk).served(one)
    document = json.loads(one.document)
    coming = document["incoming"]
    sessions = [
        (
            f"Phiên {session.name}",
            f"{local_time(session.starts_at)} – {local_time(session.ends_at)}",
        )
        for session in sessions_between(
            connection,
            Viewer(units=None if served is None else frozenset(served)),
            instant(coming["starts_at"]),
            instant(coming["ends_at"]),
        )
    ]
    schedule = sources.desk.switchboard.oncall.schedules.get(one.schedule)
    name = (schedule.vi if schedule is not None else "") or one.schedule
    facts = facts_of(name, document, one.words, one.signatures, sources.desk.procedure, sessions)
    unit = served[0] if served is not None and len(served) == 1 else ""
    people = tuple(f"{PERSON}{name}" for name in (*one.outgoing, *one.incoming) if name)
    return Gathered(facts, str(one.id), unit=unit, people=people)


GATHERER = Gatherer(("handover",), gather)
