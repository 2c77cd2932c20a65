"""Writes a province into a policy directory and its keys into a collector's database."""

from __future__ import annotations

import csv
import io
import shutil
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from collector import starter
from collector.csv_file import text_of
from collector.fleet import AgentRow
from collector.ranges import Received
from collector.simulation.identities import identity_of
from collector.simulation.province import PREFIX, SimulatedUnit
from collector.starter import StartError
from collector.states import Handed
from collector.storage import fleet as fleet_store
from collector.storage.schema import agents
from incidents.yaml_problems import InvalidDocument

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

    from collector.settings import Settings
    from collector.simulation.province import Province, SimulatedHost

HEADER = ",".join(SimulatedUnit._fields)
NO_CHANNELS = (
    "# Mô phỏng: không báo cho ai · a simulation tells nobody\nchannels: {}\nrecipients: []\n"
)

ONE_ON_DUTY = """channels:
  mail: {kind: email, host: 127.0.0.1, port: 25, from: wanwatch@example.vn}
recipients:
  - {name: Trực ca, channel: mail, address: truc@example.vn, severities: [S1, S2, S3]}
"""


def write_province(directory: Path, province: Province, *, force: bool = False) -> None:
    """Write units.csv, hosts.csv and, where there is none, a channels.yaml that tells nobody.

    Raises:
        StartError: Real units are there and `force` is not given, or the disk refused.
    """
    path = directory / "units.csv"
    try:
        real = _real_lines(path, force=force)
        if real and not force:
            raise StartError(
                f"{path} lists units that are not simulated; choose another directory, "
                "or add the simulated ones to them with --force"
            )
        (directory / "rules").mkdir(parents=True, exist_ok=True)
        path.write_text(_table([HEADER, *real], province.units), encoding="utf-8")
        hosts = [(h.name, h.unit, h.kind, h.presence) for h in province.hosts]
        (directory / "hosts.csv").write_text(
            _table(["host,unit,kind,presence"], hosts), encoding="utf-8"
        )
        if not (directory / "channels.yaml").exists():
            (directory / "channels.yaml").write_text(NO_CHANNELS, encoding="utf-8")
    except (OSError, InvalidDocument) as error:
        raise StartError(f"cannot write the province into {directory}: {error}") from error


def copy_policy(source: Path | None, directory: Path, province: Province) -> None:
    """Make a policy directory with a province's units and everything else of `source`.

    Without a source somebody is on duty who is paged for all but the lowest severity.

    Raises:
        StartError, OSError: The source cannot be read, or the disk refused.
    """
    if source is None:
        directory.mkdir(parents=True)
        (directory / "channels.yaml").write_text(ONE_ON_DUTY, encoding="utf-8")
    elif not source.is_dir():
        raise StartError(f"{source} is no policy directory")
    else:
        shutil.copytree(source, directory)
        (directory / "units.csv").unlink(missing_ok=True)
    write_province(directory, province)


def enrol(
    config: Settings,
    province: Province,
    *,
    interval_seconds: int,
    now: datetime,
    force: bool = False,
) -> None:
    """Let every host of the province report to a collector; a known key is bound anew.

    Raises:
        StartError: Real agents are there and `force` is not given, or the database refused.
    """
    units = starter.load_policy(config.policy_directory).units
    engine = starter.open_database(config)
    rows = [row_of(host, interval_seconds) for host in province.hosts]
    try:
        with engine.execution_options(wanwatch_writes=True).begin() as connection:
            _refuse_beside_real_agents(connection, config, force=force)
            fleet_store.replace_units(connection, units)
            for row in rows:
                fleet_store.add_agent(connection, row, enrolled_at=now)
    except (fleet_store.UnknownUnit, fleet_store.UnitsInUse) as error:
        raise StartError(str(error)) from error
    finally:
        engine.dispose()


def _refuse_beside_real_agents(connection: Connection, config: Settings, *, force: bool) -> None:
    is_real = ~agents.c.unit.startswith(PREFIX, autoescape=True)
    real = connection.scalar(select(func.count()).select_from(agents).where(is_real))
    if real and not force:
        raise StartError(
            f"{config.data} holds {real} real agents; a simulation belongs in a directory of its "
            "own. --force enrols it beside them"
        )


def row_of(host: SimulatedHost, interval_seconds: int) -> AgentRow:
    """Return the enrolment of a host that never reported."""
    identity = identity_of(host)
    return AgentRow(
        id=identity.agent,
        unit=host.unit,
        host=host.name,
        kind=host.kind,
        presence=host.presence,
        public_key=identity.public_key,
        interval_seconds=interval_seconds,
        last_report_at=None,
        boot="",
        received=Received(),
        handed=Handed(),
    )


def _real_lines(path: Path, *, force: bool) -> list[str]:
    """Return the lines of the units that are not simulated."""
    if not path.exists():
        return []
    first, *rest = text_of(path.read_bytes(), path.name).splitlines() or [""]
    real = [line for line in rest if line.strip() and not line.startswith((PREFIX, "#"))]
    if real and force and first != HEADER:
        raise StartError(
            f"{path}: to keep its units beside simulated ones its first line must be {HEADER}"
        )
    return real


def _table(lines: list[str], rows: Sequence[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return "\n".join(lines) + "\n" + text.getvalue()
