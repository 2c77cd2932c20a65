"""One broken family stops no other: neither its file nor what is in it."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

from agents.snmp.detect import Detected, confirmed, identity_of, likely, still_stands
from agents.snmp.family import Asked, Family, Identity
from agents.snmp.scan import known_families, scan

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

GOOD = """
from agents.snmp.family import Asked, Family
FAMILY = Family({name!r}, lambda _: True, lambda _: Asked(), lambda _: iter(()), (), 1)
"""
HERE = Identity("Router", "1.3.6.1.4.1.9.1.1", 500, "gate")


def family(name: str, *, leaf: str = "", breaks: bool = False) -> Family:
    def is_likely(identity: Identity) -> bool:
        if breaks:
            raise KeyError(identity.name)
        return identity.description == "Router"

    return Family(name, is_likely, lambda _: Asked(), lambda _: iter(()), (), 1, leaf)


def test_files_that_give_no_family_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be imported, what has none, and a second one of a name."""
    for file, text in {
        "a": GOOD.format(name="one"),
        "b": "raise OSError('no such table')",
        "c": "FAMILY = 5",
        "d": GOOD.format(name="one"),
        "e": GOOD.format(name="two"),
    }.items():
        (tmp_path / f"{file}.py").write_text(text)
    package = ModuleType("families_of_a_test")
    package.__path__ = [str(tmp_path)]
    monkeypatch.setitem(sys.modules, "families_of_a_test", package)
    found, failures = scan(package)
    assert sorted(found) == ["one", "two"]
    assert failures == {
        "b": "OSError: no such table",
        "c": "no FAMILY in it",
        "d": "a second family named 'one'",
    }


def test_the_shipped_families_all_load() -> None:
    """Each file gives one."""
    _, failures = scan()
    assert failures == {}
    assert "system" in known_families()


def test_an_identity_comes_from_four_leaves() -> None:
    """Whatever of them there is."""
    system = "1.3.6.1.2.1.1"
    values = {f"{system}.1.0": b"Router\r\n", f"{system}.2.0": "1.3.6", f"{system}.3.0": 7}
    assert identity_of(values) == Identity("Router", "1.3.6", 7, "")
    assert identity_of({}) == Identity("", "", None, "")


def test_a_family_that_cannot_say_is_none() -> None:
    """The others are, those with a leaf where the device has it."""
    known = [
        family("a"),
        family("b", breaks=True),
        family("c", leaf="1.5"),
        family("d", leaf="1.6"),
    ]
    found = likely(HERE, known)
    assert [one.name for one in found] == ["a", "c", "d"]
    assert [one.name for one in confirmed(found, {"1.5": 0})] == ["a", "c"]


def test_what_was_found_stands_for_the_same_device_for_an_hour() -> None:
    """Not for another one, nor after a start, which may bring a module."""
    before = Detected(HERE, ("a",), 100.0)
    assert still_stands(before, HERE._replace(uptime_ticks=900), 160.0)
    assert not still_stands(before, HERE, 100.0 + 3_600)
    assert not still_stands(before, HERE._replace(uptime_ticks=3), 160.0)
    assert not still_stands(before, HERE._replace(description="Switch"), 160.0)
    assert not still_stands(before, HERE._replace(object_id="1.3.6.1.4.1.9.1.2"), 160.0)
