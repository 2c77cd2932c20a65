"""Time to detect, and what is known to have happened found again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collector.backtest.detection import Known, detections, found_again, times
from tests.unit.collector.backtest.test_difference import alert, at, incident, page, run


def known(**changes: Any) -> Known:
    line = Known(
        "SC26-0009", "host:a1:kt_qua_tai", "U1", "may-1", "kt_qua_tai", "S3", at(0), at(10)
    )
    return replace(line, **changes)


def test_an_incident_is_timed_from_its_first_bad_sample() -> None:
    """To its first alert, to itself, to its first page; a notice is no page."""
    whole = run(incident(20), alert(15), page(40), page(35), page(30, kind="notice"))
    (found,) = detections(whole)
    assert found.first_sign_at == at(15 - 60)
    assert (found.to_alert_seconds, found.to_incident_seconds, found.to_page_seconds) == (
        60, 65, 80,
    )  # fmt: skip


def test_what_has_no_alert_or_no_page_has_no_time() -> None:
    """Never is not at once."""
    (without_alert,) = detections(run(incident(20), page(30)))
    assert without_alert.to_alert_seconds is None
    (without_page,) = detections(run(incident(20), alert(15)))
    assert (without_page.to_alert_seconds, without_page.to_page_seconds) == (60, None)


@pytest.mark.parametrize(
    ("one", "opened", "is_found"),
    [
        pytest.param(known(), incident(600), True, id="by its cause, later"),
        pytest.param(known(), incident(1_810), True, id="half an hour later is near"),
        pytest.param(known(), incident(1_811), False, id="more is not"),
        pytest.param(known(ended_at=at(5_000)), incident(6_000), True, id="while it lasted"),
        pytest.param(known(), incident(-9_000, -2_000), False, id="over long before"),
        pytest.param(known(), incident(0, key="host:a2:kt_qua_tai"), False, id="another cause"),
        pytest.param(known(key=""), incident(0), True, id="by hand: its host"),
        pytest.param(known(key="", host="may-2"), incident(0), False, id="by hand: another host"),
        pytest.param(known(key="", host=""), incident(0), True, id="by hand: unit and class"),
        pytest.param(
            known(key="", host="", class_code="x"), incident(0), False, id="by hand: another class"
        ),
    ],
)
def test_what_is_known_is_found_by_cause_or_place_and_time(
    one: Known, opened: Any, *, is_found: bool
) -> None:
    """An incident of the record is found where the run has one of the same thing, near."""
    (found,) = found_again([one], run(opened, alert(0)))
    assert bool(found.incident) is is_found
    assert found.known == "SC26-0009"


def test_of_two_the_nearer_is_taken() -> None:
    """What began closer to the time at which it was detected."""
    whole = run(incident(900, code="SC26-0002"), incident(30), alert(0))
    assert found_again([known()], whole)[0].incident == "SC26-0001"


def test_times_are_the_middle_and_the_worst_of_those_there_are() -> None:
    """Those without are not counted; of none there is none."""
    assert times([30, None, 10, 20]) == times([10, 20, 30])
    assert (times([10, 20]).median_seconds, times([10, 20]).worst_seconds) == (15, 20)
    assert times([None]).count == 0
    assert times([]).worst_seconds is None
