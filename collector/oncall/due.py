"""What is due of who is on call: gaps that come near, handovers that nobody has signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.duties.due_list import DueItem
from incidents.duties import DueState
from incidents.gap_messages import WORDS
from incidents.vietnamese import local_time

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.oncall.desk import OncallDesk
    from collector.storage.handovers import Handover
    from incidents.oncall import Gap


def oncall_items(
    desk: OncallDesk, connection: Connection, unsigned: Iterable[Handover], now: datetime
) -> list[DueItem]:
    """Return both as lines of the list of what is due."""
    if not desk.oncall.escalates:
        return []
    file = desk.oncall.file
    found = desk.gaps(connection, now, now + file.warn_before) if file.warn_before else []
    grace = file.handover_grace
    return [
        *(_gap(gap, desk, now) for gap in found),
        *(_handover(one, desk, one.at + grace, now) for one in unsigned),
    ]


def _gap(gap: Gap, desk: OncallDesk, now: datetime) -> DueItem:
    schedule = desk.oncall.schedules[gap.schedule]
    span = f"{local_time(gap.starts_at)} – {local_time(gap.ends_at)}"
    who = f" {gap.person}" if gap.person else ""
    vi, en = WORDS[gap.kind]
    name_vi, name_en = schedule.vi or gap.schedule, schedule.en or schedule.vi or gap.schedule
    return DueItem(
        kind="gap",
        code=gap.schedule,
        term=str(gap.kind),
        name_vi=f"{name_vi}: {vi}{who}, {span}",
        name_en=f"{name_en}: {en}{who}, {span}",
        owner=next(iter(desk.oncall.file.warn), schedule.role),
        mark="proposed",
        basis="",
        due_at=gap.starts_at,
        state=_state(gap.starts_at, now),
    )


def _handover(one: Handover, desk: OncallDesk, due_at: datetime, now: datetime) -> DueItem:
    at = local_time(one.at)
    return DueItem(
        kind="handover",
        code=str(one.id),
        term=one.schedule,
        name_vi=f"Ký biên bản giao ca {one.schedule} lúc {at}",
        name_en=f"Sign the handover of {one.schedule} at {at}",
        owner=desk.oncall.file.on_call_role,
        mark="proposed",
        basis="",
        due_at=due_at,
        state=_state(due_at, now),
    )


def _state(due_at: datetime, now: datetime) -> DueState:
    return DueState.OVERDUE if due_at <= now else DueState.SOON
