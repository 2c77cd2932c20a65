"""Does a modem come with a network interface: then it would join the closed network to another."""

from __future__ import annotations

import os
from pathlib import Path

SYSFS = Path("/sys")
_MAX_LEVELS = 16


class NetworkInterfaceError(Exception):
    """The modem shows a network interface and is not used; the text says how to change that."""


def check(port: Path, sysfs: Path = SYSFS) -> None:
    """Look for network interfaces of the device that a port belongs to.

    Raises:
        NetworkInterfaceError: There is one: naming it and its driver.
    """
    name = Path(os.path.realpath(port)).name
    if (sysfs / "class" / "wwan" / name).exists():
        raise NetworkInterfaceError(_words(port, "a mobile broadband device (class wwan)"))
    device = _usb_device(sysfs / "class" / "tty" / name / "device")
    for interface in sorted(device.glob("*:*")) if device else ():
        if found := sorted(interface.glob("net/*")):
            driver = Path(os.path.realpath(interface / "driver")).name
            known = f", driver {driver}" if (interface / "driver").exists() else ""
            raise NetworkInterfaceError(
                _words(port, f"the network interface {found[0].name}{known}")
            )


def _usb_device(tty: Path) -> Path | None:
    """Return the USB device above a terminal, None where it hangs on no USB."""
    if not tty.exists():
        return None
    place = Path(os.path.realpath(tty))
    for _ in range(_MAX_LEVELS):
        if (place / "idVendor").exists():
            return place
        place = place.parent
    return None


def _words(port: Path, shown: str) -> str:
    return (
        f"{port}: the modem shows {shown}. A modem with one could join this network to the "
        "Internet, so it is not used. Switch it to its mode with serial ports only, or keep the "
        "driver of the interface from loading; docs/phone.md says how"
    )
