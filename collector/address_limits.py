"""How often one address may ask for what costs us work and needs no key that we know."""

from __future__ import annotations

from collections import OrderedDict

from collector.limits import TokenBucket

PER_MINUTE, BURST = 30, 60
ALL_PER_MINUTE, ALL_BURST = 600, 1_200
MAX_ADDRESSES = 2_000


class AddressLimits:
    """A bucket for each address that asked lately, and one for all of them together."""

    def __init__(self, at: float) -> None:
        self._all = TokenBucket.full(ALL_PER_MINUTE, ALL_BURST, at)
        self._by_address: OrderedDict[str, TokenBucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._by_address)

    def wait_seconds(self, address: str, now: float) -> float:
        """Count one request and return 0, or return when to come again; monotonic seconds."""
        bucket = self._by_address.pop(address, None) or TokenBucket.full(PER_MINUTE, BURST, now)
        self._by_address[address] = bucket
        if len(self._by_address) > MAX_ADDRESSES:  # the one that has asked for nothing the longest
            self._by_address.popitem(last=False)
        return bucket.wait_seconds(1, now) or self._all.wait_seconds(1, now)
