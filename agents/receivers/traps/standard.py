"""What every device may tell: that it started, an interface, a wrong community or password.

Sources: RFC 3418 section 2 (the notifications), RFC 2863 (interfaces and their variables).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.receivers.meaning import Meaning, Phase, Traps, Values
from agents.receivers.notification import GENERIC

if TYPE_CHECKING:
    from agents.receivers.notification import Notification

COLD_START, WARM_START, LINK_DOWN, LINK_UP, WRONG_CREDENTIALS = (
    f"{GENERIC}.{number}" for number in range(1, 6)
)
INDEX, DESCRIPTION, ADMIN, OPERATIONAL = (f"1.3.6.1.2.1.2.2.1.{n}" for n in (1, 2, 7, 8))
NAME, ALIAS = "1.3.6.1.2.1.31.1.1.1.1", "1.3.6.1.2.1.31.1.1.1.18"
_STATES = {1: "up", 2: "down", 3: "testing"}


def read(said: Notification) -> Meaning | None:
    """Return what a notification of RFC 3418 means."""
    if said.kind in (COLD_START, WARM_START):
        how = "cold" if said.kind == COLD_START else "warm"
        return Meaning("start", Phase.INFO, labels={"how": how})
    if said.kind in (LINK_DOWN, LINK_UP):
        return _link(said)
    if said.kind == WRONG_CREDENTIALS:
        return Meaning("snmp_authentication", Phase.PROBLEM)
    return None


def _link(said: Notification) -> Meaning:
    values = Values(said)
    index = values.number(INDEX)
    number = str(index) if index is not None else values.under(OPERATIONAL)[0]
    labels = {"interface": values.text(NAME, DESCRIPTION) or number}
    admin = values.number(ADMIN)
    if admin in _STATES:
        labels["admin"] = _STATES[admin]
    phase = Phase.PROBLEM if said.kind == LINK_DOWN else Phase.RESOLUTION
    return Meaning("link", phase, number, labels, values.text(ALIAS))


TRAPS = Traps("standard", (GENERIC,), read)
