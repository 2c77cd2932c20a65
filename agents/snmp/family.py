"""What a family of devices is: what to ask for, and what the answers say; no input or output.

A device may be of several families: every one has interfaces, a router may measure paths, too.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping

    from agents.observation import Observation

# Whole numbers, octets as they came, object identifiers and addresses as text; without the leaves
# that the device does not have.
Value = int | bytes | str
Values = dict[str, Value]
Kind = Literal["", "conference", "network", "shared"]
MOST_LABEL_CHARACTERS = 80


class Identity(NamedTuple):
    """What every device says of itself: sysDescr, sysObjectID, sysUpTime (1/100 s), sysName."""

    description: str
    object_id: str
    uptime_ticks: int | None
    name: str


class Asked(NamedTuple):
    """What a family asks for, by object identifiers such as `1.3.6.1.2.1.1.3.0`.

    Attributes:
        leaves: Single values.
        tables: Columns, each read from its beginning to its end.
    """

    leaves: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


class Poll(NamedTuple):
    """One whole answer of a device.

    Attributes:
        at: Monotonic seconds.
        memory: What this family noted of this device at its last poll; its own to change, gone
            with the process.
    """

    target: str
    identity: Identity
    values: Values
    at: float
    memory: MutableMapping[str, object]


@dataclass(frozen=True, slots=True)
class Family:
    """One file of `agents/snmp/families` has one of these, called FAMILY.

    Attributes:
        name: As it stands in `wanwatch_device_info{family}` and in `targets.yaml`.
        leaf: A value that only a device of this family has; empty where the identity is enough.
        is_likely: Whether the identity allows it; with `leaf`, whether to ask for that.
        asked: What to read, by what the last poll gave (nothing at first): call tables only while
            there are calls.
        evaluate: What one poll says.
        metrics: All that `evaluate` may report.
        most_series: The most observations of one poll.
        kind: What such a device is as a target; empty where the family does not tell.
    """

    name: str
    is_likely: Callable[[Identity], bool]
    asked: Callable[[Mapping[str, Value]], Asked]
    evaluate: Callable[[Poll], Iterator[Observation]]
    metrics: tuple[str, ...]
    most_series: int
    leaf: str = ""
    kind: Kind = ""


def column(values: Mapping[str, Value], oid: str) -> dict[str, Value]:
    """Return a column of a table by the index behind its identifier."""
    start = f"{oid}."
    return {key[len(start) :]: value for key, value in values.items() if key.startswith(start)}


def columns(values: Mapping[str, Value], oids: Iterable[str]) -> dict[str, dict[str, Value]]:
    """Return several columns, each as `column` does, in a time that does not grow with how many."""
    ordered, found = sorted(values), {}
    for oid in oids:
        start = f"{oid}."
        first, end = bisect_left(ordered, start), bisect_left(ordered, f"{oid}/")
        found[oid] = {key[len(start) :]: values[key] for key in ordered[first:end]}
    return found


def text(value: Value | None) -> str:
    """Return octets as text, the parts that are no UTF-8 replaced, without what pads them."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip("\0 \r\n\t")
    return "" if value is None else str(value)


def label(value: Value | None) -> str:
    """Return a text as a label takes it: on one line, without control characters, not too long."""
    seen = "".join(one if one.isprintable() else " " for one in text(value))
    return " ".join(seen.split())[:MOST_LABEL_CHARACTERS].rstrip()


def number(value: Value | None) -> float | None:
    """Return a number, also one that a device sends as text; None where it is none.

    Nothing that SNMP carries is beyond 64 bits.
    """
    try:
        found = float(value if isinstance(value, int) else text(value).split()[0].rstrip("%"))
    except (ValueError, IndexError, OverflowError):
        return None
    return found if abs(found) < 2**64 else None


def whole(value: Value | None) -> int | None:
    """Return a whole number that is not below 0, as counters and enumerations are."""
    found = number(value)
    if found is None or found < 0 or found != int(found):
        return None
    return value if isinstance(value, int) else int(found)


def is_below(object_id: str, *roots: str) -> bool:
    """Say whether an identifier is one of these or lies below one."""
    return any(f"{object_id}.".startswith(f"{root}.") for root in roots)
