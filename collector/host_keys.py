"""The keys that may sign for a host: its own, and for a day after a change the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


class HostKeys:
    """What one host may sign with; without a public key it may not sign at all."""

    __slots__ = ("_key", "previous", "previous_until", "public")

    def __init__(self, public: bytes, previous: bytes, previous_until: datetime | None) -> None:
        self.public, self.previous, self.previous_until = public, previous, previous_until
        self._key = VerifyKey(public) if public else None

    def verify(self, body: bytes, signature: bytes, now: Callable[[], datetime]) -> None:
        """Check a signature.

        Raises:
            BadSignatureError: It is by no key that is good now.
        """
        if self._key is None:
            raise BadSignatureError("there is no key")
        if self.previous_until is None:
            self._key.verify(body, signature)
            return
        try:
            self._key.verify(body, signature)
        except BadSignatureError:
            if now() >= self.previous_until:
                raise
            VerifyKey(self.previous).verify(body, signature)
