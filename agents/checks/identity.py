"""What the host is: kernel, distribution, machine. Source: uname(2), os-release(5), sysfs dmi."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agents.check import Check, NoData, Observation, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.host import HostSource

UNAME_FILES = {
    "sysname": "ostype",
    "release": "osrelease",
    "version": "version",
    "nodename": "hostname",
    "domainname": "domainname",
}
# Source: node_exporter, collector/os_release.go; the labels of node_os_info.
OS_LABELS = (
    *("build_id", "id", "id_like", "image_id", "image_version", "name", "pretty_name"),
    *("variant", "variant_id", "version", "version_codename", "version_id"),
)
# Source: node_exporter, collector/dmi.go; identifiers of the person's machine are left out.
DMI_LABELS = {
    "bios_date": "bios_date",
    "bios_vendor": "bios_vendor",
    "bios_version": "bios_version",
    "board_name": "board_name",
    "board_vendor": "board_vendor",
    "product_family": "product_family",
    "product_name": "product_name",
    "product_version": "product_version",
    "system_vendor": "sys_vendor",
}
WINDOWS_VERSION = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion"
WINDOWS_NAMES = r"SYSTEM\CurrentControlSet\Services\Tcpip\Parameters"
WINDOWS_BIOS = r"HARDWARE\DESCRIPTION\System\BIOS"
WINDOWS_ENVIRONMENT = r"SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
FIRST_BUILD_OF_WINDOWS_11 = 22000

Identity = dict[str, dict[str, str]]  # labels by metric


def parse_os_release(text: str) -> dict[str, str]:
    """Return the labels of node_os_info; what the file does not say is empty."""
    found = {}
    for line in text.splitlines():
        key, equals, value = line.strip().partition("=")
        if equals and not key.startswith("#"):
            found[key.lower()] = value.strip("\"'")
    return {name: found.get(name, "") for name in OS_LABELS}


def read(host: HostSource) -> Identity:
    """Read the labels by metric; what the host does not say is no metric."""
    if not host.is_linux:
        return _read_windows(host)
    uname = {
        label: host.proc_text(f"sys/kernel/{name}").strip() for label, name in UNAME_FILES.items()
    }
    found = {"node_uname_info": uname | {"machine": os.uname().machine}}
    for name in ("etc/os-release", "usr/lib/os-release"):
        try:
            text = host.root_text(name)
        except SourceError:
            continue
        found["node_os_info"] = parse_os_release(text)
        break
    dmi = {label: host.sys_text(f"class/dmi/id/{name}") for label, name in DMI_LABELS.items()}
    if known := {label: value for label, value in dmi.items() if value is not None}:
        found["node_dmi_info"] = known
    return found


def _read_windows(host: HostSource) -> Identity:
    """Read the registry; the product's name says 10 on Windows 11, the build tells them apart."""

    def text(key: str, name: str) -> str:
        return str(host.windows.value(key, name) or "")

    build = text(WINDOWS_VERSION, "CurrentBuildNumber")
    if not build:
        raise NoData("the registry has no build number")
    version = f"10.0.{build}.{text(WINDOWS_VERSION, 'UBR') or '0'}"
    name = text(WINDOWS_VERSION, "ProductName")
    if int(build) >= FIRST_BUILD_OF_WINDOWS_11:
        name = name.replace("Windows 10", "Windows 11")
    uname = {
        "sysname": "Windows",
        "release": text(WINDOWS_VERSION, "DisplayVersion"),
        "version": version,
        "machine": text(WINDOWS_ENVIRONMENT, "PROCESSOR_ARCHITECTURE"),
        "nodename": text(WINDOWS_NAMES, "Hostname"),
        "domainname": text(WINDOWS_NAMES, "Domain"),
    }
    system = dict.fromkeys(OS_LABELS, "") | {
        "id": "windows",
        "build_id": build,
        "name": "Windows",
        "pretty_name": name,
        "variant": text(WINDOWS_VERSION, "InstallationType"),
        "version": version,
        "version_id": version,
    }
    machine = {
        "bios_vendor": text(WINDOWS_BIOS, "BIOSVendor"),
        "bios_version": text(WINDOWS_BIOS, "BIOSVersion"),
        "product_name": text(WINDOWS_BIOS, "SystemProductName"),
        "system_vendor": text(WINDOWS_BIOS, "SystemManufacturer"),
    }
    return {"node_uname_info": uname, "node_os_info": system, "node_dmi_info": machine}


def evaluate(now: Identity, before: Identity | None) -> Iterator[Observation]:  # noqa: ARG001
    """Yield the facts as labels of series with value 1."""
    for name, labels in now.items():
        yield Observation(name, labels, 1)


CHECK = Check(
    "identity", every_seconds=60, limit_seconds=5, read=read, evaluate=evaluate, most_series=3
)
