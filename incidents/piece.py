"""A piece of evidence as the entries about it tell: what it is, and who holds it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

# What custody events make of it; `removed`: its content was taken out, the digest stays.
Holding = Literal["held", "returned", "destroyed", "removed"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of evidence.

    Attributes:
        seq: The entry that took it in: its number within the incident.
        kind: A code of the procedure.
        size: In bytes.
        holder, place: Who has it and where, after the last custody event; empty once sealed.
    """

    seq: int
    kind: str
    sha256: str
    size: int
    media_type: str
    taken_at: datetime
    taken_by: str
    name: str = ""
    holder: str = ""
    place: str = ""
    holding: Holding = "held"
