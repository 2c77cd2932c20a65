"""`[[alertmanagers]]` of collector.toml: one block for each member of a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class Alertmanager(BaseModel):
    """One Alertmanager; all members of a cluster are listed, and nothing stands before them.

    Attributes:
        name: What it is called in metrics and logs.
        url: Its address, without `/api/v2`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    url: str
    bearer_token_file: Path | None = None
    username: str = ""
    password_file: Path | None = None
    ca_file: Path | None = None
    timeout_seconds: Annotated[float, Field(ge=1, le=60)] = 10.0

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        try:
            found = urlsplit(url)
            _ = found.port
        except ValueError as error:
            raise ValueError(f"is no address: {error}") from error
        if found.scheme not in ("http", "https") or not found.hostname:
            raise ValueError("must be http://HOST[:PORT] or https://…")
        if found.username is not None or found.password is not None:
            raise ValueError("must hold no credentials: use username and password_file")
        if found.query or found.fragment or found.path.rstrip("/").endswith("/api/v2"):
            raise ValueError("is the address of the Alertmanager itself, without /api/v2")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _says_one_way(self) -> Self:
        if (self.password_file is None) == bool(self.username):
            raise ValueError("username and password_file go together")
        if self.username and self.bearer_token_file is not None:
            raise ValueError("give bearer_token_file, or username and password_file, not both")
        return self
