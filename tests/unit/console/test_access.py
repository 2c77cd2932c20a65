"""Which requests of a browser are served, and what the command line's token may look like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collector.access import cookie_name, refused_origin
from collector.identity.keys import KeyFileError, read_or_make_token

if TYPE_CHECKING:
    from pathlib import Path

HOST = {"host": "wan.example:8440"}


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": "http://wan.example:8440"},
        {"origin": "https://wan.example:8440"},
    ],
)
def test_browser_may_post_from_our_own_pages(headers: dict[str, str]) -> None:
    """A form of our own is served, also behind a proxy that speaks TLS for us."""
    assert refused_origin("POST", HOST | headers) is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"origin": "http://wan.example:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://wan.example:8440"},
    ],
)
def test_browser_may_not_post_from_anywhere_else(headers: dict[str, str]) -> None:
    """A foreign page, another port, or a request that hides its origin is refused."""
    assert refused_origin("POST", HOST | headers) is not None


def test_browser_may_follow_a_link_from_another_site_but_no_script_may_read() -> None:
    """A link in a mail opens a page; a script of another site gets nothing."""
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    script = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"}
    assert refused_origin("GET", HOST | link) is None
    assert refused_origin("GET", HOST | script) is not None


def test_cookie_is_bound_to_the_host_where_there_is_tls() -> None:
    """The prefix makes browsers refuse the cookie from any other host or path."""
    assert cookie_name(secure=True).startswith("__Host-")
    assert not cookie_name(secure=False).startswith("__")


def test_token_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    """The second start reads what the first one wrote; nobody else can."""
    path = tmp_path / "cli.token"
    assert read_or_make_token(path, new_secret=lambda: "first") == "first"
    assert read_or_make_token(path, new_secret=lambda: "second") == "first"
    assert path.stat().st_mode & 0o777 == 0o600


def test_token_is_refused_when_others_can_read_it(tmp_path: Path) -> None:
    """The message names the file, its mode and the command that mends it."""
    path = tmp_path / "cli.token"
    path.write_text("known to all")
    path.chmod(0o644)
    with pytest.raises(KeyFileError, match=r"0644.*chmod 600"):
        read_or_make_token(path, new_secret=lambda: "unused")


def test_token_is_refused_when_its_file_is_empty(tmp_path: Path) -> None:
    """An empty token would let everybody in."""
    path = tmp_path / "cli.token"
    path.touch(mode=0o600)
    with pytest.raises(KeyFileError, match="empty"):
        read_or_make_token(path, new_secret=lambda: "unused")
