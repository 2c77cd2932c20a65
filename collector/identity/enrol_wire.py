"""The strict reader of what a key that is not known yet, or changes, signs: JSON, small, exact."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Literal, TypeVar

import msgspec
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from collector.wire_json import RejectedReport, strict_json
from collector.wire_text import check_text, is_too_deep

MAX_BODY_BYTES = 4_096
MAX_HOST_CHARACTERS = 200
MAX_TOKEN_CHARACTERS = 200
KEY_BYTES, SIGNATURE_BYTES = 32, 64
T = TypeVar("T")


class EnrolBody(msgspec.Struct, forbid_unknown_fields=True):
    """A key asks to be bound; signed by the key itself, which proves that it is held."""

    v: Literal[1]
    token: str
    public_key: str
    host: str


class RotateBody(msgspec.Struct, forbid_unknown_fields=True):
    """A key names the one that follows it; signed by the old key, `proof` is by the new one."""

    v: Literal[1]
    agent: str
    public_key: str
    new_public_key: str
    proof: str


class PlanBody(msgspec.Struct, forbid_unknown_fields=True):
    """An agent asks for its plan; signed by its key."""

    v: Literal[1]
    agent: str
    want: Literal["plan"]


def read_plan_request(body: bytes) -> PlanBody:
    """Return the request in a body.

    Raises:
        RejectedReport: 413 or 422 with the field.
    """
    return _read(body, PlanBody)


def read_rotate(body: bytes) -> RotateBody:
    """Return the request in a body.

    Raises:
        RejectedReport: 413 or 422 with the field.
    """
    return _read(body, RotateBody)


def read_enrol(body: bytes) -> EnrolBody:
    """Return the request in a body.

    Raises:
        RejectedReport: 413 or 422 with the field.
    """
    found = _read(body, EnrolBody)
    for field, limit in (("token", MAX_TOKEN_CHARACTERS), ("host", MAX_HOST_CHARACTERS)):
        if (reason := check_text(getattr(found, field), limit)) is not None:
            raise RejectedReport(422, field, reason)
    return found


def public_key(text: str, field: str) -> bytes:
    """Return the 32 bytes of a key in base64.

    Raises:
        RejectedReport: 422: it is not one.
    """
    key = _base64(text)
    if len(key) != KEY_BYTES:
        raise RejectedReport(422, field, "is not an Ed25519 public key in base64 (44 characters)")
    return key


def is_signed_by(key: bytes, body: bytes, signature: str) -> bool:
    """Say whether a key made this signature (base64) over this body."""
    try:
        VerifyKey(key).verify(body, signature_of(signature))
    except (BadSignatureError, ValueError):
        return False
    return True


def signature_of(text: str) -> bytes:
    """Return the bytes of a signature in base64.

    Raises:
        ValueError: It is not one.
    """
    raw = _base64(text)
    if len(raw) != SIGNATURE_BYTES:
        raise ValueError("not an Ed25519 signature in base64")
    return raw


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _read(body: bytes, kind: type[T]) -> T:
    if len(body) > MAX_BODY_BYTES:
        raise RejectedReport(413, "body", f"{len(body)} bytes; at most {MAX_BODY_BYTES}")
    if is_too_deep(body, max_depth=2):
        raise RejectedReport(422, "body", "brackets do not match or nest too deep")
    value: Any = strict_json(body, "body")
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        raise RejectedReport(422, path.strip("`.") or "body", reason) from error
