"""Before the collector runs: the policy directory, the tables, and the first agent."""

from __future__ import annotations

import base64
import binascii
import shutil
from importlib import resources
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from agents import identity
from collector.directory import HOST_KINDS
from collector.fleet import AgentRow
from collector.host_names import check_host_name
from collector.policy import policy
from collector.ranges import Received
from collector.states import Handed
from collector.storage import fleet as fleet_store
from collector.storage.database import make_engine
from collector.storage.identity_log import note
from collector.storage.procedure_store import last_in_force
from collector.storage.upgrade import NewerSchema, upgrade
from incidents.procedure import kept_procedure
from incidents.rulesets import starts_at
from incidents.yaml_problems import InvalidDocument

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from collector.policy.policy import Policy
    from collector.settings import Settings

PUBLIC_KEY_BYTES = 32
INTERVAL_SECONDS = 10
BY_HAND = "machine:command line"


class StartError(Exception):
    """Something needed to start is wrong; the text says what and what to do."""


def write_policy(directory: Path) -> None:
    """Make the policy directory with a unit and commented channels, where there is none yet.

    Raises:
        StartError: The disk refused.
    """
    if directory.exists():
        return
    try:
        with resources.as_file(resources.files("collector") / "defaults" / "policy") as shipped:
            shutil.copytree(shipped, directory)
        (directory / "rules").mkdir()
    except OSError as error:
        raise StartError(f"cannot write the policy directory {directory}: {error}") from error


def load_policy(directory: Path) -> Policy:
    """Return the policy of a directory.

    Raises:
        StartError: It has mistakes; all of them are named with file, line and field.
    """
    try:
        return policy.load(directory)
    except InvalidDocument as error:
        raise StartError(f"the policy in {directory} has mistakes:\n{error}") from error


def in_force(connection: Connection, policy: Policy, now: datetime) -> Policy:
    """Return the policy with the ruleset that is in force now.

    A directory may hold only one that begins later: until then the last one taken over stays.
    """
    first = policy.rulesets.procedures[0]
    if starts_at(first) <= now:
        return policy.at(now)
    content = last_in_force(connection, first.calendar.day_of(now))
    return policy.at(now, running=None if content is None else kept_procedure(content))


def open_database(config: Settings) -> Engine:
    """Return an engine on tables of the current version, backed up before they were changed.

    Raises:
        StartError: The database does not answer, or is newer than this program.
    """
    try:
        config.data.mkdir(parents=True, exist_ok=True)
        engine = make_engine(config.database)
        upgrade(engine, config.data / "backups")
    except (OSError, NewerSchema, SQLAlchemyError) as error:
        reason = getattr(error, "orig", None) or error
        raise StartError(f"the database cannot be opened: {reason}") from error
    return engine


def add_agent(
    config: Settings,
    *,
    host: str,
    unit: str,
    kind: str,
    public_key: str,
    now: datetime,
    interval_seconds: int = INTERVAL_SECONDS,
) -> str:
    """Let an agent report for a unit and return its id; a known key is bound anew.

    Raises:
        StartError: The key, the kind or the unit is not one.
    """
    key = _public_key(public_key)
    if (reason := check_host_name(host)) is not None:
        raise StartError(f"host {host!r}: {reason}")
    if kind not in HOST_KINDS:
        raise StartError(f"kind {kind!r}: one of {', '.join(HOST_KINDS)}")
    units = load_policy(config.policy_directory).units
    row = AgentRow(
        id=identity.agent_id(key),
        unit=unit,
        host=host,
        kind=kind,
        presence="",  # as its kind
        public_key=key,
        interval_seconds=interval_seconds,
        last_report_at=None,
        boot="",
        received=Received(),
        handed=Handed(),
    )
    engine = open_database(config)
    try:
        with engine.execution_options(wanwatch_writes=True).begin() as connection:
            fleet_store.replace_units(connection, units)
            row = row._replace(id=fleet_store.agent_of_key(connection, key) or row.id)
            fleet_store.add_agent(connection, row, enrolled_at=now)
            place = {"agent": row.id, "unit": unit, "host": host}
            note(connection, now, "enrolled", actor=BY_HAND, **place)
    except (fleet_store.UnknownUnit, fleet_store.UnitsInUse, SQLAlchemyError) as error:
        raise StartError(str(getattr(error, "orig", None) or error)) from error
    finally:
        engine.dispose()
    return row.id


def enrol_this_host(
    config: Settings, *, agent_directory: Path, host: str, interval_seconds: int, now: datetime
) -> str:
    """Make this host's key pair, let it report for the first unit, and return the agent's id.

    Raises:
        StartError: The policy, the key or the database cannot be used.
    """
    units = load_policy(config.policy_directory).units
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
        interval_seconds=interval_seconds,
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
