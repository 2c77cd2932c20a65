"""The collector's own files and words: keys, the lock, and logs that keep secrets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from loguru import logger

from collector import logs
from collector.identity.keys import KeyFileError, read_or_make
from collector.lock import LockedError, only_one
from collector.logs import redact

if TYPE_CHECKING:
    from pathlib import Path


def test_key_is_made_once_and_private(tmp_path: Path) -> None:
    """The second start reads what the first made; nobody else may read it."""
    path = tmp_path / "keys" / "state"

    first = read_or_make(path, random_bytes=lambda n: b"k" * n)
    second = read_or_make(path, random_bytes=lambda n: b"x" * n)

    assert (first, second) == (b"k" * 32, b"k" * 32)
    assert path.stat().st_mode & 0o777 == 0o600


def test_key_file_is_refused_when_others_can_read_it_or_it_is_short(tmp_path: Path) -> None:
    """A damaged or open key stops the start and says what to do."""
    path = tmp_path / "state"
    path.write_bytes(b"short")
    path.chmod(0o600)
    with pytest.raises(KeyFileError, match="5 bytes instead of 32"):
        read_or_make(path, random_bytes=bytes)
    path.chmod(0o644)
    with pytest.raises(KeyFileError, match="chmod 600"):
        read_or_make(path, random_bytes=bytes)


def test_lock_lets_one_in(tmp_path: Path) -> None:
    """A second collector on the same data is refused; afterwards the directory is free."""
    with (
        only_one(tmp_path),
        pytest.raises(LockedError, match="another wanwatch"),
        only_one(tmp_path),
    ):
        pass
    with only_one(tmp_path):
        pass


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer canary",
        "postgresql+psycopg://user:canary@host/db refused",
        'smtp said {"password": "canary"}',
        "https://hook.example/?token=canary&x=1",
    ],
)
def test_log_hides_what_looks_like_a_secret(text: str) -> None:
    """A library's error text may hold an address with a password; our log does not."""
    assert "canary" not in redact(text)


def test_log_is_one_json_line_whatever_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    """A line break in a host's text cannot forge a second event."""
    logs.set_up("INFO")
    logger.bind(agent="a\nb").info("first\nsecond {}", "{}")

    lines = capsys.readouterr().err.splitlines()

    assert len(lines) == 1
    assert json.loads(lines[0])["agent"] == "a\nb"
