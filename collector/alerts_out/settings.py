"""`[[alertmanagers]]` of collector.toml: one block for each member of a cluster."""

from __future__ import annotations

from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from collector.remote import Remote


class Alertmanager(Remote):
    """One Alertmanager; all members of a cluster are listed, and nothing stands before them.

    Its `url` is its address, without `/api/v2`.
    """

    form: ClassVar[str] = "http://HOST[:PORT] or https://…"
    timeout_seconds: Annotated[float, Field(ge=1, le=60)] = 10.0

    @field_validator("url")
    @classmethod
    def _is_its_own(cls, url: str) -> str:
        found = urlsplit(url)
        if found.query or found.fragment or found.path.rstrip("/").endswith("/api/v2"):
            raise ValueError("is the address of the Alertmanager itself, without /api/v2")
        return url.rstrip("/")
