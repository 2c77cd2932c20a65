"""`wanwatch demo`: a collector and a simulated province beside it, to look at."""

from __future__ import annotations

import getpass
import os
import shutil
import sys
import threading
import time
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from collector import app, settings, starter
from collector.cli import supervisor
from collector.cli.client import Client
from collector.cli.output import fail
from collector.cli.up import collector_command, look_after, start_collector, tell
from collector.cli.words import say
from collector.simulation import enrolment
from collector.simulation.province import make_province
from incidents.oncall_file import FILE

MARK = "SIMULATED"
INTERVAL_SECONDS = 10


def demo(
    data: Annotated[Path, typer.Option(help="Made anew at each start.")] = Path("var/demo"),
    listen: Annotated[str, typer.Option(help="HOST:PORT of the console.")] = "127.0.0.1:8441",
    agents: Annotated[int, typer.Option(min=1, help="How many hosts.")] = 300,
    units: Annotated[int, typer.Option(min=1, help="How many units.")] = 60,
    seed: Annotated[int, typer.Option(help="The same seed gives the same province.")] = 1,
) -> None:
    """Start a collector and a simulated province with a few faults; Ctrl-C stops both."""
    data = data.absolute()
    try:
        config = settings.load(None, os.environ, {"data": data, "listen": listen})
        _make_anew(data)
        province = make_province(seed, units=units, hosts=agents)
        enrolment.write_province(config.policy_directory, province)
        _write_schedules(config.policy_directory)
        enrolment.enrol(config, province, interval_seconds=INTERVAL_SECONDS, now=app.now())
    except (OSError, ValueError, settings.SettingsError, starter.StartError) as error:
        fail(str(error), code=2)
    size = ("--agents", str(agents), "--units", str(units), "--seed", str(seed))
    asked_to_stop = threading.Event()
    faults = resources.files("collector") / "simulation" / "examples" / "demo.yaml"
    with supervisor.stop_on_signals(asked_to_stop), resources.as_file(faults) as file:
        simulator = [
            *(sys.executable, "-m", "collector", "simulate", "--data", str(data), *size),
            *("--interval", str(INTERVAL_SECONDS), "--duration", "0", "--faults", str(file)),
        ]
        children = [
            supervisor.Child("collector", collector_command(config)),
            supervisor.Child("simulation", simulator),
        ]
        try:
            _run(data, children, asked_to_stop)
        finally:
            supervisor.stop(children)


def _write_schedules(policy: Path) -> None:
    """Let a province that is made up have people on call, made up as well."""
    example = resources.files("collector") / "simulation" / "examples" / FILE
    (policy / FILE).write_text(example.read_text("utf-8"), encoding="utf-8")


def _make_anew(data: Path) -> None:
    """Empty the directory of an earlier demonstration; leave any other alone."""
    if data.exists() and any(data.iterdir()):
        if not (data / MARK).exists():
            raise starter.StartError(
                f"{data} holds something that is no demonstration; choose another with --data"
            )
        shutil.rmtree(data)
    data.mkdir(parents=True, exist_ok=True)
    (data / MARK).write_text("Everything here is simulated and may be deleted.\n")


def _run(data: Path, children: list[supervisor.Child], asked_to_stop: threading.Event) -> None:
    collector, simulation = children
    if not start_collector(data, collector, asked_to_stop):
        return
    supervisor.start(simulation, time.monotonic())
    tell(say("a simulated province is reporting; the faults begin in 20 s"))
    user = {"user": getpass.getuser()}
    link = Client.of_data_directory(data).post("/api/v1/login-links", user)["url"]
    tell(say("console, log in once within 10 minutes with:\n\n    {link}\n", link=link))
    look_after(children, asked_to_stop)
