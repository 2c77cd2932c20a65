"""What stands in a session's log; the log only grows."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - the API reads the types when it starts
from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003
from enum import StrEnum
from typing import Any


class LogKind(StrEnum):
    """What an entry tells of."""

    PLANNED = "planned"
    CHANGED = "changed"
    MOVED = "moved"
    STAGE = "stage"
    CONFIRMED = "confirmed"
    TOLD = "told"
    CHECK = "check"
    ROLL_CALL = "roll_call"
    SYMPTOM = "symptom"
    ACTION = "action"
    FALLBACK = "fallback"
    RESTORED = "restored"
    NOTE = "note"
    PHOTO = "photo"
    MEASURED = "measured"
    SECRETARIAT = "secretariat"
    ITEM = "item"
    CLOSED = "closed"
    SIGNED = "signed"


# What a technician enters during a session; all others follow from what somebody does.
ENTERED = frozenset(
    {
        LogKind.SYMPTOM,
        LogKind.ACTION,
        LogKind.FALLBACK,
        LogKind.RESTORED,
        LogKind.NOTE,
        LogKind.SECRETARIAT,
        LogKind.ITEM,
        LogKind.PHOTO,
    }
)


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry; `id` 0 is one that is not stored yet.

    Attributes:
        at: When it happened; `noted_at`: when it came here, later where the browser was offline.
        point: Whose place in the roll call; 0: the whole session.
        code: A symptom, a stage, or what else the kind calls for.
        incident: The code of the incident that it belongs to.
        key: The client's own; the same entry sent again is known by it.
    """

    at: datetime
    actor: str
    kind: LogKind
    point: int = 0
    code: str = ""
    text: str = ""
    incident: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    id: int = 0
    noted_at: datetime | None = None
