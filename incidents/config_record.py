"""The configuration record ("hồ sơ cấu hình"): the second kind of chain in the one tree.

Its entries are those of a timeline whose code is `CODE`; what differs is what they tell of.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from incidents.timeline import FIRST_PREVIOUS

# The code in each entry's bytes; no incident has it, since theirs hold a year and a number.
CODE = "record"
# Where an incident's number stands, in leaves: the record has none, and no incident has this.
NUMBER = 0


class RecordKind(StrEnum):
    """What an entry of the record tells of."""

    POLICY = "policy"  # files of the policy directory: rules, rota, roles, channels, targets, …
    MUTE = "mute"
    HOURS = "hours"
    DUTY = "duty"  # a recurring duty was carried out, with what proves it
    ONCALL = "oncall"  # somebody stands in, or does not after all
    HANDOVER = "handover"  # a shift was handed over: made, added to, signed
    IDENTITY = "identity"
    ACCOUNT = "account"  # a person's account: added, disabled, password, second factor, sessions
    REPORT = "report"  # what was done to a report that is about no incident
    READING = "reading"
    CONFIRMED = "confirmed"  # a number of the ruleset, by whoever holds the role it names
    SEAL_ASKED = "seal_asked"
    SEALED = "sealed"
    RETENTION = "retention"


class Head(NamedTuple):
    """The last entry of the record; `seq` 0 before the first."""

    seq: int = 0
    hash: str = FIRST_PREVIOUS

    def __str__(self) -> str:
        """Return it as it is stored."""
        return f"{self.seq} {self.hash}"


def parse_head(text: str) -> Head:
    """Return a stored head.

    Raises:
        ValueError: It is not one.
    """
    seq, separator, last = text.partition(" ")
    if not separator or not seq.isdecimal() or len(last) != len(FIRST_PREVIOUS):
        raise ValueError(f"not the head of a record: {text!r}")
    return Head(int(seq), last)
