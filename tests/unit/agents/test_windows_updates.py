"""Updates by the registry of Windows: each sign of a restart, and when something was installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.windows_updates import IS_NO_NEED, MARKS, reboot_signs, updated_at
from tests.recorded_windows import REGISTRY, recorded

if TYPE_CHECKING:
    from agents.windows import RegistryValue

VERSION = r"SOFTWARE\Microsoft\Windows\CurrentVersion"
RESULTS = rf"{VERSION}\WindowsUpdate\Auto Update\Results"
NAMES = r"SYSTEM\CurrentControlSet\Control\ComputerName"
RENAMED = r"SYSTEM\CurrentControlSet\Control\Session Manager"


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: f"{mark.sign} {mark.key[-20:]}")
def test_windows_updates_know_every_sign_of_a_restart(mark: tuple[str, str, str]) -> None:
    """A key that exists or a value that is set; each alone is enough."""
    sign, key, value = mark
    host = recorded({(key, value): 1} if value else {}, set() if value else {key})

    assert reboot_signs(host) == {sign}


@pytest.mark.parametrize(
    ("values", "keys", "expected"),
    [
        ({}, set(), set()),
        ({}, {rf"{VERSION}\WindowsUpdate\Services\Pending"}, set()),
        ({}, {rf"{VERSION}\WindowsUpdate\Services\Pending" + r"\{7971f918}"}, {"windows_update"}),
        ({(RENAMED, "PendingFileRenameOperations"): []}, set(), set()),
        ({(RENAMED, "PendingFileRenameOperations"): ["a", ""]}, set(), {"file_rename"}),
        ({(r"SOFTWARE\Microsoft\Updates", "UpdateExeVolatile"): 0}, set(), set()),
        (
            {
                (rf"{NAMES}\ActiveComputerName", "ComputerName"): "PC-01",
                (rf"{NAMES}\ComputerName", "ComputerName"): "PC-02",
            },
            set(),
            {"computer_name"},
        ),
        ({(rf"{NAMES}\ComputerName", "ComputerName"): "PC-02"}, set(), set()),
    ],
)
def test_windows_updates_take_nothing_else_for_a_sign(
    values: dict[tuple[str, str], RegistryValue], keys: set[str], expected: set[str]
) -> None:
    """An empty list, a zero, a key without what counts in it, one name alone."""
    assert reboot_signs(recorded(values, keys)) == expected


def test_windows_updates_do_not_ask_for_a_restart_for_renamed_files() -> None:
    """Browsers leave them behind every day."""
    assert {"file_rename"} == IS_NO_NEED


def test_windows_updates_have_both_instants_where_windows_writes_them() -> None:
    """Before Windows 10; what is no instant is no age."""
    values: dict[tuple[str, str], RegistryValue] = {
        (rf"{RESULTS}\Detect", "LastSuccessTime"): "2015-03-02 00:00:00",
        (rf"{RESULTS}\Install", "LastSuccessTime"): "2015-03-01 09:15:00",
    }

    assert updated_at(recorded(values, set())) == {
        "lists": 1_425_254_400,
        "packages": 1_425_201_300,
    }
    values[rf"{RESULTS}\Install", "LastSuccessTime"] = "never"
    assert set(updated_at(recorded(values, set()))) == {"lists"}


def test_windows_updates_have_the_newest_cumulative_update_on_current_windows() -> None:
    """One that was superseded, or is still to be installed, does not count."""
    assert updated_at(recorded()) == {"packages": 1_699_582_400}
    nothing = {key: value for key, value in REGISTRY.items() if value != 0x70}
    assert updated_at(recorded(nothing)) == {}
