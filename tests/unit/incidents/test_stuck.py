"""What the auditor calls stuck, and when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incidents.stuck import Overdue, Stuck, findings
from tests.builders import T0

LONG_AGO = T0 - timedelta(days=1)


def ago(**length: float):  # type: ignore[no-untyped-def]
    return T0 - timedelta(**length)


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        (Overdue(turn_due_at=ago(minutes=3)), Stuck.TURN),
        (Overdue(message_due_at=ago(minutes=6)), Stuck.MESSAGE),
        (Overdue(sending_since=ago(minutes=6)), Stuck.SENDING),
        (Overdue(deadline=("SC26-0001", "tiếp nhận", ago(minutes=3))), Stuck.DEADLINE),
        (Overdue(page=("SC26-0001", ago(minutes=6))), Stuck.PAGE),
    ],
)
def test_each_kind_is_found_once_its_patience_is_over(seen: Overdue, kind: Stuck) -> None:
    """And not a moment after a start: what waited through a stop is given its time anew."""
    (found,) = findings(seen, LONG_AGO, T0)
    assert found.kind is kind
    assert findings(seen, ago(minutes=1), T0) == ()
    assert findings(seen, LONG_AGO, T0 - timedelta(minutes=5)) == ()


def test_nothing_that_waits_is_nothing_stuck() -> None:
    """The ordinary case."""
    assert findings(Overdue(), LONG_AGO, T0) == ()


def test_the_words_for_everybody_name_no_incident() -> None:
    """`/-/healthy` is open to anybody."""
    (found,) = findings(Overdue(page=("SC26-0001", ago(minutes=6))), LONG_AGO, T0)
    assert "SC26" not in found.en + found.vi
    assert found.about == "SC26-0001"
