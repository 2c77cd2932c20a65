"""Certificates in files and behind the host's own TLS ports: when they expire, and whose key."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agents.check import Check, NoData, Observation
from agents.der import Certificate, NotACertificate, read_certificate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path, PurePath

    from agents.host import HostSource

SUFFIXES = (".pem", ".crt", ".cer", ".der")
PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
MOST_FILES = 20
MOST_PORTS = 8
MAX_FILE_BYTES = 256 << 10
PORT_LIMIT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Certificates:
    """The certificate that ends first in each file, the one each port shows, and what failed.

    Attributes:
        former_keys: By port, the key that it showed until now, where it shows another one.
    """

    files: dict[str, Certificate] = field(default_factory=dict)
    ports: dict[str, Certificate] = field(default_factory=dict)
    failed: dict[str, bool] = field(default_factory=dict)
    former_keys: dict[str, str] = field(default_factory=dict)
    omitted: int = 0


def parse_file(content: bytes) -> Certificate:
    """Return the certificate that expires first, of a PEM chain or one DER.

    Raises:
        NotACertificate: There is none in it.
    """
    blocks = PEM.findall(content)
    try:
        found = [read_certificate(binascii.a2b_base64(block)) for block in blocks]
    except binascii.Error as error:
        raise NotACertificate(f"PEM that is not base64: {error}") from error
    return min(found or [read_certificate(content)])


def read(host: HostSource) -> Certificates:
    """Read the files and ask the ports that agent.toml names."""
    if not host.certificates and not host.tls_ports:
        raise NoData("no certificates in agent.toml")
    paths = [path for name in host.certificates for path in _files(host.root / name.lstrip("/"))]
    omitted = max(0, len(paths) - MOST_FILES) + max(0, len(host.tls_ports) - MOST_PORTS)
    found = Certificates(omitted=omitted)
    for path in paths[:MOST_FILES]:
        name = shown(path, host.root)
        try:
            with path.open("rb") as file:
                found.files[name] = parse_file(file.read(MAX_FILE_BYTES))
        except (OSError, NotACertificate):
            pass
        found.failed[name] = name not in found.files
    for port in host.tls_ports[:MOST_PORTS]:
        try:
            der = host.tls_certificate(port, PORT_LIMIT_SECONDS)
            found.ports[port] = read_certificate(der)
        except (OSError, NotACertificate):
            pass
        found.failed[port] = port not in found.ports
    found.former_keys.update(_former_keys(host, found.ports))
    return found


def _former_keys(host: HostSource, ports: dict[str, Certificate]) -> dict[str, str]:
    """Return the keys that are no longer shown, and remember those that are."""
    known = host.notes.of("certificates")
    shown_now = {port: found.key_sha256 for port, found in ports.items()}
    host.notes.keep("certificates", known | shown_now)
    return {port: known[port] for port, key in shown_now.items() if known.get(port, key) != key}


def shown(path: PurePath, root: PurePath) -> str:
    """Return a path as the host itself writes it; one with a drive of its own (C:) keeps it."""
    if root.drive != path.drive:
        return str(path)
    return "/" + path.relative_to(root).as_posix()


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(p for p in path.iterdir() if p.suffix in SUFFIXES and p.is_file())


def evaluate(now: Certificates, before: Certificates | None) -> Iterator[Observation]:  # noqa: ARG001
    """Yield expiry and key; when a port's key changes, the former one is set to 0 once."""
    for kind, certificates in (("file", now.files), ("port", now.ports)):
        for path, found in certificates.items():
            labels = {"path": path, "subject": found.subject, "kind": kind}
            name = "wanwatch_certificate_expiry_timestamp_seconds"
            yield Observation(name, labels, found.expires_at)
    for port, found in now.ports.items():
        labels = {"port": port, "key_sha256": found.key_sha256[:16]}
        yield Observation("wanwatch_certificate_key_info", labels, 1)
        if port in now.former_keys:
            labels = {"port": port, "key_sha256": now.former_keys[port][:16]}
            yield Observation("wanwatch_certificate_key_info", labels, 0)
    for path, is_failed in now.failed.items():
        value = 1 if is_failed else 0
        yield Observation("wanwatch_certificate_read_error", {"path": path}, value)
    yield Observation("wanwatch_check_omitted_objects", {"check": "certificates"}, now.omitted)


CHECK = Check(
    "certificates",
    every_seconds=60,
    limit_seconds=20,
    read=read,
    evaluate=evaluate,
    most_series=75,
)
