"""Lines for a log server: their form, over each transport, with real sockets."""

from __future__ import annotations

import asyncio
import re
import ssl
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from incidents.channels import load_policy
from incidents.channels.syslog import MAX_BYTES, SyslogChannel, SyslogSender, as_line
from incidents.outbox import Message
from incidents.yaml_lines import InvalidDocument
from tests.builders import T0
from tests.certificates import serving

if TYPE_CHECKING:
    from pathlib import Path

PAGE = Message(
    7, "log", "Máy chủ nhật ký", "", "page", "first", "S1", "SC26-0001", "m-1",
    "MỚI · SC26-0001 · S1 · Văn phòng", "Cả trang", T0, 1, False,
)  # fmt: skip


def sender(port: int, transport: str, **more: Any) -> SyslogSender:
    values = {"kind": "syslog", "host": "127.0.0.1", "port": port, "transport": transport}
    return SyslogSender(SyslogChannel(**(values | more)))


def test_a_line_has_the_form_of_rfc_5424() -> None:
    """Priority of facility and severity, version, instant, host, name, reason, elements, words."""
    line = as_line(PAGE, 16, "giam-sat").decode()
    form = (
        r"<129>1 2026-11-23T02:00:00\.000Z giam-sat wanwatch - first "
        r'\[origin software="wanwatch"\] '
        "\ufeffSC26-0001 MỚI · SC26-0001 · S1 · Văn phòng id=m-1"
    )
    assert re.fullmatch(form, line), line


def test_a_notice_is_information_and_what_may_have_come_before_says_so() -> None:
    """Priority 134 is local0.info."""
    line = as_line(replace(PAGE, kind="notice", repeated=True), 16, "-").decode()

    assert line.startswith("<134>1 ")
    assert "(lặp lại)" in line


def test_a_line_is_one_line_and_bounded() -> None:
    """Line breaks become spaces, and no letter is cut in two."""
    line = as_line(replace(PAGE, subject="Ổ\nđĩa " * 2_000), 16, "-")

    assert b"\n" not in line
    assert len(line) <= MAX_BYTES
    line.decode()


async def test_udp_sends_one_datagram() -> None:
    """And says that nobody confirms it."""
    got: asyncio.Queue[bytes] = asyncio.Queue()

    class Server(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, _: Any) -> None:
            got.put_nowait(data)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Server, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    assert await sender(port, "udp").send(PAGE) == "UDP: unconfirmed"
    assert (await got.get()).startswith(b"<129>1 ")
    transport.close()


@pytest.mark.parametrize("transport", ["tcp", "tls"])
async def test_a_stream_counts_the_bytes_of_each_line(transport: str, tmp_path: Path) -> None:
    """RFC 6587, RFC 5425: the length, a space, the line."""
    got: asyncio.Queue[bytes] = asyncio.Queue()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = int(await reader.readuntil(b" "))
        got.put_nowait(await reader.readexactly(length))
        writer.close()

    context, more = None, {}
    if transport == "tls":
        pem = serving(tmp_path / "server.pem")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        more = {"ca_file": str(pem)}
    server = await asyncio.start_server(take, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    assert await sender(port, transport, **more).send(PAGE) == transport.upper()
    assert (await got.get()) == as_line(PAGE, 16, "-")
    server.close()


def test_a_mistake_names_its_line() -> None:
    """A transport that there is not."""
    text = "channels:\n  log: {kind: syslog, host: x, transport: carrier}\n"
    with pytest.raises(InvalidDocument, match="udp"):
        load_policy(text, file="channels.yaml")
