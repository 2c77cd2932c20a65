"""The state each answer hands out: by it two machines with one key are told apart."""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple

STATE_CHARACTERS = 32
MAX_SIBLINGS = 8


class Handed(NamedTuple):
    """What was handed out to one key.

    Attributes:
        previous: The state that the last accepted request presented.
        current: What was handed out in answer to `previous`, newest first. More than one when
            `previous` was presented again (a lost answer, two lanes, a replay): the agent goes on
            from whichever answer reached it.
    """

    previous: str = ""
    current: tuple[str, ...] = ()

    def allows(self, presented: str) -> bool:
        """Say whether the key's one holder may present this; anything, before the first answer."""
        return not self.current or presented == self.previous or presented in self.current

    def after(self, presented: str, new: str) -> Handed:
        """Return what is handed out once `new` answers `presented`.

        Presenting an answer makes it `previous` and voids its siblings: of two clones that hold
        different answers to one state, the second is found.
        """
        if presented != self.previous or not self.current:
            return Handed(presented, (new,))
        siblings = tuple(state for state in self.current if state != new)
        return Handed(presented, (new, *siblings)[:MAX_SIBLINGS])


def next_state(secret: bytes, agent: str, presented: str, seq: int, body: bytes) -> str:
    """Return the state that answers this request; the same request has the same answer."""
    digest = hashlib.sha256(body).hexdigest()
    message = f"{agent}|{presented}|{seq}|{digest}".encode()
    return hmac.digest(secret, message, "sha256").hex()[:STATE_CHARACTERS]
