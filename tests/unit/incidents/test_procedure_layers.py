"""A ruleset over another: what is merged, what is dropped, and where a mistake stands."""

from __future__ import annotations

import pytest

from incidents.procedures import SHIPPED, read_procedure, shipped
from incidents.yaml_lines import InvalidDocument
from tests.builders import PROCEDURE

HEAD = "extends: vn-2026\nid: tinh\n"


def read(text: str) -> list[str]:
    """The mistakes of a ruleset, one a line."""
    with pytest.raises(InvalidDocument) as caught:
        read_procedure(text, file="procedure.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_ruleset_changes_only_what_it_names() -> None:
    """One number of one deadline; everything else is that of the ruleset below."""
    own = read_procedure(
        HEAD + "deadlines:\n  - {code: ack, due: {S1: 3 min}}\n", file="procedure.yaml"
    )

    assert own.deadlines["ack"].due["S1"] != PROCEDURE.deadlines["ack"].due["S1"]
    assert own.deadlines["ack"].due["S2"] == PROCEDURE.deadlines["ack"].due["S2"]
    assert list(own.deadlines) == list(PROCEDURE.deadlines)
    assert own.file.classes == PROCEDURE.file.classes
    assert own.file.extends is None


def test_ruleset_adds_and_drops_by_code() -> None:
    """A new item follows those below; a dropped one is gone."""
    own = read_procedure(
        HEAD + "without: {deadlines: [legacy_5d]}\n"
        "roles:\n  - {code: y_te, vi: Y tế, en: Medic, may_vi: gì đó, told_vi: gì đó}\n",
        file="procedure.yaml",
    )

    assert "legacy_5d" not in own.deadlines
    assert [role.code for role in own.file.roles][-1] == "y_te"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("extends: vn-2099\nid: x\n", "procedure.yaml:1: extends: 'vn-2099' given; allowed: vn-2"),
        (
            HEAD + "deadlines:\n  - {code: ack,\n     who: truc_co}\n",
            "procedure.yaml:5: deadlines[0].who: 'truc_co' is not defined",
        ),
        (
            HEAD + "without: {deadlines: [akc]}\n",
            "procedure.yaml:3: without.deadlines[0]: 'akc' is not there; allowed: ack,",
        ),
        (HEAD + "without: {nothing: [x]}\n", "procedure.yaml:3: without.nothing: give a list"),
        (
            HEAD + "without: {grounds: [su_co]}\n",
            "vn-2026.yaml:",
        ),
        (
            HEAD + "deadlines:\n  - {code: ack}\n  - {code: ack}\n",
            "procedure.yaml:5: deadlines[16].",
        ),
        (HEAD + "stages:\n  - {code: tam_dung, endz: true}\n", "stages[9].endz: 'endz' is not"),
    ],
)
def test_mistake_is_named_where_it_stands(text: str, wanted: str) -> None:
    """In the file that has it, be it the one below; with what was given and what is allowed."""
    assert any(wanted in line for line in read(text)), read(text)


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_rulesets_are_right_and_claim_no_confirmation(name: str) -> None:
    """Each is checked like a province's; no proposal is marked as confirmed, none was issued."""
    ruleset = shipped(name)

    assert ruleset.id == name
    assert not ruleset.file.confirmed
    assert not any(deadline.confirmed for deadline in ruleset.file.deadlines)
    assert ruleset.file.issued.number is None


def test_internal_ruleset_has_no_clock_that_leads_outside() -> None:
    """Every number is a proposal and nothing is due to anybody outside."""
    ruleset = shipped("internal")

    assert {deadline.mark for deadline in ruleset.file.deadlines} == {"proposed"}
    assert not any(deadline.is_legal for deadline in ruleset.file.deadlines)
    assert ruleset.file.first_told == ()


def test_legacy_ruleset_has_its_report_forms_and_steps() -> None:
    """Five calendar days, Mẫu 03 to 05, and the courses of eleven and seven steps."""
    ruleset = shipped("vn-2017-legacy")

    assert ruleset.deadlines["legacy_5d"].enabled
    assert "bca_24h" not in ruleset.deadlines
    assert {r.form for r in ruleset.file.reports if r.form} == {"Mẫu 03", "Mẫu 04", "Mẫu 05"}
    assert [len(flow.steps) for flow in ruleset.file.flows] == [11, 7]
    assert str(ruleset.file.valid_to) == "2026-06-30"


def test_digest_says_whether_two_rulesets_are_the_same() -> None:
    """A comment changes nothing, a number does."""
    plain = read_procedure(HEAD, file="a.yaml")
    comment = read_procedure("# ghi chú\n" + HEAD, file="b.yaml")
    changed = read_procedure(HEAD + "deadlines: [{code: ack, due: {S1: 3 min}}]\n", file="c.yaml")

    assert plain.digest == comment.digest != changed.digest
