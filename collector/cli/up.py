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

from collector import app, lock, settings, starter
from collector.cli import supervisor
from collector.cli.client import ADDRESS_FILE, Client, Unreachable
from collector.cli.output import fail
from collector.cli.words import say
from collector.host_names import check_host_name

if TYPE_CHECKING:
    from collector.settings import Settings

READY_SECONDS = 60.0
OTHER_NAME = "localhost"


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
        data.mkdir(parents=True, exist_ok=True)
        with lock.only_one(data, name="up.lock"):
            _up(data, listen, policy, interval_seconds)
    except (
        OSError, lock.LockedError, settings.SettingsError, starter.StartError, supervisor.GaveUp,
    ) as error:  # fmt: skip
        fail(str(error), code=2)


def _up(data: Path, listen: str, policy: Path | None, interval_seconds: int) -> None:
    config = settings.load(None, os.environ, {"data": data, "listen": listen, "policy": policy})
    starter.write_policy(config.policy_directory)
    agent = starter.enrol_this_host(
        config,
        agent_directory=data / "agent",
        host=own_name(platform.node()),
        interval_seconds=interval_seconds,
        now=app.now(),
    )
    collector = supervisor.Child("collector", collector_command(config))
    own_agent = supervisor.Child("agent", [])
    asked_to_stop = threading.Event()
    with supervisor.stop_on_signals(asked_to_stop):
        try:
            if start_collector(data, collector, asked_to_stop):
                own_agent.command = _agent_command(config, data, interval_seconds)
                supervisor.start(own_agent, time.monotonic())
                _greet(config, agent)
                look_after([collector, own_agent], asked_to_stop)
        finally:
            supervisor.stop([collector, own_agent])


def own_name(node: str) -> str:
    """Return this machine's name, or another one where that may not be a host's."""
    return node if check_host_name(node) is None else OTHER_NAME


def start_collector(data: Path, child: supervisor.Child, asked_to_stop: threading.Event) -> bool:
    """Return True when the collector answers, False when asked to stop before."""
    stamp_before = _stamp(data / ADDRESS_FILE)
    supervisor.start(child, time.monotonic())
    deadline = time.monotonic() + READY_SECONDS
    while not asked_to_stop.wait(0.1):
        if child.process is not None and (code := child.process.poll()) is not None:
            fail(say("the collector did not start; its reason stands above"), code=code or 1)
        if _stamp(data / ADDRESS_FILE) != stamp_before and _answers(data):
            return True
        if time.monotonic() > deadline:
            fail(
                say(
                    "the collector did not become ready in {ready_seconds:g} s",
                    ready_seconds=READY_SECONDS,
                ),
                code=1,
            )
    return False


def _stamp(path: Path) -> int:
    """Return when the file was written: the collector writes it once it listens."""
    return path.stat().st_mtime_ns if path.exists() else 0


def _answers(data: Path) -> bool:
    try:
        return Client.of_data_directory(data).is_ready()
    except (Unreachable, httpx.HTTPError):
        return False


def _greet(config: Settings, agent: str) -> None:
    tell(
        say(
            "collector and agent {agent} are running; policy is in {directory}",
            agent=agent,
            directory=config.policy_directory,
        )
    )
    user = {"user": getpass.getuser()}
    link = Client.of_data_directory(config.data).post("/api/v1/login-links", user)["url"]
    tell(say("console, log in once within 10 minutes with:\n\n    {link}\n", link=link))


def look_after(children: list[supervisor.Child], asked_to_stop: threading.Event) -> None:
    """Keep the children running until asked to stop."""
    while not asked_to_stop.wait(supervisor.POLL_SECONDS):
        for child in children:
            supervisor.look_after(child, time.monotonic(), tell)
    tell(say("stopping"))


def collector_command(config: Settings) -> list[str]:
    """Return the command line of the collector's process."""
    return [
        *(sys.executable, "-m", "collector", "collector"),
        *("--data", str(config.data), "--listen", config.listen),
        *("--policy", str(config.policy_directory)),
    ]


def _agent_command(config: Settings, data: Path, interval_seconds: int) -> list[str]:
    url = config.public_url or Client.of_data_directory(data).url  # with the port it really has
    if config.tls_certificate:
        os.environ.setdefault("WANWATCH_AGENT_CA_FILE", str(config.tls_certificate))
    return [
        *(sys.executable, "-m", "agents", "run", "--data", str(data / "agent")),
        *("--collector", url, "--interval-seconds", str(interval_seconds)),
    ]


def tell(text: str) -> None:
    """Say something to the person at the terminal."""
    typer.echo(f"wanwatch: {text}")
