"""Goes through the named addresses, so many a second and no faster, several at a time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from agents.check import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from collector.discovery.signs import Signs

MOST_AT_ONCE = 64


class Walked(NamedTuple):
    """What answered, in the order of the addresses, and why some could not be asked."""

    found: list[Signs]
    failures: dict[str, str]


def walk(
    addresses: Sequence[str],
    look: Callable[[str], Signs],
    *,
    per_second: float,
    told: Callable[[], None],
    monotonic: Callable[[], float],
) -> Walked:
    """Look at each address once.

    Args:
        per_second: At most so many addresses are begun in a second.
        told: Called after each.
    """
    waiting, started_at = threading.Event(), monotonic()
    failures: dict[str, str] = {}

    def one(address: str) -> Signs | None:
        try:
            return look(address)
        except SourceError as error:
            failures[address] = str(error)
            return None
        finally:
            told()

    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        begun = []
        for number, address in enumerate(addresses):
            waiting.wait(max(0.0, started_at + number / per_second - monotonic()))
            begun.append(pool.submit(one, address))
        seen = [call.result() for call in begun]
    return Walked([signs for signs in seen if signs is not None and signs.is_there], failures)
