"""Who uses the relay: the collector's channel, the watcher when the collector is dead, a person."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from collector.relay import trying
from collector.relay.modem import NotReadyError
from collector.relay.relay import Relay
from collector.relay.usb import NetworkInterfaceError
from collector.watching.pager import Pager
from collector.watching.verdict import Problem, Watched
from incidents.channels import load_policy
from incidents.channels.modem import ModemChannel, ModemSender
from incidents.outbox import DeliveryError, Message
from tests.builders import T0
from tests.certificates import serving
from tests.fake_modem import FakeModem
from tests.integration.relay.world import (
    NUMBER,
    PACE,
    TOKEN,
    World,
    running,
    settings,
    until,
    world,
)
from tests.unit.collector.test_relay_usb import usb_modem

if TYPE_CHECKING:
    from pathlib import Path

PAGE = Message(
    1, "modem", "An", "0912 345 678", "page", "first", "S1", "SC26-0001", "f" * 32, "MỚI",
    "MỚI SC26-0001 S1 Đặc biệt nghiêm trọng: Xã Ấm Hạ.\n", T0, 1, False, "public",
)  # fmt: skip


def sender(w: World, client: httpx.AsyncClient, **more: Any) -> ModemSender:
    channel = ModemChannel(kind="modem", url=f"http://{w.relay.address}", token_file="t", **more)
    return ModemSender(channel, client, token=TOKEN, limit_seconds=5)


async def test_page_reaches_a_telephone_and_rings_it(tmp_path: Path) -> None:
    """Channel, relay, modem: the words arrive, then it rings; the receipt says what it cost."""
    async with world(tmp_path) as w, httpx.AsyncClient() as client:
        await w.ready()
        w.modem.rings[NUMBER] = ["3", "0"]
        receipt = await sender(w, client).send(PAGE)
        await w.relay.outgoing.settle()

        assert receipt in ("1/1 parts, -73 dBm, call waiting", "1/1 parts, -73 dBm")
        assert w.modem.texts() == [(NUMBER, "MỚI SC26-0001 S1 Đặc biệt nghiêm trọng: Xã Ấm Hạ.")]
        assert w.modem.dialled == [NUMBER]


async def test_page_that_is_sent_again_arrives_once(tmp_path: Path) -> None:
    """Our commit was lost after the modem had taken it: the relay knows the identifier."""
    async with world(tmp_path) as w, httpx.AsyncClient() as client:
        await w.ready()
        await sender(w, client, voice=[]).send(PAGE)
        await sender(w, client, voice=[]).send(replace(PAGE, repeated=True, attempts=2))

        assert len(w.modem.sent) == 1


@pytest.mark.parametrize(
    ("refusal", "retryable", "ambiguous", "words"),
    [("+CMS ERROR: 332", True, False, "332"), ("+CMS ERROR: 30", False, False, "30"),
     ("silence", True, True, "no answer")],
)  # fmt: skip
async def test_refusal_of_the_network_reaches_the_outbox(
    tmp_path: Path, refusal: str, retryable: bool, ambiguous: bool, words: str
) -> None:
    """Whether again helps is the network's to say, not the status code's; no number in it."""
    async with world(tmp_path) as w, httpx.AsyncClient() as client:
        await w.ready()
        w.modem.refusals.append(refusal)
        with pytest.raises(DeliveryError) as caught:
            await sender(w, client, voice=[]).send(PAGE)

        assert (caught.value.retryable, caught.value.ambiguous) == (retryable, ambiguous)
        assert words in caught.value.reason
        assert "912" not in caught.value.reason


async def test_watcher_wakes_somebody_while_the_collector_is_dead(tmp_path: Path) -> None:
    """By its own page file and the same relay; no name or address of a machine leaves."""
    async with world(tmp_path) as w, httpx.AsyncClient() as client:
        await w.ready()
        policy = load_policy(
            f"channels:\n  modem: {{kind: modem, url: 'http://{w.relay.address}', token_file: t}}\n"
            "recipients:\n"
            "  - {name: An, channel: modem, address: '0912345678', severities: [S1, S2]}\n",
            file="page.yaml",
        )
        ids = itertools.count(1)
        pager = Pager(
            policy,
            {"modem": sender(w, client)},
            url="https://10.1.2.3:8440",
            watcher="canh-1",
            new_message_id=lambda: f"watch-{next(ids):08d}",
            jitter=lambda: 0.5,
        )
        problem = Problem("bàn trực đứng yên", "the desk stands still")
        watched = Watched(failures=3, failing_since=T0, problem=problem, paged_at=T0, pages=1)
        pager.say("page", watched, T0)
        await pager.turn(T0)
        await w.relay.outgoing.settle()

        [(number, words)] = w.modem.texts()
        assert number == NUMBER
        assert "KHÔNG làm việc" in words
        assert "10.1.2.3" not in words
        assert "canh-1" not in words
        assert w.modem.dialled == [NUMBER]
        assert len(pager) == 0


async def test_relay_on_another_machine_speaks_tls(tmp_path: Path) -> None:
    """With a certificate that the channel's own authority vouches for, and no other."""
    pem = serving(tmp_path / "relay.pem")
    async with world(tmp_path, tls_certificate=pem, tls_key=pem) as w:
        url = f"https://{w.relay.address}"
        async with httpx.AsyncClient() as client:
            channel = ModemChannel(
                kind="modem", url=url, token_file="t", ca_file=str(pem), voice=[]
            )
            await w.ready()
            await ModemSender(channel, client, token=TOKEN).send(PAGE)
            bare = channel.model_copy(update={"ca_file": ""})
            with pytest.raises(DeliveryError) as caught:
                await ModemSender(bare, client, token=TOKEN).send(PAGE)

        assert (caught.value.retryable, caught.value.ambiguous) == (True, False)
        assert len(w.modem.sent) == 1


async def test_relay_does_not_start_beside_a_network_interface(tmp_path: Path) -> None:
    """Neither does one that runs go on when the modem comes back with one."""
    sysfs = tmp_path / "sys"
    port = usb_modem(sysfs, serial="ttyUSB2", network={"1-2:1.4": ("wwan0", "qmi_wwan")})
    with pytest.raises(NetworkInterfaceError, match="wwan0"):
        Relay(settings(tmp_path, port=port), sysfs=sysfs)

    modem = FakeModem(tmp_path / "modem")
    modem.plug()
    name = modem.path.resolve().name
    relay = Relay(settings(tmp_path), pace=PACE, sysfs=tmp_path / "later")
    async with running(relay):
        await until(lambda: relay.keeper.is_ready)
        (tmp_path / "later/class/wwan" / name).mkdir(parents=True)
        await until(lambda: relay.keeper.problem)
        assert "wwan" in relay.keeper.problem
    modem.unplug()


async def test_modem_is_tried_by_hand(tmp_path: Path) -> None:
    """How it is, a line a thing, and one message; what is in the way is said."""
    modem = FakeModem(tmp_path / "modem")
    modem.plug()
    try:
        chosen = settings(tmp_path)
        state = await trying.look_once(chosen, "", PACE, number="0912345678")
        assert list(trying.lines(state)) == [
            "SIM:      READY",
            "network:  registered VIETTEL",
            "signal:   -73 dBm, 4 of 5",
            "store:    0 of 20",
        ]
        assert modem.texts() == [(NUMBER, trying.WORDS)]
        modem.sim = "missing"
        with pytest.raises(NotReadyError, match="no SIM is inserted"):
            await trying.look_once(chosen, "", PACE)
    finally:
        modem.unplug()


async def test_relay_ends_in_order_in_the_middle_of_a_call(tmp_path: Path) -> None:
    """It does not wait for a ring, and the port is free for the next process."""
    modem = FakeModem(tmp_path / "modem")
    async with world(tmp_path, modem) as w:
        await w.ready()
        await w.post(voice=True)
        await until(lambda: modem.dialled)
    async with asyncio.timeout(5), world(tmp_path, modem) as w:
        await w.ready()
