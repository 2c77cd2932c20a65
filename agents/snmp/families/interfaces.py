"""Ports of every device (IF-MIB, EtherLike-MIB): their state, their load, what goes wrong on them.

Of 32-bit counters no load is told where one may have turned over twice between two polls.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from agents.observation import Observation
from agents.snmp.counters import growth_per_second, is_restarted
from agents.snmp.family import Asked, Family, Poll, Value, columns, label, number, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

IF, IFX = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
DESCRIPTION, TYPE, SPEED, ADMIN, OPER = f"{IF}.2", f"{IF}.3", f"{IF}.5", f"{IF}.7", f"{IF}.8"
CHANGED, IN_32, OUT_32 = f"{IF}.9", f"{IF}.10", f"{IF}.16"
NAME, IN_64, OUT_64 = f"{IFX}.1", f"{IFX}.6", f"{IFX}.10"
SPEED_MBITS, ALIAS, BROKEN_OFF = f"{IFX}.15", f"{IFX}.18", f"{IFX}.19"
MOST_SHORT_SPEED = 2**32 - 1
DUPLEX = "1.3.6.1.2.1.10.7.2.1.19"
COUNTERS = {
    "receive_errors_total": f"{IF}.14",
    "transmit_errors_total": f"{IF}.20",
    "receive_discards_total": f"{IF}.13",
    "transmit_discards_total": f"{IF}.19",
}
ALWAYS = (
    TYPE, SPEED, ADMIN, OPER, CHANGED, NAME, IN_64, OUT_64, SPEED_MBITS, ALIAS, BROKEN_OFF, DUPLEX,
    *COUNTERS.values(),
)  # fmt: skip
# With all that is told of each, no more than a probe may report.
MOST_INTERFACES = 96
# Of IANAifType: other, softwareLoopback, propVirtual, l2vlan, l3ipvlan, bridge. A tunnel and a
# bundle stay: a line of a site may be one.
LEFT_OUT_TYPES = {1, 24, 53, 135, 136, 209}
LEFT_OUT_NAMES = re.compile(
    r"(lo|sit|dummy|p2p|docker|virbr|tap|ifb)\d*|loopback.*|br-.*|veth.*|null.*", re.IGNORECASE
)
UP, DOWN, DORMANT = 1, (2, 6, 7), 5
HALF, FULL = 2, 3
# What went down later than this after a start was up before; earlier, it was never connected.
BOOTED_TICKS = 100 * 600
PREFIX = "wanwatch_interface_"
OF_ONE = (
    "enabled", "up", "lost", "half_duplex", "speed_bits_per_second", "receive_bits_per_second",
    "transmit_bits_per_second", "receive_used_ratio", "transmit_used_ratio", *COUNTERS,
)  # fmt: skip
LEFT_OUT = "wanwatch_device_left_out_interfaces"


class Port(NamedTuple):
    """What one poll says of a port; None: the device does not say."""

    row: str
    name: str
    admin: int | None
    oper: int | None
    bits_per_second: float | None


class Noted(NamedTuple):
    """What is remembered of a port: its counters with their width, and whether it was ever up."""

    octets: tuple[int | None, int | None]
    bits: Literal[32, 64]
    broken_off: Value | None
    was_up: bool


def asked(last: Mapping[str, Value]) -> Asked:
    """Ask for short counters and long names only while nothing better is known to be there."""
    has_64 = any(key.startswith(f"{IN_64}.") for key in last)
    has_names = any(key.startswith(f"{NAME}.") for key in last)
    short = () if has_64 else (IN_32, OUT_32)
    return Asked(tables=(*(() if has_names else (DESCRIPTION,)), *ALWAYS, *short))


def evaluate(poll: Poll) -> Iterator[Observation]:
    """Yield each port; of one that is switched off only that, of one that is down no load."""
    table = columns(poll.values, (DESCRIPTION, *ALWAYS, IN_32, OUT_32))
    noted, seconds = _remembered(poll)
    found = _ports(table)
    notes = {port.name: _note(port, table, noted.get(port.name)) for port in found}
    # What works or did comes first: a port must not vanish because it went down.
    found.sort(key=lambda one: (one.admin != UP, not notes[one.name].was_up, one.oper != UP))
    for port in found[:MOST_INTERFACES]:
        note = notes[port.name]
        values = _of_port(port, table)
        if port.oper == UP:
            values |= _load(port, note, noted.get(port.name), seconds)
        labels = {"target": poll.target, "interface": port.name}
        for name, value in values.items():
            yield Observation(PREFIX + name, labels, value)
        if port.admin == UP and port.oper is not None:
            said = labels | {"description": label(table[ALIAS].get(port.row))}
            is_lost = note.was_up and port.oper in DOWN
            yield Observation(f"{PREFIX}lost", said, int(is_lost))
    poll.memory.update(ports=notes, at=poll.at, ticks=poll.identity.uptime_ticks)
    left_out = max(0, len(found) - MOST_INTERFACES)
    yield Observation(LEFT_OUT, {"target": poll.target}, left_out)


def _ports(table: Mapping[str, Mapping[str, Value]]) -> list[Port]:
    found, names = list[Port](), set[str]()
    for index in table[OPER]:
        name = label(table[NAME].get(index) or table[DESCRIPTION].get(index)) or index
        is_virtual = whole(table[TYPE].get(index)) in LEFT_OUT_TYPES
        if is_virtual or LEFT_OUT_NAMES.fullmatch(name):
            continue
        if name in names:
            name = f"{name} #{index}"
        names.add(name)
        admin, oper = whole(table[ADMIN].get(index)), whole(table[OPER].get(index))
        found.append(Port(index, name, admin, oper, _speed(table, index)))
    return found


def _speed(table: Mapping[str, Mapping[str, Value]], index: str) -> float | None:
    # ifSpeed ends at 2**32 - 1; ifHighSpeed is whole Mbit/s, 0 below half a one (RFC 2863).
    fast, slow = number(table[SPEED_MBITS].get(index)), number(table[SPEED].get(index))
    found = fast * 1e6 if fast and fast > 0 else slow
    return found if found and 0 < found < 1e15 and found != MOST_SHORT_SPEED else None


def _remembered(poll: Poll) -> tuple[dict[str, Noted], float]:
    """Return what was noted and how long ago; no counters where the device began anew."""
    noted, at, ticks = (poll.memory.get(key) for key in ("ports", "at", "ticks"))
    if not isinstance(noted, dict) or not isinstance(at, int | float):
        return {}, 0.0
    seconds, now = poll.at - at, poll.identity.uptime_ticks
    if isinstance(ticks, int) and now is not None and is_restarted(ticks, now, seconds):
        seconds = 0.0
    return noted, seconds


def _note(port: Port, table: Mapping[str, Mapping[str, Value]], before: Noted | None) -> Noted:
    index = port.row
    has_64 = index in table[IN_64] and index in table[OUT_64]
    into, out = (IN_64, OUT_64) if has_64 else (IN_32, OUT_32)
    changed = whole(table[CHANGED].get(index)) or 0
    is_late = changed >= BOOTED_TICKS
    was_up = port.oper == UP or is_late or (before is not None and before.was_up)
    octets = whole(table[into].get(index)), whole(table[out].get(index))
    return Noted(octets, 64 if has_64 else 32, table[BROKEN_OFF].get(index), was_up)


def _of_port(port: Port, table: Mapping[str, Mapping[str, Value]]) -> dict[str, float]:
    values: dict[str, float] = {}
    if port.admin is not None:
        values["enabled"] = int(port.admin == UP)
    if port.admin not in (None, UP):
        return values
    if port.oper == UP or port.oper in DOWN or port.oper == DORMANT:
        values["up"] = int(port.oper == UP)
    if port.oper != UP:
        return values
    if port.bits_per_second is not None:
        values["speed_bits_per_second"] = port.bits_per_second
    duplex = whole(table[DUPLEX].get(port.row))
    if duplex in (HALF, FULL):
        values["half_duplex"] = int(duplex == HALF)
    for name, oid in COUNTERS.items():
        count = whole(table[oid].get(port.row))
        if count is not None:
            values[name] = count
    return values


def _load(port: Port, now: Noted, before: Noted | None, seconds: float) -> dict[str, float]:
    if before is None or (now.bits, now.broken_off) != (before.bits, before.broken_off):
        return {}
    values: dict[str, float] = {}
    speed = port.bits_per_second
    for side, was, new in zip(("receive", "transmit"), before.octets, now.octets, strict=True):
        if was is None or new is None:
            continue
        grown = growth_per_second(was, new, now.bits, seconds, speed / 8 if speed else None)
        if grown is None:
            continue
        values[f"{side}_bits_per_second"] = round(8 * grown)
        # More than its speed: the speed is a figure that nobody set, as on tunnels.
        if speed and 8 * grown <= 1.1 * speed:
            values[f"{side}_used_ratio"] = round(min(1.0, 8 * grown / speed), 6)
    return values


FAMILY = Family(
    name="interfaces",
    is_likely=lambda _: True,
    asked=asked,
    evaluate=evaluate,
    metrics=(*(PREFIX + name for name in OF_ONE), LEFT_OUT),
    most_series=MOST_INTERFACES * len(OF_ONE) + 1,
)
