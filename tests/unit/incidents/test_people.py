"""people.yaml: units and regions with what lies below them, and deputies for their time alone."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest

from incidents.actor import NOBODY, Viewer
from incidents.people import UNDECLARED, People, load_people
from incidents.places import Place, Places
from incidents.procedures import shipped
from incidents.yaml_lines import InvalidDocument

PROCEDURE = shipped()
ROLES = {role.code for role in PROCEDURE.file.roles}
# Two regions; U1 has U11, which has U111; U9 has no region.
PLACES = Places(
    [
        Place("U1", None, "Bắc"),
        Place("U11", "U1", "Bắc"),
        Place("U111", "U11", ""),
        Place("U2", None, "Nam"),
        Place("U9", None, ""),
    ]
)
PEOPLE = """
people:
  - {name: An, roles: [truc_ca, can_bo_don_vi], units: [U11]}
  - {name: Bình, roles: [can_bo_don_vi], regions: [Bắc]}
  - {name: Chi, roles: [chi_huy]}
  - {name: Dung, roles: [lanh_dao_vp, chu_quan], units: [U2], regions: [Bắc]}
  - {name: VNPT, roles: [nha_mang]}
deputies:
  - {for: Chi, by: An, from: 2026-12-01, until: 2026-12-03, decision: "số 12-QĐ/VPTU 30/11/2026"}
  - for: Dung
    by: Chi
    roles: [lanh_dao_vp]
    from: 2026-12-01T13:00
    until: 2026-12-01T17:00
    decision: số 13
"""
BEFORE = datetime(2026, 11, 30, 16, 59, 59, tzinfo=UTC)  # 23:59:59 here
FIRST = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)  # midnight of 1 December here
END = datetime(2026, 12, 3, 17, 0, tzinfo=UTC)  # the end of 3 December here


def people(text: str = PEOPLE) -> People:
    """Return the people of the file."""
    return load_people(text, file="people.yaml", roles=ROLES, places=PLACES)


def sees(name: str, now: datetime = BEFORE) -> Viewer:
    """Return what somebody sees."""
    return people().actor(f"person:{name}", now).viewer(PROCEDURE)


def test_person_sees_the_own_units_and_what_lies_below_them() -> None:
    """A unit with its tree, a region with the trees of its units, both together, or all."""
    assert sees("An").units == {"U11", "U111"}
    assert sees("Bình").units == {"U1", "U11", "U111"}
    assert sees("Dung").units == {"U1", "U11", "U111", "U2"}
    assert sees("Chi").units is None


def test_stranger_to_the_file_sees_no_unit_and_without_a_file_everybody_all() -> None:
    """Somebody who was taken out of people.yaml does not see more than before."""
    assert sees("Lạ").units == frozenset()
    assert UNDECLARED.actor("person:Lạ", BEFORE).viewer(PROCEDURE).units is None
    assert NOBODY.units is None


def test_role_holds_in_the_own_units_alone() -> None:
    """Above and beside them it says nothing."""
    an = people().actor("person:An", BEFORE)
    assert an.held_for(["U111"], PROCEDURE) == {"truc_ca", "can_bo_don_vi"}
    assert an.held_for(["U1"], PROCEDURE) == frozenset()
    assert an.held_for(["U2", "U11"], PROCEDURE) == {"truc_ca", "can_bo_don_vi"}


@pytest.mark.parametrize(
    ("now", "holds"),
    [
        (BEFORE, False),
        (FIRST, True),
        (END - timedelta(microseconds=1), True),
        (END, False),
    ],
)
def test_deputy_holds_the_roles_within_the_period_alone(now: datetime, holds: bool) -> None:
    """From its first instant to before its last: a day alone is meant with all of it."""
    an = people().actor("person:An", now)
    assert ("chi_huy" in an.held(PROCEDURE)) == holds
    assert (an.viewer(PROCEDURE).units is None) == holds
    assert an.on_behalf(["U2"], ["chi_huy"], PROCEDURE) == ("Chi" if holds else "")
    assert [one.by for one in people().deputies_at(now)] == (["An"] if holds else [])


def test_deputy_acts_in_their_own_right_where_they_may() -> None:
    """Only what the own role does not cover is done for another."""
    an = people().actor("person:An", FIRST)
    assert an.on_behalf(["U11"], ["truc_ca", "chi_huy"], PROCEDURE) == ""
    assert an.on_behalf(["U2"], ["truc_ca", "chi_huy"], PROCEDURE) == "Chi"
    assert an.on_behalf(["U11"], None, PROCEDURE) == ""


def test_deputy_gets_the_named_roles_for_the_units_of_whom_they_stand_for() -> None:
    """Not those roles that are not named, not beyond those units, and nothing handed on."""
    afternoon = datetime(2026, 12, 1, 6, 0, tzinfo=UTC)
    chi = people().actor("person:Chi", afternoon)
    assert "chu_quan" not in chi.held(PROCEDURE)
    assert chi.on_behalf(["U2"], ["lanh_dao_vp"], PROCEDURE) == "Dung"
    assert chi.on_behalf(["U9"], ["lanh_dao_vp"], PROCEDURE) == ""
    assert "lanh_dao_vp" not in people().actor("person:An", afternoon).held(PROCEDURE)


def test_name_is_found_however_its_letters_are_composed() -> None:
    """A keyboard that puts marks apart makes nobody a stranger."""
    apart = unicodedata.normalize("NFD", "BÌNH")
    assert apart != "BÌNH"
    assert people().actor(f"person:{apart}", BEFORE).roles == {"can_bo_don_vi"}
    assert people().standing(apart, PROCEDURE) == "inside"


def test_outsiders_and_strangers_are_told_apart() -> None:
    """Who holds roles of other organisations alone does not log in."""
    found = [people().standing(name, PROCEDURE) for name in ("an", "VNPT", "Lạ")]
    assert found == ["inside", "outside", "unknown"]
    assert UNDECLARED.standing("VNPT", PROCEDURE) == "inside"


DEPUTY = "deputies:\n  - {{for: {0}, by: {1}, {2}from: {3}, until: {4}, decision: '{5}'}}\n"
ONE = "people:\n  - {name: A, roles: [chi_huy]}\n  - {name: B, roles: [truc_ca]}\n"
DAYS = ("2026-12-01", "2026-12-02")


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("people:\n  - {name: A, roles: [chi_huy], regions: [Đông]}\n", "people[0].regions[0]"),
        (ONE + DEPUTY.format("C", "B", "", *DAYS, "x"), "deputies[0].for"),
        (ONE + DEPUTY.format("A", "C", "", *DAYS, "x"), "deputies[0].by"),
        (ONE + DEPUTY.format("A", "a", "", *DAYS, "x"), "deputies[0].by"),
        (ONE + DEPUTY.format("A", "B", "roles: [co_yeu], ", *DAYS, "x"), "deputies[0].roles[0]"),
        (ONE + DEPUTY.format("A", "B", "", DAYS[1], "2026-12-01", "x"), "deputies[0].until"),
        (ONE + DEPUTY.format("A", "B", "", "mai", DAYS[1], "x"), "deputies[0].from"),
        (ONE + DEPUTY.format("A", "B", "", *DAYS, ""), "deputies[0].decision"),
    ],
)
def test_a_mistake_is_named(text: str, field: str) -> None:
    """File, line and field of each."""
    with pytest.raises(InvalidDocument) as invalid:
        people(text)
    assert [problem.field for problem in invalid.value.problems] == [field]
