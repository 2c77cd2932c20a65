"""The settings of the collector: `collector.toml`, `WANWATCH_…` variables, the command line."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from collector.alerts_out.settings import Alertmanager
from collector.forward.settings import RemoteWrite

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "WANWATCH_"
# What is given is not repeated in an error: it is a secret, or may hold one by mistake.
SECRETS = frozenset(
    {"database_url", "deadman_url", "remote_write", "alertmanagers", "session_calendars"}
)
Model = TypeVar("Model", bound=BaseModel)
Named = TypeVar("Named", RemoteWrite, Alertmanager)


class SettingsError(Exception):
    """A setting is wrong: the process stops with its name, its value and what is allowed."""


class Settings(BaseModel):
    """Everything the collector's process is told; other modules get plain values.

    Attributes:
        data: Directory of the database, the journal and the keys.
        policy: Directory of units.csv, rules/, procedure.yaml and channels.yaml.
        public_url: The console's address as people reach it; goes into messages.
        max_connections_per_address: Not counted for this machine itself, where a proxy may stand.
        evidence: Directory of evidence, outside of everything that is served.
        evidence_bytes: The largest piece of evidence that is taken in.
        session_hours: How long a log-in lasts, whatever is done in it.
        session_idle_minutes: After which time without any request a log-in ends.
        session_calendars: Files or https addresses of calendars whose events become conference
            sessions, one a line or with spaces between; an address may hold a secret.
        deadman_url: Gets a POST every minute while all is well; who keeps it pages when none comes.
        remote_write: The receivers of samples; as a variable, a JSON array.
        alertmanagers: All members of the cluster that our alerts are told to; as a variable, too.
        alertmanager_resend_seconds: How often they are told what still fires.
        database_url: `postgresql+psycopg://…`; empty means SQLite under `data`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: Path = Path("var")
    policy: Path | None = None
    listen: str = Field("127.0.0.1:8440", pattern=r"^(\[[0-9A-Fa-f:.]+\]|[^:\s]+):\d{1,5}$")
    public_url: str = ""
    database_url: SecretStr = SecretStr("")
    deadman_url: SecretStr = SecretStr("")
    session_calendars: SecretStr = SecretStr("")
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    journal_bytes: int = Field(4 << 30, ge=1 << 20)
    journal_hours: int = Field(24, ge=1)
    max_connections: int = Field(16_000, ge=16)
    max_connections_per_address: int = Field(256, ge=1)
    evidence: Path | None = None
    evidence_bytes: int = Field(256 << 20, ge=1 << 10)
    remote_write: tuple[RemoteWrite, ...] = ()
    alertmanagers: tuple[Alertmanager, ...] = ()
    alertmanager_resend_seconds: int = Field(60, ge=5, le=300)
    session_hours: int = Field(12, ge=1, le=24)
    session_idle_minutes: int = Field(120, ge=15, le=24 * 60)
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    @model_validator(mode="after")
    def _tls_needs_both(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key go together: set both or neither")
        return self

    @field_validator("remote_write", "alertmanagers", mode="before")
    @classmethod
    def _from_a_variable(cls, given: Any) -> Any:
        try:
            return json.loads(given) if isinstance(given, str) else given
        except ValueError as error:
            raise ValueError(f"is no JSON array: {error}") from None

    @field_validator("remote_write", "alertmanagers")
    @classmethod
    def _names_differ(cls, given: tuple[Named, ...]) -> tuple[Named, ...]:
        names = [one.name for one in given]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)}: two receivers of one name")
        return given

    @property
    def host(self) -> str:
        """The address to listen on, without brackets."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port to listen on; 0 lets the system choose."""
        return int(self.listen.rpartition(":")[2])

    @property
    def scheme(self) -> str:
        """What a browser types before `://`."""
        return "https" if self.tls_certificate else "http"

    @property
    def policy_directory(self) -> Path:
        """The policy directory, by default `policy` beside the data."""
        return self.policy or self.data / "policy"

    @property
    def evidence_directory(self) -> Path:
        """Where evidence is kept, by default `evidence` beside the data."""
        return self.evidence or self.data / "evidence"

    @property
    def database(self) -> str:
        """The address of the database; it may hold a password and is never logged."""
        given = self.database_url.get_secret_value()
        return given or f"sqlite:///{self.data / 'collector.sqlite3'}"


def load(
    file: Path | None, environment: Mapping[str, str], overrides: Mapping[str, Any]
) -> Settings:
    """Read the collector's settings; what comes later wins: file, environment, command line.

    Raises:
        SettingsError: A name is unknown or a value is not allowed; the text names each.
    """
    return read(Settings, file, environment, overrides, prefix=PREFIX)


def read(
    model: type[Model],
    file: Path | None,
    environment: Mapping[str, str],
    overrides: Mapping[str, Any],
    *,
    prefix: str,
) -> Model:
    """Read the settings of a process whose variables begin with `prefix`.

    Raises:
        SettingsError: A name is unknown or a value is not allowed; the text names each.
    """
    values: dict[str, Any] = {}
    if file is not None:
        try:
            values.update(tomllib.loads(file.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"{file}: cannot be read as TOML: {error}") from error
    values.update(_from_environment(environment, model, prefix))
    values.update({name: value for name, value in overrides.items() if value is not None})
    try:
        return model.model_validate(values)
    except ValidationError as error:
        where = file or "environment or command line"
        raise SettingsError(
            "\n".join(_explain(where, problem) for problem in error.errors())
        ) from None


def _from_environment(
    environment: Mapping[str, str], model: type[BaseModel], prefix: str
) -> dict[str, str]:
    """Return the settings among the variables; `NAME_FILE` holds a path to the value of `NAME`."""
    found: dict[str, str] = {}
    for name in model.model_fields:
        variable = prefix + name.upper()
        if variable in environment:
            found[name] = environment[variable]
        elif variable + "_FILE" in environment:
            path = Path(environment[variable + "_FILE"])
            try:
                found[name] = path.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise SettingsError(f"{variable}_FILE={path}: cannot be read: {error}") from error
    return found


def _explain(where: object, problem: Any) -> str:
    name = ".".join(str(part) for part in problem["loc"]) or "settings"
    is_hidden = not problem["loc"] or problem["loc"][0] in SECRETS
    given = "" if is_hidden else f", given {problem['input']!r}"
    return f"{where}: {name}: {problem['msg']}{given}"
