"""The storm governor: few messages a person, one digest, and never a first page that waits."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from incidents.channel import PUBLIC
from incidents.governor import StormPolicy, Waiting, plan, write_digest
from incidents.public_words import NOTHING_SAID
from tests.builders import T0

STORM = StormPolicy()


def waiting(number: int, **more: object) -> Waiting:
    values: dict[str, object] = {
        "id": number, "incident": f"SC26-{number:04d}", "severity": "S2",
        "subject": f"NHẮC LẠI · SC26-{number:04d} · S2", "reach": "inside",
    }  # fmt: skip
    return Waiting(**(values | more))  # type: ignore[arg-type]


def left(count: int, *, digest: bool = False) -> list[tuple[datetime, bool]]:
    ago = [(T0 - timedelta(seconds=10 * n), False) for n in range(1, count + 1)]
    return [*ago, *([(T0 - timedelta(seconds=5), True)] if digest else [])]


def test_up_to_five_leave_as_they_are() -> None:
    """Nobody notices the governor on an ordinary day."""
    found = plan([waiting(n) for n in range(1, 4)], left(2), STORM, T0)

    assert (found.send, found.merge, found.wait) == ((1, 2, 3), (), ())


def test_beyond_five_the_rest_is_one_digest() -> None:
    """Two fit; seventeen more go into one message."""
    found = plan([waiting(n) for n in range(1, 20)], left(3), STORM, T0)

    assert found.send == (1, 2)
    assert found.merge == tuple(range(3, 20))


def test_one_message_too_many_is_no_digest() -> None:
    """It leaves as it is: a digest of one says less."""
    found = plan([waiting(1)], left(5), STORM, T0)

    assert (found.send, found.merge) == ((1,), ())


def test_after_the_digest_the_rest_waits_until_there_is_room() -> None:
    """Until the oldest of them is five minutes old."""
    found = plan([waiting(1), waiting(2)], left(5, digest=True), STORM, T0)

    assert found.wait == (1, 2)
    assert found.until == T0 - timedelta(seconds=50) + timedelta(minutes=5)


def test_a_first_page_is_never_held_back() -> None:
    """However many have left, and whatever else waits."""
    firsts = [waiting(n, is_first=True) for n in range(1, 30)]
    found = plan([*firsts, waiting(40), waiting(41)], left(9, digest=True), STORM, T0)

    assert set(range(1, 30)) <= set(found.send)
    assert found.wait == (40, 41)


def test_what_the_night_held_is_one_digest() -> None:
    """One alone leaves as it is."""
    night = [waiting(n, held=True, severity="S4") for n in (1, 2, 3)]

    assert plan(night, [], STORM, T0).merge == (1, 2, 3)
    assert plan(night[:1], [], STORM, T0).send == (1,)


@given(
    st.lists(st.tuples(st.booleans(), st.booleans()), max_size=40),
    st.lists(st.tuples(st.integers(0, 600), st.booleans()), max_size=12),
)
def test_nothing_is_lost_and_nothing_leaves_twice(
    kinds: list[tuple[bool, bool]], before: list[tuple[int, bool]]
) -> None:
    """Each message leaves, is merged or waits; a digest has at least two; what waits comes due."""
    queue = [waiting(n, is_first=f and not h, held=h) for n, (f, h) in enumerate(kinds, 1)]
    found = plan(queue, [(T0 - timedelta(seconds=s), d) for s, d in before], STORM, T0)

    assert sorted((*found.send, *found.merge, *found.wait)) == [one.id for one in queue]
    assert len(found.merge) != 1
    assert not found.wait or (found.until is not None and found.until > T0)
    assert {one.id for one in queue if one.is_first} <= set(found.send)


def test_a_digest_says_how_many_and_the_worst_first() -> None:
    """Code first, then the list by severity."""
    merged = [waiting(2), waiting(1, severity="S1", subject="MỚI · SC26-0001"), waiting(3)]
    words = write_digest(merged)

    assert words.subject == "TỔNG HỢP · 3 sự cố nữa, nặng nhất S1 SC26-0001"
    assert words.body.splitlines()[1] == "- MỚI · SC26-0001"


def test_a_public_digest_names_no_hidden_incident() -> None:
    """Not even its code; and nothing at all where all of them are hidden."""
    hidden = waiting(7, subject=NOTHING_SAID, reach=PUBLIC)
    words = write_digest([hidden, waiting(2, reach=PUBLIC), waiting(3, reach=PUBLIC)])

    assert "SC26-0007" not in words.subject + words.body
    assert "2 sự cố nữa" in words.subject
    assert write_digest([hidden, hidden]).subject == NOTHING_SAID
