"""The addresses that an operator names, and never one more."""

from __future__ import annotations

import ipaddress

# A /22: what a site has, and what 20 a second are through with in a minute.
MOST_ADDRESSES = 1_024


def read_addresses(text: str) -> list[str]:
    """Return the addresses of a text: one address or network in each line, `#` begins a comment.

    Raises:
        ValueError: A line is neither, names what is nobody's own address, or all together are too
            many; the text says which.
    """
    found: dict[str, None] = {}
    for number, line in enumerate(text.splitlines(), 1):
        named = line.partition("#")[0].strip()
        if not named:
            continue
        try:
            network = ipaddress.ip_network(named)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}. Write 10.42.1.0/24 or 10.42.1.20") from None
        if network.num_addresses > MOST_ADDRESSES + 2:
            raise ValueError(
                f"line {number}: {named} holds {network.num_addresses:,} addresses; at most "
                f"{MOST_ADDRESSES:,} are asked at once, a /22. Name the smaller ones"
            )
        if network.is_multicast or network.is_unspecified or network.is_reserved:
            raise ValueError(f"line {number}: {named} is no device's own address")
        found.update(dict.fromkeys(map(str, network.hosts())))
    if len(found) > MOST_ADDRESSES:
        raise ValueError(
            f"{len(found):,} addresses; at most {MOST_ADDRESSES:,} are asked at once. Name fewer"
        )
    if not found:
        raise ValueError("there is no address in it")
    return list(found)
