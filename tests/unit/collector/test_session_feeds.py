"""Calendars that are followed: what a setting means, and what goes wrong without saying where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collector.sessions.feeds import Feed, FeedError, feeds_of, fetch
from incidents.sessions.calendar_file import MAX_BYTES

if TYPE_CHECKING:
    from pathlib import Path


def test_an_address_is_https_and_its_secret_is_in_no_name() -> None:
    """A private address holds its secret in the path; the host is enough to know it by."""
    (one, other) = feeds_of("/srv/hop.ics  https://lich.example.vn/private-s3cret/basic.ics")
    assert one.name.startswith("hop.ics ")
    assert other.name.startswith("lich.example.vn ")
    assert "s3cret" not in other.name
    assert (one.is_address, other.is_address) == (False, True)
    with pytest.raises(ValueError, match="https"):
        feeds_of("http://lich.example.vn/a.ics")


async def test_what_cannot_be_read_says_why_and_not_where(tmp_path: Path) -> None:
    """No such file, too large, not UTF-8, a host that is not there."""
    large, wrong = tmp_path / "large.ics", tmp_path / "wrong.ics"
    large.write_bytes(b"x" * (MAX_BYTES + 1))
    wrong.write_bytes(b"\xff\x81\xfe")
    for place, why in (
        (str(tmp_path / "none.ics"), "cannot be read"),
        (str(large), "larger than"),
        (str(wrong), "UTF-8"),
        ("https://127.0.0.1:9/s3cret.ics", "cannot be fetched"),
    ):
        with pytest.raises(FeedError, match=why) as error:
            await fetch(Feed("x", place))
        assert "s3cret" not in str(error.value)
        assert str(tmp_path) not in str(error.value)
