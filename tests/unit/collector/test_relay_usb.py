"""A modem with a network interface is not used: it would join the closed network to another."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.relay.usb import NetworkInterfaceError, check

BUS = "devices/pci0000:00/0000:00:14.0/usb1"


def usb_modem(sysfs: Path, *, serial: str, network: dict[str, tuple[str, str]]) -> Path:
    """Make the part of /sys that a USB modem shows; `network`: interface → (name, driver)."""
    device = sysfs / BUS / "1-2"
    device.mkdir(parents=True)
    (device / "idVendor").write_text("2c7c\n")
    place = device / "1-2:1.0"
    tty = place / serial if serial.startswith("ttyUSB") else place / "tty" / serial
    tty.mkdir(parents=True)
    named = sysfs / "class/tty" / serial
    named.mkdir(parents=True)
    (named / "device").symlink_to(tty if serial.startswith("ttyUSB") else place)
    for interface, (name, driver) in network.items():
        (device / interface / "net" / name).mkdir(parents=True)
        (sysfs / "bus/usb/drivers" / driver).mkdir(parents=True, exist_ok=True)
        (device / interface / "driver").symlink_to(sysfs / "bus/usb/drivers" / driver)
    return Path("/dev") / serial


@pytest.mark.parametrize("serial", ["ttyUSB2", "ttyACM0"])
@pytest.mark.parametrize("driver", ["cdc_ether", "rndis_host", "qmi_wwan", "cdc_mbim"])
def test_modem_that_shows_a_network_interface_is_refused(
    tmp_path: Path, serial: str, driver: str
) -> None:
    """With the interface, its driver, and where to read what to do."""
    port = usb_modem(tmp_path, serial=serial, network={"1-2:1.4": ("wwan0", driver)})
    with pytest.raises(NetworkInterfaceError) as caught:
        check(port, tmp_path)

    for word in ("wwan0", driver, str(port), "docs/phone.md"):
        assert word in str(caught.value)


@pytest.mark.parametrize("serial", ["ttyUSB2", "ttyACM0"])
def test_modem_with_serial_ports_alone_is_used(tmp_path: Path, serial: str) -> None:
    """Whatever else hangs on the same hub."""
    port = usb_modem(tmp_path, serial=serial, network={})
    (tmp_path / BUS / "1-3/1-3:1.0/net/enx0").mkdir(parents=True)

    check(port, tmp_path)


def test_port_that_hangs_on_no_usb_is_used(tmp_path: Path) -> None:
    """A modem on a real serial port has no network interface."""
    (tmp_path / "class/tty/ttyS0").mkdir(parents=True)
    (tmp_path / "devices/pnp0/00:05").mkdir(parents=True)
    (tmp_path / "class/tty/ttyS0/device").symlink_to(tmp_path / "devices/pnp0/00:05")

    check(Path("/dev/ttyS0"), tmp_path)
    check(Path("/dev/ttyS9"), tmp_path)


def test_link_to_a_port_is_followed(tmp_path: Path) -> None:
    """The stable names of /dev/serial/by-id lead to the port itself."""
    port = usb_modem(tmp_path, serial="ttyUSB2", network={"1-2:1.4": ("usb0", "cdc_ether")})
    link = tmp_path / "by-id"
    link.symlink_to(port)

    with pytest.raises(NetworkInterfaceError, match="usb0"):
        check(link, tmp_path)


def test_port_of_a_broadband_device_is_refused(tmp_path: Path) -> None:
    """What the kernel lists under wwan is a network device by its nature."""
    (tmp_path / "class/wwan/wwan0at0").mkdir(parents=True)
    with pytest.raises(NetworkInterfaceError, match="wwan"):
        check(Path("/dev/wwan0at0"), tmp_path)
