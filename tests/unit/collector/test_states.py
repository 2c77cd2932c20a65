"""States: an honest agent is never called a clone, whatever gets lost; one of two clones is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from collector.states import Handed, next_state


def answer(handed: Handed, presented: str, seq: int) -> tuple[Handed, str]:
    new = next_state(b"secret", "agent", presented, seq, b"body")
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
    assert next_state(b"a", "x", "", 1, b"") != next_state(b"b", "x", "", 1, b"")
