"""The file of what an agent shows devices and services."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agents.credentials_file import read_credentials
from agents.settings import SettingsError
from agents.snmp.credential import Community
from tests.probe_means import MEANS

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
    found = read_credentials(file)
    assert found.passwords == {"kpi": "reader:a:b"}
    assert found.snmp == {}


def test_devices_asked_by_snmp_have_tables(tmp_path: Path) -> None:
    """Beside the lines; nothing of either shows."""
    text = 'kpi = "reader:s3cret"\n[poly]\nversion = "2c"\ncommunity = "s3cret"\n'
    found = read_credentials(file_of(tmp_path, text))
    assert found.passwords == {"kpi": "reader:s3cret"}
    assert found.snmp == {"poly": Community("2c", "s3cret")}
    means = replace(MEANS, credentials=found.passwords, snmp_credentials=found.snmp)
    assert "s3cret" not in f"{found!r} {means!r}"


@pytest.mark.parametrize(
    ("text", "mode", "message"),
    [
        ('kpi = "reader:s3cret"', 0o640, "can be read by others: chmod 600"),
        ("kpi: reader:s3cret", 0o600, "is not of lines such as"),
        ('kpi = "s3cret"', 0o600, 'kpi is not "user:password"'),
        ('[poly]\nversion = "2c"\npassword = "s3cret"', 0o600, "[poly]: password is not known"),
        ('[poly]\nversion = "2c"\ncommunity = "s3cret', 0o600, "is not of lines such as"),
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
