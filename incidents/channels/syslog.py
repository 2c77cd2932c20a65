"""Messages to a log server: one RFC 5424 line each, over UDP, TCP or TLS.

A log server acknowledges nothing: over UDP nobody knows whether a line arrived, over TCP and TLS
that it was taken by the other machine. A line says what was told, not the whole page.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from incidents.channel import ChannelKind, ChannelSettings, Means
from incidents.messages import one_line, repeated_subject
from incidents.outbox import DeliveryError, Message
from incidents.policy_parts import Line

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMIT_SECONDS = 5.0
AT_ONCE = 4
# RFC 5426 section 3.2: what every receiver takes is 480 bytes, what it should take is 2,048.
MAX_BYTES = 2_048
_VERSION = 1
_BOM = "\ufeff"
# RFC 5424 section 6.2.1.
FACILITIES: Mapping[str, int] = {
    "user": 1, "daemon": 3, "auth": 4, "syslog": 5, "local0": 16, "local1": 17, "local2": 18,
    "local3": 19, "local4": 20, "local5": 21, "local6": 22, "local7": 23,
}  # fmt: skip
_SEVERITIES = {"S1": 1, "S2": 2, "S3": 4, "S4": 5}
_INFORMATIONAL = 6


class SyslogChannel(ChannelSettings):
    """A log server."""

    kind: Literal["syslog"]
    host: Line = Field(min_length=1)
    port: int = Field(default=514, ge=1, le=65535)
    transport: Literal["udp", "tcp", "tls"] = "udp"
    facility: Literal[
        "user", "daemon", "auth", "syslog", "local0", "local1", "local2", "local3", "local4",
        "local5", "local6", "local7",
    ] = "local0"  # fmt: skip
    hostname: Line = Field(default="-", pattern=r"^[!-~]{1,255}$")
    ca_file: Line = ""


class SyslogSender:
    """Hands lines to one log server, a connection each: they are few."""

    at_once = AT_ONCE

    def __init__(self, channel: SyslogChannel, *, limit_seconds: float = LIMIT_SECONDS) -> None:
        self._channel = channel
        self.limit_seconds = limit_seconds
        self.reach = channel.reach

    async def send(self, message: Message) -> str:
        """Send once; return over what it left.

        Raises:
            DeliveryError: The server was not reached, or the line may not have arrived whole.
        """
        line = as_line(message, FACILITIES[self._channel.facility], self._channel.hostname)
        handed_over = False
        try:
            async with asyncio.timeout(self.limit_seconds):
                if self._channel.transport == "udp":
                    await self._by_datagram(line)
                    return "UDP: unconfirmed"
                reader, writer = await self._connected()
                handed_over = True
                # RFC 6587 section 3.4.1, RFC 5425 section 4.3: the length stands before the line.
                writer.write(f"{len(line)} ".encode() + line)
                await writer.drain()
                writer.write_eof() if writer.can_write_eof() else None
                await reader.read(1)  # the server closes after us; a reset comes as an error
                writer.close()
        except (OSError, TimeoutError) as error:
            reason = f"syslog: {type(error).__name__}"
            raise DeliveryError(reason, retryable=True, ambiguous=handed_over) from None
        return self._channel.transport.upper()

    async def _by_datagram(self, line: bytes) -> None:
        loop = asyncio.get_running_loop()
        address = (self._channel.host, self._channel.port)
        transport, _ = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=address
        )
        transport.sendto(line)
        transport.close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        context = None
        if self._channel.transport == "tls":
            context = ssl.create_default_context(cafile=self._channel.ca_file or None)
        return await asyncio.open_connection(self._channel.host, self._channel.port, ssl=context)


def as_line(message: Message, facility: int, hostname: str) -> bytes:
    """Return the line of a message: priority, instant, what it is about, its identifier, its words.

    Source: RFC 5424 section 6; of the registered elements `meta` and `origin` alone are used.
    """
    subject = repeated_subject(message.subject) if message.repeated else message.subject
    severity = _SEVERITIES.get(message.severity, _INFORMATIONAL)
    if message.kind != "page":
        severity = _INFORMATIONAL
    at = message.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    reason = "".join(c for c in message.reason if "!" <= c <= "~")[:32] or "-"
    head = (
        f"<{facility * 8 + severity}>{_VERSION} {at} {hostname} wanwatch - {reason} "
        f'[origin software="wanwatch"] '
    )
    words = one_line(f"{message.incident} {subject} id={message.message_id}")
    line = (head + _BOM + words).encode()
    return line[:MAX_BYTES].decode(errors="ignore").encode()


def _build(channel: SyslogChannel, means: Means) -> SyslogSender:
    del means
    return SyslogSender(channel)


SYSLOG = ChannelKind(SyslogChannel, _build)
