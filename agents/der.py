"""Expiry, key and subject of an X.509 certificate. Source: RFC 5280, X.690 (DER)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

SEQUENCE, SET, OID, UTC_TIME, GENERALIZED_TIME = 0x30, 0x31, 0x06, 0x17, 0x18
VERSION = 0xA0
STRING_ENCODINGS = {0x0C: "utf-8", 0x13: "ascii", 0x16: "ascii", 0x14: "latin-1", 0x1E: "utf-16-be"}
COMMON_NAME = bytes((0x55, 0x04, 0x03))  # 2.5.4.3
ORGANIZATION = bytes((0x55, 0x04, 0x0A))  # 2.5.4.10


class NotACertificate(ValueError):
    """The bytes are not the DER of a certificate."""


class Certificate(NamedTuple):
    """What is reported of one; the subject is its common name, else its organisation.

    Attributes:
        expires_at: Unix time in seconds.
        key_sha256: Digest of the SubjectPublicKeyInfo, as key pins are made (RFC 7469).
    """

    expires_at: float
    subject: str
    key_sha256: str


class _Element(NamedTuple):
    tag: int
    content: bytes
    whole: bytes


def _elements(data: bytes) -> Iterator[_Element]:
    start = 0
    while start < len(data):
        tag, length, offset = data[start], data[start + 1], start + 2
        if length & 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4:
                raise NotACertificate(f"a length of {count} bytes")
            length = int.from_bytes(data[offset : offset + count], "big")
            offset += count
        end = offset + length
        if end > len(data):
            raise NotACertificate("an element is longer than what holds it")
        yield _Element(tag, data[offset:end], data[start:end])
        start = end


def read_certificate(der: bytes) -> Certificate:
    """Return expiry, subject and key.

    Raises:
        NotACertificate: The bytes are something else or cut off.
    """
    try:
        fields = _fields(der)
        validity, subject, key = fields[3], fields[4], fields[5]
        if not validity.tag == subject.tag == key.tag == SEQUENCE:
            raise NotACertificate("its fields are not those of a certificate")
        _, not_after = _elements(validity.content)
        digest = hashlib.sha256(key.whole).hexdigest()
        return Certificate(_instant(not_after), _subject(subject.content), digest)
    except NotACertificate:
        raise
    except (ValueError, IndexError, StopIteration, OverflowError) as error:
        raise NotACertificate(f"not a certificate: {error}") from error


def is_self_issued(der: bytes) -> bool:
    """Say whether issuer and subject are the same, as where a device signs for itself.

    Raises:
        NotACertificate: The bytes are something else or cut off.
    """
    try:
        fields = _fields(der)
        return fields[2].whole == fields[4].whole
    except NotACertificate:
        raise
    except (ValueError, IndexError, StopIteration) as error:
        raise NotACertificate(f"not a certificate: {error}") from error


def _fields(der: bytes) -> list[_Element]:
    """RFC 5280, 4.1: serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo."""
    (outer,) = _elements(der)
    fields = list(_elements(next(_elements(outer.content)).content))
    return fields[1:] if fields[0].tag == VERSION else fields


def _instant(element: _Element) -> float:
    """RFC 5280, 4.1.2.5: always Z and seconds; years of two digits are 1950 to 2049."""
    text = element.content.decode("ascii")
    if element.tag == UTC_TIME:
        text = ("19" if int(text[:2]) >= 50 else "20") + text
    elif element.tag != GENERALIZED_TIME:
        raise NotACertificate(f"a time of kind {element.tag:#x}")
    from datetime import UTC, datetime  # only hosts that watch certificates need it

    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp()


def _subject(name: bytes) -> str:
    found = {}
    for relative in _elements(name):
        for attribute in _elements(relative.content):
            kind, value = _elements(attribute.content)
            encoding = STRING_ENCODINGS.get(value.tag)
            if encoding is not None:
                found[kind.content] = value.content.decode(encoding, "replace")
    return found.get(COMMON_NAME) or found.get(ORGANIZATION) or ""
