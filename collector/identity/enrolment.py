"""A token, a key and what the inventory knows → bound, bound and waiting, or refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from collector.host_names import check_host_name, skeleton

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

Refusal = Literal[
    "token_unknown", "token_revoked", "token_expired", "token_used_up", "key_revoked",
    "other_unit", "unit_gone", "host_name",
]  # fmt: skip
Doubt = Literal["not_listed", "other_kind", "name_taken", "name_alike"]


@dataclass(frozen=True, slots=True)
class Token:
    """What a token allows; `host` empty lets the machine propose its own name."""

    id: str
    unit: str
    kind: str
    host: str
    presence: str
    interval_seconds: int
    uses: int
    used: int
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Binding:
    """What a key is bound to: all of it from the token and the inventory."""

    unit: str
    host: str
    kind: str
    presence: str
    interval_seconds: int


@dataclass(frozen=True, slots=True)
class Listed:
    """How the inventory lists a host; an empty presence or interval is not said."""

    kind: str
    presence: str
    interval_seconds: int


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Bound; `doubt` says why a person must approve it first, empty when none must."""

    binding: Binding
    doubt: Doubt | Literal[""]


@dataclass(frozen=True, slots=True)
class Again:
    """The key was bound already: nothing changes, no use of the token is spent."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Not bound; `detail` is for whoever stands at the machine."""

    why: Refusal
    detail: str


@dataclass(frozen=True, slots=True)
class Known:
    """A key that was enrolled before."""

    unit: str
    kind: str
    is_revoked: bool


def decide(
    token: Token | None,
    known: Known | None,
    *,
    claimed_host: str,
    now: datetime,
) -> Again | Refused | Binding:
    """Say what comes of a request whose signature holds; a `Binding` is still to be looked at.

    A key that is bound already stays so with whatever token: the machine repeats itself.

    Args:
        claimed_host: What the machine calls itself; only asked where the token names no host.
    """
    if known is not None and known.is_revoked:
        detail = "this key was revoked; enrol with --new-key and a new token"
        return Refused("key_revoked", detail)
    if known is not None:
        if token is not None and (token.unit, token.kind) != (known.unit, known.kind):
            detail = f"this key belongs to unit {known.unit} ({known.kind}), the token to another"
            return Refused("other_unit", detail)
        return Again()
    refused = _token_refusal(token, now)
    if refused is not None or token is None:
        return refused or Refused("token_unknown", "no such token")
    host = token.host or claimed_host.strip()
    if (reason := check_host_name(host)) is not None:
        return Refused("host_name", f"host name {host[:80]!r}: {reason}; give another with --host")
    return Binding(token.unit, host, token.kind, token.presence, token.interval_seconds)


def approve(
    binding: Binding,
    *,
    is_named: bool,
    listed: Listed | None,
    holders: Iterable[str],
    listed_names: Iterable[str],
) -> Enrolled:
    """Say whether the inventory approves a binding by itself; its own word on the host counts.

    Args:
        is_named: The token was made for this very host.
        listed: How hosts.csv lists the host in this unit, if it does.
        holders: The hosts of this unit that have an approved key.
        listed_names: The hosts of this unit in hosts.csv.
    """
    if listed is not None:
        presence = listed.presence or binding.presence
        interval_seconds = listed.interval_seconds or binding.interval_seconds
        binding = replace(binding, presence=presence, interval_seconds=interval_seconds)
    taken = frozenset(holders)
    others = (taken | frozenset(listed_names)) - {binding.host}
    shape = skeleton(binding.host)
    if binding.host in taken:
        return Enrolled(binding, "name_taken")
    if any(skeleton(name) == shape for name in others):
        return Enrolled(binding, "name_alike")
    if listed is not None and listed.kind != binding.kind:
        return Enrolled(binding, "other_kind")
    return Enrolled(binding, "" if is_named or listed is not None else "not_listed")


def _token_refusal(token: Token | None, now: datetime) -> Refused | None:
    if token is None:
        return Refused("token_unknown", "no such token; check that it was copied whole")
    if token.revoked_at is not None:
        return Refused("token_revoked", "this token was revoked; ask for a new one")
    if now >= token.expires_at:
        return Refused("token_expired", "this token has expired; ask for a new one")
    if token.used >= token.uses:
        return Refused("token_used_up", "this token was used up; ask for a new one")
    return None
