"""A private PostgreSQL server for the length of the test session, and a fresh database per test."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text

from tests.conftest import missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_UNPRIVILEGED = ("postgres", "nobody")


class PostgresServer:
    """A running server on a Unix socket in its own folder; nothing listens on the network."""

    def __init__(self, folder: Path, control: Callable[..., None]) -> None:
        self.folder, self._control = folder, control
        self.user = "wanwatch"
        self._created = 0

    def stop(self) -> None:
        """Stop at once, as a crash does: connections are cut, nothing is put in order."""
        self._control("-m", "immediate", "stop")

    def start(self) -> None:
        """Start, again or for the first time, and wait until it answers."""
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c fsync=off"
        log = str(self.folder / "log")
        self._control("-l", log, "-t", "60", "-o", options, "start")

    def url(self, database: str) -> str:
        """Return the address of a database of this server."""
        return f"postgresql+psycopg://{self.user}@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """Create an empty database and return its address."""
        self._created += 1
        name = f"test_{self._created}"
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return self.url(name)


def binary(name: str) -> Path | None:
    """Find a program of PostgreSQL on PATH or where Debian puts it, the newest first."""
    if found := shutil.which(name):
        return Path(found).resolve()
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return places[0] if places else None


def unprivileged_user() -> str | None:
    """Return who runs the server: PostgreSQL refuses root. None means ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    found = next((name for name in _UNPRIVILEGED if name in known), None)
    if found is None:
        missing(f"PostgreSQL refuses root and none of {_UNPRIVILEGED} exists here")
    return found


def run_server(folder: Path) -> Iterator[PostgresServer]:
    """Start a server in `folder`, yield it, stop it."""
    initdb, control = binary("initdb"), binary("pg_ctl")
    if initdb is None or control is None:
        missing("PostgreSQL is not installed: no initdb on PATH or in /usr/lib/postgresql")
    user = unprivileged_user()
    folder.mkdir(parents=True, exist_ok=True)
    if user is not None:
        shutil.chown(folder, user)
        for parent in folder.parents:
            if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o011)
    data = folder / "data"

    def run(*command: str) -> None:
        done = subprocess.run(command, user=user, capture_output=True, cwd=folder, check=False)
        assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()

    run(str(initdb), "-D", str(data), "-U", "wanwatch", "-A", "trust", "-E", "UTF8", "-N")
    server = PostgresServer(folder, partial(run, str(control), "-D", str(data), "-w"))
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for the session; its socket's path must be short, so not in pytest's folder."""
    folder = Path(tempfile.mkdtemp(prefix="wanwatch-pg-"))
    try:
        yield from run_server(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
