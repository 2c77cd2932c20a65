"""The agent's settings from agent.toml, the environment and the command line, checked at once."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from agents.plan import DEFAULT_INTERVAL_SECONDS
from agents.receiver_settings import SEVERITIES, ReceiverSettings
from agents.spool_shelf import SpoolLimits

if TYPE_CHECKING:
    from collections.abc import Mapping

ENVIRONMENT_PREFIX = "WANWATCH_AGENT_"
MAX_INTERVAL_SECONDS = 3600.0
MIN_SPOOL_BYTES = 1 << 20
MAX_PORT = 65535
OFF = "off"
LOCAL_PAGE_FILE = "local-page.html"
MAX_TOKEN_CHARACTERS = 200
LOG_LEVELS = ("debug", "info", "warning", "error")


class SettingsError(Exception):
    """A setting is missing or wrong; the text names it, its value and what is allowed."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What `agent.toml` may say; see the messages below for what is allowed.

    Attributes:
        checks: Names of the checks that run; empty for all there are.
        check_every_seconds: How often a check runs, by name, where it differs from the built-in.
        metrics_listen: HOST:PORT where the latest samples are served; empty for nowhere.
        local_page: Where the page for the person at the machine is written; None for nowhere.
        contact: Whom that person can call, beside what the collector says.
        probe_networks: Networks whose devices this agent may ask for the collector; empty for none.
        probe_credentials: File with what this agent shows devices and services, by name.
        stamp_listen: HOST:PORT where test packets of other agents are answered; empty for nowhere.
        stamp_peers: Networks whose test packets are answered.
        stamp_most_bits_per_second: What all answers together may take.
        receivers: What it hears from devices unasked.
        key_days: After how many days the key is changed; 0 for never.
    """

    data: Path
    collector: str = ""
    interval_seconds: float = DEFAULT_INTERVAL_SECONDS
    ca_file: Path | None = None
    spool: SpoolLimits = field(default_factory=SpoolLimits)
    checks: tuple[str, ...] = ()
    check_every_seconds: dict[str, float] = field(default_factory=dict)
    services: tuple[str, ...] = ()
    root: Path = Path("/")
    proc: Path = Path("/proc")
    sys: Path = Path("/sys")
    log_level: str = "info"
    certificates: tuple[str, ...] = ()
    tls_ports: tuple[str, ...] = ()
    textfile_directory: Path | None = None
    metrics_listen: str = ""
    local_page: Path | None = None
    contact: str = ""
    probe_networks: tuple[str, ...] = ()
    probe_credentials: Path | None = None
    stamp_listen: str = ""
    stamp_peers: tuple[str, ...] = ()
    stamp_most_bits_per_second: float = 1_000_000.0
    receivers: ReceiverSettings = field(default_factory=ReceiverSettings)
    key_days: float = 180.0


NAMES = (
    "collector",
    "data",
    "interval_seconds",
    "ca_file",
    "spool_max_bytes",
    "spool_max_age_hours",
    "checks",
    "check_every_seconds",
    "services",
    "root",
    "proc",
    "sys",
    "log_level",
    "certificates",
    "tls_ports",
    "textfile_directory",
    "metrics_listen",
    "local_page",
    "contact",
    "probe_networks",
    "probe_credentials",
    "stamp_listen",
    "stamp_peers",
    "stamp_most_bits_per_second",
    "trap_listen",
    "syslog_listen",
    "syslog_severity",
    "quality_listen",
    "receive_from",
    "receive_most_per_minute",
    "key_days",
)


def load(
    file: Path | None, environment: Mapping[str, str], arguments: Mapping[str, object]
) -> Settings:
    """Return the settings: the command line over the environment over the file.

    Args:
        arguments: Settings given on the command line, by name; None where not given.

    Raises:
        SettingsError: Something is missing, unknown or not allowed.
    """
    given = _from_file(file) if file else {}
    for key, value in environment.items():
        if key.startswith(ENVIRONMENT_PREFIX) and value:
            given[key.removeprefix(ENVIRONMENT_PREFIX).lower()] = value
    given |= {name: value for name, value in arguments.items() if value is not None}
    for name in given:
        if name not in NAMES:
            raise SettingsError(f"unknown setting {name!r}. Known are: {', '.join(NAMES)}")
    return check(given)


def read_token(text: str | None, file: str | None) -> str:
    """Return the token given on the command line, in a file, or on standard input (`-`).

    Raises:
        SettingsError: The file cannot be read, or there is no token.
    """
    if file is not None:
        import sys

        try:
            text = sys.stdin.read(MAX_TOKEN_CHARACTERS + 1) if file == "-" else _read(Path(file))
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"read the token from {file}: {error}") from error
    token = (text or "").strip()
    if not token or len(token) > MAX_TOKEN_CHARACTERS:
        raise SettingsError("the token is empty or too long; `wanwatch enrol token` prints one")
    return token


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _from_file(file: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"read {file}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} is not TOML: {error}") from error


def check(given: Mapping[str, Any]) -> Settings:
    """Return the settings from plain values.

    Raises:
        SettingsError: A value is missing or not allowed.
    """
    root = Path(_text(given, "root", "/"))
    ca_file = _text(given, "ca_file", "")
    if ca_file and not Path(ca_file).is_file():
        raise _wrong("ca_file", ca_file, "a PEM file that exists")
    if not given.get("data"):
        raise SettingsError(
            "setting 'data' is missing: the directory where the agent keeps its key"
        )
    hours = _number(given, "spool_max_age_hours", 72.0, least=0.1, most=24.0 * 366)
    max_bytes = _number(given, "spool_max_bytes", 256 << 20, least=MIN_SPOOL_BYTES, most=2.0**40)
    level = _text(given, "log_level", "info").lower()
    if level not in LOG_LEVELS:
        raise _wrong("log_level", level, f"one of {', '.join(LOG_LEVELS)}")
    textfile = _text(given, "textfile_directory", "")
    credentials = _text(given, "probe_credentials", "")
    return Settings(
        data=Path(_text(given, "data", "")),
        collector=_url(_text(given, "collector", "")),
        interval_seconds=_interval(given),
        ca_file=Path(ca_file) if ca_file else None,
        spool=SpoolLimits(max_bytes=int(max_bytes), max_age_seconds=hours * 3600),
        checks=_names(given, "checks"),
        check_every_seconds=_every(given),
        services=_names(given, "services"),
        root=root,
        proc=Path(_text(given, "proc", str(root / "proc"))),
        sys=Path(_text(given, "sys", str(root / "sys"))),
        log_level=level,
        certificates=_names(given, "certificates"),
        tls_ports=tuple(_address("tls_ports", text) for text in _names(given, "tls_ports")),
        textfile_directory=Path(textfile) if textfile else None,
        metrics_listen=_listen(given, "metrics_listen"),
        local_page=_local_page(given),
        contact=_text(given, "contact", ""),
        probe_networks=_networks(given, "probe_networks"),
        probe_credentials=Path(credentials) if credentials else None,
        stamp_listen=_listen_ip(given, "stamp_listen", "0.0.0.0:862"),
        stamp_peers=_networks(given, "stamp_peers"),
        stamp_most_bits_per_second=_number(
            given, "stamp_most_bits_per_second", 1e6, least=8e3, most=1e9
        ),
        receivers=_receivers(given),
        key_days=_number(given, "key_days", 180.0, least=0.0, most=3_650.0),
    )


def _wrong(name: str, value: object, allowed: str) -> SettingsError:
    return SettingsError(f"setting {name!r} is {value!r}; allowed is {allowed}")


def _text(given: Mapping[str, Any], name: str, default: str) -> str:
    value = given.get(name, default)
    if not isinstance(value, str | Path):
        raise _wrong(name, value, "a text")
    return str(value)


def _number(
    given: Mapping[str, Any], name: str, default: float, *, least: float, most: float
) -> float:
    value = given.get(name, default)
    try:
        if isinstance(value, bool):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not least <= number <= most:
        raise _wrong(name, value, f"a number from {least:g} to {most:g}")
    return number


def _interval(given: Mapping[str, Any]) -> float:
    most = MAX_INTERVAL_SECONDS
    return _number(given, "interval_seconds", DEFAULT_INTERVAL_SECONDS, least=1.0, most=most)


def _local_page(given: Mapping[str, Any]) -> Path | None:
    """Return where the page is written: beside the key unless it is said, or `off`."""
    text = _text(given, "local_page", "")
    if text == OFF:
        return None
    return Path(text) if text else Path(_text(given, "data", "")) / LOCAL_PAGE_FILE


def _names(given: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return a list of names; in the environment they are separated by commas."""
    value = given.get(name, [])
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list) or not all(isinstance(part, str) and part for part in value):
        raise _wrong(name, value, "a list of names")
    return tuple(value)


def _address(name: str, text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not host or not colon or not port.isdecimal() or not 0 < int(port) <= MAX_PORT:
        raise _wrong(name, text, "HOST:PORT")
    return text


def _listen(given: Mapping[str, Any], name: str) -> str:
    text = _text(given, name, "")
    return _address(name, text) if text else ""


def _listen_ip(given: Mapping[str, Any], name: str, example: str) -> str:
    """Return where a port of UDP is heard: an IP address, no name is looked up for it."""
    text = _listen(given, name)
    if text:
        from ipaddress import ip_address

        try:
            ip_address(text.rpartition(":")[0].strip("[]"))
        except ValueError:
            raise _wrong(name, text, f"IP:PORT, such as {example}") from None
    return text


def _receivers(given: Mapping[str, Any]) -> ReceiverSettings:
    severity = _text(given, "syslog_severity", "warning").lower()
    if severity not in SEVERITIES:
        raise _wrong("syslog_severity", severity, f"one of {', '.join(SEVERITIES)}")
    found = ReceiverSettings(
        trap_listen=_listen_ip(given, "trap_listen", "0.0.0.0:162"),
        syslog_listen=_listen_ip(given, "syslog_listen", "0.0.0.0:514"),
        syslog_severity=severity,
        quality_listen=_listen_ip(given, "quality_listen", "0.0.0.0:5060"),
        receive_from=_networks(given, "receive_from"),
        receive_most_per_minute=_number(
            given, "receive_most_per_minute", 120.0, least=1.0, most=60_000.0
        ),
    )
    if found.is_on and not found.receive_from:
        raise SettingsError(
            "setting 'receive_from' is missing: the networks whose devices are heard, such as "
            "10.42.0.0/16; without it every message would be refused"
        )
    return found


def _networks(given: Mapping[str, Any], setting: str) -> tuple[str, ...]:
    """Return networks; most agents have none, and load nothing for it."""
    names = _names(given, setting)
    if names:
        from ipaddress import ip_network
    for name in names:
        try:
            ip_network(name)
        except ValueError:
            raise _wrong(setting, name, "networks such as 10.42.0.0/16") from None
    return names


def _every(given: Mapping[str, Any]) -> dict[str, float]:
    value = given.get("check_every_seconds", {})
    if not isinstance(value, dict):
        raise _wrong("check_every_seconds", value, "a table: name of a check = seconds")
    return {name: _number(value, name, 0.0, least=1.0, most=86_400.0) for name in value}


def _url(text: str) -> str:
    """Check the collector's address, which not every command needs."""
    if not text:
        return ""
    allowed = "http://HOST[:PORT] or https://HOST[:PORT], without user, query or fragment"
    try:
        parts = urlsplit(text)
        is_whole = _is_host(parts.hostname or "") and parts.port != 0
    except (ValueError, UnicodeError):
        raise _wrong("collector", text, allowed) from None
    has_more = parts.username or parts.password or parts.query or parts.fragment
    if parts.scheme not in ("http", "https") or not is_whole or has_more:
        raise _wrong("collector", text, allowed)
    return text.rstrip("/")


def _is_host(text: str) -> bool:
    """Say whether a name has no part that is empty or too long; a Unicode one must translate.

    Raises:
        UnicodeError: It does not translate.
    """
    if not text.isascii():  # only then are the tables of Unicode needed
        return bool(text.encode("idna"))
    return all(0 < len(part) < 64 for part in text.removesuffix(".").split("."))
