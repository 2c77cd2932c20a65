"""`wanwatch simulate`: a province that does not exist reports to a collector that does."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import ssl
import time
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop

from collector import app, settings, starter
from collector.cli.client import AsJson, connect
from collector.cli.output import fail, show
from collector.cli.words import say
from collector.simulation import enrolment, memory
from collector.simulation.connection import Address, NotAnAddress, address_of
from collector.simulation.drive import Driver, Run
from collector.simulation.fault_file import read_faults
from collector.simulation.faults import Fault, strike
from collector.simulation.identities import identity_of
from collector.simulation.province import Province, make_province
from collector.simulation.reporter import Reporter
from collector.simulation.tally import Tally, summary
from incidents.yaml_problems import InvalidDocument

PROGRESS_SECONDS = 5.0


def simulate(
    collector: Annotated[str | None, typer.Option(help="Address, http[s]://HOST:PORT.")] = None,
    data: Annotated[Path | None, typer.Option(help="Data of the running collector.")] = None,
    agents: Annotated[int, typer.Option(min=1, help="How many hosts.")] = 300,
    units: Annotated[int, typer.Option(min=1, help="How many units, at most 600.")] = 150,
    seed: Annotated[int, typer.Option(help="The same seed gives the same province.")] = 1,
    interval: Annotated[int, typer.Option(min=1, max=3600, help="Seconds between reports.")] = 10,
    duration: Annotated[int, typer.Option(min=0, help="Seconds; 0: until Ctrl-C.")] = 60,
    faults: Annotated[Path | None, typer.Option(help="Faults, docs/simulation.md.")] = None,
    prepare: Annotated[
        Path | None, typer.Option(help="Enrol the keys in this data directory, and end.")
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="With --prepare [DATA/policy].")] = None,
    province_only: Annotated[
        Path | None, typer.Option(help="Write units.csv and hosts.csv here, and end.")
    ] = None,
    ca_file: Annotated[Path | None, typer.Option(help="Whom to trust with https.")] = None,
    force: Annotated[bool, typer.Option(help="Enrol beside real agents.")] = False,
    as_json: AsJson = False,
) -> None:
    """Drive a collector with a simulated province; exit code 1 when a report was not taken."""
    try:
        province = make_province(seed, units=units, hosts=agents)
        struck = _faults(faults, province)
        if province_only is not None:
            enrolment.write_province(province_only, province, force=force)
        if prepare is not None:
            _prepare(prepare, policy, province, interval=interval, force=force)
        if province_only is not None or prepare is not None:
            return
        address = _address(collector, data, ca_file)
    except (
        OSError, ValueError, settings.SettingsError, starter.StartError, NotAnAddress,
    ) as error:  # fmt: skip
        fail(str(error), code=2)
    run = Run(address, interval, duration or None, struck)
    _drive(run, province, None if data is None else data / memory.FILE, as_json=as_json)


def _faults(path: Path | None, province: Province) -> dict[str, list[Fault]]:
    if path is None:
        return {}
    try:
        text = path.read_text(encoding="utf-8")
        return strike(province, read_faults(text, file=str(path), province=province))
    except InvalidDocument as error:
        fail(say("the faults have mistakes:\n{error}", error=error), code=2)


def _prepare(
    data: Path, policy: Path | None, province: Province, *, interval: int, force: bool
) -> None:
    config = settings.load(None, os.environ, {"data": data.absolute(), "policy": policy})
    enrolment.write_province(config.policy_directory, province, force=force)
    enrolment.enrol(config, province, interval_seconds=interval, now=app.now(), force=force)
    units, hosts = len(province.units), len(province.hosts)
    typer.echo(
        say(
            "wanwatch: {units} simulated units and {hosts} hosts are enrolled in {data}",
            units=units,
            hosts=hosts,
            data=data,
        )
    )


def _address(collector: str | None, data: Path | None, ca_file: Path | None) -> Address:
    if collector is None and data is None:
        raise ValueError("say where the collector is: --collector URL or --data DIR")
    url = collector or connect(data or Path("var")).url
    return address_of(url, ssl.create_default_context(cafile=ca_file))


def _drive(run: Run, province: Province, state: Path | None, *, as_json: bool) -> None:
    reporters = [Reporter(h, identity_of(h), str(run.address)) for h in province.hosts]
    if state is not None:
        try:
            memory.recall(state, reporters)
        except (OSError, TypeError, ValueError) as error:
            fail(
                say(
                    "{state}: the memory of the last simulation cannot be read: {error}",
                    state=state,
                    error=error,
                ),
                code=2,
            )
    driver = Driver(run, now=lambda: app.now().timestamp(), monotonic=time.monotonic)
    began_at, cpu_began = time.monotonic(), time.process_time()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_drive_and_tell(driver, reporters))
    elapsed, cpu = time.monotonic() - began_at, time.process_time() - cpu_began
    if state is not None:
        memory.remember(state, reporters)
    _report(summary(driver.tally, elapsed_seconds=elapsed, cpu_seconds=cpu), as_json=as_json)
    refused = any(fault.kind in ("flood", "clone") for fs in run.faults.values() for fault in fs)
    if not driver.tally.is_good and not refused:
        raise typer.Exit(1)


async def _drive_and_tell(driver: Driver, reporters: list[Reporter]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    telling = asyncio.create_task(_tell(driver.tally))
    try:
        await driver.drive(reporters, stop)
    finally:
        telling.cancel()


async def _tell(tally: Tally) -> None:
    while True:
        await asyncio.sleep(PROGRESS_SECONDS)
        counts = ", ".join(f"{name}: {count}" for name, count in sorted(tally.results.items()))
        typer.echo(
            say("wanwatch: simulated reports: {counts}", counts=counts or say("none yet")), err=True
        )


def _report(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    rows = [{"what": name, "value": value} for name, value in found["results"].items()]
    rows += [{"what": f"clone: {n}", "value": v} for n, v in found["clone_results"].items()]
    rows += [{"what": f"why {n}", "value": v} for n, v in found["reasons"].items()]
    rows += [{"what": n, "value": v} for n, v in found.items() if not isinstance(v, dict)]
    show(rows, {"what": "WHAT", "value": "VALUE"}, as_json=False)
