"""Two hours of one S1 by telephone: who is woken, who answers, and how few messages that takes.

The desk, the outbox, the relay, the modem on its pseudo-terminal and the collector's own door are
real; the clock is driven, because nobody waits two hours for a test.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
import uvicorn
from sqlalchemy import delete, select, update

from collector.storage.desk_store import DeskStore
from collector.storage.outbox_store import OutboxStore
from collector.storage.schema import incidents, outbox
from incidents.channel import Means
from incidents.channels import build_channels, load_policy
from incidents.delivery import Delivery
from tests.builders import cause
from tests.fake_modem import FakeModem
from tests.integration.desk.office import Office
from tests.integration.relay.world import TOKEN, World, until, world
from tests.switchboards import CONTACTS, switchboard
from tests.timeline_builder import local

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from collector.storage.database import Database

NIGHT = local("2026-11-23 02:00")
AN, BINH, CHI, DUNG = (f"+8491200000{n}" for n in (1, 2, 3, 4))
STRANGER = "+84999999999"
CHANNELS = """
channels:
  mail: {{kind: email, host: 127.0.0.1, port: 25, from: wanwatch@example.vn}}
  hook: {{kind: webhook, url: "http://127.0.0.1:9/"}}
  modem: {{kind: modem, url: "{url}", token_file: token, voice: [S1, S2]}}
recipients: []
repeat: {{S1: 5m, S2: 10m, S3: 30m, S4: 4h}}
"""
# Everybody by telephone alone.
PHONES = CONTACTS.replace("channels: [mail, hook]", "channels: [modem]").replace(
    "channels: [mail]", "channels: [modem]"
)
MOST_MESSAGES = 12


class Night:
    """An office at two in the morning, a modem in the corner."""

    def __init__(self, office: Office, telephone: World, delivery: Delivery) -> None:
        self.office, self.telephone, self.delivery = office, telephone, delivery
        self.code = ""

    async def until_minute(self, minute: int) -> None:
        """Let the desk and the outbox do what comes due, minute by minute."""
        while (self.office.clock() - NIGHT).total_seconds() < minute * 60:
            self.office.pass_time(minutes=1)
            await self.delivery.turn(self.office.clock())

    def fire(self) -> None:
        """Let the core router fall silent."""
        told = cause(1, unit="000.01", host="router-loi", summary_vi="10.0.0.1 im lặng")
        desk, now = self.office.desk, self.office.clock()
        number = self.office.province.db.write_now(
            lambda c: desk.alert_fired(DeskStore(c), told, now)
        )
        query = select(incidents.c.code).where(incidents.c.id == number)
        self.code = str(self.office.province.db.read_now(lambda c: c.scalar(query)))

    def texts(self) -> list[tuple[str, str]]:
        return self.telephone.modem.texts()

    async def says(self, number: str, text: str) -> None:
        """Let somebody send a message to the modem, and the collector take it."""
        self.telephone.modem.receive(number, text)
        await until(lambda: not self.telephone.modem.store)
        await self.delivery.turn(self.office.clock())


@asynccontextmanager
async def serving(office: Office) -> AsyncIterator[str]:
    """Serve the application on a port of its own."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(office.app, log_level="error", lifespan="off"))
        task = asyncio.create_task(server.serve(sockets=[bound]))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        server.should_exit = True
        await task


@pytest.fixture
async def night(tmp_path: Path, db: Database) -> AsyncIterator[Night]:
    """Everything that wakes people, wired together."""
    async with AsyncExitStack() as stack:
        office = Office(tmp_path, db, NIGHT)
        stack.push_async_callback(office.close)
        address = await stack.enter_async_context(serving(office))
        db.write_now(lambda c: c.execute(delete(outbox)))  # of the incidents of the seed
        db.write_now(lambda c: c.execute(update(incidents).values(next_turn_at=None)))
        token = await relay_token(office)
        modem = FakeModem(tmp_path / "modem")
        telephone = await stack.enter_async_context(
            world(tmp_path, modem, collector=address, phone_token=token)
        )
        await telephone.ready()
        channels = CHANNELS.format(url=f"http://{telephone.relay.address}")
        policy = load_policy(channels, file="channels.yaml")
        board = switchboard(contacts=PHONES, channels=channels)
        office.desk.adopt(  # type: ignore[attr-defined]
            office.desk.rulesets, policy, board.people, NIGHT, board
        )
        client = await stack.enter_async_context(httpx.AsyncClient())
        built = build_channels(policy, Means(lambda _: TOKEN, client))
        sender = Delivery(OutboxStore(db, policy.storm), built, policy.delivery, jitter=lambda: 1.0)
        yield Night(office, telephone, sender)


async def relay_token(office: Office) -> str:
    """Let the relay in; return its token."""
    client = await office.client("Chi")
    made = await client.post("/api/v1/phone/relays", json={"name": "modem-1"})
    assert made.status_code == 201, made.text
    return str(made.json()["token"])


async def test_an_s1_at_night_is_answered_by_the_second_level_with_few_messages(
    night: Night,
) -> None:
    """The first is silent; the second takes it by text; a stranger cannot; twelve at the most."""
    night.fire()
    await night.delivery.turn(night.office.clock())
    assert [number for number, _ in night.texts()] == [AN]
    first = night.texts()[0][1]
    assert first.startswith(f"MỚI {night.code} S1 ")
    for secret in ("10.0.0.1", "router-loi", "im lặng"):
        assert secret not in first
    assert night.telephone.modem.dialled == [AN]

    # Nobody answers; after two calls the next one is called.
    await night.until_minute(10)
    assert night.texts()[-1][0] == BINH
    assert night.texts()[-1][1].startswith(f"CHUYỂN CẤP {night.code} ")
    assert night.telephone.modem.dialled[-1] == BINH

    # A stranger is refused, without a word to them; the one who was called takes it.
    await night.says(STRANGER, f"1 {night.code}")
    assert (await file(night))["incident"]["acknowledged_at"] is None
    assert STRANGER not in [number for number, _ in night.texts()]
    await night.says(BINH, f"1 {night.code.lower()}")
    incident = (await file(night))["incident"]
    assert incident["acknowledged_by"] == "person:binh"
    assert night.code in night.texts()[-1][1]
    log = await night.office.get("chi", "/api/v1/phone/log")
    assert [row["outcome"] for row in log] == ["acknowledged", "unknown_number"]

    # They do what the procedure asks of them in time.
    office, code = night.office, night.code
    await office.do("binh", code, "tell", role="chi_huy", who="chi", how="phone")
    await office.do("binh", code, "move", stage="xac_minh")
    await night.until_minute(13)
    await office.do("chi", code, "reportable", decision="yes", grounds=["su_co"], reason="Lõi")
    await office.do("chi", code, "move", stage="ung_cuu_ban_dau")
    await office.do("chi", code, "tell", role="lanh_dao_vp", who="dung", how="phone")
    for minute in (22, 45, 68, 91):
        await night.until_minute(minute)
        await office.do("chi", code, "meet", deadline="update", how="gọi", told="dung")
        if minute == 45:
            await office.do("binh", code, "preserve", what="Nhật ký router", where="Tủ số 2")
            await office.do("binh", code, "contain", what="Chuyển sang đường dự phòng")
    await night.until_minute(95)
    await office.do("binh", code, "move", stage="khoi_phuc")
    await office.do("chi", code, "meet", deadline="internal_initial", how="gọi", told="dung")
    await night.until_minute(120)

    assert len(night.texts()) <= MOST_MESSAGES, night.texts()
    assert len(set(night.texts())) == len(night.texts())
    statuses = office.province.db.read_now(
        lambda c: {row.status for row in c.execute(select(outbox.c.status))}
    )
    assert statuses <= {"sent", "cancelled", "merged"}


async def file(night: Night) -> dict[str, object]:
    return await night.office.file("chi", night.code)
