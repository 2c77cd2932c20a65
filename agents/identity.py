"""Who this agent is: an Ed25519 key pair in its directory, and the id its first key gave it."""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nacl.signing import SigningKey

from agents.files import create_exclusively, others_may_read, sync_directory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY_FILE = "agent.key"
NEXT_KEY_FILE = "agent.key.next"
SEED_BYTES = 32
# What belongs to one key, the key itself last: cut short, the rest of it can be made again.
BELONGINGS = (
    *("spool", "refused", "ledger", "ledger.json", "last_sent", "last_sent.json"),
    *(NEXT_KEY_FILE, KEY_FILE),
)
_AGENT_ID = re.compile(r"a-[0-9a-f]{16}")


class IdentityError(Exception):
    """The key file cannot be used as it is; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The agent's id, its public key (32 bytes), and the means to sign."""

    agent: str
    public_key: bytes
    _key: SigningKey

    def sign(self, body: bytes) -> bytes:
        """Return the 64 bytes of the Ed25519 signature over the body."""
        return self._key.sign(body).signature

    @property
    def public_key_text(self) -> str:
        """The public key in base64, as the collector's enrolment takes it."""
        return base64.b64encode(self.public_key).decode()


def agent_id(public_key: bytes) -> str:
    """Return `a-` and the first 16 hexadecimal digits of the SHA-256 of the public key."""
    return "a-" + hashlib.sha256(public_key).hexdigest()[:16]


def load_or_create(directory: Path) -> Identity:
    """Return the identity in the directory, making both where they are missing.

    Raises:
        IdentityError: The key file is damaged or readable by others.
        OSError: The disk refused.
    """
    if not (directory / KEY_FILE).exists():
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        _create(directory / KEY_FILE)
    return load(directory)


def load_or_create_next(directory: Path, agent: str) -> Identity:
    """Return the key that shall follow, made durably before anybody is told of it.

    Raises:
        IdentityError: The file is damaged or readable by others.
        OSError: The disk refused.
    """
    _create(directory / NEXT_KEY_FILE, f"{agent}\n".encode())
    return load(directory, NEXT_KEY_FILE)


def adopt_next(directory: Path) -> None:
    """Put the next key in the place of the present one, in one step.

    Raises:
        OSError: The disk refused; both are as they were.
    """
    (directory / NEXT_KEY_FILE).replace(directory / KEY_FILE)
    sync_directory(directory)


def _create(path: Path, more: bytes = b"") -> None:
    seed = base64.b64encode(bytes(SigningKey.generate()))
    with contextlib.suppress(FileExistsError):  # another process was first: its key counts
        create_exclusively(path, seed + b"\n" + more)


def put_aside(directory: Path) -> Path:
    """Move the key and all that belongs to it into a directory of its own; return which.

    The spool goes along: its numbers and what waits in it are the old key's. Nothing is deleted.

    Raises:
        OSError: The disk refused.
    """
    number = 1
    while (aside := directory / f"old-{number}").exists():
        number += 1
    aside.mkdir(mode=0o700)
    for name in BELONGINGS:
        if (directory / name).exists():
            (directory / name).rename(aside / name)
    return aside


def load(directory: Path, name: str = KEY_FILE) -> Identity:
    """Return the identity in the directory; a key that followed another keeps the first one's id.

    Raises:
        IdentityError: The key file is damaged or readable by others.
        OSError: It cannot be read.
    """
    path = directory / name
    if others_may_read(path):
        raise IdentityError(
            f"{path}: other users may read this private key. Enrol a new key if they did; "
            f"otherwise run: chmod 600 {path}"
        )
    try:
        first, *rest = path.read_bytes().split()
        seed, agent = base64.b64decode(first, validate=True), b"".join(rest).decode()
        if agent and _AGENT_ID.fullmatch(agent) is None:
            raise ValueError(f"{agent[:40]!r} is not an agent's id")
        if len(seed) != SEED_BYTES:
            raise ValueError(f"{len(seed)} bytes instead of {SEED_BYTES}")
    except (binascii.Error, ValueError) as error:
        raise IdentityError(
            f"{path}: not a private key ({error}). Restore it from a backup, or move it away: "
            "a new key is made at the next start and must be enrolled."
        ) from error
    key = SigningKey(seed)
    public_key = bytes(key.verify_key)
    return Identity(agent or agent_id(public_key), public_key, key)


def boot_id(proc: Path, booted_at: Callable[[], float]) -> str:
    """Return an identifier of this boot: the kernel's own, else the second the host booted.

    Source: proc(5), /proc/sys/kernel/random/boot_id.
    """
    try:
        return (proc / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return f"boot-{booted_at():.0f}"
