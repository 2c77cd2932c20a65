"""Time-based one-time codes and recovery codes: made of given random bytes, checked by time.

Source: RFC 6238 (TOTP) over RFC 4226 (HOTP); Key URI format of authenticator programs.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

# Source: RFC 6238 section 4; what every authenticator program assumes.
STEP_SECONDS = 30
DIGITS = 6
# Source: RFC 4226 section 4, R6: at least 128 bits, 160 recommended.
SECRET_BYTES = 20
# Steps before and after ours that are good, too. Source: RFC 6238 section 5.2 recommends one.
DRIFT_STEPS = 1
RECOVERY_CODES = 8
RECOVERY_BYTES = 10
ISSUER = "wanwatch"


def step_at(now: datetime) -> int:
    """Return the number of the step that an instant is in."""
    return int(now.timestamp()) // STEP_SECONDS


def code_of(secret: bytes, step: int) -> str:
    """Return the six digits of a step."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def matching_step(secret: bytes, code: str, now: datetime, *, after: int) -> int | None:
    """Return the step whose code was given, or None; a step up to `after` was used before.

    A code is good once: whoever takes it over is the step that must then be kept as `after`.
    """
    given = digits_of(code)
    if len(given) != DIGITS:
        return None
    found = None
    for step in range(step_at(now) - DRIFT_STEPS, step_at(now) + DRIFT_STEPS + 1):
        same = hmac.compare_digest(code_of(secret, step), given)
        if same and step > after:
            found = step
    return found


def digits_of(code: str) -> str:
    """Return what was typed as six digits, without the spaces that programs show in it."""
    return "".join(c for c in unicodedata.normalize("NFKC", code) if c in "0123456789")


def secret_text(secret: bytes) -> str:
    """Return a secret as people type it: base32 without padding."""
    return base64.b32encode(secret).decode().rstrip("=")


def key_uri(secret: bytes, quoted: str) -> str:
    """Return the address that a QR code holds; `quoted` is the name, percent-encoded."""
    return (
        f"otpauth://totp/{ISSUER}:{quoted}?secret={secret_text(secret)}&issuer={ISSUER}"
        f"&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"
    )


def recovery_code(random: bytes) -> str:
    """Return 80 random bits as a code that a person can write down."""
    text = base64.b32encode(random).decode().lower()
    return "-".join(text[i : i + 4] for i in range(0, len(text), 4))


def recovery_digest(code: str) -> str:
    """Return what is stored of a recovery code, however its letters and dashes are typed."""
    plain = "".join(c for c in unicodedata.normalize("NFKC", code).lower() if c.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
