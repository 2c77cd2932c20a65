"""Reads the files of a policy directory, for the configuration record."""

from __future__ import annotations

import hashlib
from importlib import resources
from typing import TYPE_CHECKING

from collector.policy.changes import Sources
from incidents.yaml_problems import InvalidDocument, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIXES = frozenset({".yaml", ".yml", ".csv", ".md"})
# What is used of the program itself where the directory says nothing.
_SHIPPED = (("collector", "defaults"), ("incidents", "procedures"))


def read_sources(directory: Path) -> Sources:
    """Return every policy file of a directory; what is hidden (`.git`) is none.

    Raises:
        InvalidDocument: A file cannot be read.
    """
    files: dict[str, bytes] = {}
    for path in _policy_files(directory):
        name = path.relative_to(directory).as_posix()
        try:
            files[name] = path.read_bytes()
        except OSError as error:
            problem = Problem(name, 1, "", f"cannot be read: {error}")
            raise InvalidDocument([problem]) from error
    return Sources(files, _shipped_digest())


def _policy_files(directory: Path) -> Iterator[Path]:
    for path in sorted(directory.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(directory).parts)
        if not hidden and path.suffix in SUFFIXES and path.is_file():
            yield path


def _shipped_digest() -> str:
    found = hashlib.sha256()
    for package, folder in _SHIPPED:
        with resources.as_file(resources.files(package) / folder) as place:
            for path in sorted(place.rglob("*.yaml")):
                content = path.read_bytes()
                found.update(f"{path.relative_to(place)} {len(content)}\n".encode() + content)
    return found.hexdigest()
