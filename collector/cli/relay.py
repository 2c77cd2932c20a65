"""`wanwatch relay`: beside a mobile modem, sends and receives for the collector and the watcher."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from collector.cli.output import fail
from collector.cli.words import say
from collector.lock import LockedError
from collector.settings import SettingsError

if TYPE_CHECKING:
    from collector.relay.settings import RelaySettings


def relay(
    config: Annotated[Path | None, typer.Option(help="The settings, relay.toml.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Say how the modem is, and end.")] = False,
    test: Annotated[str, typer.Option(help="Send one message to this number, and end.")] = "",
) -> None:
    """Drive a modem on a serial port: text messages, calls that wake, replies."""
    if os.name != "posix":
        fail(say("the relay needs a Unix system: a modem is driven through termios"), code=2)
    from collector import logs
    from collector.relay import settings as relay_settings
    from collector.relay.modem import NotReadyError
    from collector.relay.usb import NetworkInterfaceError

    try:
        settings = relay_settings.load(config, os.environ)
        logs.set_up(settings.log_level)
        asyncio.run(_once(settings, test) if check or test else _run(settings))
    except (SettingsError, NetworkInterfaceError, LockedError, OSError) as error:
        fail(str(error), code=2)
    except NotReadyError as error:
        fail(str(error), code=1)


async def _run(settings: RelaySettings) -> None:
    from collector.relay.relay import Relay

    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await Relay(settings).run(stopping)


async def _once(settings: RelaySettings, number: str) -> None:
    """Raise NotReadyError for whatever is in the way of a message."""
    from collector.relay import trying
    from collector.relay.dialog import RefusedByModemError, SilentModemError
    from collector.relay.modem import NotReadyError, Pace
    from collector.relay.port import PortLostError
    from collector.relay.settings import pin_of

    try:
        state = await trying.look_once(settings, pin_of(settings), Pace(), number=number)
    except (PortLostError, SilentModemError, RefusedByModemError) as error:
        raise NotReadyError(str(error)) from None
    for line in trying.lines(state):
        typer.echo(line)
    if not state.registration.is_registered:
        raise NotReadyError(f"network: {state.registration.words[1]}")
    if number:
        typer.echo(say("the network took the message"))
