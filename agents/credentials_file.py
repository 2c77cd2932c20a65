"""The agent's own file of what it shows devices and services; its content is in no message."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agents.settings import SettingsError
from agents.snmp.credential import Credential, read_credential

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORMS = 'kpi = "user:password", or of tables such as [poly] with version = "3"'


@dataclass(frozen=True, slots=True)
class Credentials:
    """By name: `user:password`, and what is said by SNMP."""

    passwords: Mapping[str, str] = field(repr=False)
    snmp: Mapping[str, Credential] = field(repr=False)


def read_credentials(file: Path) -> Credentials:
    """Return what the file holds.

    Raises:
        SettingsError: It is not there, not ours alone, or not of such lines and tables.
    """
    import tomllib

    try:
        if os.name == "posix" and file.stat().st_mode & 0o077:
            raise SettingsError(f"{file} can be read by others: chmod 600 {file}")
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"read {file}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise SettingsError(f"{file} is not of lines such as: {FORMS}") from None
    passwords: dict[str, str] = {}
    snmp: dict[str, Credential] = {}
    for name, value in found.items():
        if isinstance(value, dict):
            try:
                snmp[name] = read_credential(value)
            except ValueError as error:
                raise SettingsError(f"{file}: [{name}]: {error}") from None
        elif isinstance(value, str) and ":" in value:
            passwords[name] = value
        else:
            raise SettingsError(f'{file}: {name} is not "user:password"')
    return Credentials(passwords, snmp)
