"""Typed parameters, what every probe reports, and what it is let near."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.answer import Answer
from agents.notes import Notes
from agents.probe import COMMON, Means, Params, Probe, allow_number, answered, ask, known_by, typed
from tests.probe_means import MEANS

if TYPE_CHECKING:
    from agents.check import Observation

IT = {"target": "it", "address": "10.0.0.1"}
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)


@dataclass(frozen=True, slots=True)
class Some(Params):
    """Parameters of each kind."""

    word: str
    port: int = 7
    seconds: float = 1.5
    is_on: bool = False

    def __post_init__(self) -> None:
        """Hold them to their ranges."""
        Params.__post_init__(self)
        allow_number("port", self.port, 1, 9)


def run(params: Some, _means: Means) -> list[Observation]:
    return list(answered("some", params.target, Answer.RIGHT, 0.25))


SOME = Probe("some", 10, 5, Some, (), 3, run)


def test_parameters_of_a_plan_are_typed() -> None:
    """Defaults where nothing is said; a whole number is a number of seconds, too."""
    assert typed(Some, {**IT, "word": "a"}) == Some("it", "10.0.0.1", "a")
    found = typed(Some, {**IT, "word": "a", "seconds": 2, "is_on": True})
    assert (found.seconds, found.is_on) == (2.0, True)
    assert isinstance(found.seconds, float)


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({}, "parameter 'word' is None; allowed is a value: it must be given"),
        ({"word": "a", "colour": 1}, "parameter 'colour' is 1; allowed is one of target, address"),
        ({"word": 5}, "parameter 'word' is 5; allowed is a str"),
        ({"word": "a", "port": "7"}, "parameter 'port' is '7'; allowed is a int"),
        ({"word": "a", "port": True}, "parameter 'port' is True; allowed is a int"),
        ({"word": "a", "port": 10}, "parameter 'port' is 10; allowed is a number from 1 to 9"),
        ({"word": "a", "is_on": 1}, "parameter 'is_on' is 1; allowed is a bool"),
        ({"word": "a", "address": "router"}, "parameter 'address' is 'router'; allowed is an IP"),
        ({"word": "a", "address": "fe80::1%a\r\nb"}, "parameter 'address' is "),
        ({"word": "a", "target": "A B"}, "parameter 'target' is 'A B'; allowed is a name such"),
    ],
)
def test_what_is_not_allowed_is_named(more: dict[str, Any], text: str) -> None:
    """The parameter, its value, and what is allowed."""
    with pytest.raises(ValueError, match=f"^{re.escape(text)}"):
        typed(Some, {**IT, **more})


@given(st.dictionaries(st.sampled_from(["target", "address", "word", "port", "seconds"]), PLAIN))
def test_any_values_are_parameters_or_an_error(given_values: dict[str, Any]) -> None:
    """Nothing but ValueError is raised, whatever a collector sends."""
    try:
        found = typed(Some, {**IT, **given_values})
    except ValueError:
        return
    assert isinstance(found.port, int)


def test_only_allowed_networks_are_asked() -> None:
    """In one of them it runs; outside of all it does not, and says so."""
    params = Some("it", "10.0.0.1", "a")
    assert len(ask(SOME, params, ["192.0.2.0/24", "10.0.0.0/8"], MEANS)) == 3
    (refused,) = ask(SOME, params, ["192.0.2.0/24", "fd00::/8"], MEANS)
    assert refused == ("wanwatch_probe_refused", {"probe": "some", "target": "it"}, 1)
    assert ask(SOME, params, [], MEANS) == [refused]


@pytest.mark.parametrize("answer", Answer)
def test_nothing_is_said_of_life_where_it_is_not_known(answer: Answer) -> None:
    """Its number always; alive only where that can be said."""
    found = {one.name: one.value for one in answered("some", "it", answer)}
    assert found.pop("wanwatch_probe_answer_code") == answer
    alive = answer.is_alive
    assert found == ({} if alive is None else {"wanwatch_probe_alive": int(alive)})
    assert {one.name for one in answered("some", "it", Answer.RIGHT, 1.0)} == set(COMMON)


def test_what_a_target_is_known_by_is_told_when_it_changes() -> None:
    """The former value is 0 once, so that an alert on it resolves; each target for itself."""
    means = replace(MEANS, notes=Notes(None))

    def told(target: str, value: str) -> list[tuple[str, float]]:
        found = known_by(means, "some", target, "wanwatch_some_info", "key", value)
        return [(one.labels["key"], one.value) for one in found]

    assert told("a", "x") == [("x", 1)]
    assert told("b", "y") == [("y", 1)]
    assert told("a", "y") == [("y", 1), ("x", 0)]
    assert told("a", "y") == [("y", 1)]
