"""A token → the outside source that holds it: a Prometheus, an Alertmanager, a Grafana, an agent
that is not ours.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

SourceKind = Literal["samples", "alerts", "metrics"]
# Where samples come in by remote write; the path is free, this one is Prometheus' own.
WRITE_PATH = "/api/v1/write"
# Which agents serve `/metrics` themselves.
SD_PATH = "/api/v1/sd"
MAX_HEADER_CHARACTERS = 1_000


class Source(NamedTuple):
    """Who may bring what.

    Attributes:
        unit: Of which unit everything is that it brings; None: of no one unit.
        kinds: What its token is good for: to bring `samples` or `alerts`, to read `metrics`.
        host_kind: Of the hosts that its samples bring. `interval_seconds`: how often they come.
    """

    name: str
    unit: str | None
    kinds: frozenset[str]
    host_kind: str = "server"
    interval_seconds: int = 60


class StoredSource(NamedTuple):
    """A source and the digests of its tokens; the previous one is good until an instant."""

    source: Source
    token_hash: str
    previous_hash: str | None = None
    previous_until: datetime | None = None


class SourceBook:
    """The sources that are not revoked, by token; lives on the event loop alone."""

    def __init__(self, stored: Iterable[StoredSource] = ()) -> None:
        self._by_hash: dict[str, tuple[Source, datetime | None]] = {}
        self._seen: dict[str, datetime] = {}
        self.adopt(stored)

    def adopt(self, stored: Iterable[StoredSource]) -> None:
        """Take over what the tables know."""
        self._by_hash = {}
        for one in stored:
            if one.previous_hash is not None and one.previous_until is not None:
                self._by_hash[one.previous_hash] = (one.source, one.previous_until)
            self._by_hash[one.token_hash] = (one.source, None)

    @property
    def all(self) -> list[Source]:
        """Return the sources, by name."""
        return sorted({source.name: source for source, _ in self._by_hash.values()}.values())

    def of(self, token: str, kind: SourceKind, now: datetime) -> Source | None:
        """Return whose token it is and note that it was used; None: nobody's, or not for this."""
        source, until = self._by_hash.get(digest_of(token), (None, None))
        if source is None or kind not in source.kinds or (until is not None and now >= until):
            return None
        self._seen[source.name] = now
        return source

    def take_seen(self) -> Mapping[str, datetime]:
        """Return who was heard since the last time, and when last."""
        seen, self._seen = self._seen, {}
        return seen


def digest_of(token: str) -> str:
    """Return what is stored of a token; a longer one than any of ours is nobody's."""
    return hashlib.sha256(token[:MAX_HEADER_CHARACTERS].encode()).hexdigest()


def token_of(authorization: str) -> str:
    """Return the token in an Authorization header, empty when there is none.

    `Bearer TOKEN`, or `Basic` with any name and the token as the password: not every program can
    send the first. `TOKEN` alone is what the HTTP discovery of Prometheus 2.42 sends.

    Source: RFC 6750 section 2.1; RFC 7617 section 2.
    """
    scheme, blank, rest = authorization[:MAX_HEADER_CHARACTERS].strip().partition(" ")
    if not blank:
        return scheme
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        text = base64.b64decode(rest.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    return text.partition(":")[2]
