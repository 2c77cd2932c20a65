"""Whose token it is: digests alone, by kind, and for a day the one before."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from collector.source_tokens import Source, SourceBook, StoredSource, digest_of, token_of

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
BASIC = base64.b64encode(b"prometheus:secret:1").decode()


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer  abc ", "abc"),
        (f"Basic {BASIC}", "secret:1"),
        ("Basic abc?", ""),
        ("secret", "secret"),
        (f"Basic {base64.b64encode(bytes([255])).decode()}", ""),
        ("Digest abc", ""),
        ("", ""),
    ],
)
def test_token_is_read_from_the_header(header: str, token: str) -> None:
    """A bearer's token, or the password of any name: not every program can send the first."""
    assert token_of(header) == token


def test_token_opens_what_its_source_may_bring_until_it_is_replaced() -> None:
    """Another kind, another token, and one whose day is over are nobody's."""
    source = Source("a", "H1", frozenset({"samples"}))
    book = SourceBook([StoredSource(source, digest_of("new"), digest_of("old"), NOW)])
    before = NOW - timedelta(seconds=1)
    assert book.of("new", "samples", NOW) is source
    assert book.of("old", "samples", before) is source
    assert book.of("old", "samples", NOW) is None
    assert book.of("new", "alerts", NOW) is None
    assert book.of("", "samples", NOW) is None
    assert book.all == [source]
    assert book.take_seen() == {"a": before}
    assert book.take_seen() == {}
