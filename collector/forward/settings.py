"""`[[remote_write]]` of collector.toml: one block for each receiver of samples."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from collector.forward.labels import HOLES, NAME

_LABEL = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*")
# What a program on the way would take for its own.
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_OURS = frozenset(
    {"authorization", "connection", "content-encoding", "content-length", "content-type", "host"}
)


class RemoteWrite(BaseModel):
    """A receiver of samples by Prometheus remote write 1.0.

    Attributes:
        name: What it is called in metrics and logs, and under which its position is kept.
        labels: What every series to it says beside, such as a region.
        headers: What every request says beside, such as a tenant; no secrets.
        samples_per_request: At most so many, and one report more.
        keep: Only metrics whose name begins with one of these; empty: all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    url: str
    bearer_token_file: Path | None = None
    username: str = ""
    password_file: Path | None = None
    ca_file: Path | None = None
    labels: dict[str, str] = {}
    headers: dict[str, str] = {}
    timeout_seconds: Annotated[float, Field(ge=1, le=120)] = 30.0
    samples_per_request: Annotated[int, Field(ge=100, le=20_000)] = 5_000
    keep: tuple[str, ...] = ()

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        try:
            found = urlsplit(url)
            _ = found.port
        except ValueError as error:
            raise ValueError(f"is no address: {error}") from error
        if found.scheme not in ("http", "https") or not found.hostname:
            raise ValueError("must be http://HOST[:PORT]/PATH or https://…")
        if found.username is not None or found.password is not None:
            raise ValueError("must hold no credentials: use username and password_file")
        return url

    @field_validator("labels")
    @classmethod
    def _are_labels(cls, labels: dict[str, str]) -> dict[str, str]:
        for name, value in labels.items():
            if _LABEL.fullmatch(name) is None or name in (*HOLES, NAME, "job", "target"):
                raise ValueError(f"{name!r} is no label name, or one that the collector sets")
            if not value:
                raise ValueError(f"{name!r} is empty")
        return labels

    @field_validator("headers")
    @classmethod
    def _are_headers(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if _HEADER.fullmatch(name) is None or name.lower() in _OURS:
                raise ValueError(f"{name!r} is no header that can be set")
            if not value.isprintable() or not value.isascii():
                raise ValueError(f"{name!r} holds what no header can")
        return headers

    @model_validator(mode="after")
    def _says_one_way(self) -> Self:
        if (self.password_file is None) == bool(self.username):
            raise ValueError("username and password_file go together")
        if self.username and self.bearer_token_file is not None:
            raise ValueError("give bearer_token_file, or username and password_file, not both")
        return self
