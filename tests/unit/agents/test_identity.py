"""The agent's key: made once, private, and the id follows from it."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import pytest
from nacl.signing import VerifyKey

from agents.identity import IdentityError, boot_id, load_or_create
from tests.fake_host import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def test_identity_is_made_once_and_signs(tmp_path: Path) -> None:
    """The second start has the same key; what it signs can be verified."""
    first = load_or_create(tmp_path / "new")
    second = load_or_create(tmp_path / "new")

    assert second.agent == first.agent == "a-" + hashlib.sha256(first.public_key).hexdigest()[:16]
    assert re.fullmatch(r"a-[0-9a-f]{16}", first.agent)
    VerifyKey(first.public_key).verify(b"body", second.sign(b"body"))
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["agent.key"]


def test_identity_is_private(tmp_path: Path) -> None:
    """Only the owner may read the key; one that others can read is refused with what to do."""
    load_or_create(tmp_path)
    key = tmp_path / "agent.key"
    assert key.stat().st_mode & 0o777 == 0o600

    key.chmod(0o640)
    with pytest.raises(IdentityError, match="chmod 600"):
        load_or_create(tmp_path)


@pytest.mark.parametrize("content", [b"", b"!!", b"AAAA", b"\xff" * 44])
def test_identity_that_is_damaged_is_refused_and_not_replaced(
    tmp_path: Path, content: bytes
) -> None:
    """A new key would be a new agent; a person decides that."""
    (tmp_path / "agent.key").write_bytes(content)
    (tmp_path / "agent.key").chmod(0o600)

    with pytest.raises(IdentityError, match="not a private key"):
        load_or_create(tmp_path)
    assert (tmp_path / "agent.key").read_bytes() == content


def test_identity_never_shows_its_private_key(tmp_path: Path) -> None:
    """Not in a representation that ends in a log."""
    identity = load_or_create(tmp_path)
    secret = (tmp_path / "agent.key").read_text().strip()

    assert secret not in repr(identity)


def test_boot_is_the_kernels_identifier_or_the_second_of_the_boot(tmp_path: Path) -> None:
    """Two boots never have the same name."""
    assert boot_id(ROOT / "proc", lambda: 1.0) == "01e72114-8bdf-46d7-8110-56c67b041df5"
    assert boot_id(tmp_path, lambda: 1_700_000_000.4) == "boot-1700000000"
