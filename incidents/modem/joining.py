"""Short messages in a modem's store → whole texts; a part whose others never come goes alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from incidents.modem.pdu import Concatenation, Deliver

PATIENCE_SECONDS = 600.0
# A store holds 10 to 50: texts with missing parts must not fill it.
MOST_WAITING = 8


@dataclass(frozen=True, slots=True)
class Stored:
    """A message in the store, and since when it was seen there (monotonic seconds)."""

    index: int
    pdu: str
    deliver: Deliver
    seen_at: float


@dataclass(frozen=True, slots=True)
class Incoming:
    """A text to hand over; its places in the store are free once it was taken.

    Attributes:
        id: The same for the same messages, also after a restart.
        is_whole: No part is missing.
    """

    id: str
    number: str
    text: str
    sent_at: datetime | None
    is_whole: bool
    indices: tuple[int, ...]


def join(stored: Iterable[Stored], now: float) -> list[Incoming]:
    """Return what can be handed over, the oldest first.

    A text that lacks a part waits ten minutes, or until too many wait; then it goes as it is.
    """
    groups: dict[tuple[str, int, int], list[Stored]] = {}
    found: list[tuple[float, Incoming]] = []
    for message in stored:
        together = message.deliver.concatenation
        if together is None or together.total == 1:
            found.append((message.seen_at, _incoming([message], 1)))
        else:
            key = (message.deliver.number, together.reference, together.total)
            groups.setdefault(key, []).append(message)
    waiting = 0
    for (_, _, total), parts in sorted(groups.items(), key=lambda g: -_last_seen(g[1])):
        is_whole = len({_place(p.deliver.concatenation) for p in parts}) == total
        if is_whole or now - _last_seen(parts) >= PATIENCE_SECONDS or waiting >= MOST_WAITING:
            found.append((_last_seen(parts), _incoming(parts, total)))
        else:
            waiting += len(parts)
    return [incoming for _, incoming in sorted(found, key=lambda pair: pair[0])]


def _incoming(parts: list[Stored], total: int) -> Incoming:
    by_place = {_place(p.deliver.concatenation): p for p in reversed(parts)}
    ordered = [by_place[place] for place in sorted(by_place)]
    digest = hashlib.sha256("\n".join(p.pdu for p in ordered).encode()).hexdigest()
    first = ordered[0].deliver
    return Incoming(
        id=digest[:32],
        number=first.number,
        text="".join(p.deliver.text for p in ordered),
        sent_at=first.sent_at,
        is_whole=len(ordered) == total,
        indices=tuple(sorted(p.index for p in parts)),
    )


def _place(together: Concatenation | None) -> int:
    return together.place if together else 1


def _last_seen(parts: list[Stored]) -> float:
    return max(part.seen_at for part in parts)
