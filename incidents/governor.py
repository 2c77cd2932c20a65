"""The storm governor: how many messages one person gets, and what goes into one digest instead.

The first page of an incident is never held back. Of the rest a person gets at most a few in a few
minutes over one channel; then one digest, and what comes after it waits until there is room again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import Field

from incidents.channel import PUBLIC
from incidents.messages import Words, cut, one_line
from incidents.policy_parts import Duration
from incidents.procedure_parts import Part
from incidents.public_words import NOTHING_SAID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from incidents.channel import Reach

DIGEST = "digest"
MAX_LISTED = 30


class StormPolicy(Part):
    """How many messages one person gets over one channel within a time."""

    messages: int = Field(default=5, ge=1, le=1_000)
    within: Duration = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that is due.

    Attributes:
        is_first: It tells of an incident that its person knows nothing of.
        held: It waited for the morning.
    """

    id: int
    incident: str
    severity: str
    subject: str
    reach: Reach
    is_first: bool = False
    held: bool = False
    is_digest: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What leaves as it is, what goes into one digest, and what waits until when."""

    send: tuple[int, ...] = ()
    merge: tuple[int, ...] = ()
    wait: tuple[int, ...] = ()
    until: datetime | None = None


def plan(
    waiting: Sequence[Waiting],
    left: Sequence[tuple[datetime, bool]],
    storm: StormPolicy,
    now: datetime,
) -> Plan:
    """Return what becomes of one person's messages over one channel.

    Args:
        waiting: In the order in which they leave, the worst first.
        left: When messages to this person left over this channel, and whether as a digest.
    """
    recent = [(at, is_digest) for at, is_digest in left if at > now - storm.within]
    night = [one.id for one in waiting if one.held and not one.is_digest]
    merge = night if len(night) > 1 else []
    rest = [one for one in waiting if one.id not in merge]
    send = [one.id for one in rest if one.is_first or one.is_digest]
    others = [one.id for one in rest if one.id not in send]
    room = max(0, storm.messages - len(recent) - len(send))
    fit, beyond = others[:room], others[room:]
    if beyond and any(is_digest for _, is_digest in recent):
        until = min(at for at, _ in recent) + storm.within
        return Plan((*send, *fit), tuple(merge), tuple(beyond), until)
    if len(beyond) + len(merge) == 1:
        fit, beyond = others, []
    return Plan((*send, *fit), (*merge, *beyond))


def write_digest(merged: Sequence[Waiting]) -> Words:
    """Return the words of one digest: how many incidents, the worst first, with their codes."""
    hidden = [one for one in merged if one.subject == NOTHING_SAID]
    shown = sorted((one for one in merged if one not in hidden), key=_order)
    codes = list(dict.fromkeys((one.severity, one.incident) for one in shown))
    if not shown:
        return Words(NOTHING_SAID, f"{NOTHING_SAID}\n")
    severity, code = codes[0]
    head = f"TỔNG HỢP · {len(codes)} sự cố nữa, nặng nhất {severity} {code}"
    if shown[0].reach == PUBLIC:
        return Words(cut(head), f"{head}. {NOTHING_SAID}\n")
    listed = [f"- {one_line(one.subject)}" for one in shown[:MAX_LISTED]]
    more = len(shown) - len(listed) + len(hidden)
    lines = [head, *listed, *([f"- và {more} tin nữa"] if more else [])]
    return Words(cut(head), "\n".join(lines) + "\n")


def _order(one: Waiting) -> tuple[str, str, int]:
    return (one.severity, one.incident, one.id)
