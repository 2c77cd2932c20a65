"""`wanwatch discover`: what is at the addresses you name, as a proposed `targets.yaml`."""

from __future__ import annotations

import ipaddress
import json
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from agents.credentials_file import Credentials, read_credentials
from agents.probe import Means
from agents.settings import SettingsError
from collector import app as composition
from collector.cli.client import AsJson
from collector.cli.output import fail
from collector.cli.words import say
from collector.discovery.addresses import read_addresses
from collector.discovery.look import MOST_TABLES, Limits, look
from collector.discovery.proposal import propose, to_yaml
from collector.discovery.walk import Walked, walk
from collector.targets.targets_file import read_targets
from incidents.yaml_problems import InvalidDocument

MOST_PER_SECOND = 20.0


def discover(
    unit: Annotated[str, typer.Option(help="Code of the unit that the devices belong to.")],
    targets: Annotated[
        str, typer.Option(help="An address, a network such as 10.42.1.0/24, or a file of them.")
    ],
    askers: Annotated[
        list[str], typer.Option("--from", help="Agent that is to measure them: UNIT/HOST.")
    ],
    credentials: Annotated[
        Path | None, typer.Option(help="File with tables for SNMP, as an agent has it.")
    ] = None,
    write: Annotated[Path | None, typer.Option(help="A new file for the proposal.")] = None,
    per_second: Annotated[
        float, typer.Option(min=0.1, max=MOST_PER_SECOND, help="Addresses begun in a second.")
    ] = MOST_PER_SECOND,
    as_json: AsJson = False,
) -> None:
    """Ask the named addresses, and no others, what they are: ICMP, SNMP, SIP, H.323, HTTPS.

    The proposal goes to the screen or to a new file; 1 when nothing answered.
    """
    if write is not None and write.exists():
        fail(say("{write} is already there; name a new file", write=write), code=2)
    try:
        addresses = _addresses(targets)
        known = read_credentials(credentials) if credentials else Credentials({}, {})
    except (ValueError, SettingsError) as error:
        fail(str(error), code=2)
    if len(known.snmp) > MOST_TABLES:
        fail(
            say(
                "{credentials} has {snmp} tables; at most {most_tables} are tried",
                credentials=credentials,
                snmp=len(known.snmp),
                most_tables=MOST_TABLES,
            ),
            code=2,
        )
    walked = _walked(addresses, known, per_second)
    proposed = propose(walked.found, unit, askers)
    text = to_yaml(proposed, walked.found)
    try:
        read_targets(text, file="the proposal")
    except InvalidDocument as error:
        fail(
            say(
                "what would be proposed has mistakes: check --unit and --from\n{error}", error=error
            ),
            code=2,
        )
    if write is not None:
        _write(write, text)
    if as_json:
        typer.echo(json.dumps(_as_json(walked, proposed), ensure_ascii=False, indent=2))
    elif write is None:
        typer.echo(text, nl=False)
    _tell(walked, addresses, known, write)
    if not walked.found:
        raise typer.Exit(1)


def _addresses(given: str) -> list[str]:
    file = Path(given)
    try:
        ipaddress.ip_network(given, strict=False)
    except ValueError:
        try:
            return read_addresses(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise ValueError(
                f"{given} is no address, no network, and no file: {error.strerror}"
            ) from None
        except UnicodeDecodeError:
            raise ValueError(f"{given} is not a file of addresses") from None
    return read_addresses(given)


def _walked(addresses: list[str], known: Credentials, per_second: float) -> Walked:
    means = Means(
        now=lambda: composition.now().timestamp(),
        monotonic=time.monotonic,
        token=os.urandom,
        snmp_credentials=known.snmp,
    )
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"{len(addresses)} addresses", total=len(addresses))
        return walk(
            addresses,
            lambda address: look(address, means, list(known.snmp), Limits()),
            per_second=per_second,
            told=lambda: progress.advance(task),
            monotonic=time.monotonic,
        )


def _write(file: Path, text: str) -> None:
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except OSError as error:
        fail(say("write {file}: {strerror}", file=file, strerror=error.strerror), code=2)


def _as_json(walked: Walked, proposed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"seen": asdict(signs), "target": target}
        for signs, target in zip(walked.found, proposed, strict=True)
    ]


def _tell(walked: Walked, addresses: list[str], known: Credentials, write: Path | None) -> None:
    """Say on standard error what the proposal does not."""
    where = say(", in {write}", write=write) if write else ""
    typer.echo(
        say(
            "{found} of {addresses} addresses answered{where}",
            found=len(walked.found),
            addresses=len(addresses),
            where=where,
        ),
        err=True,
    )
    if any(signs.echoes is None for signs in walked.found):
        typer.echo(
            say("This host may not send echoes: ICMP was left out (docs/probes.md)"), err=True
        )
    if not known.snmp:
        typer.echo(say("SNMP was left out: give --credentials FILE with tables for it"), err=True)
    for address, reason in list(walked.failures.items())[:10]:
        typer.echo(f"{address}: {reason}", err=True)
