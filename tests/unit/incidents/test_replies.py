"""Replies as people type them at two in the morning; whatever is not clear is not carried out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.modem import parts
from incidents.replies import (
    Act,
    Asked,
    Candidate,
    Outcome,
    answer,
    choose,
    kept_text,
    may_answer,
    refusal,
    understand,
)
from tests.builders import T0

ACK = Act.ACKNOWLEDGE
FULL = Asked(ACK, "SC", 26, 1)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("1 SC26-0001", FULL), ("1 sc26-0001", FULL), ("  1   SC26-0001.", FULL),
        ("1SC26-0001", FULL), ("1 SC26 0001", FULL), ("1 sc260001", FULL), ("1 Sc 26-0001", FULL),
        ("1.SC26-0001", FULL), ("1-sc26-0001", FULL), ("1\nSC26-0001\n", FULL),
        ("１ ＳＣ２６－０００１", FULL), ("1 SC26-0001 nhé", FULL), ("1 SC26-0001 ạ!", FULL),
        ("1 26-0001", Asked(ACK, None, 26, 1)), ("1 260001", Asked(ACK, None, 26, 1)),
        ("1 0001", Asked(ACK, None, None, 1)), ("1 1", Asked(ACK, None, None, 1)),
        ("1 SC-12", Asked(ACK, "SC", None, 12)), ("1 sc 0012", Asked(ACK, "SC", None, 12)),
        ("1 10001", Asked(ACK, None, None, 10001)),
        ("1", Asked(ACK)), ("1.", Asked(ACK)), (" 1 ok", Asked(ACK)), ("1 vâng ạ", Asked(ACK)),
        ("2 SC26-0001", Asked(Act.FORWARD, "SC", 26, 1)), ("0", Asked(Act.DETAIL)),
        ("0 dt26-0007", Asked(Act.DETAIL, "DT", 26, 7)),
    ],
)  # fmt: skip
def test_reply_is_understood_however_it_is_typed(text: str, asked: Asked) -> None:
    """Case, spaces, dash, full-width signs, a polite word at its end."""
    assert understand(text) == asked


@pytest.mark.parametrize(
    "text",
    [
        "", "3 SC26-0001", "10001", "12", "11", "SC26-0001", "1 SC26-0001 không phải tôi",
        "1 SC26-0001 SC26-0002", "khong nhan 1 SC26-0001", "1 SC26-", "1 ABC26-0001", "-1", "1?2",
        "ok", "Quý khách có 1 cuộc gọi nhỡ", "1 SC26-0001; 2 SC26-0002",
    ],
)  # fmt: skip
def test_anything_else_is_not_understood(text: str) -> None:
    """Nobody is taken at a word they did not say."""
    assert understand(text) is None


@given(st.text(max_size=100))
def test_any_text_is_read(text: str) -> None:
    """Strangers may send anything."""
    found = understand(text)
    assert found is None or found.act in Act


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


OPEN = [
    Candidate("SC26-0001", T0),
    Candidate("SC25-0001"),
    Candidate("SC26-0002", T0 - minutes(121)),
    Candidate("DT26-0007"),
]


@pytest.mark.parametrize(
    ("asked", "chosen", "why"),
    [
        (FULL, ["SC26-0001"], None),
        (Asked(ACK, None, None, 2), ["SC26-0002"], None),
        (Asked(ACK, None, None, 1), ["SC26-0001", "SC25-0001"], Outcome.WHICH_INCIDENT),
        (Asked(ACK, None, 25, 1), ["SC25-0001"], None),
        (Asked(ACK, "DT", None, 7), ["DT26-0007"], None),
        (Asked(ACK, "SC", None, 7), [], Outcome.NO_SUCH_INCIDENT),
        (Asked(ACK), ["SC26-0001"], None),
        (None, [], Outcome.UNREADABLE),
    ],
)
def test_reply_is_carried_out_only_where_one_incident_is_meant(
    asked: Asked | None, chosen: list[str], why: Outcome | None
) -> None:
    """By number alone where it is unique; a digit alone by what was paged in the last two hours."""
    found = [] if asked is None else choose(asked, OPEN, T0)

    assert [candidate.code for candidate in found] == chosen
    assert refusal(asked, found) == why


def test_digit_alone_asks_back_when_two_were_paged_or_none() -> None:
    """Never the newest, never the worst: nothing is guessed."""
    two = [Candidate("SC26-0001", T0), Candidate("SC26-0002", T0)]

    assert refusal(Asked(ACK), choose(Asked(ACK), two, T0)) is Outcome.WHICH_INCIDENT
    late = choose(Asked(ACK), two, T0 + minutes(120.1))
    assert refusal(Asked(ACK), late) is Outcome.WHICH_INCIDENT


def test_every_answer_is_one_message() -> None:
    """With marks, 70 characters: an answer costs one part."""
    for outcome in Outcome:
        for code in ("SC26-0001", ""):
            assert len(parts.cut(answer(outcome, code, "02:14"))) == 1
    assert answer(Outcome.UNKNOWN_NUMBER, "", "02:14") == ""
    assert "SC26-0001" in answer(Outcome.ACKNOWLEDGED, "SC26-0001", "02:14")


def test_number_is_answered_once_a_minute() -> None:
    """Two machines that answer each other end there."""
    assert may_answer(None, T0)
    assert not may_answer(T0, T0 + minutes(0.99))
    assert may_answer(T0, T0 + minutes(1))


def test_little_is_kept_of_what_strangers_write() -> None:
    """And no control character of anybody."""
    assert kept_text("x" * 500, is_stranger=True) == "x" * 40
    assert len(kept_text("x" * 500, is_stranger=False)) == 300
    assert kept_text("a\nb\x1b", is_stranger=False) == "a b "
