"""A modem tried once by hand: how it is, and one message through it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.relay.dialog import Dialog
from collector.relay.modem import Modem, NotReadyError
from collector.relay.outgoing import Manner, Order, cut
from collector.relay.usb import SYSFS, check
from incidents.modem import address, pdu

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.relay.modem import Pace, State
    from collector.relay.settings import RelaySettings

WORDS = "wanwatch: tin thử, không cần trả lời (test message)"


async def look_once(
    settings: RelaySettings, pin: str, pace: Pace, *, number: str = "", sysfs: Path = SYSFS
) -> State:
    """Start the modem, send a test to `number` where one is given, and return how the modem is.

    Raises:
        NetworkInterfaceError, PortLostError, NotReadyError, RefusedByModemError, SilentModemError:
            What is in the way.
    """
    check(settings.port, sysfs)
    dialog = Dialog(settings.port, settings.speed, on_unasked=lambda _line: None)
    try:
        modem = Modem(dialog, pace)
        await modem.start(pin=pin, reports=False)
        state = await modem.look()
        if number:
            if not state.registration.is_registered:
                raise NotReadyError(f"network: {state.registration.words[1]}")
            manner = Manner(strip_marks=settings.strip_marks)
            to = address.normal(number)
            for part in cut(Order("test", to, WORDS), manner):
                await modem.send(pdu.submit(to, part, validity=manner.validity))
        return state
    finally:
        dialog.close()


def lines(state: State) -> Iterator[str]:
    """Return how a modem is, a line a thing."""
    dbm = state.signal.dbm
    yield f"SIM:      {state.sim or 'unknown'}"
    yield f"network:  {state.registration.words[1]} {state.operator}".rstrip()
    yield f"signal:   {'unknown' if dbm is None else f'{dbm} dBm, {state.signal.bars} of 5'}"
    yield f"store:    {state.space.used} of {state.space.total}"
