"""What only Windows says: registry, services, psutil's view; tests put recorded values here."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from agents.check import NoData

if TYPE_CHECKING:
    from collections.abc import Callable

RegistryValue = str | int | list[str]

SERVICES_KEY = r"SYSTEM\CurrentControlSet\Services"
# Source: Microsoft, "Per-user services in Windows": the bit of `Type` that marks one.
USER_SERVICE = 0x40
SHUTTING_DOWN = 0x2000


class WindowsService(NamedTuple):
    """One service of the host.

    Attributes:
        start: automatic, manual or disabled.
        state: psutil's word: running, stopped, start_pending, …
        is_triggered: Something else than the boot starts it (a device, an address, a domain), so
            it may be at rest.
    """

    name: str
    start: str
    state: str
    is_triggered: bool = False


@dataclass(frozen=True, slots=True)
class Windows:
    """The calls that a check may make; all keys are under HKEY_LOCAL_MACHINE.

    Attributes:
        value: A registry value by key and name; None where there is none.
        has_key: Whether a registry key exists.
        subkeys: The names of the keys in a registry key; none where it does not exist.
        services: The host's services; what the agent may not look at is left out.
        psutil: The module psutil, which every system but Linux is read with.
        is_shutting_down: Whether the machine is going down.
    """

    value: Callable[[str, str], RegistryValue | None]
    has_key: Callable[[str], bool]
    subkeys: Callable[[str], list[str]]
    services: Callable[[], list[WindowsService]]
    psutil: Callable[[], Any]
    is_shutting_down: Callable[[], bool]


def _open(key: str) -> Any:
    """Open a key of the 64-bit registry, whatever the interpreter's own bits are.

    Raises:
        FileNotFoundError: It does not exist.
        NoData: This system has no registry.
    """
    try:
        winreg: Any = import_module("winreg")
    except ImportError as error:
        raise NoData("no registry on this system") from error
    access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
    return winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key, 0, access)


def registry_value(key: str, name: str) -> RegistryValue | None:
    """Return a text, a number or a list of texts of the registry; None where there is none.

    Raises:
        NoData: This system has no registry.
    """
    try:
        with _open(key) as opened:
            found = import_module("winreg").QueryValueEx(opened, name)[0]
    except FileNotFoundError:
        return None
    return found if isinstance(found, str | int | list) else None


def registry_has_key(key: str) -> bool:
    """Say whether a key exists.

    Raises:
        NoData: This system has no registry.
    """
    try:
        _open(key).Close()
    except FileNotFoundError:
        return False
    return True


def registry_subkeys(key: str) -> list[str]:
    """Return the names of the keys in a key; none where it does not exist.

    Raises:
        NoData: This system has no registry.
    """
    try:
        with _open(key) as opened:
            winreg: Any = import_module("winreg")
            count = winreg.QueryInfoKey(opened)[0]
            return [winreg.EnumKey(opened, index) for index in range(count)]
    except FileNotFoundError:
        return []


def psutil() -> Any:
    """Return psutil: 2 MiB that Linux hosts do not need."""
    return import_module("psutil")


def services() -> list[WindowsService]:
    """Return the services of the host; those of a person's session are not the host's.

    Raises:
        NoData: This system has none of that kind.
    """
    module = psutil()
    every = getattr(module, "win_service_iter", None)
    if every is None:
        raise NoData("no Windows services on this system")
    found = []
    for service in every():
        try:
            name, start = service.name(), service.start_type()
            if not _is_of_a_session(name):
                found.append(WindowsService(name, start, service.status(), _is_triggered(name)))
        except (module.Error, OSError):
            continue  # removed meanwhile, or its description is protected
    return found


def _is_of_a_session(name: str) -> bool:
    kind = registry_value(rf"{SERVICES_KEY}\{name}", "Type")
    return isinstance(kind, int) and bool(kind & USER_SERVICE)


def _is_triggered(name: str) -> bool:
    """Source: Microsoft, SERVICE_TRIGGER_INFO: the service manager keeps triggers in this key."""
    return registry_has_key(rf"{SERVICES_KEY}\{name}\TriggerInfo")


def is_shutting_down() -> bool:
    """Say whether Windows is going down; elsewhere it never is.

    Source: Microsoft, GetSystemMetrics, SM_SHUTTINGDOWN.
    """
    import ctypes

    user32 = getattr(getattr(ctypes, "windll", None), "user32", None)
    return user32 is not None and bool(user32.GetSystemMetrics(SHUTTING_DOWN))


THIS_HOST = Windows(
    registry_value, registry_has_key, registry_subkeys, services, psutil, is_shutting_down
)
