"""One alert from outside: who it is, from when to when, and how two sayings of it become one.

Source: Alertmanager's own behaviour (its API and `types.Alert`), which senders rely on: the same
labels are the same alert; overlapping times are merged; an end that nobody gave is a lease.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

Labels = tuple[tuple[str, str], ...]
ALERTNAME = "alertname"
# FNV-1a with 64 bits. Source: RFC 9923.
_FNV_OFFSET, _FNV_PRIME, _MASK = 0xCBF29CE484222325, 0x100000001B3, (1 << 64) - 1
_SEPARATOR = 0xFF


@dataclass(frozen=True, slots=True)
class OutsideAlert:
    """An alert as a source says it.

    Attributes:
        labels: Sorted by name, none empty: its identity within its source.
        ends_at: From when it holds no more; ahead of now while it fires.
        updated_at: When it was said last.
        is_lease: Nobody gave the end: it holds until then unless it is said again.
    """

    labels: Labels
    annotations: Labels
    starts_at: datetime
    ends_at: datetime
    updated_at: datetime
    is_lease: bool = False
    generator_url: str = ""

    @property
    def name(self) -> str:
        """Return the alert's name; an alert without one is named by its first label."""
        found = dict(self.labels)
        return found.get(ALERTNAME) or "=".join(self.labels[0])

    def is_over(self, now: datetime) -> bool:
        """Say whether it has ended; the end itself belongs to the time after."""
        return self.ends_at <= now


def labels_of(given: dict[str, str]) -> Labels:
    """Return labels as an identity: sorted, without empty values, for an empty one is none."""
    return tuple(sorted((name, value) for name, value in given.items() if value))


@lru_cache(maxsize=1 << 16)
def label_fingerprint(labels: Labels) -> str:
    """Return the 16 hex digits by which Alertmanager names a set of labels."""
    found = _FNV_OFFSET
    for name, value in labels:
        for text in (name, value):
            for byte in text.encode():
                found = (found ^ byte) * _FNV_PRIME & _MASK
            found = (found ^ _SEPARATOR) * _FNV_PRIME & _MASK
    return f"{found:016x}"


def identity(source: str, labels: Labels) -> str:
    """Return 16 hex digits that name an alert of one source among all alerts."""
    text = json.dumps([source, "outside", labels], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def put(known: OutsideAlert | None, new: OutsideAlert) -> OutsideAlert:
    """Return what is known after an alert was said again: merged where the times overlap."""
    if known is None or not _overlap(known, new):
        return new
    return _merged(known, new)


def is_new_episode(known: OutsideAlert | None, new: OutsideAlert) -> bool:
    """Say whether what is said is another occurrence than the one that is known."""
    return known is None or (known.is_over(new.updated_at) and new.starts_at > known.ends_at)


def _overlap(known: OutsideAlert, new: OutsideAlert) -> bool:
    return (
        known.starts_at < new.ends_at < known.ends_at
        or known.starts_at < new.starts_at < known.ends_at
    )


def _merged(known: OutsideAlert, new: OutsideAlert) -> OutsideAlert:
    """The earliest start; of two ends that somebody gave the later; of the rest the newer."""
    at = new.updated_at
    ends_at = new.ends_at
    if new.is_over(at):
        if known.is_over(at) and known.ends_at > ends_at:
            ends_at = known.ends_at
    elif known.ends_at > ends_at and not known.is_lease:
        ends_at = known.ends_at
    return replace(new, starts_at=min(known.starts_at, new.starts_at), ends_at=ends_at)
