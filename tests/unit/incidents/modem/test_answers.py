"""Lines of modems: what they mean, and that nothing they say is more than a line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.modem import answers, faults
from incidents.modem.answers import Call, Failure, Listed, Registration, Signal, Space


@pytest.mark.parametrize(
    ("line", "failed"),
    [
        ("ERROR", Failure("", None, "ERROR")),
        ("+CMS ERROR: 38", Failure("CMS", 38, "38")),
        ("+CME ERROR:10", Failure("CME", 10, "10")),
        ("+CMS ERROR: SIM busy", Failure("CMS", None, "SIM busy")),
        ("OK", None),
        ("NO CARRIER", None),
        ("+CMGS: 5", None),
    ],
)
def test_end_of_a_command_is_known(line: str, failed: Failure | None) -> None:
    """With a number, with words, bare; the end of a call ends no other command."""
    assert answers.failure(line) == failed


def test_end_of_a_call_ends_the_command_that_dials() -> None:
    """And only that one."""
    assert answers.failure("BUSY", dials=True) == Failure("", None, "BUSY")


@pytest.mark.parametrize(
    ("line", "signal"),
    [
        ("+CSQ: 0,99", Signal(0, -113)), ("+CSQ: 31,0", Signal(5, -51)),
        ("+CSQ: 15,99", Signal(3, -83)), ("+CSQ: 99,99", Signal(0, None)),
        ("+CSQ:", Signal(0, None)),
    ],
)  # fmt: skip
def test_signal_is_in_dbm_and_bars(line: str, signal: Signal) -> None:
    """99 is unknown, not strong."""
    assert answers.signal([line]) == signal


@pytest.mark.parametrize(
    ("status", "is_registered"),
    [(0, False), (1, True), (2, False), (3, False), (4, False), (5, True), (6, True)],
)
def test_registration_says_whether_messages_can_leave(status: int, is_registered: bool) -> None:
    """At home, roaming, and for messages only."""
    found = answers.registration([f"+CREG: 0,{status}"])

    assert found == Registration(status)
    assert found.is_registered == is_registered
    assert all(found.words)


def test_other_answers_are_read() -> None:
    """As real modems say them."""
    assert answers.operator(['+COPS: 0,0,"VN VINAPHONE",7']) == "VN VINAPHONE"
    assert answers.operator(["+COPS: 0"]) == ""
    assert answers.sim_state(["+CPIN: SIM PIN"]) == "SIM PIN"
    assert answers.space(['+CPMS: "SM",3,20,"SM",3,20']) == Space(3, 20)
    assert answers.calls(['+CLCC: 1,0,3,0,0,"+84912345678",145']) == [Call(True, 3, "+84912345678")]
    assert answers.calls(["+CLCC: 1,1,4,0,0"]) == [Call(False, 4, "")]
    head, pdu = '+CMGL: 4,1,"",24', "00" * 30
    assert answers.listed([head, pdu, "+CMGL: 5,1,,9", "garbage"]) == [Listed(4, pdu)]


@given(st.lists(st.text(max_size=60), max_size=4))
def test_any_lines_are_read_without_an_error(lines: list[str]) -> None:
    """A modem that says nonsense is a modem that says nothing."""
    answers.registration(lines)
    answers.signal(lines)
    answers.operator(lines)
    answers.sim_state(lines)
    answers.space(lines)
    answers.listed(lines)
    answers.calls(lines)
    for line in lines:
        answers.failure(line)


def test_every_fault_has_words_in_both_languages() -> None:
    """One that no table knows may pass: it is tried again."""
    for fault in (*faults.MESSAGES.values(), *faults.EQUIPMENT.values()):
        assert fault.vi
        assert fault.en

    assert faults.named(Failure("CMS", 38, "38")) == "CMS 38: the network is out of order"
    assert faults.fault_of(Failure("CMS", 9_999)).may_pass
    assert not faults.fault_of(Failure("CME", 16)).may_pass
