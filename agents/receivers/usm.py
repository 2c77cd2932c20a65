"""Who says it is them in SNMPv3: keys out of passwords, signatures, and what is encrypted.

Sources: RFC 3414 sections 6, 8 and A.2 (MD5, SHA, DES), RFC 7860 (SHA-2), RFC 3826 (AES),
draft-blumenthal-aes-usm-04 section 3.1.2.1 and draft-reeder-snmpv3-usm-3desede-00 section 2.1
(keys longer than a digest: two ways, both in use).
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import Cipher

    from agents.snmp.credential import User

# By name: the digest, and how many bytes of it a message carries.
AUTH = {
    "MD5": ("md5", 12),
    "SHA": ("sha1", 12),
    "SHA-224": ("sha224", 16),
    "SHA-256": ("sha256", 24),
    "SHA-384": ("sha384", 32),
    "SHA-512": ("sha512", 48),
}
# By name: bytes of the key, and of the vector's beginning where that is a part of it.
PRIVACY = {
    "DES": 16,
    "3DES": 32,
    "AES": 16,
    "AES-192": 24,
    "AES-256": 32,
    "AES-192-C": 24,
    "AES-256-C": 32,
}
_BY_REEDER = frozenset({"3DES", "AES-192-C", "AES-256-C"})
_DES = frozenset({"DES", "3DES"})
_STRETCHED_BYTES = 1 << 20


class NotReadable(ValueError):
    """What is encrypted cannot be read with this key."""


class Keys(NamedTuple):
    """A user's keys with one engine; secrets."""

    auth: bytes
    priv: bytes


def master_of(user: User) -> Keys:
    """Return a user's keys with no engine yet; takes milliseconds, which is what it is for."""
    if not user.auth:
        return Keys(b"", b"")
    digest = AUTH[user.auth][0]
    priv = _stretched(digest, user.privacy_password.encode()) if user.privacy else b""
    return Keys(_stretched(digest, user.auth_password.encode()), priv)


def keys_of(user: User, master: Keys, engine: bytes) -> Keys:
    """Return a user's keys with an engine."""
    if not user.auth:
        return master
    digest = AUTH[user.auth][0]
    auth = _localised(digest, master.auth, engine)
    if not user.privacy:
        return Keys(auth, b"")
    priv, wanted = _localised(digest, master.priv, engine), PRIVACY[user.privacy]
    while len(priv) < wanted:
        if user.privacy in _BY_REEDER:
            priv += _localised(digest, _stretched(digest, priv), engine)
        else:
            priv += hashlib.new(digest, priv).digest()
    return Keys(auth, priv[:wanted])


def _stretched(digest: str, phrase: bytes) -> bytes:
    whole = phrase * (_STRETCHED_BYTES // max(len(phrase), 1) + 1)
    return hashlib.new(digest, whole[:_STRETCHED_BYTES]).digest()


def _localised(digest: str, key: bytes, engine: bytes) -> bytes:
    return hashlib.new(digest, key + engine + key).digest()


def signature(user: User, keys: Keys, message: bytes) -> bytes:
    """Return what signs a message in whose place of the signature zeros stand."""
    digest, size = AUTH[user.auth]
    return hmac.digest(keys.auth, message, digest)[:size]


def is_signed(user: User, keys: Keys, message: bytes, at: int, size: int) -> bool:
    """Say whether the `size` bytes at `at` of a message sign it."""
    if size != AUTH[user.auth][1]:
        return False
    blank = message[:at] + bytes(size) + message[at + size :]
    return hmac.compare_digest(signature(user, keys, blank), message[at : at + size])


def decrypted(user: User, keys: Keys, data: bytes, boots: int, time: int, salt: bytes) -> bytes:
    """Return what was encrypted; those of DES fill it up to whole blocks.

    Raises:
        NotReadable: It has no length that this cipher makes, or no salt.
    """
    if len(salt) != 8 or (user.privacy in _DES and len(data) % 8):
        raise NotReadable("a length or a salt that the cipher does not make")
    cipher = _cipher(user, keys, boots, time, salt).decryptor()
    return bytes(cipher.update(data) + cipher.finalize())


def encrypted(user: User, keys: Keys, data: bytes, boots: int, time: int, salt: bytes) -> bytes:
    """Return what only who has the key can read; `salt` must never come twice."""
    if user.privacy in _DES:
        data += bytes(-len(data) % 8)
    cipher = _cipher(user, keys, boots, time, salt).encryptor()
    return bytes(cipher.update(data) + cipher.finalize())


def _cipher(user: User, keys: Keys, boots: int, time: int, salt: bytes) -> Cipher[Any]:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
    from cryptography.hazmat.decrepit.ciphers.modes import CFB
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import CBC

    if user.privacy in _DES:
        vector = bytes(a ^ b for a, b in zip(keys.priv[-8:], salt, strict=True))
        # DES is three times the same key: encrypt, decrypt, encrypt.
        key = keys.priv[:8] * 3 if user.privacy == "DES" else keys.priv[:24]
        return Cipher(TripleDES(key), CBC(vector))
    vector = boots.to_bytes(4, "big") + time.to_bytes(4, "big") + salt
    return Cipher(AES(keys.priv), CFB(vector))
