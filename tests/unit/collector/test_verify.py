"""The signature check inside verify.py: what PyNaCl accepts and refuses, and the RFC's vectors."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from collector.export import verify
from collector.export.verify import L, signature_holds

# Source: RFC 8032 section 7.1, tests 1 to 3: public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b4"
            "6bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d"
            "8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6"
            "594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_vectors_of_the_rfc_hold(key: str, message: str, signature: str) -> None:
    """And stop to hold with one bit changed anywhere."""
    parts = [bytes.fromhex(part) for part in (key, message, signature)]
    assert signature_holds(*parts)
    for which in (0, 2):
        changed = list(parts)
        changed[which] = bytes([parts[which][0] ^ 1]) + parts[which][1:]
        assert not signature_holds(*changed)
    assert not signature_holds(parts[0], parts[1] + b"x", parts[2])


def test_it_runs_on_old_pythons() -> None:
    """Whoever verifies has what their machine has: the grammar is that of Python 3.8."""
    source = Path(verify.__file__).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    imported |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert imported <= {
        "__future__", "base64", "binascii", "hashlib", "json", "pathlib", "sys", "zipfile"
    }  # fmt: skip


def nacl_holds(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        VerifyKey(key).verify(message, signature)
    except (BadSignatureError, ValueError):
        return False
    return True


@settings(max_examples=40)
@given(
    seed=st.binary(min_size=32, max_size=32),
    message=st.binary(max_size=200),
    place=st.integers(0, 63),
    bit=st.integers(0, 7),
)
def test_it_agrees_with_pynacl(seed: bytes, message: bytes, place: int, bit: int) -> None:
    """On good signatures, and on signatures and keys with a bit changed."""
    key = SigningKey(seed)
    signature, public = key.sign(message).signature, bytes(key.verify_key)
    broken = bytearray(signature)
    broken[place] ^= 1 << bit
    wrong = bytearray(public)
    wrong[place % 32] ^= 1 << bit
    for case in (
        (public, message, signature),
        (public, message, bytes(broken)),
        (bytes(wrong), message, signature),
    ):
        assert signature_holds(*case) == nacl_holds(*case)


def test_a_signature_that_was_stretched_is_refused() -> None:
    """s plus the order of the group is the same number, and another text: malleable, refused."""
    key = SigningKey(b"\x01" * 32)
    signature = key.sign(b"m").signature
    s = int.from_bytes(signature[32:], "little") + L
    stretched = signature[:32] + s.to_bytes(32, "little")

    assert not signature_holds(bytes(key.verify_key), b"m", stretched)
    assert not signature_holds(bytes(key.verify_key), b"m", signature + b"\x00")
    assert not signature_holds(bytes(key.verify_key), b"m", signature[:63])


@pytest.mark.parametrize("point", [0, 1, 2**255 - 19, 2**255 - 20, 2**255 - 1])
def test_keys_of_small_order_sign_nothing(point: int) -> None:
    """With such a key any message would have a signature."""
    key = point.to_bytes(32, "little")
    assert not signature_holds(key, b"m", key + bytes(32))
