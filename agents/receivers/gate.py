"""Who may send, and how much: networks that are let in, and so many messages a minute of each."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from agents.probes.pace import Budget

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_SOURCES = 1_000
STRANGER, OVER_RATE = "stranger", "over_rate"


def plain_address(text: str) -> str:
    """Return an address without its zone; one of IPv4 as such, whatever port heard it.

    Raises:
        ValueError: It is no address.
    """
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):  # a port on :: hears IPv4 as well
        address = address.ipv4_mapped or address
    return str(address)


class Paces:
    """So much a minute of each source, a minute's worth at once; at most `MOST_SOURCES` of them."""

    def __init__(self, per_minute: float) -> None:
        self._per_minute = per_minute
        self._budgets: dict[str, Budget] = {}

    def __contains__(self, source: str) -> bool:
        return source in self._budgets

    def spend(self, source: str, now: float) -> bool:
        """Say whether one more is within the pace; `now` is monotonic, in seconds."""
        budget = self._budgets.pop(source, None)
        if budget is None:
            budget = Budget(self._per_minute / 60, self._per_minute, now)
        while len(self._budgets) >= MOST_SOURCES:
            del self._budgets[next(iter(self._budgets))]  # the one that was silent longest
        self._budgets[source] = budget
        return budget.spend(1, now)


class Gate:
    """Lets a message in or says why not."""

    def __init__(self, networks: Sequence[str], per_minute: float) -> None:
        self._networks = [ip_network(network) for network in networks]
        self._paces = Paces(per_minute)

    def knows(self, address: str) -> bool:
        """Say whether messages from this address are read at all."""
        if address in self._paces:
            return True
        source = ip_address(address)
        return any(source in network for network in self._networks)

    def refuses(self, address: str, now: float) -> str:
        """Return why a message is not read, or nothing; `now` is monotonic, in seconds.

        An address can be forged: what is let in is a hint and no more.
        """
        if not self.knows(address):
            return STRANGER
        return "" if self._paces.spend(address, now) else OVER_RATE
