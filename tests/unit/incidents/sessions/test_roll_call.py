"""The roll call: which answers count, who is next."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from incidents.sessions.facts import Said
from incidents.sessions.moments import ORDER, begins_at, moment_of
from incidents.sessions.roll_call import (
    ANSWERS,
    BY_CODE,
    calling_order,
    fits,
    heard,
    is_settled,
    still_holds,
)
from tests.session_facts import STARTS_AT, T15M, T60M, good_word, point, session

MINUTES = st.integers(-30 * 60, 120).map(lambda minutes: STARTS_AT + timedelta(minutes=minutes))
SAID = st.lists(
    st.builds(
        Said, st.sampled_from([*BY_CODE, "of a newer version"]), st.just("person:an"), MINUTES
    ),
    max_size=8,
)


def test_each_answer_has_a_key_of_its_own() -> None:
    """One key, one answer."""
    assert len({answer.key for answer in ANSWERS}) == len(ANSWERS)
    assert all(len(answer.key) == 1 for answer in ANSWERS)


def test_the_last_word_on_each_thing_counts() -> None:
    """Who says that the sound is gone says that the picture is there."""
    first, second = good_word(T60M), good_word(T60M + timedelta(minutes=1), "no_sound")

    found = heard([second, first])

    assert (found.picture, found.sound, found.there) == (second, second, second)


def test_who_answered_in_this_moment_is_not_called_again_until_the_next() -> None:
    """ "Later" leaves a point in the roll; a new moment calls everybody."""
    of, now = session(), T15M - timedelta(seconds=1)
    points = [point(3), point(1), point(2)]

    assert not is_settled([good_word(T60M, "later")], of, now)
    assert is_settled([good_word(T60M, "absent")], of, now)
    assert not is_settled([good_word(T60M)], of, T15M)
    assert [one.order for one in calling_order(points, {1})] == [2, 3]


def test_a_telephone_is_not_asked_for_a_picture() -> None:
    """Answers about a picture alone do not fit it."""
    left_out = {answer.code for answer in ANSWERS if not fits(answer, "telephone")}

    assert left_out == {"no_picture", "bad_picture"}
    assert all(fits(answer, "codec") for answer in ANSWERS)


@given(said=SAID, now=MINUTES)
def test_words_are_heard_whatever_their_order(said: list[Said], now: object) -> None:
    """The same words in another order say the same, as far as their instants differ."""
    distinct = list({one.at: one for one in said}.values())

    assert heard(distinct) == heard(reversed(distinct))


@given(at=MINUTES, now=MINUTES)
def test_a_word_holds_exactly_within_its_moment(at: object, now: object) -> None:
    """Moments only go forward, and each begins when it says."""
    of = session(began_at=STARTS_AT)
    first, then = sorted((at, now))  # type: ignore[type-var]

    assert ORDER.index(moment_of(of, first)) <= ORDER.index(moment_of(of, then))
    begins = begins_at(of, moment_of(of, then))
    assert begins is None or begins <= then
    assert still_holds(good_word(first), of, then) == (begins is None or first >= begins)
