"""Settings: three sources in one order, and errors that name what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collector.settings import SettingsError, load

if TYPE_CHECKING:
    from pathlib import Path


def test_settings_take_command_line_over_environment_over_file(tmp_path: Path) -> None:
    """What is nearer to the person who starts the process wins."""
    file = tmp_path / "collector.toml"
    file.write_text('listen = "127.0.0.1:1"\njournal_hours = 2\npublic_url = "https://a"\n')

    settings = load(
        file,
        {"WANWATCH_LISTEN": "127.0.0.1:2", "WANWATCH_JOURNAL_HOURS": "3"},
        {"listen": "127.0.0.1:3", "public_url": None},
    )

    assert (settings.port, settings.journal_hours, settings.public_url) == (3, 3, "https://a")


def test_settings_read_a_secret_from_a_file_and_never_show_it(tmp_path: Path) -> None:
    """The database's password is usable and is in no text form of the settings."""
    secret = tmp_path / "url"
    secret.write_text("postgresql+psycopg://u:canary@h/d\n")

    settings = load(None, {"WANWATCH_DATABASE_URL_FILE": str(secret)}, {})

    assert settings.database == "postgresql+psycopg://u:canary@h/d"
    assert "canary" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("listen = 'nowhere'", r"collector\.toml: listen: .*'nowhere'"),
        ("lisen = '127.0.0.1:1'", r"lisen: .*not permitted"),
        ("journal_hours = 0", r"journal_hours: .*greater than or equal to 1, given 0"),
        ("tls_key = 'k.pem'", r"tls_certificate and tls_key go together"),
        ("listen = ", r"collector\.toml: cannot be read as TOML"),
    ],
)
def test_settings_name_the_setting_when_it_is_wrong(
    tmp_path: Path, text: str, expected: str
) -> None:
    """A wrong value stops the start with file, name, value and what is allowed."""
    file = tmp_path / "collector.toml"
    file.write_text(text)

    with pytest.raises(SettingsError, match=expected):
        load(file, {}, {})


def test_settings_name_the_file_of_a_secret_that_cannot_be_read(tmp_path: Path) -> None:
    """An unreadable `…_FILE` is an error and not an empty value."""
    with pytest.raises(SettingsError, match=r"WANWATCH_DATABASE_URL_FILE=.*missing"):
        load(None, {"WANWATCH_DATABASE_URL_FILE": str(tmp_path / "missing")}, {})
