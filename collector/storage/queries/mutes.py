"""Silences and maintenance windows as pages and API show them."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    String,
    and_,
    cast,
    func,
    or_,
    select,
    true,
)

from collector.storage.mutes import read_matchers
from collector.storage.queries.paging import Order, Page, fetch_page, values
from collector.storage.queries.visibility import Viewer, in_scope
from collector.storage.schema import agents, alerts, mute_reports, mutes, units

_MOST_SILENCES = 5_000
MuteState = Literal["current", "over", "all"]


@dataclass(frozen=True, slots=True)
class MuteRow:
    """One silence or window; the field names are the API's.

    Attributes:
        host: The name of the host that `agent` is, empty where it is none.
        alerts: How many alerts fire that it keeps from being told.
        matchers: On labels, as stored. Attribute `source`: whose alerts alone.
    """

    id: int
    kind: str
    agent: str
    unit: str
    rule: str
    reason: str
    owner: str
    created_by: str
    created_at: datetime
    starts_at: datetime
    ends_at: datetime
    weekly: str
    ended_at: datetime | None
    ended_by: str
    host: str
    unit_name: str
    alerts: int
    matchers: str
    source: str

    @property
    def label_matchers(self) -> str:
        """Return the matchers as people write them."""
        return ", ".join(map(str, read_matchers(self.matchers)))

    @property
    def over_at(self) -> datetime:
        """Return when it is over."""
        return self.ends_at if self.ended_at is None else min(self.ends_at, self.ended_at)


@dataclass(frozen=True, slots=True)
class MuteReport:
    """What was still broken when a window ended."""

    id: int
    mute: int
    at: datetime
    items: list[dict[str, Any]]


_COVERED = (
    select(func.count())
    .select_from(alerts)
    .where(alerts.c.resolved_at.is_(None))
    .where(alerts.c.suppressed == mutes.c.kind)
    .where(alerts.c.suppressed_by == cast(mutes.c.id, String))
    .scalar_subquery()
)
_MUTES: Select[Any] = (
    select(
        *(mutes.c[name] for name in MuteRow.__slots__[:14]),
        func.coalesce(agents.c.host, ""),
        func.coalesce(units.c.name, mutes.c.unit),
        _COVERED,
        mutes.c.matchers,
        mutes.c.source,
    )
    .outerjoin_from(mutes, agents, agents.c.id == mutes.c.agent)
    .outerjoin(units, units.c.code == mutes.c.unit)
)
_ORDER = Order((-mutes.c.id,), mutes.c.id)


def list_mutes(
    connection: Connection,
    viewer: Viewer,
    *,
    kind: str | None = None,
    state: MuteState = "current",
    now: datetime,
    limit: int,
    after: int | None = None,
) -> Page[MuteRow]:
    """Return silences and windows, the newest first; current: it holds or will."""
    statement = _MUTES.where(visible := _concerns(viewer))
    is_current = mutes.c.ended_at.is_(None) & (mutes.c.ends_at > now)
    if state != "all":
        statement = statement.where(is_current if state == "current" else ~is_current)
    if kind is not None:
        statement = statement.where(mutes.c.kind == kind)
    return fetch_page(
        connection,
        statement,
        replace(_ORDER, among=visible),
        _mute,
        lambda row: str(row.id),
        limit=limit,
        after=after,
    )


def find_mute_row(connection: Connection, number: int, kind: str, viewer: Viewer) -> MuteRow | None:
    """Return one by its number; None as well for whom it does not concern."""
    wanted = _MUTES.where(mutes.c.id == number, mutes.c.kind == kind, _concerns(viewer))
    row = connection.execute(wanted).first()
    return None if row is None else _mute(row)


def list_silences(
    connection: Connection, viewer: Viewer, *, source: str, since: datetime
) -> list[MuteRow]:
    """Return the silences that hold, will, or did until a while ago, the newest first.

    Args:
        source: Whose own and everybody's; empty: all of them.
    """
    wanted = _silences(viewer, source).where(
        mutes.c.ends_at >= since, mutes.c.ended_at.is_(None) | (mutes.c.ended_at >= since)
    )
    rows = connection.execute(wanted.order_by(mutes.c.id.desc()).limit(_MOST_SILENCES))
    return [_mute(row) for row in rows]


def find_silence(
    connection: Connection, number: int, viewer: Viewer, *, source: str
) -> MuteRow | None:
    """Return one of those by its number."""
    row = connection.execute(_silences(viewer, source).where(mutes.c.id == number)).first()
    return None if row is None else _mute(row)


def _silences(viewer: Viewer, source: str) -> Select[Any]:
    wanted = _MUTES.where(mutes.c.kind == "silence", _concerns(viewer))
    return wanted.where(mutes.c.source.in_(("", source))) if source else wanted


def _concerns(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition that a mute is of a unit that somebody sees, or of all units."""
    if viewer.units is None:
        return true()
    nodes = [f"unit:{unit}" for unit in viewer.units]
    of_host = select(agents.c.id).where(in_scope(viewer, agents.c.unit))
    return or_(
        in_scope(viewer, mutes.c.unit),
        mutes.c.agent.in_(of_host),
        mutes.c.agent.in_(nodes),
        and_(mutes.c.unit == "", mutes.c.agent == ""),
    )


def reports_of(connection: Connection, number: int, *, limit: int) -> list[MuteReport]:
    """Return what was still broken at each end of a window, the last first."""
    statement = (
        select(mute_reports)
        .where(mute_reports.c.mute == number)
        .order_by(mute_reports.c.id.desc())
        .limit(limit)
    )
    return [
        MuteReport(row["id"], row["mute"], row["at"], json.loads(row["items"]))
        for row in connection.execute(statement).mappings()
    ]


def _mute(row: Row[Any]) -> MuteRow:
    return MuteRow(*values(row))
