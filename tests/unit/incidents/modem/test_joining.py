"""Parts in a store → texts: whole ones at once, torn ones after a while, never too many waiting."""

from __future__ import annotations

from incidents.modem.joining import MOST_WAITING, PATIENCE_SECONDS, Stored, join
from incidents.modem.pdu import Concatenation, Deliver

NUMBER = "+84912345678"


def stored(index: int, text: str, together: Concatenation | None = None, at: float = 0.0) -> Stored:
    return Stored(index, f"pdu {index} {text}", Deliver(NUMBER, text, None, together), at)


def test_single_message_goes_at_once() -> None:
    """With the place that it frees."""
    [found] = join([stored(3, "1")], 0)

    assert (found.text, found.indices, found.is_whole) == ("1", (3,), True)


def test_parts_are_joined_in_their_order() -> None:
    """Whatever the order in which they came; a part that came twice counts once."""
    a, b = Concatenation(7, 2, 1), Concatenation(7, 2, 2)
    [found] = join([stored(1, "hai", b), stored(2, "một ", a), stored(3, "một ", a)], 0)

    assert (found.text, found.indices, found.is_whole) == ("một hai", (1, 2, 3), True)


def test_text_that_lacks_a_part_waits_and_then_goes_as_it_is() -> None:
    """Marked as torn: what a person wrote is not thrown away."""
    part = stored(1, "nửa", Concatenation(7, 2, 2))

    assert join([part], PATIENCE_SECONDS - 1) == []
    [found] = join([part], PATIENCE_SECONDS)
    assert (found.text, found.is_whole) == ("nửa", False)


def test_torn_texts_never_fill_the_store() -> None:
    """The oldest go before their time when there are too many."""
    parts = [stored(n, "x", Concatenation(n, 2, 1), at=n) for n in range(MOST_WAITING + 3)]

    assert [i.indices for i in join(parts, 20)] == [(0,), (1,), (2,)]


def test_same_message_has_the_same_id() -> None:
    """So that one that was handed over twice counts once."""
    assert join([stored(1, "1")], 0)[0].id == join([stored(1, "1")], 99)[0].id
    assert join([stored(1, "1")], 0)[0].id != join([stored(2, "2")], 0)[0].id
