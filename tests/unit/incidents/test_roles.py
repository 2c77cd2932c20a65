"""Who may do what: people.yaml, the table `may`, and the refusals that name the role."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from incidents.actor import Actor
from incidents.commands import Acknowledge, Close, Move, Note, Refused, allowed, decide
from incidents.people import UNDECLARED, load_people
from incidents.places import Place, Places
from incidents.procedures import shipped
from incidents.state import Incident
from incidents.yaml_lines import InvalidDocument

if TYPE_CHECKING:
    from incidents.commands import Command

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PROCEDURE = shipped()
PLACES = Places([Place("U1", None, "Bắc"), Place("U11", "U1", ""), Place("U2", None, "Nam")])
ROLES = {role.code for role in PROCEDURE.file.roles}


def incident(**values: object) -> Incident:
    """Return an S2 incident that somebody handles."""
    facts: dict[str, object] = {
        "code": "SC26-0001",
        "ruleset": PROCEDURE.id,
        "dedup_key": None,
        "unit": "U1",
        "unit_name": "Đơn vị 1",
        "host": "h",
        "class_code": "kt_thiet_bi",
        "nature": "ky_thuat",
        "impact": "I3",
        "scope": "P2",
        "severity": "S2",
        "stage": "xac_minh",
        "detected_at": NOW,
        "started_at": NOW,
        "summary_vi": "",
        "summary_en": "",
        "units": ("U1",),
        "acknowledged_at": NOW,
        "acknowledged_by": "person:An",
        "handlers": frozenset({"person:An"}),
    }
    return Incident(**facts | values)  # type: ignore[arg-type]


def person(*roles: str, units: tuple[str, ...] = ()) -> Actor:
    """Return somebody of declared roles."""
    return Actor("person:Bình", frozenset(roles), frozenset(units) if units else None)


@pytest.mark.parametrize(
    ("state", "command", "roles", "needed"),
    [
        ({}, Note("x"), (), "truc_ca"),
        ({"stage": "canh_bao", "acknowledged_at": None}, Acknowledge(), ("kiem_tra",), "truc_ca"),
        ({"stage": "khac_phuc"}, Move("tam_dung", "chờ"), ("truc_ca",), "chi_huy"),
        (
            {"stage": "cho_phe_duyet"},
            Close("xong", "human-errors"),
            ("chi_huy",),
            "lanh_dao_vp",
        ),
        (
            {"stage": "cho_phe_duyet", "severity": "S3"},
            Close("xong", "human-errors"),
            ("lanh_dao_vp",),
            "chi_huy",
        ),
        (
            {"severity": "S4", "recovered_at": NOW},
            Close("xong", "human-errors"),
            ("can_bo_don_vi",),
            "truc_ca",
        ),
    ],
)
def test_refuses_who_lacks_the_role_and_names_it(
    state: dict[str, object], command: Command, roles: tuple[str, ...], needed: str
) -> None:
    """The refusal says in both languages which role is needed."""
    with pytest.raises(Refused) as refused:
        decide(incident(**state), command, person(*roles), PROCEDURE, NOW)

    assert needed in refused.value.needed
    assert PROCEDURE.role_names([needed], "vi") in refused.value.reason_vi
    assert decide(incident(**state), command, person(needed), PROCEDURE, NOW)


def test_offers_what_a_role_does_not_cover_as_blocked() -> None:
    """A button that would be refused says so before it is pressed."""
    offered = allowed(incident(stage="khac_phuc"), person("truc_ca"), PROCEDURE, NOW)

    pause = next(action for action in offered if action.stage == "tam_dung")
    assert "Chỉ huy ứng phó" in pause.blocked_vi
    assert "Incident commander" in pause.blocked_en
    assert not next(action for action in offered if action.kind == "note").blocked_vi


def test_the_officer_of_a_unit_acts_on_its_incidents_only() -> None:
    """A role that is bound to units says nothing of others."""
    own = person("can_bo_don_vi", units=("U1",))
    assert decide(incident(), Note("x"), own, PROCEDURE, NOW)

    with pytest.raises(Refused):
        decide(incident(), Note("x"), person("can_bo_don_vi", units=("U2",)), PROCEDURE, NOW)


def test_without_declared_people_everybody_may_all_but_cipher() -> None:
    """A province that has not written people.yaml can work; cipher stays closed."""
    who = UNDECLARED.actor("person:An", NOW)
    assert decide(incident(), Note("x"), who, PROCEDURE, NOW)

    with pytest.raises(Refused) as refused:
        decide(incident(nature="mat_ma"), Note("x"), who, PROCEDURE, NOW)
    assert refused.value.needed == ("co_yeu",)


def test_only_the_cipher_officer_writes_a_cipher_incident() -> None:
    """Neither the commander nor the leadership writes there; the cipher officer does it all."""
    cipher = incident(nature="mat_ma", stage="cho_phe_duyet")
    for role in sorted(ROLES - {"co_yeu"}):
        with pytest.raises(Refused):
            decide(cipher, Note("x"), person(role), PROCEDURE, NOW)

    assert decide(cipher, Close("xong", "human-errors"), person("co_yeu"), PROCEDURE, NOW)


def test_people_are_found_by_the_name_they_log_in_with() -> None:
    """A stranger to the file holds nothing."""
    text = "people:\n  - {name: Nguyễn Văn An, roles: [truc_ca], units: [U1]}\n"
    people = load_people(text, file="people.yaml", roles=ROLES, places=PLACES)

    assert people.actor("person:nguyễn văn an", NOW).roles == {"truc_ca"}
    assert people.actor("person:Bình", NOW).roles == frozenset()
    assert people.has_role("truc_ca")


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("people: []\n", "people"),
        ("people:\n  - {name: A, roles: [sep]}\n", "people[0].roles[0]"),
        ("people:\n  - {name: A, roles: [truc_ca], units: [U9]}\n", "people[0].units[0]"),
        (
            "people:\n  - {name: A, roles: [truc_ca]}\n  - {name: a, roles: [chi_huy]}\n",
            "people[1].name",
        ),
    ],
)
def test_a_mistake_in_people_is_named(text: str, field: str) -> None:
    """File, line and field of each mistake."""
    with pytest.raises(InvalidDocument) as invalid:
        load_people(text, file="people.yaml", roles=ROLES, places=PLACES)

    assert [problem.field for problem in invalid.value.problems] == [field]
