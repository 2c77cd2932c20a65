"""Recurring duties: the days on which they are due, and how they stand."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.duties import Done, DueState, occurrences, standings, to_tell
from incidents.duties_file import load_duties, shipped_duties
from incidents.procedures import shipped
from incidents.vietnamese import ZONE
from incidents.yaml_lines import InvalidDocument

CALENDAR = shipped().calendar
DUTIES = {duty.code: duty for duty in shipped_duties()}
SINCE = date(2026, 10, 1)
AHEAD = timedelta(days=60)


def local(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("code", "period", "due"),
    [
        ("bc_nam_dv", "2026", "19/12/2026 00:00"),  # 20/12 is a Sunday: Friday's end
        ("bc_nam_cq", "2026", "25/12/2026 00:00"),
        ("bc_6_thang", "2026-12", "15/12/2026 00:00"),
        ("bc_6_thang", "2027-06", "19/06/2027 00:00"),  # the last working day before a Sunday
        ("bc_thang", "2026-11", "04/12/2026 00:00"),
        ("bc_thang", "2027-01", "04/02/2027 00:00"),  # Tết begins on the fourth
        ("dien_tap", "2026", "01/01/2027 00:00"),
        ("xac_minh_danh_ba", "2026-Q4", "01/01/2027 00:00"),
        ("ra_soat_nguong", "2027-H1", "01/07/2027 00:00"),
        ("ra_soat_chung_thu", "2027-01", "30/01/2027 00:00"),  # 31/01 is a Sunday
        ("lich_truc", "2027-01", "26/12/2026 00:00"),
    ],
)
def test_a_duty_is_due_on_a_working_day(code: str, period: str, due: str) -> None:
    """A date of law means the last working day before it; every term ends at 24:00."""
    found = occurrences(DUTIES[code], CALENDAR, SINCE, date(2027, 8, 1))
    assert {one.period: one.due_at for one in found}[period] == local(due)


@given(st.sampled_from(sorted(DUTIES)), st.dates(date(2026, 1, 1), date(2027, 6, 1)))
def test_every_period_is_due_once(code: str, first: date) -> None:
    """However the list is cut, no period is there twice, and none is opened after it is due."""
    found = occurrences(DUTIES[code], CALENDAR, first, first + timedelta(days=400))
    assert found
    assert len({one.period for one in found}) == len(found)
    assert all(one.opens_at < one.due_at for one in found)
    cut = first + timedelta(days=100)
    parts = [
        *occurrences(DUTIES[code], CALENDAR, first, cut),
        *occurrences(DUTIES[code], CALENDAR, cut + timedelta(days=1), first + timedelta(days=400)),
    ]
    assert parts == found


def stand(now: str, done: dict[tuple[str, str], Done] | None = None) -> dict[str, DueState]:
    found = standings(
        DUTIES.values(), CALENDAR, done or {}, since=SINCE, now=local(now), ahead=AHEAD
    )
    return {f"{one.occurrence.duty} {one.occurrence.period}": one.state for one in found}


def test_what_is_done_late_stays_late() -> None:
    """Near, overdue, done late; what was recorded in time is on time, whenever it was recorded."""
    report = "bc_thang 2026-10"
    assert stand("02/11/2026 08:00")[report] is DueState.SOON
    assert stand("05/11/2026 00:00")[report] is DueState.OVERDUE
    late = Done(local("06/11/2026 09:00"), local("06/11/2026 09:00"), "person:an", "05-BC/VP")
    assert stand("10/11/2026 08:00", {("bc_thang", "2026-10"): late})[report] is DueState.DONE_LATE
    kept = Done(local("04/11/2026 09:00"), local("06/11/2026 09:00"), "person:an", "05-BC/VP")
    assert stand("10/11/2026 08:00", {("bc_thang", "2026-10"): kept})[report] is DueState.DONE


def test_what_is_undone_stays_on_the_list() -> None:
    """For ever; what was done leaves it after a month; what fell due before use is not on it."""
    assert stand("01/10/2027 08:00")["bc_thang 2026-10"] is DueState.OVERDUE
    done = {("bc_thang", "2026-10"): Done(*[local("03/11/2026 09:00")] * 2, "person:an", "x")}
    assert "bc_thang 2026-10" not in stand("01/10/2027 08:00", done)
    assert not any("2026-08" in one for one in stand("01/10/2027 08:00"))


def test_people_are_told_in_working_time() -> None:
    """That it is near on the morning it opens; that it is overdue on the next working day."""
    found = standings(
        [DUTIES["bc_nam_dv"]], CALENDAR, {}, since=SINCE, now=local("19/12/2026 10:00"), ahead=AHEAD
    )
    (overdue,) = found
    assert overdue.state is DueState.OVERDUE
    assert to_tell(overdue, CALENDAR, local("19/12/2026 10:00")) is DueState.SOON
    assert to_tell(overdue, CALENDAR, local("21/12/2026 08:00")) is DueState.OVERDUE
    assert to_tell(overdue, CALENDAR, local("01/11/2026 08:00")) is None


@pytest.mark.parametrize(
    ("line", "field", "why"),
    [
        ("due: {}", "duties[0].due", "exactly one"),
        ("due: {before: ['12-20'], month_day: 3}", "duties[0].due", "exactly one"),
        ("due: {before: ['20/12']}", "duties[0].due.before[0]", "MM-DD"),
        ("due: {before: ['02-30']}", "duties[0].due.before[0]", "day"),
        ("due: {end_of: week}", "duties[0].due.end_of", "half_year"),
        ("due: {month_day: 3}\n    owner: nobody", "duties[0].owner", "chi_huy"),
    ],
)
def test_a_mistake_in_the_register_is_named(line: str, field: str, why: str) -> None:
    """With its field, what is allowed, and its line."""
    text = f"""\
duties:
  - code: one
    vi: Việc
    en: Work
    mark: proposed
    proof: {{vi: Biên bản, en: Minutes}}
    lead_days: 3
    {line}
"""
    text += "" if "owner" in line else "    owner: chi_huy\n"
    with pytest.raises(InvalidDocument) as caught:
        load_duties(text, file="duties.yaml", roles=["chi_huy"])
    (problem,) = caught.value.problems
    assert problem.field == field
    assert why in str(problem)
    assert problem.line >= 2
