"""Who is expected when: kinds, units, what a file says and what people approved."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collector.hours.expectations import SHIPPED, Expectations, HoursPolicy
from collector.hours.hours import NO_HOURS, parse_hours
from collector.hours.hours_file import read_hours
from collector.liveness import Presence
from incidents.yaml_problems import InvalidDocument

OFFICE, EARLY, NIGHT = map(
    parse_hours, ("T2-T6 07:00-17:00", "T2-T6 06:00-16:00", "T2-CN 18:00-24:00")
)
ALWAYS, WORKING = Presence.ALWAYS, Presence.WORKING_HOURS


@pytest.mark.parametrize(
    ("asked", "kind", "expected"),
    [
        ("", "server", Presence.ALWAYS),
        ("", "workstation", Presence.WORKING_HOURS),
        ("", "conference", Presence.SOMETIMES),
        ("", "unheard-of", Presence.ALWAYS),
        ("always", "workstation", Presence.ALWAYS),
        ("sometimes", "server", Presence.SOMETIMES),
    ],
)
def test_kind_decides_where_nobody_said_otherwise(
    asked: str, kind: str, expected: Presence
) -> None:
    """A host's own word comes first."""
    assert Expectations().presence(asked, kind) is expected


def test_without_hours_what_must_be_on_is_on_around_the_clock() -> None:
    """The others keep the hours of their unit."""
    nothing = Expectations()
    assert nothing.of_host("A", "server", ALWAYS, OFFICE) is NO_HOURS
    assert nothing.of_host("A", "workstation", WORKING, OFFICE) is OFFICE
    assert nothing.of_unit("A", OFFICE) is OFFICE


@pytest.mark.parametrize(
    ("policy", "approved", "server", "unit"),
    [
        ({}, {("A", "server"): EARLY, ("A", ""): NIGHT}, EARLY, NIGHT),
        ({}, {("A", ""): NIGHT}, NIGHT, NIGHT),
        ({}, {("B", ""): NIGHT}, NO_HOURS, OFFICE),
        ({"units": {("A", ""): EARLY}}, {("A", ""): NIGHT}, EARLY, EARLY),
        ({"units": {("A", "server"): NO_HOURS}}, {("A", ""): NIGHT}, NO_HOURS, NIGHT),
        ({"kinds": {"server": EARLY}}, {}, EARLY, OFFICE),
        ({"kinds": {"server": EARLY}}, {("A", ""): NIGHT}, NIGHT, NIGHT),
    ],
)
def test_most_particular_word_holds(
    policy: dict[str, object], approved: dict[tuple[str, str], object], server: object, unit: object
) -> None:
    """Kind in a unit, unit, kind; the file before what was approved."""
    said = Expectations(HoursPolicy(**policy), approved)  # type: ignore[arg-type]
    assert said.of_host("A", "server", ALWAYS, OFFICE) == server
    assert said.of_unit("A", OFFICE) == unit


def test_file_says_all_of_it() -> None:
    """Presence, loss and hours, by kind and by unit; `all` is the whole unit."""
    policy = read_hours(
        """
presence: {workstation: always}
lost_after: {server: 2h}
kinds: {workstation: "T2-T6 07:00-17:00"}
units:
  A: {all: "T2-T6 06:00-16:00", server: always}
""",
        units={"A"},
    )
    assert policy.presence == {"workstation": Presence.ALWAYS}
    assert policy.lost_after == {"server": timedelta(hours=2)}
    assert policy.kinds == {"workstation": OFFICE}
    assert policy.units == {("A", ""): EARLY, ("A", "server"): NO_HOURS}
    said = Expectations(policy)
    assert said.lost_after("server", ALWAYS) == timedelta(hours=2)
    assert said.lost_after("network", ALWAYS) == timedelta(days=1)
    assert read_hours("") == SHIPPED


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("presence: {server: never}", "hours.yaml:1: presence.server: 'never' given; allowed"),
        ("presence: {toaster: always}", "hours.yaml:1: presence"),
        ("lost_after:\n  server: long", "hours.yaml:2: lost_after.server: 'long' given"),
        ("kinds:\n  server: T2-T9 07:00-17:00", "hours.yaml:2: kinds.server"),
        ("kinds:\n  server: ''", "write hours such as"),
        ("units:\n  A: {server: always}\n  B: {all: always}", "hours.yaml:3: units.B: there is no"),
        ("units:\n  A: {everything: always}", "hours.yaml:2: units.A"),
        ("hours: {}", "'hours' is not a known field"),
    ],
)
def test_mistake_is_named_with_file_line_and_field(text: str, expected: str) -> None:
    """As in every file of the policy."""
    with pytest.raises(InvalidDocument) as caught:
        read_hours(text, units={"A"})
    assert expected in str(caught.value)
