"""What a family of devices is: what to ask for, and what the answers say; no input or output.

A device may be of several families: every one has interfaces, a router may measure paths, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, MutableMapping

    from agents.observation import Observation

# Whole numbers, octets as they came, object identifiers and addresses as text; without the leaves
# that the device does not have.
Value = int | bytes | str
Values = dict[str, Value]


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
    """

    name: str
    is_likely: Callable[[Identity], bool]
    asked: Callable[[Mapping[str, Value]], Asked]
    evaluate: Callable[[Poll], Iterator[Observation]]
    metrics: tuple[str, ...]
    most_series: int
    leaf: str = ""


def column(values: Mapping[str, Value], oid: str) -> dict[str, Value]:
    """Return a column of a table by the index behind its identifier."""
    start = f"{oid}."
    return {key[len(start) :]: value for key, value in values.items() if key.startswith(start)}


def text(value: Value | None) -> str:
    """Return octets as text, the parts that are no UTF-8 replaced, without what pads them."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip("\0 \r\n\t")
    return "" if value is None else str(value)


def number(value: Value | None) -> float | None:
    """Return a number, also one that a device sends as text; None where it is none."""
    if isinstance(value, int):
        return float(value)
    try:
        return float(text(value).split()[0].rstrip("%")) if value else None
    except (ValueError, IndexError):
        return None
