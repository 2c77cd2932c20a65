"""The relay on a modem that hangs on a pseudo-terminal: what leaves, what rings, what comes in."""

from __future__ import annotations

import asyncio
import contextlib
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest

from tests.fake_modem import TAKEN, FakeModem
from tests.integration.relay.world import NUMBER, OTHER, TOKEN, World, until, world
from tests.receivers import HttpReceiver, http_receiver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

LONG = "MỚI · SC26-0001 · S1 Đặc biệt nghiêm trọng · Xã Ấm Hạ mất kết nối. " * 4


async def test_text_with_marks_leaves_in_parts_that_one_telephone_joins(tmp_path: Path) -> None:
    """The answer comes when the network has taken all of them; they say what was written."""
    async with world(tmp_path) as w:
        await w.ready()
        answer = await w.post(text=LONG[:200])

        assert answer.status_code == 200
        assert answer.json()["parts"] == 3
        assert w.modem.texts() == [(NUMBER, unicodedata.normalize("NFC", LONG[:200]))]
        assert len({s.reference for s in w.modem.sent}) == 1


async def test_text_without_marks_needs_fewer_parts(tmp_path: Path) -> None:
    """A setting of the relay; it stays readable."""
    async with world(tmp_path, strip_marks=True) as w:
        await w.ready()
        answer = await w.post(text=LONG[:200])

        assert answer.json()["parts"] == 2
        assert w.modem.texts()[0][1].startswith("MOI - SC26-0001 - S1 Dac biet nghiem trong")


async def test_text_is_never_longer_than_the_parts_allowed(tmp_path: Path) -> None:
    """A page of 2 a.m. is short; what is cut off ends with dots."""
    async with world(tmp_path, max_parts=2) as w:
        await w.ready()
        assert (await w.post(text=LONG)).json()["parts"] == 2
        assert w.modem.texts()[0][1].endswith("...")


async def test_same_id_never_leaves_twice_also_after_a_restart(tmp_path: Path) -> None:
    """Asked twice at once, asked again later, asked again of a new process."""
    modem = FakeModem(tmp_path / "modem")
    async with world(tmp_path, modem) as w:
        await w.ready()
        first, second = await asyncio.gather(w.post(), w.post())
        assert (first.status_code, second.status_code) == (200, 200)
        assert (await w.post()).json()["repeated"]
    async with world(tmp_path, modem) as w:
        await w.ready()
        assert (await w.post()).json()["repeated"]
    assert modem.texts() == [(NUMBER, "Xin chào")]


async def test_message_goes_before_the_call_and_the_call_rings_until_answered(
    tmp_path: Path,
) -> None:
    """Answered: it is hung up, and the relay says after how long."""
    async with world(tmp_path) as w:
        await w.ready()
        w.modem.rings[NUMBER] = ["2", "3", "3", "3", "0"]
        answer = await w.post(voice=True)
        assert answer.json()["voice"] in ("waiting", "answered")
        await w.relay.outgoing.settle()

        assert (await w.get("/v1/messages/message-1"))["voice"] == "answered"
        assert w.modem.hung_up == 1
        sent = [c.partition("=")[0] for c in w.modem.commands if c[:7] in ("AT+CMGS", "ATD+849")]
        assert sent == ["AT+CMGS", f"ATD{NUMBER};"]


@pytest.mark.parametrize(
    ("looks", "result"),
    [(["2", "3"], "not answered"), (["2", "BUSY"], "busy"), (["2", "NO CARRIER"], "no carrier")],
)
async def test_call_that_nobody_answers_ends(tmp_path: Path, looks: list[str], result: str) -> None:
    """After the time that is set, or when the network says so; the line is free afterwards."""
    modem = FakeModem(tmp_path / "modem")
    modem.rings[NUMBER] = looks
    async with world(tmp_path, modem) as w:
        await w.ready()
        await w.post(voice=True)
        await w.relay.outgoing.settle()

        assert (await w.get("/v1/messages/message-1"))["voice"] == result
        assert (await w.post("message-2")).status_code == 200


async def test_no_message_leaves_while_a_call_rings(tmp_path: Path) -> None:
    """One thing at a time: the next message waits for the end of the call."""
    async with world(tmp_path) as w:
        await w.ready()
        w.modem.rings[NUMBER] = ["3"] * 5 + ["0"]
        await w.post(voice=True)
        await until(lambda: w.modem.dialled)
        assert (await w.post("message-2", number=OTHER)).status_code == 200
        at = [c[:7] for c in w.modem.commands]

        assert at.index("AT+CHUP", at.index("ATD+849")) < len(at) - 1 - at[::-1].index("AT+CMGS")


@pytest.mark.parametrize(
    ("refusal", "status", "retryable", "words"),
    [
        ("+CMS ERROR: 38", 503, True, "out of order"),
        ("+CMS ERROR: 1", 422, False, "not assigned"),
        ("+CMS ERROR: 777", 503, True, "777"),
        ("ERROR", 503, True, "ERROR"),
        ("silence", 503, True, "no answer"),
    ],
)
async def test_refusal_of_the_network_is_told_with_its_words(
    tmp_path: Path, refusal: str, status: int, retryable: bool, words: str
) -> None:
    """Whether again would help, and whether it may have left nevertheless."""
    async with world(tmp_path) as w:
        await w.ready()
        w.modem.refusals.append(refusal)
        answer = await w.post()
        said = answer.json()

        assert (answer.status_code, said["retryable"]) == (status, retryable)
        assert words in said["reason"]
        assert said["ambiguous"] == (refusal == "silence")
        await w.ready()
        assert (await w.post()).status_code == 200
        assert w.modem.texts() == [(NUMBER, "Xin chào")]


async def test_interrupted_text_goes_on_with_the_part_that_is_missing(tmp_path: Path) -> None:
    """The parts that left do not leave again, and the telephone joins them with the rest."""
    async with world(tmp_path) as w:
        await w.ready()
        w.modem.refusals.extend([TAKEN, "+CMS ERROR: 332"])
        assert (await w.post(text=LONG[:200])).json()["ambiguous"]
        assert (await w.post(text=LONG[:200])).status_code == 200

        assert w.modem.texts() == [(NUMBER, unicodedata.normalize("NFC", LONG[:200]))]
        assert len(w.modem.sent) == 3


async def test_lines_said_unasked_and_torn_answers_disturb_nothing(tmp_path: Path) -> None:
    """A ring, a signal report and an end of a call in the middle; answers byte by byte."""
    modem = FakeModem(tmp_path / "modem")
    modem.in_bytes = True
    async with world(tmp_path, modem) as w:
        await w.ready()
        modem.chatter.extend(["RING", "^RSSI:17", "NO CARRIER", "+CREG: 1", "OK?"] * 4)
        answers = [await w.post(f"message-{n}") for n in range(4)]

        assert [a.status_code for a in answers] == [200] * 4
        assert len(modem.sent) == 4


async def test_who_calls_back_is_hung_up(tmp_path: Path) -> None:
    """A line that is taken could wake nobody else."""
    async with world(tmp_path) as w:
        await w.ready()
        before = w.modem.commands.count("AT+CHUP")
        w.modem.say("RING")
        await until(lambda: w.modem.commands.count("AT+CHUP") == before + 1)
        assert (await w.post()).status_code == 200


async def test_unplugged_modem_is_found_again_and_told_meanwhile(tmp_path: Path) -> None:
    """Gone: an error at once, nothing sent. Back: everything as before, without a restart."""
    async with world(tmp_path) as w:
        await w.ready()
        w.modem.unplug()
        await w.ready(is_ready=False)
        answer = await w.post()
        assert (answer.status_code, answer.json()["ambiguous"]) == (503, False)
        assert (await w.client.get("/healthy")).status_code == 503
        w.modem.plug()
        await w.ready()

        assert (await w.post()).status_code == 200
        assert (await w.client.get("/healthy")).status_code == 200
        assert w.modem.commands.count("ATE0") == 2


async def test_modem_without_network_takes_nothing_until_it_is_registered(tmp_path: Path) -> None:
    """It says why, and looks again by itself."""
    modem = FakeModem(tmp_path / "modem")
    modem.registered = 3
    async with world(tmp_path, modem) as w:
        await until(lambda: w.relay.keeper.opened)
        await until(lambda: "denied" in w.relay.keeper.problem)
        assert "denied" in (await w.post()).json()["reason"]
        modem.registered = 1
        await w.ready()
        assert (await w.post()).status_code == 200


async def test_wrong_pin_is_tried_once_ever(tmp_path: Path) -> None:
    """The third wrong one locks a SIM: neither a reconnection nor a restart tries again."""
    modem = FakeModem(tmp_path / "modem")
    modem.sim = "SIM PIN"
    pin = tmp_path / "pin"
    pin.write_text("9999")
    pin.chmod(0o600)
    for _ in range(2):
        async with world(tmp_path, modem, pin_file=pin) as w:
            await until(lambda: modem.commands.count("ATE0") >= 2)
            assert "PIN" in w.relay.keeper.problem
        modem.commands.clear()
    assert modem.pins_tried == 1
    pin.write_text("1234")
    async with world(tmp_path, modem, pin_file=pin) as w:
        await w.ready()


@contextlib.asynccontextmanager
async def receiving(tmp_path: Path) -> AsyncIterator[tuple[World, HttpReceiver]]:
    async with (
        http_receiver() as collector,
        world(tmp_path, collector=f"http://127.0.0.1:{collector.port}") as w,
    ):
        await w.ready()
        yield w, collector


async def test_reply_reaches_the_collector_and_then_leaves_the_store(tmp_path: Path) -> None:
    """With the relay's token and an id under which it counts once."""
    async with receiving(tmp_path) as (w, collector):
        w.modem.receive(NUMBER, "1 SC26-0001")
        await until(lambda: not w.modem.store)
        [(headers, body)] = collector.posts

        assert headers["authorization"] == "Bearer collector-token-0123"
        assert headers["idempotency-key"] == body["id"]
        assert (body["number"], body["text"], body["is_whole"]) == (NUMBER, "1 SC26-0001", True)


async def test_message_stays_in_the_modem_until_the_collector_took_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A collector that fails, then takes: nothing is lost, and the id stays the same."""
    monkeypatch.setattr("collector.relay.incoming.AGAIN_SECONDS", 0.05)
    async with receiving(tmp_path) as (w, collector):
        collector.statuses = [503, 500]
        w.modem.receive(NUMBER, "1")
        await until(lambda: len(collector.posts) == 1)
        assert w.modem.store
        await until(lambda: not w.modem.store)

        assert len(collector.posts) == 3
        assert len({body["id"] for _, body in collector.posts}) == 1


async def test_long_reply_arrives_as_one_text(tmp_path: Path) -> None:
    """Parts in the wrong order, with marks, by both kinds of reference; others in between."""
    async with receiving(tmp_path) as (w, collector):
        w.modem.receive(NUMBER, "phần hai", part=(300, 2, 2), wide=True)
        w.modem.receive(OTHER, "b" * 3, part=(7, 2, 2))
        await until(lambda: len(w.modem.store) == 2)
        assert collector.posts == []
        w.modem.receive(NUMBER, "Phần một, ", part=(300, 2, 1), wide=True)
        w.modem.receive(OTHER, "a" * 3, part=(7, 2, 1))
        await until(lambda: not w.modem.store)

        assert {(b["number"], b["text"]) for _, b in collector.posts} == {
            (NUMBER, "Phần một, phần hai"), (OTHER, "aaabbb"),
        }  # fmt: skip


async def test_collector_is_told_what_came_of_a_call(tmp_path: Path) -> None:
    """Beside the message that it rang for; nobody waits for it."""
    async with receiving(tmp_path) as (w, collector):
        w.modem.rings[NUMBER] = ["3", "0"]
        await w.post(voice=True)
        await until(lambda: collector.posts)
        [(headers, body)] = collector.posts

        assert headers["authorization"] == "Bearer collector-token-0123"
        assert (body["id"], body["voice"], body["sent"]) == ("message-1", "answered", 1)


async def test_endless_text_is_handed_over_shortened(
    tmp_path: Path,
) -> None:
    """What the collector would refuse as too long would stay in the store for ever."""
    async with receiving(tmp_path) as (w, collector):
        for place in range(1, 21):
            w.modem.receive(NUMBER, "x" * 150, part=(9, 20, place))
        await until(lambda: not w.modem.store)

        assert [len(body["text"]) for _, body in collector.posts] == [2_000]


async def test_stored_nonsense_is_removed_and_the_rest_goes_on(tmp_path: Path) -> None:
    """What cannot be read would fill the store for ever."""
    async with receiving(tmp_path) as (w, collector):
        w.modem.receive_raw("00" * 12)
        w.modem.receive(NUMBER, "1")
        await until(lambda: not w.modem.store)

        assert [b["text"] for _, b in collector.posts] == ["1"]


async def test_replies_wait_in_a_modem_that_has_no_collector(tmp_path: Path) -> None:
    """A relay for the watcher alone touches nothing that came in."""
    async with world(tmp_path) as w:
        await w.ready()
        w.modem.receive(NUMBER, "1")
        assert (await w.post()).status_code == 200
        assert len(w.modem.store) == 1


async def test_receipt_of_the_network_is_counted(tmp_path: Path) -> None:
    """Where receipts are asked for, the relay says that the telephone has the message."""
    async with world(tmp_path, delivery_reports=True) as w:
        await w.ready()
        await w.post()
        assert w.modem.sent[0].wants_report
        w.modem.say("+CDS: 26", "000601" + "0B914819325476F8" + "62902180756182" * 2 + "00")
        await until(lambda: w.relay.memory.of("message-1").delivered)

        assert (await w.get("/v1/messages/message-1"))["delivered"] == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"id": "message-1", "number": "0912;+CMGD=1", "text": "x"}, "number"),
        ({"id": "message-1", "number": NUMBER}, "text"),
        ({"id": "short", "number": NUMBER, "text": "x"}, "id"),
        ({"id": "message-1", "number": NUMBER, "text": "x", "more": 1}, "more"),
        ({"id": "message-1", "number": NUMBER, "text": "x", "severity": "S9"}, "severity"),
    ],
)
async def test_order_that_cannot_be_sent_is_refused_by_its_field(
    tmp_path: Path, body: dict[str, Any], field: str
) -> None:
    """Nothing of it reaches the modem."""
    async with world(tmp_path) as w:
        await w.ready()
        answer = await w.client.post("/v1/messages", json=body)

        assert answer.status_code == 422
        assert field in answer.json()["reason"]
        assert w.modem.sent == []


async def test_door_opens_to_its_token_alone(tmp_path: Path) -> None:
    """Without it: whether the modem is well, and nothing else."""
    async with world(tmp_path) as w:
        await w.ready()
        for token in ("none", "wrong", TOKEN[:-1]):
            w.client.headers["Authorization"] = f"Bearer {token}"
            assert (await w.post()).status_code == 401
            for path in ("/metrics", "/v1/modem", "/v1/messages/message-1"):
                assert (await w.client.get(path)).status_code == 401
        assert (await w.get("/healthy")) == {"ready": True}
        assert w.modem.sent == []


async def test_body_that_goes_on_for_ever_is_cut_off(tmp_path: Path) -> None:
    """The bound is far above any message."""
    async with world(tmp_path) as w:
        answer = await w.client.post("/v1/messages", content=b"x" * 20_000)
        assert answer.status_code == 413


async def test_metrics_say_how_the_modem_is(tmp_path: Path) -> None:
    """Signal, registration, store, what was sent and what came of calls."""
    async with world(tmp_path) as w:
        await w.ready()
        await w.post()
        shown = (await w.client.get("/metrics")).text

        assert "wanwatch_relay_modem_signal_dbm -73.0" in shown
        assert 'wanwatch_relay_messages_total{result="sent"} 1.0' in shown
        assert (await w.get("/v1/modem"))["operator"] == "VIETTEL"
