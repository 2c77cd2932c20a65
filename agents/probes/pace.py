"""How much may be sent: so many bits a second, and no more in any stretch of time."""

from __future__ import annotations

# IPv4 and IPv6 header and UDP header, in bytes: what a packet adds to its content.
OVERHEAD_BYTES = {4: 28, 6: 48}


def wire_bits(content_bytes: int, version: int) -> int:
    """Return what a UDP packet takes of a line, without the line's own framing."""
    return 8 * (content_bytes + OVERHEAD_BYTES[version])


class Budget:
    """A bucket of bits that fills with time.

    Over any stretch of t seconds at most `rate * t + burst_bits` are spent, however late or often
    it is asked: what was not spent in time beyond the burst is gone.
    """

    def __init__(self, bits_per_second: float, burst_bits: float, now: float) -> None:
        self._rate, self._burst = bits_per_second, burst_bits
        self._bits, self._at = burst_bits, now

    def wait_seconds(self, bits: float, now: float) -> float:
        """Return after how long so many bits may be spent; 0: now. More than the burst: never."""
        if bits > self._burst:
            return float("inf")
        self._fill(now)
        return max(0.0, (bits - self._bits) / self._rate)

    def spend(self, bits: float, now: float) -> bool:
        """Take the bits if they are there; say whether they were."""
        self._fill(now)
        # What a float cannot tell from being there is there: half a bit in thousands of packets.
        if self._bits < bits - 1e-6:
            return False
        self._bits -= bits
        return True

    def _fill(self, now: float) -> None:
        gained = max(0.0, now - self._at) * self._rate
        self._bits, self._at = min(self._burst, self._bits + gained), max(now, self._at)
