"""What a program outside is reached by, which the collector sends to: address and credentials."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated, ClassVar, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class Remote(BaseModel):
    """A block of collector.toml that names a program outside.

    Attributes:
        name: What it is called in metrics and logs.
        form: What its address looks like, for who writes another one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    form: ClassVar[str] = "http://HOST[:PORT]/PATH or https://…"

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    url: str
    bearer_token_file: Path | None = None
    username: str = ""
    password_file: Path | None = None
    ca_file: Path | None = None

    def authorization(self) -> dict[str, str]:
        """Return the header with the credentials; files are read anew, so that a change counts.

        Raises:
            OSError: A file cannot be read.
        """
        if self.bearer_token_file is not None:
            return {"Authorization": f"Bearer {_secret(self.bearer_token_file)}"}
        if self.password_file is not None:
            pair = f"{self.username}:{_secret(self.password_file)}".encode()
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        return {}

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        try:
            found = urlsplit(url)
            _ = found.port
        except ValueError as error:
            raise ValueError(f"is no address: {error}") from error
        if found.scheme not in ("http", "https") or not found.hostname:
            raise ValueError(f"must be {cls.form}")
        if found.username is not None or found.password is not None:
            raise ValueError("must hold no credentials: use username and password_file")
        return url

    @model_validator(mode="after")
    def _says_one_way(self) -> Self:
        if (self.password_file is None) == bool(self.username):
            raise ValueError("username and password_file go together")
        if self.username and self.bearer_token_file is not None:
            raise ValueError("give bearer_token_file, or username and password_file, not both")
        return self


def _secret(file: Path) -> str:
    return file.read_text(encoding="utf-8").strip()
