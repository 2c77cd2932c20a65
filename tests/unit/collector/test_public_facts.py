"""What inventory and rules add to the words that leave the network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from collector.public_facts import public_facts
from collector.rules.rulebook import load_rulebook
from collector.targets.targets_file import read_targets
from incidents.procedures import shipped
from incidents.public_words import is_sayable, write_public, write_public_detail
from incidents.yaml_lines import InvalidDocument
from tests.builders import opened

if TYPE_CHECKING:
    from incidents.incident import Incident

TARGETS = """
targets:
  - {name: core, vi: Bộ định tuyến lõi, address: 10.0.0.1, region: Trung tâm}
  - name: line-a
    vi: Đường truyền xã A
    address: 10.9.0.1
    region: Bắc
    via: [core]
    circuit: VNPT TSLCD 0912-345
  - {name: rt-a, vi: Bộ định tuyến xã A, address: 10.42.0.1, region: Bắc, via: [line-a]}
units:
  - {unit: H42.07, via: [rt-a]}
  - {unit: H42.08, via: [core]}
"""
PROCEDURE = shipped()
RULES = load_rulebook(None).rules


def facts(incident: Incident) -> tuple[str, ...]:
    return public_facts(incident, read_targets(TARGETS), RULES, PROCEDURE)


def incident(**values: str) -> Incident:
    return replace(opened(), unit="H42.07", unit_name="Xã A", host="", **values)


def test_cut_unit_says_what_was_checked_and_whose_line_it_is() -> None:
    """The first line on its way, so that the carrier can be called from bed."""
    cut = incident(rule="UnitSilent", class_code="kt_duong_truyen")

    assert facts(cut) == ("Không máy nào của đơn vị báo về", "Kênh VNPT TSLCD 0912-345")
    words = write_public(cut, "first", PROCEDURE, (), facts(cut)).body
    assert "Không máy nào của đơn vị báo về. Kênh VNPT TSLCD 0912-345." in words
    assert "Kênh VNPT" in write_public_detail(cut, PROCEDURE, (), facts(cut)).body


def test_target_has_the_circuit_of_its_own_or_of_what_lies_before_it() -> None:
    """By its name as people see it."""
    down = replace(incident(rule="TargetDown"), host="Bộ định tuyến xã A")

    assert facts(down)[-1] == "Kênh VNPT TSLCD 0912-345"


@pytest.mark.parametrize(
    "values",
    [
        {"class_code": "kt_phan_mem"},
        {"class_code": "kt_duong_truyen", "unit": "H42.08"},
        {"class_code": "kt_duong_truyen", "unit": "H42.99"},
        {"class_code": "khong_co"},
    ],
)
def test_other_incidents_name_no_circuit(values: dict[str, str]) -> None:
    """Nor does one of a unit whose way has none."""
    assert facts(replace(incident(), **values)) == ()  # type: ignore[arg-type]


@pytest.mark.parametrize("circuit", ["10.1.2.3", "rt1.noi-bo.vn", "http://a"])
def test_circuit_that_looks_like_an_address_is_refused(circuit: str) -> None:
    """It would leave the network: found when the file is checked."""
    text = f"targets:\n  - {{name: a, vi: A, address: 10.0.0.1, circuit: '{circuit}'}}\n"
    with pytest.raises(InvalidDocument, match="circuit"):
        read_targets(text)


def test_what_rules_say_was_checked_may_be_said() -> None:
    """Of every shipped rule."""
    assert all(is_sayable(rule.checked) for rule in RULES)
    assert sum(bool(rule.checked) for rule in RULES) >= 5
