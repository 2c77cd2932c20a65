"""Updates: a reboot that is due, ages, and counts that somebody else made."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agents.check import NoData
from agents.checks.updates import Updates, evaluate, newer_kernel, parse_pending, read
from tests.fake_host import NOW, fake_host

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("running", "installed", "expected"),
    [
        ("6.1.0-9-amd64", ["6.1.0-9-amd64", "6.1.0-10-amd64"], "6.1.0-10-amd64"),
        ("6.1.0-10-amd64", ["6.1.0-9-amd64", "6.1.0-10-amd64"], None),
        ("5.15.0-90-generic", ["6.8.0-1-lowlatency"], None),
        ("5.14.0-70.el9.x86_64", ["5.14.0-427.el9.x86_64"], "5.14.0-427.el9.x86_64"),
        ("5.14.0-427.el9.x86_64", ["0-rescue-9f", "5.14.0-427.el9.x86_64"], None),
        ("6.1.0-9-amd64", [], None),
    ],
)
def test_updates_compare_kernels_as_numbers_within_a_flavour(
    running: str, installed: list[str], expected: str | None
) -> None:
    """9 is before 10; another flavour or a rescue image is no newer kernel."""
    assert newer_kernel(running, installed) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7 packages can be updated.\n3 updates are security updates.\n", (7, 3)),
        (
            "1 packages can be updated.\n1 of these updates is a standard security update.",
            (1, 1),
        ),
        ("0 updates can be applied immediately.\n", (0, 0)),
        ("2 additional security updates can be applied with ESM Apps.\n", (None, None)),
        ("", (None, None)),
    ],
)
def test_updates_read_both_generations_of_the_notifiers_words(
    text: str, expected: tuple[int | None, int | None]
) -> None:
    """What cannot be read is unknown, never 0."""
    assert parse_pending(text) == expected


def test_updates_report_the_fixture_host() -> None:
    """A newer kernel of the same flavour is installed; the counts are the notifier's."""
    found = {o.name: o.value for o in evaluate(read(fake_host()), None)}

    assert found["wanwatch_reboot_required"] == 1
    assert found["wanwatch_updates_pending_packages"] == 12
    assert found["wanwatch_updates_pending_security_packages"] == 5


def test_updates_have_the_age_of_lists_and_packages(tmp_path: Path) -> None:
    """The newest of the files that a refresh or an installation touches."""
    (tmp_path / "proc/sys/kernel").mkdir(parents=True)
    (tmp_path / "proc/sys/kernel/osrelease").write_text("6.1.0-9-amd64\n")
    for name, age in (("var/lib/apt/lists", 3600), ("var/lib/dpkg/status", 86400)):
        (tmp_path / name).mkdir(parents=True)
        os.utime(tmp_path / name, (NOW - age, NOW - age))

    found = read(fake_host(root=tmp_path))

    assert found.ages_seconds == {"lists": 3600, "packages": 86400}
    assert found.reboot_required is False
    assert found.pending is None

    (tmp_path / "run").mkdir()
    (tmp_path / "run/reboot-required").touch()
    assert read(fake_host(root=tmp_path)).reboot_required is True


def test_updates_have_no_data_without_a_package_system(tmp_path: Path) -> None:
    """Nothing to read is not a host without updates."""
    with pytest.raises(NoData):
        read(fake_host(root=tmp_path))


def test_updates_report_the_signs_and_end_each_with_a_zero() -> None:
    """Which sign it was can be read; one that is gone is told once."""
    before = read(fake_host())
    now = replace(before, reboot_required=False, signs=frozenset())

    def signs(now: Updates, before: Updates | None) -> dict[str, float]:
        found = evaluate(now, before)
        return {o.labels["sign"]: o.value for o in found if "sign" in o.labels}

    assert signs(before, None) == {"kernel": 1}
    assert signs(now, before) == {"kernel": 0}
    assert signs(now, now) == {}


def test_updates_read_the_registry_of_windows() -> None:
    """A restart waits, and the newest cumulative update is 32 hours old."""
    found = read(fake_host(is_linux=False))

    assert found.reboot_required is True
    assert found.signs == {"windows_update"}
    assert found.ages_seconds == {"packages": NOW - 1_699_582_400}
