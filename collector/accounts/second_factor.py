"""The second factor of an account: its secret sealed in the tables, each code good once."""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from collector.accounts import totp
from collector.storage import account_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.storage.account_store import Account


class SecondFactor:
    """Makes, seals and checks secrets; the sealing key is no part of the database."""

    def __init__(self, key: bytes, random_bytes: Callable[[int], bytes]) -> None:
        self._box = SecretBox(hmac.digest(key, b"second factor", "sha256"))
        self._random_bytes = random_bytes

    def new_secret(self) -> bytes:
        """Return a fresh secret."""
        return self._random_bytes(totp.SECRET_BYTES)

    def new_recovery_codes(self) -> list[str]:
        """Return fresh codes for who loses the device."""
        made = range(totp.RECOVERY_CODES)
        return [totp.recovery_code(self._random_bytes(totp.RECOVERY_BYTES)) for _ in made]

    def sealed(self, secret: bytes) -> str:
        """Return a secret as the tables keep it."""
        nonce = self._random_bytes(SecretBox.NONCE_SIZE)
        return base64.b64encode(self._box.encrypt(secret, nonce)).decode()

    def is_on(self, account: Account) -> bool:
        """Say whether codes are asked for."""
        return account.totp_sealed is not None

    def accepts(self, connection: Connection, account: Account, code: str, now: datetime) -> bool:
        """Use a code up and say whether it is good; always true where none is asked for.

        A sealed secret that another key made opens nothing: only a recovery code is good then.
        """
        if account.totp_sealed is None:
            return True
        step = self.step_of(account.totp_sealed, code, now, after=account.totp_step)
        if step is not None:
            return account_store.use_step(connection, account.name, step)
        digest = totp.recovery_digest(code)
        return account_store.use_recovery_code(connection, account.name, digest)

    def step_of(self, sealed: str, code: str, now: datetime, *, after: int) -> int | None:
        """Return the step whose code this is by a sealed secret, or None."""
        try:
            secret = self._box.decrypt(base64.b64decode(sealed))
        except (CryptoError, ValueError):
            return None
        return totp.matching_step(secret, code, now, after=after)
