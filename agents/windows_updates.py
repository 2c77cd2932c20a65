"""What the registry of Windows says about updates: is a restart due, when was one installed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.windows import Windows

SERVICING = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing"
WINDOWS_UPDATE = r"SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate"
AUTO_UPDATE = rf"{WINDOWS_UPDATE}\Auto Update"
SESSION_MANAGER = r"SYSTEM\CurrentControlSet\Control\Session Manager"
NETLOGON = r"SYSTEM\CurrentControlSet\Services\Netlogon"
COMPUTER_NAME = r"SYSTEM\CurrentControlSet\Control\ComputerName"


class Mark(NamedTuple):
    """A key whose existence, or with `value` a value in it, says that a restart waits."""

    sign: str
    key: str
    value: str = ""


# Source: Microsoft's and administrators' lists of what a restart clears (servicing, Windows Update,
# hotfix installer, server roles, feature media, domain join, renamed files).
MARKS = (
    Mark("servicing", rf"{SERVICING}\RebootPending"),
    Mark("servicing", rf"{SERVICING}\RebootInProgress"),
    Mark("servicing", rf"{SERVICING}\PackagesPending"),
    Mark("windows_update", rf"{AUTO_UPDATE}\RebootRequired"),
    Mark("windows_update", rf"{AUTO_UPDATE}\PostRebootReporting"),
    Mark("hotfix", r"SOFTWARE\Microsoft\Updates", "UpdateExeVolatile"),
    Mark("server_roles", r"SOFTWARE\Microsoft\ServerManager\CurrentRebootAttempts"),
    Mark("feature", r"SOFTWARE\Microsoft\Windows\CurrentVersion\RunOnce", "DVDRebootSignal"),
    Mark("domain_join", NETLOGON, "JoinDomain"),
    Mark("domain_join", NETLOGON, "AvoidSpnSet"),
    Mark("file_rename", SESSION_MANAGER, "PendingFileRenameOperations"),
    Mark("file_rename", SESSION_MANAGER, "PendingFileRenameOperations2"),
)
# Programs that update themselves leave such files behind every day: a sign, but no need.
IS_NO_NEED = frozenset({"file_rename"})

# Source: Windows Update Agent before Windows 10: UTC, `2015-03-01 09:15:00`.
LAST_SUCCESS = {
    "lists": rf"{AUTO_UPDATE}\Results\Detect",
    "packages": rf"{AUTO_UPDATE}\Results\Install",
}
PACKAGES = rf"{SERVICING}\Packages"
CUMULATIVE = "Package_for_RollupFix"
INSTALLED = 0x70  # Source: dism /get-packages, state Installed; a superseded one has 0x50
# Source: FILETIME: units of 100 ns since 1601-01-01.
TICKS_PER_SECOND = 10_000_000
UNIX_EPOCH_SECONDS = 11_644_473_600


def reboot_signs(windows: Windows) -> frozenset[str]:
    """Return the names of all signs that a restart waits."""
    signs = {mark.sign for mark in MARKS if _is_there(windows, mark)}
    if windows.subkeys(rf"{WINDOWS_UPDATE}\Services\Pending"):
        signs.add("windows_update")
    active, next_one = (
        windows.value(rf"{COMPUTER_NAME}\{which}", "ComputerName")
        for which in ("ActiveComputerName", "ComputerName")
    )
    if active and next_one and active != next_one:
        signs.add("computer_name")
    return frozenset(signs)


def _is_there(windows: Windows, mark: Mark) -> bool:
    """An empty text, an empty list and 0 are no sign: that is how some are taken back."""
    if not mark.value:
        return windows.has_key(mark.key)
    return bool(windows.value(mark.key, mark.value))


def updated_at(windows: Windows) -> dict[str, float]:
    """Return when updates were last looked for (`lists`) and installed (`packages`), Unix seconds.

    Windows 10 and later no longer write the two instants of Windows Update; there the newest
    cumulative update that is installed tells the second, and nothing reliable the first.
    """
    found = {}
    for kind, key in LAST_SUCCESS.items():
        at = _instant(windows.value(key, "LastSuccessTime"))
        if at is not None:
            found[kind] = at
    installed = max(_cumulative_updates(windows), default=None)
    if installed is not None:
        found["packages"] = max(installed, found.get("packages", installed))
    return found


def _instant(text: object) -> float | None:
    try:
        return datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _cumulative_updates(windows: Windows) -> Iterator[float]:
    for name in windows.subkeys(PACKAGES):
        if not name.startswith(CUMULATIVE):
            continue
        key = rf"{PACKAGES}\{name}"
        if windows.value(key, "CurrentState") != INSTALLED:
            continue
        high, low = windows.value(key, "InstallTimeHigh"), windows.value(key, "InstallTimeLow")
        if isinstance(high, int) and isinstance(low, int):
            yield ((high << 32) + low) / TICKS_PER_SECOND - UNIX_EPOCH_SECONDS
