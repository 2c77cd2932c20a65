"""Delivery with a real mail server and a real HTTP receiver, on both databases."""

from __future__ import annotations

import asyncio
import socket
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from collector.storage import outbox_store, schema
from collector.storage.desk_store import DeskStore
from collector.storage.outbox_store import OutboxStore
from incidents.channel import INSIDE, Means
from incidents.channels import build_channels
from incidents.commands import Acknowledge, Move
from incidents.delivery import Delivery, Message
from tests.builders import T0, cause, desk, policy
from tests.integration.post import CHANNELS, Post

if TYPE_CHECKING:
    from datetime import datetime


async def test_delivery_sends_each_message_once(post: Post) -> None:
    """A mail that reads well and a POST with its identifier; a second turn sends nothing."""
    post.fire()
    sender = post.delivery()

    assert await sender.turn(T0) is None
    assert await sender.turn(T0) is None

    (mail,) = post.mail.mails
    assert mail["Subject"].startswith("MỚI · SC26-0001 · S1 Đặc biệt nghiêm trọng · Văn phòng")
    assert mail["Message-ID"] == "<message-1@example.vn>"
    assert mail["References"] == "<incident-SC26-0001@example.vn>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Wanwatch-Repeated"] is None
    text = mail.get_content()
    assert "Hạn tiếp nhận: 23/11/2026 09:05" in text
    assert "http://127.0.0.1:8440/incidents/SC26-0001" in text
    ((headers, body),) = post.hook.posts
    assert headers["idempotency-key"] == body["id"] == "message-2"
    assert headers["authorization"] == "Bearer bearer-secret"
    assert (body["reason"], body["severity"], body["repeated"]) == ("first", "S1", False)
    assert post.box() == [("sent", 1, False, "")]


async def test_delivery_tries_again_when_the_mail_server_was_dead(post: Post) -> None:
    """Doubling pauses, then it arrives once and unmarked; the webhook was not held up."""
    port, post.mail.port = post.mail.port, 0
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dead = free.getsockname()[1]
    post.policy = policy(CHANNELS.format(mail=dead, hook=post.hook.url))
    post.desk = desk(post.policy)
    post.fire()
    sender = post.delivery()

    assert await sender.turn(T0) == T0 + timedelta(seconds=10)
    assert await sender.turn(T0 + timedelta(seconds=9)) == T0 + timedelta(seconds=10)
    assert await sender.turn(T0 + timedelta(seconds=10)) == T0 + timedelta(seconds=30)
    ((status, attempts, repeated, error),) = post.box()
    assert (status, attempts, repeated) == ("pending", 2, False)
    assert str(dead) not in error
    assert len(post.hook.posts) == 1

    post.policy = policy(CHANNELS.format(mail=port, hook=post.hook.url))
    await post.delivery().turn(T0 + timedelta(seconds=30))
    assert len(post.mail.mails) == 1
    assert post.box() == [("sent", 3, False, "")]


async def test_delivery_gives_up_visibly(post: Post) -> None:
    """After the last attempt the message is failed, with the reason, and counted."""
    post.mail.answers = ["451 later"] * 3
    post.fire()
    sender = post.delivery()
    now: datetime | None = T0
    while now is not None:
        now = await sender.turn(now)

    assert post.box() == [("failed", 3, False, "SMTP: SMTPDataError with code 451")]
    counted = post.db.read_now(outbox_store.counts)
    assert counted == {("mail", "failed"): 1, ("hook", "sent"): 1}


@pytest.mark.parametrize(("answer", "status"), [("452 full", "pending"), ("554 refused", "failed")])
async def test_delivery_asks_the_server_whether_again_helps(
    post: Post, answer: str, status: str
) -> None:
    """A 4xx is tried again, a 5xx is not."""
    post.mail.answers = [answer]
    post.fire()
    await post.delivery().turn(T0)

    assert post.box()[0][0] == status


@pytest.mark.parametrize(
    ("answer", "status"),
    [(500, "pending"), (503, "pending"), (429, "pending"), (400, "failed"), (302, "failed")],
)
async def test_delivery_judges_the_status_of_a_webhook(
    post: Post, answer: int, status: str
) -> None:
    """5xx and 429 may pass; a redirect is not followed. No text holds address or token."""
    post.hook.statuses = [answer]
    post.fire()
    await post.delivery().turn(T0)

    ((found, _, repeated, error),) = post.box("hook")
    assert (found, repeated, error) == (status, False, f"webhook: HTTP {answer}")


async def test_delivery_marks_what_may_have_arrived_when_the_receiver_hangs_up(
    post: Post,
) -> None:
    """The receiver read the POST and never answered: it goes again with the same identifier."""
    post.hook.hang_up = True
    post.fire()
    sender = post.delivery()
    await sender.turn(T0)
    post.hook.hang_up = False
    await sender.turn(T0 + timedelta(minutes=1))

    (first, second) = [body for _, body in post.hook.posts]
    assert first["id"] == second["id"]
    assert (first["repeated"], second["repeated"]) == (False, True)
    assert second["subject"].endswith("(lặp lại)")
    assert "secret" not in post.box("hook")[0][3]


async def test_delivery_repeats_what_a_kill_left_in_doubt(post: Post) -> None:
    """A row found as being sent: same Message-ID, marked, counted; its first word stays first."""
    post.fire()
    sender = post.delivery()
    await sender.turn(T0)
    sending = update(schema.outbox).where(schema.outbox.c.channel == "mail")
    post.db.write_now(lambda c: c.execute(sending.values(status="sending", sent_at=None)))

    restarted = post.delivery()
    assert await restarted.recover(T0) == 1
    await restarted.turn(T0)

    first, second = post.mail.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert second["X-Wanwatch-Repeated"] == "yes"
    assert second["Subject"].startswith("MỚI")
    assert second["Subject"].endswith("(lặp lại)")
    assert post.db.read_now(outbox_store.repeated) == 1
    assert post.box() == [("sent", 2, True, "")]


async def test_delivery_cancels_pages_that_nobody_needs_any_more(post: Post) -> None:
    """Acknowledged or ended before it left: cancelled, with the reason kept as a decision."""
    acknowledged = post.fire()
    post.command(acknowledged, Acknowledge())
    ended = post.fire(alert_id=2, dedup_key="other")
    post.command(ended, Move("khong_phai_su_co", "Thử"))
    await post.delivery().turn(T0)

    assert post.mail.mails == []
    assert [(status, error) for status, _, _, error in post.box()] == [
        ("cancelled", "acknowledged"),
        ("cancelled", "ended"),
    ]
    kept = select(schema.decisions.c.reason).where(schema.decisions.c.outbox.is_not(None))
    reasons = post.db.read_now(lambda c: list(c.scalars(kept)))
    assert sorted(reasons) == ["acknowledged"] * 2 + ["ended"] * 2 + ["first"] * 4


async def test_delivery_keeps_a_page_that_was_queued_after_the_acknowledgement(
    post: Post,
) -> None:
    """A new unit pages although it is acknowledged."""
    incident = post.fire()
    post.command(incident, Acknowledge())
    post.fire(T0 + timedelta(minutes=1), alert_id=2, unit="000.02")
    await post.delivery().turn(T0 + timedelta(minutes=1))

    (mail,) = post.mail.mails
    assert mail["Subject"].startswith("THÊM ĐƠN VỊ")


async def test_delivery_sends_one_of_the_repeats_that_piled_up(post: Post) -> None:
    """While the server was dead: the first page, the deadline's pages, the newest repeat, and one
    message about the other deadlines."""
    post.fire()
    for minutes in (4, 5, 10, 15, 20):
        now = T0 + timedelta(minutes=minutes)
        post.db.write_now(lambda c, at=now: post.desk.turn(DeskStore(c), at))
    await post.delivery().turn(T0 + timedelta(minutes=20))

    first_words = [mail["Subject"].split(" · ")[0] for mail in post.mail.mails]
    assert sorted(first_words) == [
        "MỚI",
        "NHẮC LẠI",
        "QUÁ HẠN",
        "QUÁ HẠN TIẾP NHẬN",
        "SẮP ĐẾN HẠN",
    ]


async def test_delivery_sends_the_worst_first(post: Post) -> None:
    """An S1 queued after ten S4 does not wait for them."""
    for number in range(6):
        low = {"impact": "I2", "scope": "P1"}
        post.fire(alert_id=number, dedup_key=f"low-{number}", **low)
    post.fire(alert_id=9, dedup_key="high")
    claimed = await OutboxStore(post.db).claim("mail", T0, 2)

    assert [message.severity for message in claimed] == ["S1", "S4"]


async def test_a_message_is_claimed_by_one_sender_only(post: Post) -> None:
    """Two senders at once: together they get each message once."""
    for number in range(8):
        post.fire(alert_id=number, dedup_key=f"k-{number}")
    store = OutboxStore(post.db)
    claims = await asyncio.gather(*(store.claim("mail", T0, 5) for _ in range(3)))

    numbers = [message.id for claim in claims for message in claim]
    assert len(numbers) == len(set(numbers)) == 8


async def test_delivery_fails_what_waits_for_a_channel_that_is_gone(post: Post) -> None:
    """Visible instead of waiting for ever."""
    post.fire()
    sender = Delivery(OutboxStore(post.db), {}, post.policy.delivery, jitter=lambda: 0.0)
    await sender.recover(T0)

    assert post.box()[0][0] == "failed"
    assert "no longer configured" in post.box()[0][3]


async def test_delivery_refused_recipient_is_not_tried_again(post: Post) -> None:
    """The server says the address does not exist."""
    text = CHANNELS.format(mail=post.mail.port, hook=post.hook.url)
    post.desk = desk(policy(text.replace("truc@", "nobody@")))
    post.fire()
    await post.delivery().turn(T0)

    assert post.box() == [("failed", 1, False, "SMTP: SMTPRecipientRefused with code 550")]


async def test_a_hanging_channel_does_not_delay_the_other(post: Post) -> None:
    """The mail server accepts and never answers; the webhook is told meanwhile."""
    post.mail.silent = True
    sender = post.delivery()
    serving = asyncio.create_task(sender.serve(lambda: T0))
    try:
        post.fire()
        sender.wake()
        async with asyncio.timeout(8):
            await post.hook.arrived.wait()
            await post.mail.arrived.wait()
        assert post.box() == [("sending", 1, False, "")]
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


class FullDisk(OutboxStore):
    """An outbox that cannot write outcomes while `full`."""

    full = True

    async def settle(self, done: Any) -> None:
        if self.full:
            raise OSError("no space left on device")
        await super().settle(done)


async def test_delivery_does_not_send_again_because_an_outcome_could_not_be_written(
    post: Post,
) -> None:
    """The outcome is kept and written when the disk has room."""
    post.fire(impact="I2", scope="P1")
    store = FullDisk(post.db)
    channels = build_channels(post.policy, Means(lambda _: "x", post.client))
    sender = Delivery(store, channels, post.policy.delivery, jitter=lambda: 0.0)
    await sender.turn(T0)
    assert post.box()[0][0] == "sending"
    store.full = False
    await sender.turn(T0)

    assert post.box() == [("sent", 1, False, "")]
    assert len(post.mail.mails) == 1


async def test_delivery_fails_what_was_being_sent_over_a_channel_that_is_gone(post: Post) -> None:
    """Killed while sending, started without the channel: failed and seen, not waiting for ever."""
    post.fire()
    await OutboxStore(post.db).claim("mail", T0, 5)
    sender = Delivery(OutboxStore(post.db), {}, post.policy.delivery, jitter=lambda: 0.0)
    await sender.recover(T0)

    assert [row[0] for row in post.box()] == ["failed"]


class LostAnswer(OutboxStore):
    """An outbox whose next claim is written, but nobody is told."""

    is_lost = True

    async def claim(self, channel: str, now: datetime, limit: int) -> Any:
        claimed = await super().claim(channel, now, limit)
        if self.is_lost:
            self.is_lost = False
            raise ConnectionError("server closed the connection unexpectedly")
        return claimed


async def test_delivery_sends_what_it_claimed_without_being_told(post: Post) -> None:
    """The connection was lost during the commit: nothing stays in `sending`, nothing is marked."""
    post.fire(impact="I2", scope="P1")
    channels = build_channels(post.policy, Means(lambda _: "x", post.client))
    sender = Delivery(LostAnswer(post.db), channels, post.policy.delivery, jitter=lambda: 0.0)
    with pytest.raises(ConnectionError):
        await sender.turn(T0)
    assert post.box()[0][0] == "sending"

    await sender.turn(T0)
    assert post.box() == [("sent", 1, False, "")]
    assert len(post.mail.mails) == 1


class SlowChannel:
    """Hands over when told; keeps the first words of what it was given."""

    reach, limit_seconds, at_once = INSIDE, 10.0, 4

    def __init__(self) -> None:
        self.given: list[str] = []
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()
        self.worst_given = asyncio.Event()

    async def send(self, message: Message) -> str:
        self.given.append(message.severity)
        self.begun.set()
        if message.severity == "S1":
            self.worst_given.set()
        await self.go_on.wait()
        return ""


async def test_delivery_that_is_stopped_ends_what_it_is_sending(post: Post) -> None:
    """A reload or a stop cuts nothing short: it is settled, unmarked; nothing new is claimed."""
    for number in range(6):
        post.fire(alert_id=number, dedup_key=f"k-{number}", impact="I2", scope="P1")
    slow = SlowChannel()
    sender = Delivery(
        OutboxStore(post.db), {"mail": slow}, post.policy.delivery, jitter=lambda: 0.0
    )
    serving = asyncio.create_task(sender.serve(lambda: T0))
    await slow.begun.wait()
    sender.stop()
    slow.go_on.set()
    async with asyncio.timeout(5):
        await serving

    assert [row[:3] for row in post.box()] == [("sent", 1, False)] * 4 + [("pending", 0, False)] * 2


async def test_page_queued_during_a_long_backlog_waits_for_one_batch_alone(post: Post) -> None:
    """The server is slow and forty reminders wait: a new S1 goes with the next four."""
    for number in range(12):
        post.fire(alert_id=number, dedup_key=f"k-{number}", impact="I2", scope="P1")
    slow, instants = SlowChannel(), iter(range(1000))
    sender = Delivery(
        OutboxStore(post.db), {"mail": slow}, post.policy.delivery, jitter=lambda: 0.0
    )
    serving = asyncio.create_task(sender.serve(lambda: T0 + timedelta(seconds=next(instants))))
    await slow.begun.wait()
    await post.db.write(
        lambda c: post.desk.alert_fired(
            DeskStore(c), cause(99, dedup_key="worst"), T0 + timedelta(seconds=1)
        )
    )
    slow.go_on.set()
    try:
        async with asyncio.timeout(5):
            await slow.worst_given.wait()
        assert slow.given.index("S1") == 4
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
