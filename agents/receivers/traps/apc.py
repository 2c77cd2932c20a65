"""UPS of APC: the traps of its own enterprise number that say how the power is.

Source: PowerNet-MIB; the numbers are those that public monitors of these devices use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.receivers.meaning import Meaning, Phase, Traps

if TYPE_CHECKING:
    from agents.receivers.notification import Notification

ROOT = "1.3.6.1.4.1.318"
_KINDS = {
    1: ("ups_communication", Phase.PROBLEM),
    2: ("ups_overload", Phase.PROBLEM),
    3: ("ups_test_failed", Phase.INFO),
    4: ("ups_discharged", Phase.PROBLEM),
    5: ("ups_on_battery", Phase.PROBLEM),
    7: ("ups_low_battery", Phase.PROBLEM),
    8: ("ups_communication", Phase.RESOLUTION),
    9: ("ups_on_battery", Phase.RESOLUTION),
    10: ("ups_tested", Phase.INFO),
    11: ("ups_low_battery", Phase.RESOLUTION),
}


def read(said: Notification) -> Meaning | None:
    """Return what a UPS tells."""
    number = said.kind.rpartition(".")[2]
    known = _KINDS.get(int(number)) if len(number) < 5 else None
    return None if known is None else Meaning(*known)


TRAPS = Traps("apc", (f"{ROOT}.0",), read)
