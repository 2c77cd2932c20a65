"""`wanwatch up`: the collector and an agent of this host, each a process of its own."""

from __future__ import annotations

import getpass
import os
import platform
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import httpx
import typer

from collector import app, settings, starter
from collector.cli import supervisor
from collector.cli.client import Client, Unreachable
from collector.cli.output import fail

if TYPE_CHECKING:
    from collector.settings import Settings

READY_SECONDS = 60.0


def up(
    data: Annotated[Path, typer.Option(help="Directory of all data.")] = Path("var"),
    listen: Annotated[str, typer.Option(help="HOST:PORT of the console.")] = "127.0.0.1:8440",
    policy: Annotated[Path | None, typer.Option(help="Policy directory [DATA/policy].")] = None,
    interval_seconds: Annotated[
        int, typer.Option(min=1, max=3600, help="How often this host's agent reports.")
    ] = 10,
) -> None:
    """Start the collector and an agent of this host; Ctrl-C stops both."""
    data = data.absolute()
    try:
        config = settings.load(None, os.environ, {"data": data, "listen": listen, "policy": policy})
        starter.write_policy(config.policy_directory)
        agent = starter.enrol_this_host(
            config,
            agent_directory=data / "agent",
            host=platform.node(),
            interval_seconds=interval_seconds,
            now=app.now(),
        )
    except (settings.SettingsError, starter.StartError) as error:
        fail(str(error), code=2)
    children = [
        supervisor.Child("collector", collector_command(config)),
        supervisor.Child("agent", _agent_command(config, data, interval_seconds)),
    ]
    asked_to_stop = threading.Event()
    with supervisor.stop_on_signals(asked_to_stop):
        try:
            _run(config, children, agent, asked_to_stop)
        finally:
            supervisor.stop(children)


def _run(
    config: Settings, children: list[supervisor.Child], agent: str, asked_to_stop: threading.Event
) -> None:
    collector_child, agent_child = children
    supervisor.start(collector_child, time.monotonic())
    if not wait_until_ready(config, collector_child, asked_to_stop):
        return
    supervisor.start(agent_child, time.monotonic())
    _say(f"collector and agent {agent} are running; policy is in {config.policy_directory}")
    link = Client.of_data_directory(config.data).post(
        "/api/v1/login-links", {"user": getpass.getuser()}
    )["url"]
    _say(f"console, log in once within 10 minutes with:\n\n    {link}\n")
    while not asked_to_stop.wait(supervisor.POLL_SECONDS):
        for child in children:
            supervisor.look_after(child, time.monotonic(), _say)
    _say("stopping")


def wait_until_ready(
    config: Settings, child: supervisor.Child, asked_to_stop: threading.Event
) -> bool:
    """Return True when the collector answers; fail when it ended or stays silent."""
    deadline = time.monotonic() + READY_SECONDS
    while not asked_to_stop.wait(0.1):
        if child.process is not None and (code := child.process.poll()) is not None:
            fail("the collector did not start; its reason stands above", code=code or 1)
        try:
            if Client.of_data_directory(config.data).is_ready():
                return True
        except (Unreachable, httpx.HTTPError):
            pass
        if time.monotonic() > deadline:
            fail(f"the collector did not become ready in {READY_SECONDS:g} s", code=1)
    return False


def collector_command(config: Settings) -> list[str]:
    """Return the command line of the collector's process."""
    return [
        *(sys.executable, "-m", "collector", "collector"),
        *("--data", str(config.data), "--listen", config.listen),
        *("--policy", str(config.policy_directory)),
    ]


def _agent_command(config: Settings, data: Path, interval_seconds: int) -> list[str]:
    url = config.public_url or f"{config.scheme}://{config.listen}"
    if config.tls_certificate:
        os.environ.setdefault("WANWATCH_AGENT_CA_FILE", str(config.tls_certificate))
    return [
        *(sys.executable, "-m", "agents", "run", "--data", str(data / "agent")),
        *("--collector", url, "--interval-seconds", str(interval_seconds)),
    ]


def _say(text: str) -> None:
    typer.echo(f"wanwatch: {text}")
