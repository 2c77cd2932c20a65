"""Bonded interfaces: how many cables each has and how many work. Source: bonding.rst, sysfs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agents.check import Check, NoData, Observation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.host import HostSource

MOST_BONDS = 10


class Bond(NamedTuple):
    """Numbers of interfaces in one bond."""

    slaves: int
    active: int


Bonds = dict[str, Bond]


def read(host: HostSource) -> Bonds:
    """Read the bonds; most hosts have none."""
    masters = host.sys_text("class/net/bonding_masters") if host.is_linux else None
    if not masters:
        raise NoData("no bonded interface")
    return {master: _bond(host, master) for master in masters.split()}


def _bond(host: HostSource, master: str) -> Bond:
    slaves = (host.sys_text(f"class/net/{master}/bonding/slaves") or "").split()
    states = [host.sys_text(f"class/net/{name}/bonding_slave/mii_status") for name in slaves]
    return Bond(len(slaves), states.count("up"))


def evaluate(now: Bonds, before: Bonds | None) -> Iterator[Observation]:  # noqa: ARG001
    """Yield the numbers of the first ten bonds."""
    for master, bond in sorted(now.items())[:MOST_BONDS]:
        yield Observation("node_bonding_slaves", {"master": master}, bond.slaves)
        yield Observation("node_bonding_active", {"master": master}, bond.active)
    omitted = max(0, len(now) - MOST_BONDS)
    yield Observation("wanwatch_check_omitted_objects", {"check": "bonding"}, omitted)


CHECK = Check(
    "bonding", every_seconds=30, limit_seconds=5, read=read, evaluate=evaluate, most_series=21
)
