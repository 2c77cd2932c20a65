"""What the spool must remember beside the reports: a small file replaced at every change."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from agents.ranges import Ranges


@dataclass(slots=True)
class Ledger:
    """Losing the newest version makes a duplicate, never a loss.

    Attributes:
        next_seq: The lowest number never given to a report.
        oldest: Everything below is settled.
        settled: What is settled at or above `oldest`: acknowledged, refused or dropped.
        dropped: Reports given up for lack of room or for age, since the key exists.
        refused: Reports the collector will never take, since the key exists.
        lost: Reports that the disk did not give back, since the key exists: their record was
            damaged, or only in memory when the agent was killed.
        state: What the last 202 handed out.
        plan: The etag of the plan in the last 202.
    """

    next_seq: int = 1
    oldest: int = 1
    settled: Ranges = field(default_factory=Ranges)
    dropped: int = 0
    refused: int = 0
    lost: int = 0
    state: str = ""
    plan: str = ""

    def is_settled(self, seq: int) -> bool:
        """Say whether nothing needs to be sent for this number any more."""
        return seq < self.oldest or seq in self.settled

    def to_bytes(self) -> bytes:
        """Return the file's content."""
        content = {
            "next_seq": self.next_seq,
            "oldest": self.oldest,
            "settled": self.settled.pairs,
            "dropped": self.dropped,
            "refused": self.refused,
            "lost": self.lost,
            "state": self.state,
            "plan": self.plan,
        }
        return json.dumps(content).encode()


def from_bytes(content: bytes) -> Ledger:
    """Read the file's content.

    Raises:
        ValueError: It is not a ledger.
    """
    try:
        found = json.loads(content)
        return Ledger(
            next_seq=int(found["next_seq"]),
            oldest=int(found["oldest"]),
            settled=Ranges((int(low), int(high)) for low, high in found["settled"]),
            dropped=int(found["dropped"]),
            refused=int(found["refused"]),
            lost=int(found.get("lost", 0)),
            state=str(found["state"]),
            plan=str(found["plan"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not a ledger: {type(error).__name__}: {error}") from error
