"""How often machines may ask to be enrolled, how much of it is put on record, and its counts."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, get_args

from collector.address_limits import AddressLimits
from collector.identity.enrolment import Refusal
from collector.limits import TokenBucket

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_NOTED_PER_MINUTE = 60
RESULTS = ("bad_signature", "enrolled", "key_changed", "malformed", "rate_limited",
           *get_args(Refusal))  # fmt: skip


class EnrolmentDoor:
    """What stands before the requests of keys that are not known yet, or that change.

    Attributes:
        results: How many requests ended how.
    """

    def __init__(self, *, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._limits = AddressLimits(monotonic())
        self._noted = TokenBucket.full(MAX_NOTED_PER_MINUTE, MAX_NOTED_PER_MINUTE, monotonic())
        self.results: Counter[str] = Counter()

    def wait_seconds(self, address: str) -> float:
        """Count a request and return 0, or return when this address may come again."""
        return self._limits.wait_seconds(address, self._monotonic())

    def may_note(self) -> bool:
        """Say whether one more refusal goes on record; a flood of them must not fill the disk."""
        return self._noted.wait_seconds(1, self._monotonic()) == 0
