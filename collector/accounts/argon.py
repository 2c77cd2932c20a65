"""Hashes of passwords: Argon2id, by the library that signs reports as well.

libsodium's Argon2id has one lane. Three passes over 64 MiB are the memory-constrained choice of
RFC 9106 but for its four lanes, and more than OWASP asks for at least (19 MiB, two passes).
"""

from __future__ import annotations

import re

from nacl import pwhash
from nacl.exceptions import InvalidkeyError

from collector.accounts.password_rules import canonical

# Source: RFC 9106 section 4, second recommended option; OWASP Password Storage Cheat Sheet.
PASSES = 3
MEMORY_BYTES = 64 << 20
_PARAMETERS = re.compile(r"\$argon2id\$v=\d+\$m=(\d+),t=(\d+),p=\d+\$")


def hash_password(password: str, *, passes: int = PASSES, memory_bytes: int = MEMORY_BYTES) -> str:
    """Return the hash with its own random salt and its parameters, as text."""
    made = pwhash.argon2id.str(canonical(password).encode(), opslimit=passes, memlimit=memory_bytes)
    return made.decode()


def is_password(stored: str, password: str) -> bool:
    """Say whether a password is the one of a hash; takes as long for a wrong one."""
    try:
        return bool(pwhash.verify(stored.encode(), canonical(password).encode()))
    except InvalidkeyError:
        return False


def is_outdated(stored: str, *, passes: int = PASSES, memory_bytes: int = MEMORY_BYTES) -> bool:
    """Say whether a hash was made with other parameters than those of now."""
    found = _PARAMETERS.match(stored)
    return found is None or tuple(map(int, found.groups())) != (memory_bytes >> 10, passes)
