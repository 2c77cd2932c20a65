"""Before the collector runs: the policy directory, the tables, and the first agent."""

from __future__ import annotations

import base64
import binascii
import shutil
from importlib import resources
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from agents import identity
from collector.inventory import HOST_KINDS, read_units
from collector.storage import fleet as fleet_store
from collector.storage.database import make_engine
from collector.storage.upgrade import NewerSchema, upgrade
from incidents.yaml_problems import InvalidDocument

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Engine

    from collector.inventory import Unit
    from collector.settings import Settings

PUBLIC_KEY_BYTES = 32


class StartError(Exception):
    """Something needed to start is wrong; the text says what and what to do."""


def write_policy(directory: Path) -> None:
    """Make the policy directory with a unit and commented channels, where there is none yet."""
    if directory.exists():
        return
    try:
        with resources.as_file(resources.files("collector") / "defaults" / "policy") as shipped:
            shutil.copytree(shipped, directory)
        (directory / "rules").mkdir()
    except OSError as error:
        raise StartError(f"cannot write the policy directory {directory}: {error}") from error


def units_of(policy_directory: Path) -> list[Unit]:
    """Read units.csv.

    Raises:
        StartError: It is missing or has mistakes; all of them are named.
    """
    path = policy_directory / "units.csv"
    try:
        return read_units(path.read_bytes(), file=str(path))
    except OSError as error:
        raise StartError(f"{path}: cannot be read: {error}") from error
    except InvalidDocument as error:
        raise StartError(str(error)) from error


def open_database(config: Settings) -> Engine:
    """Return an engine on tables of the current version, backed up before they were changed.

    Raises:
        StartError: The database does not answer, or is newer than this program.
    """
    try:
        config.data.mkdir(parents=True, exist_ok=True)
        engine = make_engine(config.database)
        upgrade(engine, backup_dir=config.data / "backups")
    except (OSError, NewerSchema, SQLAlchemyError) as error:
        reason = getattr(error, "orig", None) or error
        raise StartError(f"the database cannot be opened: {reason}") from error
    return engine


def add_agent(
    config: Settings, *, host: str, unit: str, kind: str, public_key: str, now: datetime
) -> str:
    """Let an agent report for a unit and return its id.

    Raises:
        StartError: The key, the kind or the unit is not one.
    """
    key = _public_key(public_key)
    if kind not in HOST_KINDS:
        raise StartError(f"kind {kind!r}: one of {', '.join(HOST_KINDS)}")
    units = units_of(config.policy_directory)
    agent = identity.agent_id(key)
    engine = open_database(config)
    try:
        with engine.execution_options(wanwatch_writes=True).begin() as connection:
            fleet_store.import_units(connection, units)
            fleet_store.add_agent(
                connection,
                agent=agent,
                unit=unit,
                host=host,
                kind=kind,
                public_key=key,
                now=now,
            )
    except fleet_store.UnknownUnitError as error:
        raise StartError(str(error)) from error
    finally:
        engine.dispose()
    return agent


def enrol_this_host(config: Settings, *, agent_directory: Path, host: str, now: datetime) -> str:
    """Make this host's key pair, let it report for the first unit, and return the agent's id.

    Raises:
        StartError: The policy or the database cannot be used.
    """
    units = units_of(config.policy_directory)
    if not units:
        raise StartError(f"{config.policy_directory / 'units.csv'}: lists no unit; add one")
    try:
        pair = identity.load_or_create(agent_directory)
    except (OSError, identity.IdentityError) as error:
        raise StartError(f"the agent's key in {agent_directory}: {error}") from error
    return add_agent(
        config,
        host=host,
        unit=units[0].code,
        kind="server",
        public_key=pair.public_key_text,
        now=now,
    )


def _public_key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != PUBLIC_KEY_BYTES:
        raise StartError(
            f"{text!r} is not an Ed25519 public key in base64 (44 characters); "
            "`wanwatch-agent identity` prints it"
        )
    return key
