"""A Windows 11 host as recorded values: psutil in the shapes it has there, registry, services.

No such machine was at hand. Shapes and words are those of psutil's own sources for Windows
(`_ntuples.py`, `_pswindows.py`), keys and values those of Microsoft's documentation.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import NamedTuple

from agents.windows import RegistryValue, Windows, WindowsService

AF_LINK, AF_INET = -1, 2
BOOTED_AT = 1_699_990_000.0
GIB = 1 << 30


class CpuTimes(NamedTuple):
    """`system` holds interrupt and dpc as well."""

    user: float
    system: float
    idle: float
    interrupt: float
    dpc: float


class CpuStats(NamedTuple):
    ctx_switches: int
    interrupts: int
    soft_interrupts: int
    syscalls: int


class Memory(NamedTuple):
    total: int
    available: int
    percent: float
    used: int
    free: int


class Swap(NamedTuple):
    total: int
    used: int
    free: int
    percent: float
    sin: int
    sout: int


class Partition(NamedTuple):
    device: str
    mountpoint: str
    fstype: str
    opts: str


class Usage(NamedTuple):
    total: int
    used: int
    free: int
    percent: float


class DiskIo(NamedTuple):
    read_count: int
    write_count: int
    read_bytes: int
    write_bytes: int
    read_time: int
    write_time: int


class NetIo(NamedTuple):
    bytes_sent: int
    bytes_recv: int
    packets_sent: int
    packets_recv: int
    errin: int
    errout: int
    dropin: int
    dropout: int


class NicStats(NamedTuple):
    isup: bool
    duplex: int
    speed: int
    mtu: int
    flags: str


class NicAddress(NamedTuple):
    family: int
    address: str
    netmask: str | None
    broadcast: str | None
    ptp: str | None


class Battery(NamedTuple):
    percent: int
    secsleft: int
    power_plugged: bool


PSUTIL = SimpleNamespace(
    AF_LINK=AF_LINK,
    boot_time=lambda: BOOTED_AT,
    cpu_times=lambda percpu: [
        CpuTimes(5210.5, 3100.25, 90000.0, 40.5, 60.75),
        CpuTimes(5010.0, 2900.0, 90400.0, 10.0, 20.0),
    ],
    cpu_stats=lambda: CpuStats(901_234_567, 555_000_111, 0, 2_000_000_000),
    pids=lambda: [0, 4, 96, 512, 7310],
    virtual_memory=lambda: Memory(8 * GIB, 3 * GIB, 62.5, 5 * GIB, 3 * GIB),
    swap_memory=lambda: Swap(2 * GIB, GIB // 2, GIB * 3 // 2, 25.0, 0, 0),
    disk_partitions=lambda **_: [
        Partition("C:\\", "C:\\", "NTFS", "rw,fixed"),
        Partition("D:\\", "D:\\", "NTFS", "ro,compressed,fixed"),
        Partition("E:\\", "E:\\", "", "removable"),
        Partition("F:\\", "F:\\", "UDF", "ro,cdrom"),
        Partition("F:\\", "F:\\", "", "cdrom"),
    ],
    disk_usage=lambda path: Usage(200 * GIB, 150 * GIB, 50 * GIB, 75.0),
    disk_io_counters=lambda perdisk: {
        "PhysicalDrive0": DiskIo(210_000, 180_000, 9_000_000_000, 7_000_000_000, 410, 380),
    },
    net_io_counters=lambda pernic: {
        "Ethernet": NetIo(1_000_000, 9_000_000, 8_000, 9_500, 0, 0, 3, 0),
        "Loopback Pseudo-Interface 1": NetIo(0, 0, 0, 0, 0, 0, 0, 0),
        "Local Area Connection* 1": NetIo(0, 0, 0, 0, 0, 0, 0, 0),
    },
    net_if_stats=lambda: {
        "Ethernet": NicStats(True, 2, 1000, 1500, ""),
        "Loopback Pseudo-Interface 1": NicStats(True, 2, 1073, 1500, ""),
    },
    net_if_addrs=lambda: {
        "Ethernet": [
            NicAddress(AF_LINK, "00-15-5D-01-02-03", None, None, None),
            NicAddress(AF_INET, "10.1.2.3", "255.255.255.0", None, None),
        ],
    },
    sensors_battery=lambda: Battery(81, 7200, False),
)

CURRENT = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion"
VERSION = r"SOFTWARE\Microsoft\Windows\CurrentVersion"
PACKAGES = rf"{VERSION}\Component Based Servicing\Packages"
NEWEST = rf"{PACKAGES}\Package_for_RollupFix~31bf3856ad364e35~amd64~~22621.2715.1.6"
SUPERSEDED = rf"{PACKAGES}\Package_for_RollupFix~31bf3856ad364e35~amd64~~22621.2506.1.8"
OTHER = rf"{PACKAGES}\Microsoft-Windows-Client-Features-Package~31bf3856ad364e35~amd64~~1"
# 2023-11-10 02:13:20 UTC as FILETIME
HIGH, LOW = divmod((1_699_582_400 + 11_644_473_600) * 10_000_000, 1 << 32)

REGISTRY: dict[tuple[str, str], RegistryValue] = {
    (CURRENT, "CurrentBuildNumber"): "22631",
    (CURRENT, "UBR"): 4460,
    (CURRENT, "ProductName"): "Windows 10 Pro",
    (CURRENT, "DisplayVersion"): "23H2",
    (CURRENT, "InstallationType"): "Client",
    (r"SYSTEM\CurrentControlSet\Services\Tcpip\Parameters", "Hostname"): "PC-01",
    (r"SYSTEM\CurrentControlSet\Control\ComputerName\ActiveComputerName", "ComputerName"): "PC-01",
    (r"SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName", "ComputerName"): "PC-01",
    (NEWEST, "CurrentState"): 0x70,
    (NEWEST, "InstallTimeHigh"): HIGH,
    (NEWEST, "InstallTimeLow"): LOW,
    (SUPERSEDED, "CurrentState"): 0x50,
    (SUPERSEDED, "InstallTimeHigh"): HIGH,
    (SUPERSEDED, "InstallTimeLow"): LOW,
}
KEYS = {rf"{VERSION}\WindowsUpdate\Auto Update\RebootRequired", NEWEST, SUPERSEDED, OTHER}
SERVICES = [
    WindowsService("EventLog", "automatic", "running"),
    WindowsService("Spooler", "automatic", "stopped"),
    WindowsService("RemoteRegistry", "automatic", "stopped", is_triggered=True),
    WindowsService("W32Time", "automatic", "paused"),
    WindowsService("Fax", "manual", "stopped"),
    WindowsService("sshd", "manual", "running"),
]


def recorded(
    values: dict[tuple[str, str], RegistryValue] = REGISTRY,
    keys: set[str] = KEYS,
    services: list[WindowsService] = SERVICES,
    psutil: SimpleNamespace = PSUTIL,
) -> Windows:
    """Return the recorded host, with what a test wants different."""
    return Windows(
        value=lambda key, name: values.get((key, name)),
        has_key=lambda key: key in keys,
        subkeys=lambda key: [k.rpartition("\\")[2] for k in keys if k.rpartition("\\")[0] == key],
        services=lambda: services,
        psutil=lambda: psutil,
        is_shutting_down=lambda: False,
    )
