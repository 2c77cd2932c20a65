"""What many tests share: small real disks, and the programs a machine may lack."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, NoReturn

import hypothesis
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Commands speak the language of the terminal; tests read English unless they say otherwise.
for _name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
    if os.environ.get(_name, "").startswith("vi"):
        os.environ[_name] = "C.UTF-8"
# How long an example takes depends on what else the machine does.
hypothesis.settings.register_profile("wanwatch", deadline=None)
hypothesis.settings.load_profile("wanwatch")


def missing(what: str) -> NoReturn:
    """Skip for a part this machine lacks; on CI, which installs every part, fail instead."""
    if os.environ.get("CI"):
        pytest.fail(f"CI must have this: {what}")
    pytest.skip(what)


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 1 MiB, so that a test can fill it."""
    yield from small_disk(tmp_path / "disk", size="1m")


@pytest.fixture
def read_only_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 1 MiB that refuses every write."""
    for disk in small_disk(tmp_path / "disk", size="1m"):
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        yield disk


def small_disk(path: Path, *, size: str) -> Iterator[Path]:
    """Mount a tmpfs of `size` at `path` for the length of a test; needs root."""
    if os.geteuid() != 0:
        missing("mounting a small file system needs root")
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)], capture_output=True
    )
    if mounted.returncode != 0:
        missing(f"mount refused: {mounted.stderr.decode().strip()}")
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)
