"""`wanwatch watch`: on a second machine, watches the collector and pages by its own channel."""

from __future__ import annotations

import asyncio
import logging
import platform
import signal
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import httpx
import typer

from collector import app as composition
from collector.cli.output import fail
from collector.cli.words import say
from collector.watching.pager import SEVERITY, Pager
from collector.watching.watch import Watch
from incidents.channel import Means
from incidents.channels import build_channels, load_policy
from incidents.yaml_problems import InvalidDocument

if TYPE_CHECKING:
    from incidents.paging_policy import PagingPolicy

WEBHOOK_SECONDS = 10.0


def watch(
    collector: Annotated[str, typer.Option(help="Its address, http[s]://HOST:PORT.")],
    page: Annotated[Path, typer.Option(help="Whom to page and how, as in channels.yaml.")],
    token_file: Annotated[
        Path | None, typer.Option(help="As `wanwatch watcher add` printed it.")
    ] = None,
    witness: Annotated[
        str, typer.Option(help="HOST:PORT near this machine: silent too, it is we who are cut off.")
    ] = "",
    ca_file: Annotated[
        Path | None, typer.Option(help="The only authority that is trusted.")
    ] = None,
    name: Annotated[str, typer.Option(help="This machine's name in pages.")] = "",
    state: Annotated[Path, typer.Option(help="Where is kept who was told.")] = Path(
        "var/watch/state.json"
    ),
    every_seconds: Annotated[float, typer.Option(min=0.2, max=300, help="Between two looks.")] = 30,
) -> None:
    """Ask the collector how it is; page after three failures, and say when it is well again."""
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel("WARNING")
    if not collector.startswith(("http://", "https://")):
        fail(
            say(
                "--collector {collector!r}: write http://HOST:PORT or https://HOST:PORT",
                collector=collector,
            ),
            code=2,
        )
    if witness and not witness.rpartition(":")[2].isdecimal():
        fail(say("--witness {witness!r}: write HOST:PORT", witness=witness), code=2)
    try:
        policy = load_policy(page.read_text(encoding="utf-8"), file=page.name)
        token = token_file.read_text(encoding="utf-8").strip() if token_file else ""
        context = ssl.create_default_context(cafile=ca_file)
        asyncio.run(
            _watch(
                policy,
                context,
                url=collector.rstrip("/"),
                token=token,
                witness=witness,
                name=name or platform.node(),
                state=state,
                every_seconds=every_seconds,
            )
        )
    except (InvalidDocument, OSError, UnicodeDecodeError) as error:
        fail(str(error), code=2)


async def _watch(
    policy: PagingPolicy,
    context: ssl.SSLContext,
    *,
    url: str,
    token: str,
    witness: str,
    name: str,
    state: Path,
    every_seconds: float,
) -> None:
    if not policy.wanting(SEVERITY):
        fail(
            say(
                "the page file names no recipient for {severity}: nobody would be told",
                severity=SEVERITY,
            ),
            code=2,
        )
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with (
        httpx.AsyncClient(verify=context, follow_redirects=False) as client,
        httpx.AsyncClient(timeout=WEBHOOK_SECONDS, follow_redirects=False) as webhooks,
    ):
        channels = build_channels(policy, Means(_secret, webhooks))
        pager = Pager(
            policy,
            channels,
            url=url,
            watcher=name,
            new_message_id=composition.new_id,
            jitter=composition.jitter,
        )
        watching = Watch(
            client,
            pager,
            policy,
            url=url,
            token=token,
            witness=witness,
            state=state,
            every_seconds=every_seconds,
            now=composition.now,
        )
        await watching.run(stopping)


def _secret(path: str) -> str:
    return Path(path).read_text(encoding="utf-8").strip()
