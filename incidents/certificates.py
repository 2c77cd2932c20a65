"""Certificates and signing tokens of people, offices and servers: what ends when, and who is told.

Only what is public is kept: never a PIN, a password or a private key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from datetime import date

Kind = Literal["ca_nhan", "co_quan", "may_chu"]
KINDS: tuple[Kind, ...] = ("ca_nhan", "co_quan", "may_chu")
# How many days before its last day one comes on a list; below the first it is nobody's concern.
STEPS = (60, 30, 14, 7)
EXPIRED = 0


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate.

    Attributes:
        unit: The code of the unit that uses it.
        name: Of whom it speaks, as in it.
        serial: Its serial number; `token`: that of the device which holds the key.
        valid_to: The last day on which it is good.
    """

    unit: str
    kind: Kind
    name: str
    serial: str
    valid_to: date
    valid_from: date | None = None
    issuer: str = ""
    token: str = ""
    holder: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what a renewal has in common with the one before it."""
        return (self.unit, self.kind, " ".join(self.name.casefold().split()))

    @property
    def told_as(self) -> str:
        """Return what of it was told is kept under."""
        return f"{self.unit}|{self.serial}|{self.valid_to.isoformat()}"

    def days_left(self, today: date) -> int:
        """Return how many days it is good after today; negative when it is over."""
        return (self.valid_to - today).days

    def step(self, today: date) -> int | None:
        """Return the list that it stands on: of 60, 30, 14, 7 days, or EXPIRED; None: on none."""
        left = self.days_left(today)
        if left < 0:
            return EXPIRED
        return min((step for step in STEPS if left <= step), default=None)


@dataclass(frozen=True, slots=True)
class News:
    """A certificate that has come on a list of which nobody was told yet."""

    certificate: Certificate
    step: int


def in_force(certificates: Iterable[Certificate]) -> list[Certificate]:
    """Return of each name the one that is good longest: a renewal replaces what it renews."""
    last: dict[tuple[str, str, str], Certificate] = {}
    for one in certificates:
        other = last.get(one.key)
        if other is None or one.valid_to > other.valid_to:
            last[one.key] = one
    return list(last.values())


def news(
    certificates: Iterable[Certificate], today: date, told: Container[tuple[str, int]]
) -> list[News]:
    """Return what is to be told; of one that is seen late only the list that it stands on now.

    Args:
        told: `told_as` and the list, of everything that was told before.
    """
    found = (
        News(one, step)
        for one in in_force(certificates)
        if (step := one.step(today)) is not None and (one.told_as, step) not in told
    )
    return sorted(found, key=lambda item: (item.certificate.valid_to, item.certificate.told_as))
