"""Months, half-years and years: which days they are, and what is counted of their tables."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.reports.kinds.monthly import MONTHLY, minutes, percent
from incidents.reports.period import TABLES, before_of, figures_of, in_words, period_of
from incidents.reports.period_tables import as_csv, packed, unpacked

NOW = datetime(2026, 11, 30, tzinfo=UTC)
EMPTY = {name: [] for name in TABLES}


@pytest.mark.parametrize(
    ("code", "first", "last", "before", "year_before"),
    [
        ("2026-11", date(2026, 11, 1), date(2026, 11, 30), "2026-10", "2025-11"),
        ("2026-01", date(2026, 1, 1), date(2026, 1, 31), "2025-12", "2025-01"),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29), "2028-01", "2027-02"),
        ("2026-H1", date(2026, 1, 1), date(2026, 6, 30), "2025-H2", "2025-H1"),
        ("2026-H2", date(2026, 7, 1), date(2026, 12, 31), "2026-H1", "2025-H2"),
        ("2026", date(2025, 12, 15), date(2026, 12, 14), "2025", "2025"),
    ],
)
def test_a_period_is_the_days_that_the_rules_say(
    code: str, first: date, last: date, before: str, year_before: str
) -> None:
    """A year of reports runs from 15/12 to 14/12; what it is compared with is as long."""
    period = period_of(code)
    assert period is not None
    assert (period.first, period.last) == (first, last)
    assert [one.code for one in before_of(period)] == [before, year_before]


@pytest.mark.parametrize("code", ["", "2026-13", "2026-H3", "26-11", "2026-1", "2026-11-01", "x"])
def test_anything_else_is_no_period(code: str) -> None:
    """It does not exist."""
    assert period_of(code) is None


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("2026-11-26", "ngày 26/11/2026"),
        ("2026-03", "tháng 3/2026"),
        ("2026-Q3", "quý III/2026"),
        ("2026-H1", "6 tháng đầu năm 2026"),
        ("2026", "năm 2026"),
        ("x", "x"),
    ],
)
def test_a_period_is_said_in_words(code: str, words: str) -> None:
    """Nothing of its code is printed."""
    assert in_words(code) == words


def test_a_period_without_anything_has_no_figures_and_no_error() -> None:
    """Nothing happened is not the same as all went well: there is no ratio of nothing."""
    found = figures_of(EMPTY, NOW)
    assert (found.incidents, found.by_class, found.on_time, found.availability) == (0, {}, [], [])
    assert found.coverage.value is None
    assert found.unit_days.value is None
    assert found.duties.value is None


def test_what_is_not_due_yet_is_not_judged_and_what_is_late_is_late() -> None:
    """At its very instant a term is met in time."""
    due = "2026-11-29T10:00:00+07:00"
    term = {"incident": "x", "unit": "u", "unit_name": "Xã", "deadline": "ack", "start_at": due}
    rows = [
        {**term, "name": "Tiếp nhận", "due_at": due, "done_at": due},
        {**term, "name": "Tiếp nhận", "due_at": due, "done_at": "2026-11-29T10:00:01+07:00"},
        {**term, "name": "Tiếp nhận", "due_at": due, "done_at": ""},
        {**term, "name": "Khôi phục", "due_at": "2026-12-29T10:00:00+07:00", "done_at": ""},
    ]
    [share] = figures_of({**EMPTY, "terms": rows}, NOW).on_time
    assert (share.name, share.good, share.whole) == ("Tiếp nhận", 1, 3)


words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(TABLES["incidents"], words)), max_size=5))
def test_tables_are_kept_and_written_without_loss(rows: list[dict[str, str]]) -> None:
    """Packed into a report, and as CSV that a spreadsheet reads."""
    tables = {**EMPTY, "incidents": rows}
    assert unpacked(packed(tables)) == tables
    text = as_csv("incidents", rows)
    assert text.startswith("\ufeff")
    assert list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))) == rows


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_share_is_all_only_when_it_is_whole(good: int, whole: int) -> None:
    """99,996 % is not 100 %."""
    assert (percent(min(good, whole), whole) == "100 %") == (good >= whole)


def test_numbers_are_written_as_offices_write_them() -> None:
    """Points between thousands, a comma before decimals."""
    assert minutes(4_444_443) == "74.074,1"
    assert percent(1, 3) == "33,33 %"


def test_the_kind_serves_the_procedure_s_monthly_report() -> None:
    """By the code that the duties name."""
    assert (MONTHLY.about, MONTHLY.serves) == ("month", ("bc_thang",))
