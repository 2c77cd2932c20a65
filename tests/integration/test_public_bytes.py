"""What leaves the network, byte by byte: everything that may not is fed in, and nothing comes out.

Every public channel speaks to a raw socket that keeps what it reads; the modem's relay is one too,
because what it is told is what it sends.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import unicodedata
import urllib.parse
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import select

from collector.storage.channel_tests import Way, add_tests
from collector.storage.desk_store import DeskStore
from collector.storage.outbox_store import OutboxStore, queue_notice
from collector.storage.schema import incidents
from incidents.causes import HandReport
from incidents.channel import Means
from incidents.channels import build_channels
from incidents.commands import AddTask, Note, Restrict
from incidents.delivery import Delivery
from incidents.window_messages import ends_soon
from tests.builders import AN, BINH, T0, cause, desk, policy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from collector.storage.database import Database

SECRETS = {
    "address": "10.42.7.19", "v6": "fd00:42::19", "mac": "00:1b:44:11:3a:b7",
    "host": "srv-vanban-01", "name": "srv.noibo.tinh.vn", "account": "nguyenvana@tinh.vn",
    "hole": "CVE-2026-4242",
    "url": "https://vanban.noibo/x", "words": "mật khẩu dán trên màn hình",
}  # fmt: skip
ALL = " ".join(SECRETS.values())
HIDDEN = ("Sản phẩm mật mã", "Đảng ủy xã Bí Mật")
CHANNELS = """
channels:
  gateway: {{kind: sms_gateway, url: "http://127.0.0.1:{port}/sms", json: {{to: "{{number}}", text: "{{text}}"}}}}
  modem: {{kind: modem, url: "http://127.0.0.1:{port}", token_file: token}}
  chat: {{kind: webhook, url: "http://127.0.0.1:{port}/hook", reach: public}}
  apprise: {{kind: apprise, url_file: url}}
recipients:
  - {{name: Trực ca, channel: gateway, address: "+84912345678", severities: [S1, S2, S3, S4], role: co_yeu}}
  - {{name: Trực ca, channel: modem, address: "+84912345678", severities: [S1, S2, S3, S4], role: co_yeu}}
  - {{name: Trực ca, channel: chat, severities: [S1, S2, S3, S4], role: co_yeu}}
  - {{name: Trực ca, channel: apprise, severities: [S1, S2, S3, S4], role: co_yeu}}
repeat: {{S1: 5m, S2: 10m, S3: 30m, S4: 4h}}
storm: {{messages: 2, within: 5m}}
"""  # noqa: E501


class Wire:
    """A server that keeps every byte it reads and takes everything."""

    def __init__(self) -> None:
        self.read = b""
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.split(b":")[1])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length")
            )
            self.read += head + await reader.readexactly(length)
            body = b'{"id":"x","accepted":true,"parts":1}'
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
            )
            await writer.drain()
        writer.close()

    def text(self) -> str:
        """Return everything in every way in which it may have been written."""
        plain = self.read.decode(errors="replace")
        written = [plain, urllib.parse.unquote_plus(plain)]
        for line in plain.replace("\r\n", "\n").split("\n"):
            with contextlib.suppress(ValueError):
                written.append(json.dumps(json.loads(line), ensure_ascii=False))
            with contextlib.suppress(ValueError):
                written.append(base64.b64decode(line, validate=True).decode(errors="replace"))
        return unicodedata.normalize("NFC", "\n".join(written)).casefold()


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    made = Wire()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()


async def test_nothing_that_may_not_leaves_the_network(
    wire: Wire, db: Database, tmp_path: Path
) -> None:
    """Alerts, words of people, cipher, restricted, deadlines, digests, notices and tests."""
    paging = policy(CHANNELS.format(port=wire.port))
    office = desk(paging)
    secrets = {"token": "relay-token-0123456789", "url": f"json://127.0.0.1:{wire.port}/"}

    def write(work: Any) -> Any:
        return db.write_now(lambda c: work(DeskStore(c)))

    # An alert whose every word is one that may not leave, and what people add to it.
    told = cause(1, host=SECRETS["host"], summary_vi=ALL, summary_en=ALL, value=ALL)
    first = write(lambda tx: office.alert_fired(tx, told, T0))
    write(lambda tx: office.command(tx, first, Note(ALL), AN, T0))
    write(
        lambda tx: office.command(tx, first, AddTask(ALL, "binh", T0 + timedelta(hours=1)), AN, T0)
    )
    # The inventory's name of a unit with an address in it.
    odd = cause(2, dedup_key="k2", unit_name=f"Xã {SECRETS['address']} {SECRETS['account']}")
    write(lambda tx: office.alert_fired(tx, odd, T0))
    # A cipher incident, a state secret, and one that was restricted.
    locked: list[int] = []
    for number, kind in enumerate(("cy_san_pham", "lo_bi_mat"), 3):
        secret = cause(number, dedup_key=f"k{number}", class_code=kind, unit_name=HIDDEN[1],
                       summary_vi=ALL, summary_en=ALL)  # fmt: skip
        locked.append(write(lambda tx, s=secret: office.alert_fired(tx, s, T0)))
    hand = HandReport("kt_thiet_bi", "000.09", HIDDEN[1], ALL, T0, impact="I3", scope="P4")
    last = write(lambda tx: office.open_by_hand(tx, hand, AN, T0))
    write(lambda tx: office.command(tx, last, Restrict(ALL, (), ("chi_huy",)), BINH, T0))
    # A notice and a test.
    db.write_now(lambda c: queue_notice(
        c, paging.recipients[0], ends_soon(ALL, T0, ALL), reach="public", message_id="n", now=T0
    ))  # fmt: skip
    db.write_now(lambda c: add_tests(
        c, [Way(ALL, "gateway", "+84912345678", "public")], batch="b", actor=f"person:{ALL}", now=T0
    ))  # fmt: skip

    async with httpx.AsyncClient() as client:
        built = build_channels(paging, Means(lambda name: secrets[name], client))
        sender = Delivery(OutboxStore(db, paging.storm), built, paging.delivery, jitter=lambda: 0.0)
        for minutes in range(0, 200, 4):
            now = T0 + timedelta(minutes=minutes)
            for _ in range(3):
                write(lambda tx, at=now: office.turn(tx, at))
            await sender.turn(now)

    said = wire.text()
    assert said.count("sc26-0001") > 8  # it did speak, of what it may
    assert "tổng hợp" in said
    assert "quá hạn" in said
    for what, secret in SECRETS.items():
        assert unicodedata.normalize("NFC", secret).casefold() not in said, what
    for hidden in HIDDEN:
        assert hidden.casefold() not in said, hidden
    hidden_ones = incidents.c.id.in_([last, *locked])
    codes = db.read_now(lambda c: c.scalars(select(incidents.c.code).where(hidden_ones)).all())
    assert len(codes) == 3
    for code in codes:
        assert code.casefold() not in said, code
