"""Which families a device is of: by what it says of itself, and by a leaf that only they have.

An identifier alone is not enough: appliances of several makes have that of net-snmp, and a codec
may answer with the number of the company that was bought (facts of devices, section 1.7).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agents.snmp.family import Family, Identity, Value, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DESCRIPTION, OBJECT_ID, UPTIME, NAME = (f"1.3.6.1.2.1.1.{number}.0" for number in (1, 2, 3, 5))
IDENTITY = (DESCRIPTION, OBJECT_ID, UPTIME, NAME)
# A leaf may come with a module, a licence, or at the end of a start.
STANDS_SECONDS = 3600.0


class Detected(NamedTuple):
    """What a device was found to be, at which monotonic second, and when it says that it began."""

    identity: Identity
    families: tuple[str, ...]
    at: float


def identity_of(values: Mapping[str, Value]) -> Identity:
    """Return who a device says that it is."""
    ticks = values.get(UPTIME)
    return Identity(
        description=text(values.get(DESCRIPTION)),
        object_id=text(values.get(OBJECT_ID)),
        uptime_ticks=ticks if isinstance(ticks, int) else None,
        name=text(values.get(NAME)),
    )


def still_stands(before: Detected, now: Identity, at: float) -> bool:
    """Say whether what was found is still so: the same device, not started anew, not long ago."""
    is_running = (now.uptime_ticks or 0) >= (before.identity.uptime_ticks or 0)
    return is_same(before.identity, now) and is_running and at - before.at < STANDS_SECONDS


def is_same(then: Identity, now: Identity) -> bool:
    """Say whether this is the same kind of device with the same software as then."""
    return (then.description, then.object_id) == (now.description, now.object_id)


def likely(identity: Identity, families: Iterable[Family]) -> list[Family]:
    """Return the families that the identity allows; one that cannot say is none."""
    found = []
    for family in families:
        try:
            if family.is_likely(identity):
                found.append(family)
        except Exception:  # noqa: BLE001, S112  # one broken family stops no other
            continue
    return found


def confirmed(families: Iterable[Family], values: Mapping[str, Value]) -> list[Family]:
    """Return those whose leaf the device has, or that have none."""
    return [one for one in families if not one.leaf or one.leaf in values]
