"""A call: when it ends, and what is said of it."""

from __future__ import annotations

import pytest

from incidents.modem.answers import Call
from incidents.modem.ringing import Result, is_ringing, judge

DIALLING, ALERTING, ACTIVE = Call(True, 2, ""), Call(True, 3, ""), Call(True, 0, "")
FOREIGN = Call(False, 0, "")


@pytest.mark.parametrize(
    ("calls", "ended", "elapsed", "rang", "result"),
    [
        ([DIALLING], "", 1, False, None),
        ([ALERTING], "", 44.9, True, None),
        ([ALERTING], "", 45, True, Result.NOT_ANSWERED),
        ([ACTIVE], "", 3, True, Result.ANSWERED),
        ([ACTIVE], "NO CARRIER", 3, True, Result.ANSWERED),
        ([], "BUSY", 2, False, Result.BUSY),
        ([], "NO ANSWER", 40, True, Result.NOT_ANSWERED),
        ([], "NO CARRIER", 2, False, Result.NO_CARRIER),
        ([], "NO CARRIER", 20, True, Result.NOT_ANSWERED),
        ([], "", 2, False, None),
        ([], "", 5, False, Result.NO_CARRIER),
        ([], "", 9, True, Result.NOT_ANSWERED),
        ([FOREIGN], "", 2, False, None),
    ],
)
def test_call_is_judged(
    calls: list[Call], ended: str, elapsed: float, rang: bool, result: Result | None
) -> None:
    """45 seconds unless somebody answers; a call that is in no list is given 5 to appear."""
    found = judge(calls, ended, elapsed_seconds=elapsed, ring_seconds=45, rang=rang)

    assert found is result


def test_call_rings_when_the_other_end_is_alerted() -> None:
    """Dialling is not ringing, and somebody else's call is not ours."""
    assert is_ringing([ALERTING])
    assert not is_ringing([DIALLING, Call(False, 3, "")])
