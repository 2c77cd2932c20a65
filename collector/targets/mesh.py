"""Paths from every site to the centre: how much each may send, that no line is full.

A site's agent sends test packets to the reflector at the centre: all the time while a session is
live there, for a part of every few minutes otherwise. Whatever the clocks of the agents say, all
of them together stay below the ceiling of the centre, and those of one line below its budget: each
gets a share that holds even if all send at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from agents.probe_plan import Ask

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

# Of a line's declared rate, and the most for one line.
LINE_SHARE, LINE_MOST_BITS = 0.02, 64_000.0
# Sampled: 30 s of every five minutes. Live: without a gap, told every 5 s.
SAMPLE_SECONDS, SAMPLE_EVERY_SECONDS = 30.0, 300.0
LIVE_SECONDS = 5.0
# As many as are of use: more tell nothing new.
MOST_PACKETS_PER_SECOND = 50.0
# Below this a path says nothing: fewer than one packet of 72 bytes on the wire a second.
LEAST_BITS = 1_000.0
# What the search for the largest packet may take of a line's share, and how often it is made.
MTU_SHARE, MTU_LEAST_BITS, MTU_EVERY_SECONDS = 0.25, 8_000.0, 3_600.0


class Site(NamedTuple):
    """One path.

    Attributes:
        name: Of the path as a target.
        line: The target that is the line it goes over; empty where none is named.
        line_bits_per_second: The line's declared rate; None where it is not known.
    """

    name: str
    unit: str
    asked_by: str
    line: str = ""
    line_bits_per_second: float | None = None


@dataclass(frozen=True, slots=True)
class Mesh:
    """All paths to one centre.

    Attributes:
        address, port: Of the reflector.
        most_bits_per_second: What all of them together may send to it; it sends as much back.
        codec: For which R and MOS are worked out; empty for none.
    """

    address: str
    port: int
    most_bits_per_second: float
    dscp: int
    codec: str
    sites: tuple[Site, ...]


def budgets(mesh: Mesh, live: Collection[str]) -> dict[str, float]:
    """Return the bits per second that each path may send, by name; 0 where nothing is left.

    Live paths come first: they share the ceiling of the centre up to their lines' budgets; the
    others share what is left.

    Args:
        live: The names of the paths of points in a live session.
    """
    on_line: dict[str, int] = {}
    for site in mesh.sites:
        on_line[site.line or site.name] = on_line.get(site.line or site.name, 0) + 1
    wanted = {
        site.name: line_budget(site.line_bits_per_second) / on_line[site.line or site.name]
        for site in mesh.sites
    }
    first = {name: bits for name, bits in wanted.items() if name in live}
    found = _shared(first, mesh.most_bits_per_second)
    left = mesh.most_bits_per_second - sum(found.values())
    found |= _shared({name: bits for name, bits in wanted.items() if name not in live}, left)
    return {name: bits if bits >= LEAST_BITS else 0.0 for name, bits in found.items()}


def line_budget(line_bits_per_second: float | None) -> float:
    """Return what test packets may take of a line: a small share, at most 64 kbit/s."""
    if line_bits_per_second is None:
        return LINE_MOST_BITS
    return min(LINE_SHARE * line_bits_per_second, LINE_MOST_BITS)


def _shared(wanted: Mapping[str, float], most: float) -> dict[str, float]:
    """Give each what it wants, or an equal part of what is left: the small ones first."""
    left, found = max(0.0, most), dict.fromkeys(wanted, 0.0)
    waiting = sorted(wanted, key=lambda name: (wanted[name], name))
    for place, name in enumerate(waiting):
        found[name] = min(wanted[name], left / (len(waiting) - place))
        left -= found[name]
    return found


def asks(mesh: Mesh, live: Collection[str]) -> dict[str, tuple[Ask, ...]]:
    """Return what is asked of each path's agent, by the path's name; nothing without a budget."""
    found = {}
    for name, bits in budgets(mesh, live).items():
        found[name] = tuple(_asks(mesh, name, bits, is_live=name in live)) if bits else ()
    return found


def _asks(mesh: Mesh, name: str, bits: float, *, is_live: bool) -> Iterable[Ask]:
    who = {"target": name, "address": mesh.address, "port": mesh.port, "dscp": mesh.dscp}
    mtu_bits = max(MTU_LEAST_BITS, MTU_SHARE * bits)
    has_mtu = bits >= 2 * MTU_LEAST_BITS
    stamp_bits = bits - mtu_bits if has_mtu else bits
    params = {
        **who,
        "codec": mesh.codec,
        "packets_per_second": MOST_PACKETS_PER_SECOND,
        "most_bits_per_second": round(stamp_bits, 1),
        "seconds": LIVE_SECONDS if is_live else SAMPLE_SECONDS,
        "continuous": is_live,
    }
    yield Ask("stamp", LIVE_SECONDS if is_live else SAMPLE_EVERY_SECONDS, params)
    if has_mtu:
        yield Ask(
            "path_mtu", MTU_EVERY_SECONDS, {**who, "most_bits_per_second": round(mtu_bits, 1)}
        )
