"""An agent's word on its next key, and what we hold → taken, taken before, or refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["changed", "changed_before", "unknown_key", "quarantined"]


@dataclass(frozen=True, slots=True)
class Held:
    """What is stored of the agent's key."""

    key: bytes
    previous_key: bytes
    is_previous_good: bool
    is_revoked: bool
    is_quarantined: bool


def decide(held: Held | None, *, old: bytes, new: bytes, signer: bytes) -> Verdict:
    """Say what comes of a proposal that `signer` signed and whose proof by `new` holds.

    Only the key of now names its follower. The same proposal again, signed by either of its two
    keys, has the same answer: the first one may have been lost.
    """
    if held is None or held.is_revoked:
        return "unknown_key"
    if new == held.key and old == held.previous_key:
        is_known = signer == held.key or (signer == held.previous_key and held.is_previous_good)
        return "changed_before" if is_known else "unknown_key"
    if signer != held.key or old != held.key or new == held.key:
        return "unknown_key"
    # Of two machines with one key nobody knows which may change it.
    return "quarantined" if held.is_quarantined else "changed"
