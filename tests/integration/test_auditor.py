"""The auditor over real tables: a part that hangs is found by somebody else; the switch is fed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, update

from collector.auditor import Auditor
from collector.services import Health
from collector.storage.overdue import overdue
from collector.storage.schema import incidents, outbox
from incidents.stuck import Overdue, Stuck
from tests.builders import T0

if TYPE_CHECKING:
    from datetime import datetime

    from tests.integration.post import Post

WELL = Health(ok=True)


async def kinds(post: Post, now: datetime, auditor: Auditor | None = None) -> set[Stuck]:
    auditor = auditor or Auditor(post.db, T0 - timedelta(days=1))
    await auditor.turn(now, lambda: WELL)
    return {one.kind for one in auditor.findings}


async def test_a_desk_that_works_leaves_nothing_to_find(post: Post) -> None:
    """Two hours of an S1 that nobody takes: told again and again, and every term is told of."""
    post.fire()
    sender = post.delivery()
    for minutes in range(120):
        now = T0 + timedelta(minutes=minutes)
        post.turn(now)
        await sender.turn(now)
        assert await kinds(post, now) == set(), minutes


async def test_a_desk_that_stands_still_is_found(post: Post) -> None:
    """The incident is due, its deadline passes, and nobody is told."""
    post.fire()
    await post.delivery().turn(T0)

    assert await kinds(post, T0 + timedelta(minutes=4)) == set()
    assert await kinds(post, T0 + timedelta(minutes=30)) == {Stuck.TURN, Stuck.DEADLINE}


async def test_an_incident_that_was_put_off_hides_no_deadline(post: Post) -> None:
    """Whatever the desk thinks about when to look again."""
    number = post.fire()
    await post.delivery().turn(T0)
    change = update(incidents).where(incidents.c.id == number)
    post.db.write_now(lambda c: c.execute(change.values(next_turn_at=T0 + timedelta(days=1))))

    assert await kinds(post, T0 + timedelta(minutes=30)) == {Stuck.DEADLINE}


async def test_messages_that_nobody_takes_are_found(post: Post) -> None:
    """Waiting to be claimed, and on their way for ever."""
    post.fire()
    late = T0 + timedelta(minutes=6)
    assert Stuck.MESSAGE in await kinds(post, late)
    post.db.write_now(lambda c: c.execute(update(outbox).values(status="sending", claimed_at=T0)))
    assert {Stuck.SENDING, Stuck.PAGE} <= await kinds(post, late)


async def test_an_s1_whose_pages_all_fail_is_found(post: Post) -> None:
    """A dead mail server and a dead receiver: the other machine has to wake somebody."""
    post.fire()
    post.db.write_now(lambda c: c.execute(update(outbox).values(status="failed")))
    assert Stuck.PAGE in await kinds(post, T0 + timedelta(minutes=6))
    seen = post.db.read_now(lambda c: overdue(c, T0 + timedelta(minutes=6)))
    assert seen.page == ("SC26-0001", T0)
    post.db.write_now(lambda c: c.execute(update(incidents).values(readers="role:co_yeu\n")))
    seen = post.db.read_now(lambda c: overdue(c, T0 + timedelta(minutes=6)))
    assert seen.page == ("", T0)


async def test_the_switch_gets_its_beat_only_while_all_is_well(post: Post) -> None:
    """And a switch that cannot be reached is a warning, no more."""
    auditor = Auditor(post.db, T0, url=f"{post.hook.url}")
    await auditor.turn(T0, lambda: WELL)
    assert auditor.beat_at == T0
    await auditor.turn(T0 + timedelta(seconds=30), lambda: Health(ok=False, why="x"))
    post.fire()
    await auditor.turn(T0 + timedelta(minutes=30), lambda: WELL)
    assert auditor.beat_at == T0
    assert len(post.hook.posts) == 1
    post.db.write_now(lambda c: c.execute(delete(outbox)))
    gone = Auditor(post.db, T0 + timedelta(minutes=30), url="http://127.0.0.1:1/x")
    await gone.turn(T0 + timedelta(minutes=31), lambda: WELL)
    assert gone.beat_at is None


async def test_an_empty_office_has_nothing_overdue(post: Post) -> None:
    """No rows, no findings."""
    assert post.db.read_now(lambda c: overdue(c, T0)) == Overdue()
