"""Enrolment: what a token allows, what the inventory approves, what waits for a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from collector.identity.enrolment import (
    Again,
    Binding,
    Known,
    Listed,
    Refused,
    Token,
    approve,
    decide,
)
from tests.builders import T0

TOKEN = Token("t-1", "H1", "server", "", "always", 10, 2, 0, T0 + timedelta(hours=1), None)
NAMED = replace(TOKEN, host="may-chu-1", uses=1)
BOUND = Binding("H1", "may-chu-1", "server", "always", 10)
LISTED = Listed("server", "working_hours", 30)


def why(answer: object) -> str:
    assert isinstance(answer, Refused)
    return answer.why


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (None, "token_unknown"),
        (replace(TOKEN, revoked_at=T0), "token_revoked"),
        (replace(TOKEN, expires_at=T0), "token_expired"),
        (replace(TOKEN, used=2), "token_used_up"),
        (replace(TOKEN, used=5, revoked_at=T0, expires_at=T0), "token_revoked"),
    ],
)
def test_token_that_is_not_good_lets_nobody_in(token: Token | None, reason: str) -> None:
    """Unknown, revoked, expired at its very instant, used up: each says what to do."""
    assert why(decide(token, None, claimed_host="may-1", now=T0)) == reason


def test_unit_kind_and_name_come_from_the_token() -> None:
    """What the machine calls itself counts only where the token names no host."""
    named = decide(NAMED, None, claimed_host="may-chu-9", now=T0)
    assert named == BOUND
    proposed = decide(TOKEN, None, claimed_host=" may-chu-9 ", now=T0)
    assert proposed == replace(BOUND, host="may-chu-9")
    assert why(decide(TOKEN, None, claimed_host="may\u202e", now=T0)) == "host_name"


@pytest.mark.parametrize(
    "token", [TOKEN, None, replace(TOKEN, used=2), replace(TOKEN, expires_at=T0)]
)
def test_key_that_is_in_already_stays_in(token: Token | None) -> None:
    """A repeated installation changes nothing, with whatever has become of its token."""
    known = Known("H1", "server", is_revoked=False)
    assert decide(token, known, claimed_host="x", now=T0) == Again()


def test_token_of_another_unit_moves_no_key() -> None:
    """A token used in the wrong place is refused, and the refusal names the unit."""
    for known in (
        Known("H2", "server", is_revoked=False),
        Known("H1", "network", is_revoked=False),
    ):
        answer = decide(TOKEN, known, claimed_host="x", now=T0)
        assert why(answer) == "other_unit"


def test_revoked_key_never_comes_back_by_a_token() -> None:
    """Whoever was shut out needs a new key."""
    known = Known("H1", "server", is_revoked=True)
    assert why(decide(TOKEN, known, claimed_host="x", now=T0)) == "key_revoked"


@pytest.mark.parametrize(
    ("given", "doubt"),
    [
        pytest.param({}, "not_listed", id="nobody knows of it"),
        pytest.param({"is_named": True}, "", id="a token for this host"),
        pytest.param({"listed": LISTED, "listed_names": ["may-chu-1"]}, "", id="hosts.csv"),
        pytest.param({"listed": Listed("network", "", 0)}, "other_kind", id="another kind"),
        pytest.param({"is_named": True, "holders": ["may-chu-1"]}, "name_taken", id="held"),
        pytest.param(
            {"listed": LISTED, "holders": ["may-chu-1"]}, "name_taken", id="listed and held"
        ),
        pytest.param({"is_named": True, "holders": ["may-chu-l"]}, "name_alike", id="looks alike"),
        pytest.param(
            {"is_named": True, "listed_names": ["MAY-CHU-I"]}, "name_alike", id="alike, listed"
        ),
    ],
)
def test_inventory_approves_what_it_knows_and_nothing_else(
    given: dict[str, Any], doubt: str
) -> None:
    """A name that is written down beforehand, free, and like no other needs no person."""
    facts = {"is_named": False, "listed": None, "holders": [], "listed_names": [], **given}
    assert approve(BOUND, **facts).doubt == doubt


def test_presence_and_interval_of_the_inventory_win() -> None:
    """What hosts.csv leaves out is what the token says."""
    said = approve(BOUND, is_named=False, listed=LISTED, holders=[], listed_names=[])
    assert (said.binding.presence, said.binding.interval_seconds) == ("working_hours", 30)
    left_out = Listed("server", "", 0)
    said = approve(BOUND, is_named=False, listed=left_out, holders=[], listed_names=[])
    assert said.binding == BOUND
