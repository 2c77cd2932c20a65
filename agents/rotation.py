"""A new key after half a year or when asked: proposed, signed by the old one, then in its place.

The id stays, and with it the numbers of the reports and the state: the next report is signed by
the new key, and the collector takes the old one for a day more. Cut short anywhere, it goes on
where it stopped: the new key is on disk before the collector hears of it.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.enrolment import refusal, signed
from agents.identity import (
    KEY_FILE,
    NEXT_KEY_FILE,
    IdentityError,
    adopt_next,
    load_or_create_next,
)

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from pathlib import Path

    from agents.identity import Identity
    from agents.sender import Poster

log = logging.getLogger(__name__)
ROTATE_PATH = "/api/v1/rotate-key"
LOOK_SECONDS = 5.0
FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 60.0, 3_600.0
DAY_SECONDS = 86_400.0
SPREAD_DAYS = 7


class KeyRing:
    """The identity in use; the sender signs with it while the rotation may change it."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    @property
    def agent(self) -> str:
        """The agent's id."""
        return self._identity.agent

    @property
    def identity(self) -> Identity:
        """The key of now."""
        return self._identity

    def sign(self, body: bytes) -> bytes:
        """Return the signature of the key of now."""
        return self._identity.sign(body)

    def change(self, identity: Identity) -> None:
        """Sign with another key from now on."""
        self._identity = identity


def proof(agent: str, old: bytes, new: bytes) -> bytes:
    """Return what the new key signs to show that it is held by whoever holds the old one."""
    return b"wanwatch key change\n" + agent.encode() + b"\n" + old + new


def due_seconds(agent: str, key_age_seconds: float, key_days: float) -> float:
    """Return how long until the key must change; agents of one day are spread over a week."""
    spread = int(hashlib.sha256(agent.encode()).hexdigest()[:8], 16) / 0x1_0000_0000
    return (key_days + spread * SPREAD_DAYS) * DAY_SECONDS - key_age_seconds


@dataclass(frozen=True, slots=True)
class Changed:
    """What came of a proposal: `refusal` is empty when the new key is in place."""

    refusal: str = ""


def change_key(directory: Path, ring: KeyRing, poster: Poster) -> Changed:
    """Propose a new key and, once the collector has it, put it in the old one's place.

    Raises:
        IdentityError: The new key's file cannot be used.
        OSError: The disk refused.
    """
    old, new = ring.identity, load_or_create_next(directory, ring.agent)
    said = {
        "v": 1,
        "agent": old.agent,
        "public_key": old.public_key_text,
        "new_public_key": new.public_key_text,
        "proof": base64.b64encode(
            new.sign(proof(old.agent, old.public_key, new.public_key))
        ).decode(),
    }
    answer = poster.post(*signed(old, said))
    if answer.status == 401:  # perhaps it was taken long ago and only our file is still the old one
        answer = poster.post(*signed(new, said))
    if answer.status != 200:
        return Changed(refusal(answer, ""))
    adopt_next(directory)
    ring.change(new)
    return Changed()


class Rotation:
    """The thread that changes the key when it is old, or when `rotate-key` has laid a new one down.

    Args:
        key_days: After how many days a key is old; 0: never.
        now: Unix time in seconds.
    """

    def __init__(
        self,
        directory: Path,
        ring: KeyRing,
        poster: Poster,
        *,
        key_days: float,
        now: Callable[[], float],
    ) -> None:
        self._directory, self._ring, self._poster = directory, ring, poster
        self._key_days, self._now = key_days, now
        self._not_before, self._retry_seconds = 0.0, FIRST_RETRY_SECONDS

    def run(self, stopping: threading.Event) -> None:
        """Look every few seconds until stopped."""
        while not stopping.wait(LOOK_SECONDS):
            try:
                self.turn()
            except (OSError, IdentityError) as error:
                self._put_off(f"{error}")

    def turn(self) -> bool:
        """Change the key if it is time; return whether it was changed."""
        if self._now() < self._not_before or not self._is_wanted():
            return False
        changed = change_key(self._directory, self._ring, self._poster)
        self._poster.close()
        if changed.refusal:
            self._put_off(changed.refusal)
            return False
        self._not_before, self._retry_seconds = 0.0, FIRST_RETRY_SECONDS
        log.info("the key was changed; reports go on under the same id %s", self._ring.agent)
        return True

    def _is_wanted(self) -> bool:
        if (self._directory / NEXT_KEY_FILE).exists():
            return True
        if not self._key_days:
            return False
        age_seconds = self._now() - (self._directory / KEY_FILE).stat().st_mtime
        return due_seconds(self._ring.agent, age_seconds, self._key_days) <= 0

    def _put_off(self, reason: str) -> None:
        log.warning("the key was not changed: %s; trying again later, the old one is good", reason)
        self._not_before = self._now() + self._retry_seconds
        self._retry_seconds = min(self._retry_seconds * 2, LAST_RETRY_SECONDS)
