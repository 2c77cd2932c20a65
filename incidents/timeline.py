"""The timeline of an incident: canonical bytes of an entry, its hash, the chain and its check.

An entry's hash covers its canonical bytes, which hold the hash of the entry before it and a salted
digest of its words. The words themselves stand apart, so sealing can remove them: the chain still
verifies and shows the hole.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

VERSION = 1
SALT_BYTES = 16
FIRST_PREVIOUS = "0" * 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# What an entry's data may hold: text, whole numbers, yes or no, nothing, and lists and maps of it.
Value = Any
# `synchronised` as yes or no, `offset` and `error` (the largest it may have) in microseconds.
ClockState = dict[str, bool | int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline.

    Attributes:
        code: Of the incident; an entry moved to another incident does not verify.
        seq: From 1, without gaps.
        actor: `person:NAME` or `machine:NAME`.
        data: Codes, numbers, instants in microseconds; nothing a person typed.
        texts: What a person typed or a rule said, by name; None once it is sealed.
        salt: Hexadecimal, of `SALT_BYTES`.
        previous: The hash of the entry before; 64 zeros for the first.
        clock: What the writing host's kernel said of its clock; None where it is not known.
        stored_hash: As it lies in the store, of an entry that was read from there; `verify_chain`
            is what holds it against the bytes.
    """

    code: str
    seq: int
    at: datetime
    actor: str
    kind: str
    data: Mapping[str, Value]
    texts: Mapping[str, str] | None
    salt: str
    previous: str
    text_digest: str
    clock: ClockState | None = None
    stored_hash: str = field(default="", compare=False)

    def canonical(self) -> str:
        """Return the exact text whose UTF-8 bytes `hash` covers."""
        body = {
            "v": VERSION,
            "incident": self.code,
            "seq": self.seq,
            "at": microseconds(self.at),
            "actor": self.actor,
            "kind": self.kind,
            "data": self.data,
            "text": self.text_digest,
            "previous": self.previous,
        }
        if self.clock is not None:
            body["clock"] = self.clock
        return canonical_json(body)

    def hash(self) -> str:
        """Return the entry's hash in hexadecimal."""
        return self.stored_hash or entry_hash(self.canonical())


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as it lies in the store: nothing in it is believed before it is checked."""

    seq: int
    canonical: str
    hash: str
    at: datetime
    kind: str
    actor: str
    salt: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Break:
    """The first entry of a chain that does not hold, and why."""

    seq: int
    why: str


def microseconds(at: datetime) -> int:
    """Return an instant as whole microseconds since 1970 UTC; a naive one is refused."""
    if at.tzinfo is None:
        raise ValueError(f"an instant needs a zone: {at!r}")
    return (at - _EPOCH) // _MICROSECOND


def instant(count: int) -> datetime:
    """Return the instant of `microseconds`."""
    return _EPOCH + count * _MICROSECOND


def canonical_json(value: Value) -> str:
    """Return the one JSON text of a value: NFC, keys sorted, no spaces, no floats.

    Raises:
        TypeError: A value is a float or of a kind that JSON does not have.
    """
    return json.dumps(
        _plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def text_digest(salt: str, text: str) -> str:
    """Return SHA-256 over salt and text; the salt's length is fixed, so no two pairs collide."""
    salt_bytes = bytes.fromhex(salt)
    if len(salt_bytes) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes; {len(salt_bytes)} given")
    return hashlib.sha256(salt_bytes + text.encode()).hexdigest()


def entry_hash(canonical: str) -> str:
    """Return the hash of an entry's canonical text."""
    return hashlib.sha256(canonical.encode()).hexdigest()


def new_entry(
    *,
    code: str,
    seq: int,
    at: datetime,
    actor: str,
    kind: str,
    data: Mapping[str, Value],
    texts: Mapping[str, str],
    salt: str,
    previous: str,
    clock: ClockState | None = None,
) -> Entry:
    """Make the entry that follows the one whose hash is `previous`."""
    texts = {name: unicodedata.normalize("NFC", words) for name, words in texts.items()}
    digest = text_digest(salt, canonical_json(texts))
    return Entry(code, seq, at, actor, kind, data, texts, salt, previous, digest, clock)


def read(stored: Stored) -> Entry:
    """Return a stored entry as an `Entry`; `verify_chain` is what finds a false one."""
    body = msgspec.json.decode(stored.canonical)
    return Entry(
        code=body["incident"],
        seq=body["seq"],
        at=instant(body["at"]),
        actor=body["actor"],
        kind=body["kind"],
        data=body["data"],
        texts=None if stored.text is None else msgspec.json.decode(stored.text),
        salt=stored.salt or "",
        previous=body["previous"],
        text_digest=body["text"],
        clock=body.get("clock"),
        stored_hash=stored.hash,
    )


def verify_chain(entries: Iterable[Stored], *, code: str) -> Break | None:
    """Return the first entry that does not hold, or None: the chain from its start is whole."""
    previous, expected_seq = FIRST_PREVIOUS, 1
    for stored in entries:
        if stored.seq != expected_seq:
            return Break(expected_seq, f"entry {expected_seq} is missing; {stored.seq} follows")
        if why := _fault(stored, code, previous):
            return Break(stored.seq, why)
        previous, expected_seq = stored.hash, expected_seq + 1
    return None


def _fault(stored: Stored, code: str, previous: str) -> str | None:
    """Say what is wrong with one stored entry after the entry whose hash is `previous`."""
    if entry_hash(stored.canonical) != stored.hash:
        return "its bytes do not have the stored hash: it was edited"
    try:
        entry = read(stored)
        rewritten = entry.canonical()
    except (KeyError, TypeError, ValueError, AttributeError, msgspec.MsgspecError):
        return "its bytes are not an entry"
    if entry.previous != previous:
        return "it does not follow the entry before it: one was edited, removed or put between"
    if rewritten != stored.canonical:
        return "its bytes are not in canonical form"
    outside = (stored.seq, stored.at, stored.kind, stored.actor, code)
    if outside != (entry.seq, entry.at, entry.kind, entry.actor, entry.code):
        return "its columns differ from its bytes: they were edited"
    if stored.text is not None and not _words_match(stored, entry.text_digest):
        return "its words do not have the chained digest: they were edited"
    return None


def _words_match(stored: Stored, digest: str) -> bool:
    try:
        return text_digest(stored.salt or "", stored.text or "") == digest
    except ValueError:
        return False


def _plain(value: Value) -> Value:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {_key(key): _plain(item) for key, item in value.items()}
    raise TypeError(f"{value!r} cannot stand in an entry: text, whole numbers, yes, no, nothing")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"the key {key!r} is not text")
    return unicodedata.normalize("NFC", key)
