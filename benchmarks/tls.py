"""A certificate and its key for a server under measurement."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization

from tests.certificates import make, new_key

if TYPE_CHECKING:
    from pathlib import Path


def server_files(directory: Path) -> tuple[Path, Path]:
    """Write a certificate for 127.0.0.1 (P-256, signed by itself) and its key; return the files."""
    key = new_key()
    expires_at = datetime.now(UTC) + timedelta(days=1)
    certificate, private = directory / "server.pem", directory / "server.key"
    made = make(key, expires_at=expires_at, common_name="127.0.0.1", address="127.0.0.1")
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, private
