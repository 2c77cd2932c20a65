"""Real receivers on real sockets: a mail server and an HTTP server that tests can break."""

from __future__ import annotations

import asyncio
import contextlib
import json
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from email.message import EmailMessage


class MailServer:
    """Accepts mail; `answers` holds what it says to the next texts instead of accepting them."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answers: list[str] = []
        self.port = 0
        self.silent = False
        self.arrived = asyncio.Event()

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        if address.startswith("nobody@"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        mail: Any = message_from_bytes(envelope.content, policy=default)
        if self.answers:
            return self.answers.pop(0)
        self.mails.append(mail)
        self.arrived.set()
        if self.silent:
            await asyncio.Event().wait()
        return "250 accepted"


@contextlib.asynccontextmanager
async def mail_server(port: int = 0) -> AsyncIterator[MailServer]:
    """Run a mail server on the loopback interface."""
    receiver = MailServer()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(receiver, hostname="mail.test", loop=loop), "127.0.0.1", port
    )
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()


class HttpReceiver:
    """Answers POSTs with `statuses` in turn, then 204; keeps headers and JSON of each."""

    def __init__(self) -> None:
        self.posts: list[tuple[dict[str, str], Any]] = []
        self.statuses: list[int] = []
        self.port = 0
        self.hang_up = False
        self.arrived = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/secret-in-path"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:]
            headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in head) if k}
            body = await reader.readexactly(int(headers["content-length"]))
            self.posts.append((headers, json.loads(body)))
            self.arrived.set()
            if not self.hang_up:
                status = self.statuses.pop(0) if self.statuses else 204
                answer = f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                writer.write(answer.encode())
                await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def http_receiver() -> AsyncIterator[HttpReceiver]:
    """Run an HTTP receiver on the loopback interface."""
    receiver = HttpReceiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
