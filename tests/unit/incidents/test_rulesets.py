"""Which ruleset is in force when, and what is said about gaps and overlaps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from incidents.procedure import Procedure, checked, kept_procedure, read_document
from incidents.procedures import SHIPPED, shipped_text
from incidents.rulesets import Rulesets, arranged, starts_at
from incidents.yaml_lines import Document, InvalidDocument
from tests.builders import PROCEDURE

TWELFTH = datetime(2026, 12, 11, 17, 0, tzinfo=UTC)  # midnight in Viet Nam


def ruleset(name: str, valid_from: str, valid_to: str = "null") -> tuple[Document, Procedure]:
    """A ruleset of some days."""
    text = f"extends: vn-2026\nid: {name}\nvalid_from: {valid_from}\nvalid_to: {valid_to}\n"
    document = read_document(text, file=f"{name}.yaml", base_text=shipped_text, bases=SHIPPED)
    return document, checked(document)


def test_ruleset_comes_into_force_at_midnight_of_its_day() -> None:
    """Valid from the twelfth: nothing that is detected on the eleventh."""
    both = arranged([ruleset("moi", "2026-12-12"), ruleset("cu", "2026-07-01", "2026-12-11")])

    assert both.at(TWELFTH - timedelta(seconds=1)).id == "cu"
    assert both.at(TWELFTH).id == "moi"
    assert both.at(datetime(2020, 1, 1, tzinfo=UTC)).id == "cu"
    assert both.newest.id == "moi"


@pytest.mark.parametrize(
    ("rulesets", "wanted"),
    [
        (
            [ruleset("cu", "2026-07-01", "2026-12-10"), ruleset("moi", "2026-12-12")],
            "moi.yaml:3: valid_from: 2026-12-12 given: moi leaves a gap after cu",
        ),
        (
            [ruleset("cu", "2026-07-01", "2026-12-12"), ruleset("moi", "2026-12-12")],
            "moi.yaml:3: valid_from: 2026-12-12 given: moi overlaps cu",
        ),
        (
            [ruleset("cu", "2026-07-01"), ruleset("moi", "2026-12-12")],
            "cu has `valid_to: 2026-12-11`",
        ),
        (
            [ruleset("cu", "2026-07-01", "2026-12-12")],
            "cu.yaml:4: valid_to: 2026-12-12 given: nothing would be in force afterwards",
        ),
        (
            [ruleset("cu", "2026-07-01", "2026-12-11"), ruleset("cu", "2026-12-12")],
            "cu.yaml:2: id: 'cu' is the id of another ruleset",
        ),
    ],
)
def test_gap_and_overlap_are_named_with_file_line_and_field(
    rulesets: list[tuple[Document, Procedure]], wanted: str
) -> None:
    """Every day has exactly one ruleset; the mistake says what to write."""
    with pytest.raises(InvalidDocument) as caught:
        arranged(rulesets)

    assert wanted in str(caught.value)


def test_running_ruleset_stays_until_the_new_one_begins() -> None:
    """A directory that only has tomorrow's keeps today's running one until midnight."""
    tomorrow = ruleset("moi", "2026-12-12")[1]
    both = Rulesets((tomorrow,)).after(PROCEDURE, TWELFTH - timedelta(hours=1))

    assert both.at(TWELFTH - timedelta(hours=1)) is PROCEDURE
    assert both.at(TWELFTH) is tomorrow
    assert Rulesets((tomorrow,)).after(PROCEDURE, TWELFTH).procedures == (tomorrow,)


def test_kept_content_makes_the_same_ruleset_again() -> None:
    """What was kept when it was adopted is whole: nothing of the directory is needed."""
    procedure = ruleset("cu", "2026-07-01")[1]
    again = kept_procedure(procedure.content)

    assert again.file == procedure.file
    assert again.digest == procedure.digest
    assert starts_at(again) == starts_at(procedure)


def test_ruleset_is_found_by_id_and_by_the_beginning_of_its_digest() -> None:
    """Twelve characters are enough, fewer are not."""
    rulesets = Rulesets((PROCEDURE,))

    assert rulesets.find("vn-2026") is PROCEDURE
    assert rulesets.find(PROCEDURE.digest[:12]) is PROCEDURE
    assert rulesets.find(PROCEDURE.digest[:11]) is None
