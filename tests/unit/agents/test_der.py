"""The small reader of certificates against those that the cryptography package makes."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from agents.der import NotACertificate, read_certificate
from tests.certificates import make, new_key

KEY = new_key()
EARLIEST = int(datetime(1990, 1, 2, tzinfo=UTC).timestamp())
LATEST = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())
INSTANTS = st.integers(EARLIEST, LATEST).map(lambda at: datetime.fromtimestamp(at, UTC))
NAMES = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=16)
SOME = make(KEY, expires_at=datetime(2030, 1, 1, tzinfo=UTC), common_name="x")
SOME_DER = SOME.public_bytes(Encoding.DER)


@given(expires_at=INSTANTS, name=NAMES, serial=st.integers(1, 2**150))
def test_der_reads_what_another_library_wrote(expires_at: datetime, name: str, serial: int) -> None:
    """Expiry on both sides of 2050, any name, any serial number, and the digest of the key."""
    made = make(KEY, expires_at=expires_at, common_name=name, serial=serial)

    found = read_certificate(made.public_bytes(Encoding.DER))

    spki = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert found.expires_at == expires_at.timestamp()
    assert found.subject == name
    assert found.key_sha256 == hashlib.sha256(spki).hexdigest()


@given(st.binary(max_size=200))
def test_der_refuses_what_is_no_certificate(data: bytes) -> None:
    """Any bytes give a reason, never another error."""
    with pytest.raises(NotACertificate):
        read_certificate(data)


@given(st.integers(0, len(SOME_DER) - 1))
def test_der_refuses_a_certificate_cut_off(length: int) -> None:
    """Wherever it is cut."""
    with pytest.raises(NotACertificate):
        read_certificate(SOME_DER[:length])
