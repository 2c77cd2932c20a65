"""Rows of silences and maintenance windows, and what they do to the rows of alerts."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import insert, select, update

from collector.alerts_in.label_view import VIEWED, view_of_row
from collector.alerts_in.matchers import LabelMatcher, all_match
from collector.hours.hours import parse_hours
from collector.mutes.mutes import Mute
from collector.storage import record
from collector.storage.fleet import set_fact
from collector.storage.schema import alerts, incidents, mute_reports, mutes
from incidents.config_record import RecordKind
from incidents.timeline import microseconds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row

# Another value means that the mutes must be read again.
MUTES = "mutes"
KINDS = ("silence", "maintenance")
# What a report says of an alert.
BROKEN = (
    "id", "rule", "agent", "host", "unit", "severity", "summary_vi", "summary_en", "started_at",
)  # fmt: skip
WORST = "S1"
_AT_ONCE = 5_000
# An end is found until all that it covered is told; a series ends at most once in this time.
ONE_END = timedelta(minutes=30)


class NewMute(NamedTuple):
    """What somebody asks for; `weekly` as hours are written."""

    kind: str
    agent: str
    unit: str
    rule: str
    reason: str
    owner: str
    starts_at: datetime
    ends_at: datetime
    weekly: str = ""
    matchers: tuple[LabelMatcher, ...] = ()
    source: str = ""


def add_mute(connection: Connection, new: NewMute, actor: str, now: datetime) -> int:
    """Store a silence or window and return its number."""
    written = {"matchers": written_matchers(new.matchers)}
    values = {**new._asdict(), **written, "created_by": actor, "created_at": now}
    done = connection.execute(insert(mutes).values(values))
    (number,) = done.inserted_primary_key or (0,)
    set_fact(connection, MUTES, f"{now} {number} added")
    data = {"mute": int(number), "change": "added", **_facts_of(new)}
    words = {"reason": new.reason, "owner": new.owner}
    record.append(connection, now, RecordKind.MUTE, actor, data=data, texts=words)
    return int(number)


def end_mute(connection: Connection, number: int, actor: str, now: datetime) -> bool:
    """End one before its time; return whether there was one to end."""
    statement = (
        update(mutes)
        .where(mutes.c.id == number, mutes.c.ended_at.is_(None), mutes.c.ends_at > now)
        .values(ended_at=now, ended_by=actor)
    )
    is_ended = connection.execute(statement).rowcount == 1
    if is_ended:
        set_fact(connection, MUTES, f"{now} {number} ended")
        data = {"mute": number, "change": "ended"}
        record.append(connection, now, RecordKind.MUTE, actor, data=data)
    return is_ended


def _facts_of(new: NewMute) -> dict[str, object]:
    """What was asked for, in codes and instants."""
    return {
        "kind": new.kind,
        "agent": new.agent,
        "unit": new.unit,
        "rule": new.rule,
        "starts_at": microseconds(new.starts_at),
        "ends_at": microseconds(new.ends_at),
        "weekly": new.weekly,
        **({"matchers": [str(one) for one in new.matchers]} if new.matchers else {}),
        **({"source": new.source} if new.source else {}),
    }


def load_mutes(connection: Connection, now: datetime) -> list[Mute]:
    """Return what holds now or later."""
    statement = select(mutes).where(mutes.c.ended_at.is_(None), mutes.c.ends_at > now)
    return [mute_of(row) for row in connection.execute(statement.order_by(mutes.c.id))]


def find_mute(connection: Connection, number: int) -> Mute | None:
    """Return one by its number, also when it is over."""
    row = connection.execute(select(mutes).where(mutes.c.id == number)).one_or_none()
    return None if row is None else mute_of(row)


def mute_of(row: Any) -> Mute:
    """Return a row as the decisions know it."""
    return Mute(
        row.id, row.kind, row.agent, row.unit, row.rule, row.reason, row.owner, row.created_by,
        row.starts_at, row.ends_at, parse_hours(row.weekly), row.ended_at,
        read_matchers(row.matchers), row.source,
    )  # fmt: skip


def written_matchers(matchers: Iterable[LabelMatcher]) -> str:
    """Return matchers as the table keeps them."""
    return json.dumps([[m.name, m.operator, m.value] for m in matchers], ensure_ascii=False)


def read_matchers(text: str) -> tuple[LabelMatcher, ...]:
    """Read what `written_matchers` wrote."""
    return tuple(LabelMatcher(*parts) for parts in json.loads(text))


def mark(connection: Connection, mute: Mute, agents: Collection[str]) -> int:
    """Say on open alerts that were told already what covers them now; return how many.

    Args:
        agents: What hangs under the agent of the mute, itself included.
    """
    names = {"unit": mute.unit, "rule": mute.rule}
    where = [alerts.c[name] == value for name, value in names.items() if value]
    if mute.agent:
        where.append(alerts.c.agent.in_(agents))
    if mute.source:
        where.append(alerts.c.source == mute.source)
    worst = select(incidents.c.id).where(incidents.c.severity == WORST)
    statement = (
        update(alerts)
        .where(alerts.c.resolved_at.is_(None), alerts.c.suppressed == "", *where)
        .where(alerts.c.incident.is_(None) | alerts.c.incident.not_in(worst))
        .values(suppressed=mute.kind, suppressed_by=str(mute.id))
    )
    if not mute.matchers:
        return connection.execute(statement).rowcount
    found = _matching(connection, mute, where)
    parts = (found[start : start + _AT_ONCE] for start in range(0, len(found), _AT_ONCE))
    return sum(
        connection.execute(statement.where(alerts.c.id.in_(part))).rowcount for part in parts
    )


def _matching(connection: Connection, mute: Mute, where: list[ColumnElement[bool]]) -> list[int]:
    """Return the open alerts among these whose labels match."""
    columns = (alerts.c[name] for name in ("id", *VIEWED))
    rows = connection.execute(select(*columns).where(alerts.c.resolved_at.is_(None), *where))
    return [row.id for row in rows if all_match(mute.matchers, view_of_row(row))]


def is_outside_rule(connection: Connection, rule: str) -> bool:
    """Say whether somebody outside said an alert of this name."""
    said = select(alerts.c.id).where(alerts.c.rule == rule, alerts.c.source != "").limit(1)
    return connection.scalar(said) is not None


def marked(connection: Connection) -> set[int]:
    """Return the mutes that open alerts name."""
    statement = (
        select(alerts.c.suppressed_by)
        .where(alerts.c.resolved_at.is_(None), alerts.c.suppressed.in_(KINDS))
        .distinct()
    )
    return {int(number) for number in connection.scalars(statement)}


def unmark(connection: Connection, number: int) -> int:
    """Take a mute off the open alerts that need no telling: those that have been, or never are.

    The others are told by whoever judges them, and lose it then.
    """
    needs_telling = (alerts.c.outcome == "incident") & alerts.c.incident.is_(None)
    statement = update(alerts).where(_by(number), ~needs_telling)
    return connection.execute(statement.values(suppressed="", suppressed_by="")).rowcount


def still_broken(connection: Connection, number: int) -> list[Row[Any]]:
    """Return the open alerts that a mute covers, the critical first."""
    statement = (
        select(*(alerts.c[name] for name in BROKEN))
        .where(_by(number))
        .order_by(alerts.c.severity, alerts.c.id)
    )
    return list(connection.execute(statement))


def report(connection: Connection, number: int, broken: list[Row[Any]], now: datetime) -> int:
    """Keep what was still broken when a window ended."""
    items = [{name: _plain(row, name) for name in BROKEN} for row in broken]
    values = {"mute": number, "at": now, "items": json.dumps(items, ensure_ascii=False)}
    done = connection.execute(insert(mute_reports).values(values))
    (key,) = done.inserted_primary_key or (0,)
    return int(key)


def note_end(connection: Connection, number: int, now: datetime) -> bool:
    """Note that an end was found; return False when it was found a short while ago already."""
    statement = (
        update(mutes)
        .where(mutes.c.id == number)
        .where(mutes.c.end_noted_at.is_(None) | (mutes.c.end_noted_at < now - ONE_END))
        .values(end_noted_at=now)
    )
    return connection.execute(statement).rowcount == 1


def note_reminded(connection: Connection, number: int, now: datetime) -> bool:
    """Note that the owner was reminded; return False when somebody else did it."""
    statement = (
        update(mutes)
        .where(mutes.c.id == number, mutes.c.reminded_at.is_(None))
        .values(reminded_at=now)
    )
    return connection.execute(statement).rowcount == 1


def unreminded(connection: Connection, now: datetime) -> list[Mute]:
    """Return the windows that run and whose owner was not reminded."""
    statement = select(mutes).where(
        mutes.c.kind == "maintenance",
        mutes.c.reminded_at.is_(None),
        mutes.c.ended_at.is_(None),
        mutes.c.starts_at <= now,
        mutes.c.ends_at > now,
    )
    return [mute_of(row) for row in connection.execute(statement)]


def muted_by(connection: Connection, incident: int) -> tuple[str, ...]:
    """Return what covers every alert of an incident that fires, such as `silence 3`.

    Empty where one is not covered, or none fires.
    """
    statement = select(alerts.c.suppressed, alerts.c.suppressed_by).where(
        alerts.c.incident == incident, alerts.c.resolved_at.is_(None)
    )
    found = {(row.suppressed, row.suppressed_by) for row in connection.execute(statement)}
    if not {kind for kind, _ in found} <= set(KINDS):
        return ()
    return tuple(f"{kind} {number}" for kind, number in sorted(found))


def _plain(row: Row[Any], name: str) -> Any:
    value = getattr(row, name)
    return value.isoformat() if name.endswith("_at") else value


def _by(number: int) -> ColumnElement[bool]:
    return (
        alerts.c.resolved_at.is_(None)
        & alerts.c.suppressed.in_(KINDS)
        & (alerts.c.suppressed_by == str(number))
    )
