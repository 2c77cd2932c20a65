"""Messages in a storm and at night: on both databases, with a real mail server."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from incidents.commands import Acknowledge
from tests.builders import T0, policy
from tests.integration.post import CHANNELS
from tests.timeline_builder import local

if TYPE_CHECKING:
    from tests.integration.post import Post

NIGHT, MORNING = local("2026-11-23 23:00"), local("2026-11-24 06:30")
# Impact I2 on P2 makes S3, I2 on P1 makes S4.
S3, S4 = {"impact": "I2", "scope": "P2"}, {"impact": "I2", "scope": "P1"}


def subjects(post: Post) -> list[str]:
    return [str(mail["Subject"]) for mail in post.mail.mails]


async def test_a_night_of_small_faults_is_one_digest_in_the_morning(post: Post) -> None:
    """Nobody is woken; at 06:30 one mail names them all, the worst first."""
    sender = post.delivery()
    for number, weight in enumerate((S4, S3, S4), 1):
        post.fire(NIGHT, number, dedup_key=f"k-{number}", **weight)
    assert await sender.turn(NIGHT) == MORNING
    assert post.mail.mails == []
    await sender.turn(MORNING)

    (subject,) = subjects(post)
    assert subject == "TỔNG HỢP · 3 sự cố nữa, nặng nhất S3 SC26-0002"
    body = post.mail.mails[0].get_content()
    assert [line[:20] for line in body.splitlines()[1:4]] == [
        "- MỚI · SC26-0002 · ", "- MỚI · SC26-0001 · ", "- MỚI · SC26-0003 · ",
    ]  # fmt: skip
    assert sorted(status for status, *_ in post.box()) == ["merged", "merged", "merged", "sent"]


async def test_a_small_fault_repeats_no_message_during_the_night(post: Post) -> None:
    """The desk looks at it again for the digest; the older page that waits is dropped."""
    post.fire(NIGHT, **S4)
    for minutes in range(0, 450, 5):
        post.turn(NIGHT + timedelta(minutes=minutes))
    await post.delivery().turn(MORNING)

    assert [s.partition(" · ")[0] for s in subjects(post)] == ["NHẮC LẠI"]
    assert [status for status, *_ in post.box()] == ["cancelled", "sent"]


async def test_what_somebody_took_at_night_is_not_in_the_digest(post: Post) -> None:
    """An acknowledged incident is cancelled; one that is left goes as an ordinary page."""
    first = post.fire(NIGHT, 1, dedup_key="k-1", **S4)
    post.fire(NIGHT, 2, dedup_key="k-2", **S4)
    post.command(first, Acknowledge(), NIGHT + timedelta(minutes=5))
    await post.delivery().turn(MORNING)

    (subject,) = subjects(post)
    assert subject.startswith("MỚI · SC26-0002")


async def test_what_gets_worse_at_night_wakes_somebody_once(post: Post) -> None:
    """The page of the worse severity leaves at once; the one that waited is dropped."""
    sender = post.delivery()
    post.fire(NIGHT, 1, **S4)
    post.fire(NIGHT + timedelta(minutes=5), 2, impact="I3", scope="P4")
    await sender.turn(NIGHT + timedelta(minutes=5))
    await sender.turn(MORNING)

    assert [s.partition(" · ")[0] for s in subjects(post)] == ["TĂNG MỨC"]


async def test_the_worst_leaves_at_any_hour(post: Post) -> None:
    """S1 at eleven at night."""
    post.fire(NIGHT)
    await post.delivery().turn(NIGHT)

    assert len(post.mail.mails) == 1


async def test_a_program_that_listens_has_no_night(post: Post) -> None:
    """A channel with `quiet: false` gets everything at once."""
    post.work_by(policy(
        CHANNELS.format(mail=post.mail.port, hook=post.hook.url)
        .replace("bearer_file: token", "bearer_file: token, quiet: false")
        .replace("severities: [S1, S2]", "severities: [S1, S2, S3, S4]")
    ))  # fmt: skip
    post.fire(NIGHT, **S4)
    await post.delivery().turn(NIGHT)

    assert (len(post.hook.posts), len(post.mail.mails)) == (1, 0)


async def test_a_storm_of_reminders_is_five_messages_and_one_digest(post: Post) -> None:
    """Twenty-two incidents that nobody takes: every first page leaves, the reminders are merged."""
    sender = post.delivery()
    for number in range(1, 23):
        post.fire(T0, number, dedup_key=f"k-{number}")
    await sender.turn(T0)
    assert len(post.mail.mails) == 22
    later = T0 + timedelta(minutes=5, seconds=30)
    for _ in range(4):  # ten at a time
        post.turn(later)
    await sender.turn(later)

    after = subjects(post)[22:]
    assert len(after) == 6
    assert sum(s.startswith("TỔNG HỢP · 17 sự cố nữa, nặng nhất S1 ") for s in after) == 1


async def test_after_a_digest_the_rest_waits_and_is_not_lost(post: Post) -> None:
    """What comes in the same five minutes leaves when there is room."""
    sender = post.delivery()
    for number in range(1, 23):
        post.fire(T0, number, dedup_key=f"k-{number}")
    await sender.turn(T0)
    later = T0 + timedelta(minutes=5, seconds=30)
    for minute in (0, 1):
        for number in range(1, 23):  # each grows worse by one more unit
            post.fire(later + timedelta(minutes=minute), 100 * minute + 50 + number,
                      dedup_key=f"k-{number}", unit=f"000.0{2 + minute}")  # fmt: skip
        again = await sender.turn(later + timedelta(minutes=minute))
    assert len(post.mail.mails) == 22 + 6
    assert again == later + timedelta(minutes=5)
    await sender.turn(later + timedelta(minutes=5, seconds=1))

    assert len(post.mail.mails) > 22 + 6
    assert not [row for row in post.box() if row[0] == "pending"]
