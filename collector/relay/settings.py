"""The settings of the relay: `relay.toml`, `WANWATCH_RELAY_…` variables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from collector.settings import SettingsError, read

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "WANWATCH_RELAY_"
SHORTEST_TOKEN = 16
LONGEST_PIN = 8


class RelaySettings(BaseModel):
    """Everything the relay is told; secrets are in files of their own.

    Attributes:
        port: The modem's serial port, best one of /dev/serial/by-id.
        data: Directory of what was sent.
        token_file: What collector and watcher show it.
        collector: Where incoming messages go, http[s]://HOST:PORT; empty: they stay in the modem.
        strip_marks: Vietnamese without marks: 160 characters a message instead of 70.
        max_parts: A longer text is shortened.
        validity_minutes: How long the network tries to deliver a message.
        delivery_reports: Ask the network for receipts; some charge for them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    port: Path
    speed: Literal[9600, 19200, 38400, 57600, 115200, 230400, 460800] = 115200
    pin_file: Path | None = None
    data: Path = Path("var/relay")
    listen: str = Field("127.0.0.1:8460", pattern=r"^(\[[0-9A-Fa-f:.]+\]|[^:\s]+):\d{1,5}$")
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    token_file: Path
    collector: str = Field("", pattern=r"^(https?://[^\s/]+)?/?$")
    collector_token_file: Path | None = None
    collector_ca: Path | None = None
    strip_marks: bool = False
    max_parts: int = Field(4, ge=1, le=20)
    validity_minutes: int = Field(240, ge=5, le=720)
    delivery_reports: bool = False
    ring_seconds: float = Field(45, ge=5, le=120)
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key go together: set both or neither")
        if bool(self.collector) != (self.collector_token_file is not None):
            raise ValueError("collector and collector_token_file go together: set both or neither")
        return self

    @property
    def host(self) -> str:
        """The address to listen on, without brackets."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def tcp_port(self) -> int:
        """The port to listen on; 0 lets the system choose."""
        return int(self.listen.rpartition(":")[2])


def load(file: Path | None, environment: Mapping[str, str]) -> RelaySettings:
    """Read the settings; variables win over the file.

    Raises:
        SettingsError: A name is unknown or a value is not allowed; the text names each.
    """
    return read(RelaySettings, file, environment, {}, prefix=PREFIX)


def secret(path: Path | None, name: str, *, shortest: int = SHORTEST_TOKEN) -> str:
    """Return what the file of a secret holds; empty where none is set.

    Raises:
        SettingsError: It cannot be read, everybody may read it, or it is too short.
    """
    if path is None:
        return ""
    try:
        value = path.read_text(encoding="utf-8").strip()
        is_open = path.stat().st_mode & 0o007 != 0
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name}={path}: cannot be read: {error}") from None
    if is_open:
        raise SettingsError(f"{name}={path}: everybody may read it; run chmod 640 on it")
    if len(value) < shortest:
        raise SettingsError(f"{name}={path}: shorter than {shortest} characters")
    return value


def pin_of(settings: RelaySettings) -> str:
    """Return the PIN of the SIM; empty where none is set.

    Raises:
        SettingsError: Its file cannot be read, or holds no PIN.
    """
    pin = secret(settings.pin_file, "pin_file", shortest=4)
    if pin and not (pin.isascii() and pin.isdecimal() and len(pin) <= LONGEST_PIN):
        raise SettingsError(f"pin_file={settings.pin_file}: a PIN is 4 to {LONGEST_PIN} digits")
    return pin
