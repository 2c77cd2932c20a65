"""The rules of the outbox: what is still wanted, what a failed attempt leads to, how long to wait.

A message is `pending`, then `sending` (committed before anything leaves), then `sent`, back to
`pending`, `failed` or `cancelled`. One found `sending` at start-up may have arrived: it goes again
with the same identifier, marked as repeated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from incidents.channel import INSIDE, PUBLIC
from incidents.paging import NotifyReason, SilentReason

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from incidents.channel import Reach
    from incidents.paging_policy import DeliveryPolicy

Status = Literal["pending", "sending", "sent", "failed", "cancelled", "merged"]
SUPERSEDED = "superseded"
MAX_RECEIPT = 200
CHANNEL_GONE = "channel is no longer configured"
# Pages that say "nobody has acknowledged": they are untrue once somebody did.
_UNTIL_ACKNOWLEDGED = frozenset(
    {
        NotifyReason.FIRST,
        NotifyReason.REPEAT,
        NotifyReason.DEADLINE_WARNING,
        NotifyReason.DEADLINE_MISSED,
        NotifyReason.ESCALATED,
    }
)
# What is due is due, whoever acknowledged meanwhile: the desk itself cancels it when it is done.
OF_DUTIES = frozenset({NotifyReason.DUTY_DUE_SOON, NotifyReason.DUTY_OVERDUE})


class DeliveryError(Exception):
    """An attempt that failed; its text holds neither address nor secret.

    Attributes:
        retryable: Trying again may help.
        ambiguous: The message may have been accepted nevertheless.
    """

    def __init__(self, reason: str, *, retryable: bool, ambiguous: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retryable = retryable
        self.ambiguous = ambiguous


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that goes with a message over channels that take one."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """One claimed message.

    Attributes:
        attempts: This one counted.
        repeated: It may have arrived before.
        reach: Where its words may be read; one for inside never leaves by a public channel.
        files: What goes with it, where the channel takes files; its words say where else they are.
    """

    id: int
    channel: str
    recipient: str
    address: str
    kind: str
    reason: str
    severity: str
    incident: str
    message_id: str
    subject: str
    body: str
    created_at: datetime
    attempts: int
    repeated: bool
    reach: Reach = INSIDE
    files: tuple[Attached, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt."""

    id: int
    status: Literal["sent", "pending", "failed"]
    at: datetime
    due_at: datetime
    error: str = ""
    repeated: bool = False
    receipt: str = ""


def no_longer_wanted(
    *,
    kind: str,
    reason: str,
    created_at: datetime,
    acknowledged_at: datetime | None,
    ended: bool,
    newer_waits: bool,
    told_since: bool = False,
) -> str | None:
    """Return why a message that has not left is cancelled, or None: it is still wanted.

    Args:
        newer_waits: A newer page of the same incident waits for the same recipient: for a message
            about duties another one about duties, for any other page any other page.
        told_since: It was held, and a newer page of the same incident has left or waits with it.
    """
    if kind == "page" and told_since:
        return SUPERSEDED
    if kind != "page":
        return None
    if reason in OF_DUTIES:
        return SUPERSEDED if newer_waits else None
    if ended:
        return str(SilentReason.ENDED)
    if acknowledged_at is not None and (
        reason in _UNTIL_ACKNOWLEDGED or created_at < acknowledged_at
    ):
        return str(SilentReason.ACKNOWLEDGED)
    if reason == NotifyReason.REPEAT and newer_waits:
        return SUPERSEDED
    return None


def check_reach(message: Message, reach: Reach) -> None:
    """Refuse to let words for inside leave by a channel that is public by now.

    Raises:
        DeliveryError: It would; trying again does not help.
    """
    if reach == PUBLIC and message.reach != PUBLIC:
        raise DeliveryError(
            "its words are for inside, and the channel is public by now", retryable=False
        )


def outcome(
    message: Message,
    error: DeliveryError | None,
    policy: DeliveryPolicy,
    now: datetime,
    jitter: float,
    receipt: str = "",
) -> Outcome:
    """Return what becomes of a message after an attempt.

    Args:
        jitter: From 0 to 1; spreads attempts that failed together.
        receipt: What the receiver said when it took the message.
    """
    if error is None:
        return Outcome(
            message.id, "sent", now, now, repeated=message.repeated, receipt=receipt[:MAX_RECEIPT]
        )
    repeated = message.repeated or error.ambiguous
    if not error.retryable or message.attempts >= policy.attempts:
        return Outcome(message.id, "failed", now, now, error.reason, repeated)
    due_at = now + pause(message.attempts, policy, jitter)
    return Outcome(message.id, "pending", now, due_at, error.reason, repeated)


def pause(attempts: int, policy: DeliveryPolicy, jitter: float) -> timedelta:
    """Return how long to wait after `attempts` failures: doubled each time, at least half of it."""
    doublings = min(attempts - 1, 20)
    longest = min(policy.first_pause * (1 << doublings), policy.longest_pause)
    return longest * (0.5 + jitter / 2)
