"""States: an honest agent is never called a clone, whatever gets lost; one of two clones is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.states import MAX_RETRIED, STATE_CHARACTERS, Handed, Refused


def answer(handed: Handed, presented: str, seq: int) -> tuple[Handed, str]:
    new = handed.answer(b"secret", "agent", presented, seq, b"body")
    return handed.after(presented, new), new


@given(st.lists(st.sampled_from(["fine", "answer lost", "late twin"]), max_size=30))
def test_honest_agent_is_allowed_whatever_answers_are_lost(network: list[str]) -> None:
    """Lost answers and requests that arrive twice, in any order, never look like a clone."""
    handed, state = Handed(), ""
    for seq, fate in enumerate(network):
        assert handed.allows(state)
        handed, received = answer(handed, state, seq)
        if fate == "late twin":
            assert handed.allows(state)
            handed, _ = answer(handed, state, seq + 1000)
        if fate != "answer lost":
            state = received
    assert handed.allows(state)


@given(st.integers(0, 5), st.integers(0, 3))
def test_one_of_two_clones_is_found(before: int, lead: int) -> None:
    """After both machines used the state they share, one of them is refused within one round."""
    handed, state = Handed(), ""
    for seq in range(before):
        handed, state = answer(handed, state, seq)
    first = second = state
    for seq in range(lead + 1):
        assert handed.allows(first)
        handed, first = answer(handed, first, 100 + seq)
    if lead == 0:
        assert handed.allows(second)
        handed, second = answer(handed, second, 200)
        assert handed.allows(first)
        handed, first = answer(handed, first, 201)

    assert not handed.allows(second)


def test_replays_do_not_void_the_agents_own_state() -> None:
    """Who replays a captured request many times changes nothing for its owner."""
    handed, state = answer(Handed(), "", 1)
    for _ in range(20):
        handed, _ = answer(handed, "", 1)

    assert handed.allows(state)
    assert handed.current == (state,)


def test_state_needs_the_secret() -> None:
    """Nobody without the secret can know the next state."""
    first = Handed()
    assert first.answer(b"a", "x", "", 1, b"") != first.answer(b"b", "x", "", 1, b"")


@given(st.lists(st.sampled_from(["fine", "answer lost", "opened"]), max_size=30))
def test_same_request_has_the_same_answer_until_it_is_used(network: list[str]) -> None:
    """A repeated request is answered as the first time; generations never go back."""
    handed, state, newest = Handed(), "", ""
    for seq, fate in enumerate(network):
        if fate == "opened":
            handed, state = handed.opened(), ""
        first = handed.answer(b"secret", "agent", state, seq, b"body")
        handed = handed.after(state, first)
        assert handed.answer(b"secret", "agent", state, seq, b"body") == first
        assert first[:12] >= newest[:12]
        newest = first
        state = state if fate == "answer lost" else first


def test_one_that_is_let_in_again_is_not_followed_by_what_it_was_before() -> None:
    """After an older machine was attached again, the newer state of its twin is a clone's."""
    handed, state = Handed(), ""
    past = []
    for seq in range(5):
        past.append(state)
        handed, state = answer(handed, state, seq)
    handed = handed.opened()
    assert handed.allows(past[1])
    handed, restored = answer(handed, past[1], 9)
    assert handed.allows(restored)
    assert not handed.allows(state)
    assert not handed.has_forgotten(b"secret", "agent", state)


def test_tables_that_forgot_know_a_newer_state_as_their_own() -> None:
    """After a restore from a copy the agent is ahead of us: what it presents proves itself."""
    handed, state = Handed(), ""
    copies = []
    for seq in range(6):
        copies.append(handed)
        handed, state = answer(handed, state, seq)
    for old in copies[1:-1]:
        assert not old.allows(state)
        assert old.has_forgotten(b"secret", "agent", state)
        assert not old.has_forgotten(b"secret", "another", state)
        assert not old.has_forgotten(b"other secret", "agent", state)


@pytest.mark.parametrize("presented", ["", "c" * 32, "f" * STATE_CHARACTERS, "0" * 64])
def test_invented_state_is_never_taken_for_a_forgotten_one(presented: str) -> None:
    """Only who was given a state can present it."""
    handed, _ = answer(Handed(), "", 1)
    assert not handed.has_forgotten(b"secret", "agent", presented)


@given(st.integers(1, 6), st.integers(0, 5))
def test_state_of_the_past_is_never_taken_for_a_forgotten_one(answers: int, at: int) -> None:
    """A clone holds what its twin was given before, never anything newer."""
    handed, state, past = Handed(), "", [""]
    for seq in range(answers):
        handed, state = answer(handed, state, seq)
        past.append(state)
    assert not handed.has_forgotten(b"secret", "agent", past[min(at, answers)])


def refusals(*requests: tuple[int, float], newest: float = 100.0, highest: int = 50) -> list[bool]:
    refused = Refused()
    return [
        refused.shows_another_machine(seq, sent_at, is_new_seq=seq > highest, newest_sent_at=newest)
        for seq, sent_at in requests
    ]


@pytest.mark.parametrize(
    ("requests", "verdicts"),
    [
        pytest.param([(40, 90.0)], [False], id="an old request, repeated"),
        pytest.param([(40, 90.0)] * 5, [False] * 5, id="repeated often"),
        pytest.param([(n, n * 1.0) for n in range(30, 50)], [False] * 20, id="a whole recording"),
        pytest.param([(40, 101.0)], [True], id="a number of the past, made now"),
        pytest.param([(51, 90.0)], [True], id="a number that never came"),
        pytest.param([(40, 20.0), (40, 30.0)], [False, True], id="a clock that is far behind"),
    ],
)
def test_request_that_was_never_sent_before_shows_another_machine(
    requests: list[tuple[int, float]], verdicts: list[bool]
) -> None:
    """Who only repeats what was captured cannot have a key shut out."""
    assert refusals(*requests) == verdicts


def test_few_refused_requests_are_remembered() -> None:
    """However many numbers are tried, memory stays small."""
    refused = Refused()
    for seq in range(1000):
        refused.shows_another_machine(seq, 1.0, is_new_seq=False, newest_sent_at=2.0)
    assert len(refused) == MAX_RETRIED
