"""What every channel promises: a time limit, no secret in words or logs, honest doubt."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

import httpx
import pytest

from incidents.channels import kinds
from incidents.channels.apprise import AppriseSender
from incidents.channels.email import EmailChannel, EmailSender
from incidents.channels.modem import ModemChannel, ModemSender
from incidents.channels.sms_gateway import SmsGatewayChannel, SmsGatewaySender
from incidents.channels.syslog import SyslogChannel, SyslogSender
from incidents.channels.webhook import WebhookSender
from incidents.outbox import DeliveryError, Message
from tests.builders import T0
from tests.receivers import http_receiver, mail_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from incidents.channel import Channel

LIMIT_SECONDS = 0.3
SECRET = "s3cret-value"
MESSAGE = Message(
    1, "mail", "Trực ca", "truc@example.vn", "page", "first", "S1", "SC26-0001", "m-1", "MỚI",
    "Nội dung", T0, 1, False,
)  # fmt: skip


def email(port: int) -> Channel:
    channel = EmailChannel(kind="email", host="127.0.0.1", port=port, sender="w@example.vn")
    return EmailSender(channel, password=SECRET, limit_seconds=LIMIT_SECONDS)


def webhook(port: int) -> Channel:
    url = f"http://user:{SECRET}@127.0.0.1:{port}/{SECRET}"
    client = httpx.AsyncClient()
    return WebhookSender(url, client, bearer=SECRET, limit_seconds=LIMIT_SECONDS)


def modem(port: int) -> Channel:
    url = f"http://user:{SECRET}@127.0.0.1:{port}"
    channel = ModemChannel(kind="modem", url=url, token_file="token")
    return ModemSender(channel, httpx.AsyncClient(), token=SECRET, limit_seconds=LIMIT_SECONDS)


def sms_gateway(port: int) -> Channel:
    channel = SmsGatewayChannel(
        kind="sms_gateway",
        url=f"http://user:{SECRET}@127.0.0.1:{port}/{SECRET}?key={{secret.key}}",
        json={"to": "{number}", "text": "{text}"},
        secrets={"key": "key"},
    )
    client, secrets = httpx.AsyncClient(), {"key": SECRET}
    return SmsGatewaySender(channel, client, secrets=secrets, limit_seconds=LIMIT_SECONDS)


def syslog(port: int) -> Channel:
    channel = SyslogChannel(kind="syslog", host="127.0.0.1", port=port, transport="tcp")
    return SyslogSender(channel, limit_seconds=LIMIT_SECONDS)


def apprise(port: int) -> Channel:
    url = f"json://user:{SECRET}@127.0.0.1:{port}/{SECRET}"
    return AppriseSender(url, limit_seconds=LIMIT_SECONDS)


channels = pytest.mark.parametrize("build", [email, webhook, modem, sms_gateway, syslog, apprise])


def test_every_kind_of_channel_is_held_to_these_promises() -> None:
    """Adding one adds it here."""
    assert set(kinds()) == {
        build.__name__ for build in (email, webhook, modem, sms_gateway, syslog, apprise)
    }


@contextlib.asynccontextmanager
async def mute_server() -> AsyncIterator[int]:
    """Accepts connections and never says a word."""
    open_ones: list[asyncio.StreamWriter] = []

    async def keep(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.append(writer)

    server = await asyncio.start_server(keep, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        for writer in open_ones:
            writer.close()
        server.close()


async def failure(channel: Channel) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await channel.send(MESSAGE)
    return caught.value


@channels
async def test_channel_gives_up_within_its_limit_when_the_receiver_is_mute(
    build: Callable[[int], Channel],
) -> None:
    """A connection that says nothing ends in an error that may be tried again."""
    async with mute_server() as port, asyncio.timeout(LIMIT_SECONDS + 3):
        error = await failure(build(port))

    assert error.retryable
    assert error.ambiguous == (build is not email)


@channels
async def test_channel_knows_that_a_refused_connection_delivered_nothing(
    build: Callable[[int], Channel],
) -> None:
    """No doubt: it is tried again and not marked as repeated."""
    async with mute_server() as port:
        pass
    error = await failure(build(port))

    # Of what it hands over to, Apprise says no more than that it failed.
    assert (error.retryable, error.ambiguous) == (True, build is apprise)


@channels
async def test_channel_tells_no_secret_when_it_fails_or_succeeds(
    build: Callable[[int], Channel], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in the error nor in any log line, at any level."""
    caplog.set_level(logging.DEBUG)
    async with mute_server() as port:
        error = await failure(build(port))
    async with mail_server() as mail, http_receiver() as hook:
        await build(mail.port if build is email else hook.port).send(MESSAGE)

    assert SECRET not in str(error) + error.reason
    assert SECRET not in caplog.text
    assert str(port) not in error.reason


async def test_email_is_in_doubt_when_the_answer_to_its_text_is_missing() -> None:
    """The server took the text and never answered: it may have arrived."""
    async with mail_server() as mail:
        mail.silent = True
        error = await failure(email(mail.port))

    assert (error.retryable, error.ambiguous) == (True, True)
    assert len(mail.mails) == 1
