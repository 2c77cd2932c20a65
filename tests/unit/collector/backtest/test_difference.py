"""Two runs held against each other: what is paired, what is new, gone, and otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.backtest.difference import ONE_TURN, difference
from collector.backtest.outcome import (
    AlertLine,
    IncidentLine,
    Outcome,
    PageLine,
    by_rule,
    unrestricted,
    within,
)

T0 = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def alert(began: float, ended: float | None = None, **changes: Any) -> AlertLine:
    line = AlertLine(
        "f1", "MemoryHigh", "a1", "may-1", "U1", "critical", "incident", at(began),
        None if ended is None else at(ended), at(began - 60), incident="SC26-0001",
    )  # fmt: skip
    return replace(line, **changes)


def incident(began: float, ended: float | None = None, **changes: Any) -> IncidentLine:
    line = IncidentLine(
        "SC26-0001", "host:a1:kt_qua_tai", "MemoryHigh", "U1", "may-1", "kt_qua_tai", "S3",
        at(began), ended_at=None if ended is None else at(ended),
    )  # fmt: skip
    return replace(line, **changes)


def page(seconds: float, **changes: Any) -> PageLine:
    line = PageLine(
        at(seconds), "Trực ca", "mail", "page", "first", "S3", "SC26-0001", "host:a1:kt_qua_tai"
    )
    return replace(line, **changes)


def run(*lines: AlertLine | IncidentLine | PageLine) -> Outcome:
    return Outcome(
        "r",
        tuple(line for line in lines if isinstance(line, AlertLine)),
        tuple(line for line in lines if isinstance(line, IncidentLine)),
        tuple(line for line in lines if isinstance(line, PageLine)),
    )


@pytest.mark.parametrize(
    ("before", "after", "counts"),
    [
        pytest.param([alert(0, 60)], [alert(0, 60)], (0, 0, 0, 1), id="alike"),
        pytest.param([alert(0, 60)], [alert(2, 62)], (0, 0, 0, 1), id="a turn later is alike"),
        pytest.param([alert(0, 60)], [alert(3, 60)], (0, 0, 1, 0), id="later"),
        pytest.param([alert(0, 60)], [], (0, 1, 0, 0), id="gone"),
        pytest.param([], [alert(0)], (1, 0, 0, 0), id="new"),
        pytest.param([alert(0, 60)], [alert(70, 90)], (1, 1, 0, 0), id="another time is another"),
        pytest.param([alert(0, 60)], [alert(61, 90)], (0, 0, 1, 0), id="a turn of a gap is none"),
        pytest.param(
            [alert(0)], [alert(0, severity="warning")], (0, 0, 1, 0), id="of another weight"
        ),
        pytest.param(
            [alert(0)], [alert(0, suppressed=("parent",))], (0, 0, 1, 0), id="not told any more"
        ),
        pytest.param(
            [alert(0, 10), alert(20, 30)], [alert(0, 30)], (0, 1, 1, 0), id="two become one"
        ),
        pytest.param([alert(0)], [alert(0, fingerprint="f2")], (1, 1, 0, 0), id="another series"),
    ],
)
def test_alerts_are_paired_by_what_they_are_and_when(
    before: list[AlertLine], after: list[AlertLine], counts: tuple[int, int, int, int]
) -> None:
    """Added, missing, otherwise, alike: every alert of both runs is in exactly one of them."""
    found = difference(run(*before), run(*after)).alerts
    assert (len(found.added), len(found.missing), len(found.moved), found.same) == counts


def test_what_is_not_found_any_more_is_named() -> None:
    """An incident that only the current rules open is missed; one that opens later is not."""
    found = difference(run(incident(0), incident(5, key="host:a2:kt_qua_tai")), run(incident(90)))
    assert [one.key for one in found.missed] == ["host:a2:kt_qua_tai"]
    (later,) = found.incidents.moved
    assert later.later_seconds == 90
    assert not found.is_nothing


def test_pages_are_compared_by_whom_and_why() -> None:
    """More and fewer, by recipient and reason; what is as often is left out."""
    before = run(page(0), page(300, reason="repeat"), page(600, reason="repeat"))
    after = run(page(0), page(300, reason="repeat"), page(9, recipient="Lãnh đạo"))
    assert difference(before, after).pages == {
        ("Lãnh đạo", "first"): 1,
        ("Trực ca", "repeat"): -1,
    }


spans = st.lists(
    st.builds(
        lambda key, began, length: alert(began, began + length, fingerprint=f"f{key}"),
        st.integers(0, 3), st.integers(0, 500), st.integers(0, 200),
    ),
    max_size=12,
)  # fmt: skip


@given(spans, spans)
def test_nothing_is_lost_and_nothing_counted_twice(
    before: list[AlertLine], after: list[AlertLine]
) -> None:
    """What is paired, gone and new adds up to both runs, whatever they hold."""
    found = difference(run(*before), run(*after)).alerts
    paired = found.same + len(found.moved)
    assert paired + len(found.missing) == len(before)
    assert paired + len(found.added) == len(after)


@given(spans)
def test_a_run_does_not_differ_from_itself(lines: list[AlertLine]) -> None:
    """Nor from itself a turn later."""
    assert difference(run(*lines), run(*lines)).is_nothing
    later = [replace(one, started_at=one.started_at + ONE_TURN) for one in lines]
    assert not difference(run(*lines), run(*later)).alerts.missing


def test_a_span_holds_what_was_open_in_it_and_what_left_in_it() -> None:
    """Its end does not belong to it; what ended before it does not either."""
    whole = run(
        alert(0, 50), alert(0, 100), alert(150), alert(200),
        incident(0, 50), incident(10), page(99), page(100), page(200),
    )  # fmt: skip
    found = within(whole, at(100), at(200))
    assert [one.started_at for one in found.alerts] == [at(0), at(150)]
    assert [one.opened_at for one in found.incidents] == [at(10)]
    assert [one.at for one in found.pages] == [at(100)]


def test_restricted_incidents_are_left_out_with_their_alerts_and_pages() -> None:
    """Whoever may not see one does not see what it was made of."""
    secret = incident(5, code="AN26-0001", is_restricted=True)
    whole = run(
        incident(0), secret, alert(0), alert(5, incident="AN26-0001"),
        page(0), page(5, incident="AN26-0001"),
    )  # fmt: skip
    found = unrestricted(whole)
    assert [one.code for one in found.incidents] == ["SC26-0001"]
    assert {one.incident for one in (*found.alerts, *found.pages)} == {"SC26-0001"}


def test_each_rule_is_counted_with_the_pages_of_its_incidents() -> None:
    """The one that pages most comes first; a notice is no page."""
    whole = run(
        incident(0),
        incident(5, code="SC26-0002", rule="DiskFull", key="k2"),
        alert(0),
        alert(9, suppressed=("silence",)),
        page(0),
        page(5, incident="SC26-0002"),
        page(6, incident="SC26-0002", reason="repeat"),
        page(7, incident="SC26-0002", kind="notice"),
    )
    assert [
        (one.rule, one.alerts, one.suppressed, one.incidents, one.pages) for one in by_rule(whole)
    ] == [("DiskFull", 0, 0, 1, 2), ("MemoryHigh", 2, 1, 1, 1)]
