"""What a conference session is: its points, its times, its stages; no input or output."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003 - the API reads the types when it starts
from enum import Enum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import timedelta

SessionClass = Literal["A", "B", "C"]
Kind = Literal["official", "rehearsal"]
Way = Literal["codec", "software", "telephone"]


class Stage(Enum):
    """Where a session is; each but `cancelled` follows the one before."""

    PLANNED = "planned"
    PRE_CHECK = "pre_check"
    LIVE = "live"
    ENDED = "ended"
    REPORTED = "reported"
    CANCELLED = "cancelled"


# What may follow what; a person or the clock moves a session, always forward.
NEXT: dict[Stage, tuple[Stage, ...]] = {
    Stage.PLANNED: (Stage.PRE_CHECK, Stage.LIVE, Stage.CANCELLED),
    Stage.PRE_CHECK: (Stage.LIVE, Stage.CANCELLED),
    Stage.LIVE: (Stage.ENDED,),
    Stage.ENDED: (Stage.REPORTED,),
    Stage.REPORTED: (),
    Stage.CANCELLED: (),
}


@dataclass(frozen=True, slots=True)
class Point:
    """One *điểm cầu* of a session.

    Attributes:
        order: Its place in the roll call, from 1.
        unit: The code of the unit that it stands in.
        name: What people call it; several points of one unit have different names.
        target: The endpoint in `targets.yaml`; empty for what nobody can measure.
        path: The target that measures its path to the centre; empty where none does.
        way: What takes part: a codec, a computer with camera and screen, or a telephone.
        is_main: The chair sits there.
        technician, second: Who stands by, by name as in `people.yaml` or free text.
        phone, second_phone: Their telephone numbers, E.164 or as dialled.
        is_confirmed: The technician has said that they will be there.
    """

    order: int
    unit: str
    name: str
    target: str = ""
    path: str = ""
    way: Way = "codec"
    is_main: bool = False
    technician: str = ""
    phone: str = ""
    second: str = ""
    second_phone: str = ""
    is_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """One conference session; `id` 0 is one that is not stored yet.

    Attributes:
        chair: Who chairs it.
        bridge: The target of the bridge; empty where there is none.
        conference: The number or name of the conference on the bridge.
        starts_at, ends_at: As planned.
        began_at, over_at: As it was; None before.
        series: What the ones of a recurrence share; empty for one by itself.
        occurrence: What an imported calendar or a weekly schedule knows this one by; unique.
        closed_at: When its log was closed; None before.
    """

    id: int
    name: str
    session_class: SessionClass
    starts_at: datetime
    ends_at: datetime
    kind: Kind = "official"
    chair: str = ""
    bridge: str = ""
    conference: str = ""
    began_at: datetime | None = None
    over_at: datetime | None = None
    stage: Stage = Stage.PLANNED
    series: str = ""
    occurrence: str = ""
    closed_at: datetime | None = None
    points: tuple[Point, ...] = field(default_factory=tuple)

    @property
    def is_live(self) -> bool:
        """Say whether it goes on now."""
        return self.stage is Stage.LIVE

    @property
    def is_over(self) -> bool:
        """Say whether nothing of it goes on any more."""
        return self.stage in (Stage.ENDED, Stage.REPORTED, Stage.CANCELLED)

    @property
    def units(self) -> tuple[str, ...]:
        """Return the units of its points, each once, in calling order."""
        return tuple(dict.fromkeys(point.unit for point in self.points if point.unit))

    def point(self, order: int) -> Point | None:
        """Return the point of this place in the roll call."""
        return next((point for point in self.points if point.order == order), None)

    def is_in_the_way(self, now: datetime, before: timedelta) -> bool:
        """Say whether it is live, or its pre-check has begun: `before` its planned beginning.

        One that nobody began is in nobody's way once its planned end has passed.
        """
        if self.is_over:
            return False
        return self.is_live or self.starts_at - before <= now < self.ends_at
