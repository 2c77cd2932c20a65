"""What an agent probes with: its own credentials, and its own clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agents.probe_checks import clock_error_seconds, evaluate, probe_checks, read_credentials
from agents.probes.reach import Asked
from agents.settings import SettingsError, load

if TYPE_CHECKING:
    from pathlib import Path


def file_of(directory: Path, text: str, mode: int = 0o600) -> Path:
    file = directory / "credentials.toml"
    file.write_text(text)
    file.chmod(mode)
    return file


def test_credentials_are_read_by_name(tmp_path: Path) -> None:
    """A colon in the password stays in it."""
    file = file_of(tmp_path, 'kpi = "reader:a:b"\n')
    assert read_credentials(file) == {"kpi": "reader:a:b"}


@pytest.mark.parametrize(
    ("text", "mode", "message"),
    [
        ('kpi = "reader:s3cret"', 0o640, "can be read by others: chmod 600"),
        ("kpi: reader:s3cret", 0o600, "is not of lines such as"),
        ('kpi = "s3cret"', 0o600, 'kpi is not "user:password"'),
        ("kpi = 5", 0o600, 'kpi is not "user:password"'),
    ],
)
def test_credentials_that_are_wrong_are_not_repeated(
    tmp_path: Path, text: str, mode: int, message: str
) -> None:
    """The message names the file and what is allowed, and nothing that stands in it."""
    with pytest.raises(SettingsError) as caught:
        read_credentials(file_of(tmp_path, text, mode))
    assert message in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With its name."""
    with pytest.raises(SettingsError, match=r"read .*none.toml: No such file"):
        read_credentials(tmp_path / "none.toml")


def test_only_what_the_settings_say_runs_beside_the_checks() -> None:
    """A reflector alone asks nobody."""
    for more, names in (
        ({"probe_networks": ["10.0.0.0/8"]}, {"reach"}),
        ({"stamp_listen": "127.0.0.1:862"}, {"reach", "stamp_reflector"}),
    ):
        settings = load(None, {}, {"data": "/d", **more})
        asked = Asked(settings.probe_networks)
        assert set(probe_checks(settings, asked, lambda: 0.0, lambda: 0.0)) == names


def test_the_clocks_error_is_a_number_or_not_known() -> None:
    """Whatever this machine has."""
    found = clock_error_seconds()
    assert found is None or found >= 0
    assert list(evaluate([], None)) == []
