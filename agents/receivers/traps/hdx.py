"""Polycom HDX and VSX: traps of SNMPv1; loss, jitter and latency by the device's own thresholds.

Source: POLYCOM-VIDEO-MIB, whose root devices use under either of two enterprise numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.receivers.meaning import Meaning, Phase, Traps

if TYPE_CHECKING:
    from agents.receivers.notification import Notification

ROOTS = ("1.3.6.1.4.1.2684.1.1", "1.3.6.1.4.1.13885.1.1")
_KINDS = {
    2: ("login", Phase.PROBLEM),
    3: ("remote_battery", Phase.PROBLEM),
    4: ("call_connected", Phase.INFO),
    5: ("call_disconnected", Phase.INFO),
    6: ("call_failed", Phase.INFO),
    7: ("help_wanted", Phase.INFO),
    10: ("microphones", Phase.INFO),
    12: ("time_server", Phase.RESOLUTION),
    13: ("time_server", Phase.PROBLEM),
    19: ("h323_registration", Phase.RESOLUTION),
    20: ("h323_registration", Phase.PROBLEM),
    22: ("address", Phase.INFO),
    30: ("camera", Phase.RESOLUTION),
    31: ("camera", Phase.PROBLEM),
    33: ("call_loss", Phase.PROBLEM),
    34: ("call_jitter", Phase.PROBLEM),
    35: ("call_latency", Phase.PROBLEM),
}


def read(said: Notification) -> Meaning | None:
    """Return what an endpoint tells."""
    number = said.kind.rpartition(".")[2]
    known = _KINDS.get(int(number)) if len(number) < 5 else None
    return None if known is None else Meaning(*known)


TRAPS = Traps("hdx", tuple(f"{root}.0" for root in ROOTS), read)
