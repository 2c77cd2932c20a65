"""The relay's settings: what is wrong is said before a modem is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.relay.settings import load, pin_of, secret
from collector.settings import SettingsError

LEAST = 'port = "/dev/ttyUSB0"\ntoken_file = "/etc/wanwatch/relay.token"\n'


def test_file_and_variables_are_read_and_variables_win(tmp_path: Path) -> None:
    """As with the other processes."""
    file = tmp_path / "relay.toml"
    file.write_text(LEAST + "strip_marks = true\nring_seconds = 30\n")
    found = load(file, {"WANWATCH_RELAY_RING_SECONDS": "60", "WANWATCH_DATA": "var"})

    assert (found.port, found.strip_marks, found.ring_seconds) == (Path("/dev/ttyUSB0"), True, 60)
    assert (found.host, found.tcp_port) == ("127.0.0.1", 8460)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("speed = 12345", "speed"),
        ("tls_key = 'key.pem'", "tls_certificate"),
        ("collector = 'https://wan.vn'", "collector_token_file"),
        ("collector = 'wan.vn'", "collector"),
        ("ring_seconds = 600", "ring_seconds"),
        ("strip_mark = true", "strip_mark"),
    ],
)
def test_wrong_value_is_named(tmp_path: Path, line: str, word: str) -> None:
    """With the file it stands in."""
    file = tmp_path / "relay.toml"
    file.write_text(f"{LEAST}{line}\n")
    with pytest.raises(SettingsError) as caught:
        load(file, {})

    assert word in str(caught.value)
    assert "relay.toml" in str(caught.value)


def test_secret_that_everybody_may_read_is_refused(tmp_path: Path) -> None:
    """And one that is missing or too short to be one; its content stands in no error."""
    file = tmp_path / "token"
    file.write_text("0123456789abcdef")
    file.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 640"):
        secret(file, "token_file")
    file.chmod(0o640)
    assert secret(file, "token_file") == "0123456789abcdef"
    file.write_text("short")
    with pytest.raises(SettingsError, match="16 characters") as caught:
        secret(file, "token_file")
    assert "short" not in str(caught.value).replace("shorter", "")
    with pytest.raises(SettingsError, match="cannot be read"):
        secret(tmp_path / "none", "token_file")


@pytest.mark.parametrize(("content", "is_pin"), [("1234", True), ("12a4", False), ("1" * 9, False)])
def test_pin_is_digits(tmp_path: Path, content: str, is_pin: bool) -> None:
    """Anything else would be a wrong PIN, of which a SIM takes three."""
    pin = tmp_path / "pin"
    pin.write_text(content)
    pin.chmod(0o600)
    settings = load(None, {"WANWATCH_RELAY_PORT": "x", "WANWATCH_RELAY_TOKEN_FILE": "x",
                           "WANWATCH_RELAY_PIN_FILE": str(pin)})  # fmt: skip
    if is_pin:
        assert pin_of(settings) == content
    else:
        with pytest.raises(SettingsError, match="4 to 8 digits"):
            pin_of(settings)
