"""`[[remote_write]]` of collector.toml: one block for each receiver of samples."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, field_validator

from collector.forward.labels import HOLES, NAME
from collector.remote import Remote

_LABEL = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*")
# What a program on the way would take for its own.
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_OURS = frozenset(
    {"authorization", "connection", "content-encoding", "content-length", "content-type", "host"}
)


class RemoteWrite(Remote):
    """A receiver of samples by Prometheus remote write 1.0.

    Its position in the journal is kept under its `name`.

    Attributes:
        labels: What every series to it says beside, such as a region.
        headers: What every request says beside, such as a tenant; no secrets.
        samples_per_request: At most so many, and one report more.
        keep: Only metrics whose name begins with one of these; empty: all.
    """

    labels: dict[str, str] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    timeout_seconds: Annotated[float, Field(ge=1, le=120)] = 30.0
    samples_per_request: Annotated[int, Field(ge=100, le=20_000)] = 5_000
    keep: tuple[str, ...] = ()

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
