"""Signed checkpoints: the tree's size and root as a C2SP tlog-checkpoint in a signed note.

Source: c2sp.org/tlog-checkpoint and c2sp.org/signed-note (Ed25519 is signature type 1).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

if TYPE_CHECKING:
    from nacl.signing import SigningKey

_ED25519 = b"\x01"
_ROOT_BYTES = 32
_DASH = "\u2014"


class BadNote(ValueError):
    """A note that is malformed, or not signed by the expected key."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a tree was at a size; `origin` names the tree."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def key_id(name: str, public_key: bytes) -> bytes:
    """Return the four bytes by which a signature line names its key."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public_key).digest()[:4]


def verifier_key(name: str, public_key: bytes) -> str:
    """Return the key as other tools read it: `name+id+base64`."""
    encoded = base64.b64encode(_ED25519 + public_key).decode()
    return f"{name}+{key_id(name, public_key).hex()}+{encoded}"


def sign(checkpoint: Checkpoint, name: str, key: SigningKey) -> str:
    """Return the checkpoint as a note with one signature of the key called `name`.

    Raises:
        ValueError: The origin or the name cannot stand in a note.
    """
    if not checkpoint.origin or "\n" in checkpoint.origin:
        raise ValueError(f"an origin is one line: {checkpoint.origin!r}")
    return sign_text(checkpoint.text(), name, key)


def sign_text(text: str, name: str, key: SigningKey) -> str:
    """Return any text as a note; its first line must keep it apart from all other notes.

    Raises:
        ValueError: The name cannot stand in a note, or the text does not end its last line.
    """
    if not name or "+" in name or any(character.isspace() for character in name):
        raise ValueError(f"a key's name has no spaces and no plus sign: {name!r}")
    if not text.endswith("\n"):
        raise ValueError("the text of a note ends with a line break")
    signature = key.sign(text.encode()).signature
    packed = base64.b64encode(key_id(name, bytes(key.verify_key)) + signature).decode()
    return f"{text}\n{_DASH} {name} {packed}\n"


def verify(note: str, name: str, public_key: bytes) -> Checkpoint:
    """Return the checkpoint of a note whose signature by the key called `name` holds.

    Raises:
        BadNote: The note is malformed, has no signature of that key, or it does not hold.
    """
    return _parsed(verified_text(note, name, public_key))


def verified_text(note: str, name: str, public_key: bytes) -> str:
    """Return the text of a note whose signature by the key called `name` holds.

    Raises:
        BadNote: The note is malformed, has no signature of that key, or it does not hold.
    """
    text, separator, signatures = note.rpartition("\n\n")
    if not separator or not signatures.endswith("\n"):
        raise BadNote("not a signed note: no empty line before the signatures")
    text += "\n"
    wanted = key_id(name, public_key)
    for line in signatures.splitlines():
        dash, _, rest = line.partition(" ")
        signer, _, encoded = rest.partition(" ")
        packed = _decoded(encoded)
        if dash != _DASH or signer != name or packed[:4] != wanted:
            continue
        try:
            VerifyKey(public_key).verify(text.encode(), packed[4:])
        except (BadSignatureError, ValueError) as error:
            raise BadNote(f"the signature of {name} does not hold: the note was edited") from error
        return text
    raise BadNote(f"no signature of {name} with this key")


def split_notes(text: str) -> list[str]:
    """Return the notes that stand one after the other in a file, each with its signatures."""
    notes: list[str] = []
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").splitlines():
        is_signature = line.startswith(f"{_DASH} ")
        if lines and lines[-1].startswith(f"{_DASH} ") and not is_signature:
            notes.append("\n".join(lines) + "\n")
            lines = []
        if line or lines:
            lines.append(line)
    if lines:
        notes.append("\n".join(lines) + "\n")
    return notes


def _parsed(text: str) -> Checkpoint:
    lines = text.split("\n")
    if len(lines) < 4 or not lines[0] or not lines[1].isascii() or not lines[1].isdecimal():
        raise BadNote("not a checkpoint: origin, size and root are expected")
    root = _decoded(lines[2])
    if len(root) != _ROOT_BYTES or str(int(lines[1])) != lines[1]:
        raise BadNote("not a checkpoint: its size or root is malformed")
    return Checkpoint(lines[0], int(lines[1]), root)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadNote(f"not base64: {text[:20]!r}") from error
