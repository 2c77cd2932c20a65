"""The calls that only Windows answers: on another system, and with the modules it has there."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, Self

import pytest

from agents.check import NoData
from agents.windows import (
    SERVICES_KEY,
    WindowsService,
    is_shutting_down,
    registry_has_key,
    registry_subkeys,
    registry_value,
    services,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.skipif(sys.platform == "win32", reason="this host has a registry")
def test_windows_calls_have_no_data_on_another_system() -> None:
    """A check that asks them has nothing to report, and does not fail."""
    for ask in (
        lambda: registry_value("k", "n"),
        lambda: registry_has_key("k"),
        lambda: registry_subkeys("k"),
        services,
    ):
        with pytest.raises(NoData):
            ask()


@pytest.mark.skipif(sys.platform == "win32", reason="this host may go down at any time")
def test_another_system_is_never_windows_going_down() -> None:
    """The question is answered, not an error."""
    assert is_shutting_down() is False


class Key:
    """An open key: its values by name."""

    def __init__(self, values: dict[str, Any], subkeys: list[str]) -> None:
        self.values, self.subkeys = values, subkeys

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def Close(self) -> None: ...  # noqa: N802  # the name is winreg's


class Registry(ModuleType):
    """The module `winreg`, as far as the agent uses it."""

    HKEY_LOCAL_MACHINE, KEY_READ, KEY_WOW64_64KEY = object(), 0x20019, 0x0100

    def __init__(self, keys: dict[str, dict[str, Any]]) -> None:
        super().__init__("winreg")
        self.keys = keys

    def OpenKey(self, root: object, key: str, _: int, access: int) -> Key:  # noqa: N802
        assert access == self.KEY_READ | self.KEY_WOW64_64KEY
        if key not in self.keys:
            raise FileNotFoundError(2, "not found")
        subkeys = [k.removeprefix(f"{key}\\") for k in self.keys if k.startswith(f"{key}\\")]
        return Key(self.keys[key], [name for name in subkeys if "\\" not in name])

    def QueryValueEx(self, key: Key, name: str) -> tuple[Any, int]:  # noqa: N802
        if name not in key.values:
            raise FileNotFoundError(2, "not found")
        return key.values[name], 1

    def QueryInfoKey(self, key: Key) -> tuple[int, int, int]:  # noqa: N802
        return len(key.subkeys), len(key.values), 0

    def EnumKey(self, key: Key, index: int) -> str:  # noqa: N802
        return key.subkeys[index]


@contextmanager
def modules(**replaced: Any) -> Iterator[None]:
    """Put modules in the place of those of this system."""
    before = {name: sys.modules.get(name) for name in replaced}
    sys.modules.update(replaced)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def test_windows_registry_gives_texts_numbers_and_lists() -> None:
    """What is not there is None, no key is no names; bytes are nobody's value."""
    keys = {"k": {"t": "x", "n": 0, "l": ["a"], "b": b"\0"}, r"k\one": {}, r"k\one\two": {}}
    with modules(winreg=Registry(keys)):
        assert [registry_value("k", name) for name in "tnlb?"] == ["x", 0, ["a"], None, None]
        assert registry_value("gone", "t") is None
        assert (registry_has_key("k"), registry_has_key("gone")) == (True, False)
        assert (registry_subkeys("k"), registry_subkeys("gone")) == (["one"], [])


class Service:
    """One service as psutil shows it; `trouble` is raised when it is asked."""

    def __init__(self, name: str, start: str, state: str, trouble: Exception | None = None) -> None:
        self._name, self._start, self._state, self._trouble = name, start, state, trouble

    def name(self) -> str:
        return self._name

    def start_type(self) -> str:
        if self._trouble:
            raise self._trouble
        return self._start

    def status(self) -> str:
        return self._state


def test_windows_services_are_the_hosts_with_what_starts_them() -> None:
    """Triggers are in the registry; a service of a person's session is left out, as is one that
    nobody may look at or that went away meanwhile.
    """
    psutil = SimpleNamespace(
        Error=LookupError,
        win_service_iter=lambda: [
            Service("Spooler", "automatic", "running"),
            Service("RemoteRegistry", "automatic", "stopped"),
            Service("CDPUserSvc_3fa21", "automatic", "stopped"),
            Service("Secret", "automatic", "running", LookupError()),
            Service("Gone", "automatic", "running", OSError(1060, "does not exist")),
        ],
    )
    registry = Registry(
        {
            rf"{SERVICES_KEY}\Spooler": {"Type": 0x110},
            rf"{SERVICES_KEY}\RemoteRegistry": {"Type": 0x20},
            rf"{SERVICES_KEY}\RemoteRegistry\TriggerInfo": {},
            rf"{SERVICES_KEY}\CDPUserSvc_3fa21": {"Type": 0xE0},
        }
    )
    with modules(winreg=registry, psutil=psutil):
        assert services() == [
            WindowsService("Spooler", "automatic", "running", is_triggered=False),
            WindowsService("RemoteRegistry", "automatic", "stopped", is_triggered=True),
        ]
