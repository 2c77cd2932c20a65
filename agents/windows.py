"""What only Windows says: the registry and its services; tests put recorded values in its place."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from agents.check import NoData

if TYPE_CHECKING:
    from collections.abc import Callable


class WindowsService(NamedTuple):
    """One service: `start` is automatic, manual or disabled; `state` is psutil's word."""

    name: str
    start: str
    state: str


@dataclass(frozen=True, slots=True)
class Windows:
    """The calls that a check may make; all keys are under HKEY_LOCAL_MACHINE.

    Attributes:
        value: A registry value by key and name; None where there is none.
        has_key: Whether a registry key exists.
        services: All services; what the agent may not look at is left out.
    """

    value: Callable[[str, str], str | int | None]
    has_key: Callable[[str], bool]
    services: Callable[[], list[WindowsService]]


def _winreg() -> Any:
    try:
        return import_module("winreg")
    except ImportError as error:
        raise NoData("no registry on this system") from error


def registry_value(key: str, name: str) -> str | int | None:
    """Return a value of the registry; None where there is none.

    Raises:
        NoData: This system has no registry.
    """
    winreg = _winreg()
    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key) as opened:
            found = winreg.QueryValueEx(opened, name)[0]
    except FileNotFoundError:
        return None
    return found if isinstance(found, str | int) else None


def registry_has_key(key: str) -> bool:
    """Say whether a key exists.

    Raises:
        NoData: This system has no registry.
    """
    winreg = _winreg()
    try:
        winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key).Close()
    except FileNotFoundError:
        return False
    return True


def services() -> list[WindowsService]:
    """Return the services.

    Raises:
        NoData: This system has none of that kind.
    """
    import psutil  # 2 MiB that Linux hosts do not need

    every: Any = getattr(psutil, "win_service_iter", None)
    if every is None:
        raise NoData("no Windows services on this system")
    found = []
    for service in every():
        try:
            found.append(WindowsService(service.name(), service.start_type(), service.status()))
        except (psutil.Error, OSError):
            continue  # removed meanwhile, or its description is protected
    return found


THIS_HOST = Windows(registry_value, registry_has_key, services)
