"""Quiet hours: who is woken, and when what waits leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from incidents.channels import load_policy
from incidents.quiet import QuietHours, held_until
from incidents.yaml_lines import InvalidDocument
from tests.builders import CHANNELS, PROCEDURE, policy
from tests.timeline_builder import File, local

if TYPE_CHECKING:
    from incidents.incident import Incident

QUIET = QuietHours()
MONDAY_NIGHT, SATURDAY_NOON = local("2026-11-23 22:00"), local("2026-11-28 12:00")


def incident(severity: str = "S3", **changes: object) -> Incident:
    state = File(local("2026-11-23 21:00"), severity).incident
    values = {"class_code": "kt_phan_mem", "nature": "ky_thuat", **changes}
    return replace(state, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-11-23 22:00", "2026-11-24 06:30"),  # the day after is a holiday; the digest comes
        ("2026-11-23 02:00", "2026-11-23 06:30"),
        ("2026-11-28 12:00", "2026-11-29 06:30"),  # Saturday
        ("2026-11-23 09:00", None),  # at work
        ("2026-11-23 06:45", "2026-11-23 08:00"),  # after the digest, before work
    ],
)
def test_what_wakes_nobody_waits_for_the_digest_or_for_work(at: str, until: str | None) -> None:
    """Whichever comes first."""
    expected = None if until is None else local(until)

    assert held_until(incident(), QUIET, PROCEDURE, local(at)) == expected


def test_a_break_at_noon_is_no_night() -> None:
    """What comes during lunch leaves when work goes on."""
    spans = list(PROCEDURE.calendar.spans_on(date(2026, 11, 23)))
    if len(spans) < 2:
        pytest.fail("the shipped calendar has a break at noon")
    (_, stops), (goes_on, _) = spans[:2]

    assert held_until(incident(), QUIET, PROCEDURE, stops) == goes_on


@pytest.mark.parametrize(
    "passing",
    [
        {"severity": "S1"},
        {"severity": "S2"},
        {"class_code": "hn_hinh"},
        {"nature": "an_ninh", "scope": "P3"},
    ],
)
def test_the_worst_conferences_and_spreading_attacks_wait_for_nothing(
    passing: dict[str, str],
) -> None:
    """At any hour."""
    told = replace(incident(), **passing)  # type: ignore[arg-type]

    assert held_until(told, QUIET, PROCEDURE, MONDAY_NIGHT) is None


def test_an_attack_on_one_machine_and_a_fault_of_many_units_wait() -> None:
    """Neither is a spreading attack."""
    for state in (incident(nature="an_ninh", scope="P1"), incident(nature="ky_thuat", scope="P3")):
        assert held_until(state, QUIET, PROCEDURE, SATURDAY_NOON) is not None


def test_a_province_sets_its_hour_or_has_no_quiet_hours() -> None:
    """And a mistake names its line."""
    assert policy(f'{CHANNELS}quiet: {{digest_at: "07:00"}}\n').quiet is not None
    assert policy(f"{CHANNELS}quiet: null\n").quiet is None
    with pytest.raises(InvalidDocument, match="time of day"):
        load_policy(f"{CHANNELS}quiet: {{digest_at: 6.30}}\n", file="channels.yaml")
