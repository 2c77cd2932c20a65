"""Policy files: what is read, and what is said about a mistake."""

from __future__ import annotations

import unicodedata
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict

from incidents.yaml_lines import MAX_BYTES, InvalidDocument, load, validate


class Rule(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    severity: Literal["S1", "S2"] = "S1"
    limit: int | None = None


class Rules(BaseModel):
    model_config = ConfigDict(extra="forbid")
    rules: list[Rule]


def problems(text: str) -> list[str]:
    with pytest.raises(InvalidDocument) as caught:
        validate(load(text, file="rules.yaml"), Rules)
    return [str(problem) for problem in caught.value.problems]


def test_load_keeps_text_that_yaml_would_turn_into_something_else() -> None:
    """Clock times, dates, codes with leading zeros and words for yes and no stay text."""
    document = load(
        "a: 07:30\nb: 12:30\nc: 2026-11-24\nd: 000.01\ne: 017\nf: no\ng: 5m", file="x.yaml"
    )

    expected = {
        "a": "07:30",
        "b": "12:30",
        "c": "2026-11-24",
        "d": "000.01",
        "e": "017",
        "f": "no",
        "g": "5m",
    }
    assert expected == document.value


def test_load_reads_numbers_booleans_and_nothing() -> None:
    """Decimal numbers, true, false and null are what they look like; keys are text."""
    document = load("a: 5\nb: -0.25\nc: true\nd:\n7: [null, ~, 'null']", file="x.yaml")

    expected = {"a": 5, "b": -0.25, "c": True, "d": None, "7": [None, None, "null"]}
    assert expected == document.value


def test_load_returns_nfc_when_the_file_is_decomposed() -> None:
    """Text typed on another keyboard layout compares equal afterwards."""
    document = load(unicodedata.normalize("NFD", "tên: Sự cố"), file="x.yaml")

    assert document.value == {"tên": "Sự cố"}


def test_load_knows_the_line_of_every_value() -> None:
    """A value's line is its key's line; a missing one has its parent's."""
    document = load("rules:\n  - name: A\n    limit: 5\n  - name: B\n", file="x.yaml")

    assert document.line_of(("rules", 0, "limit")) == 3
    assert document.line_of(("rules", 1)) == 4
    assert document.line_of(("rules", 1, "limit")) == 4
    assert document.line_of(("nothing",)) == 1


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: &x 1\n", 1, "anchors"),
        ("b: 2\na: *x\n", 2, "aliases"),
        ("a: [1,\nb: 2", 2, "not readable as YAML"),
        ("a: 1\n---\nb: 2\n", 2, "not readable as YAML"),
        ("[" * 30 + "]" * 30, 1, "nested deeper"),
        ("a: '" + "x" * MAX_BYTES + "'", 1, "at most"),
        ("a: \x00", 1, "not readable"),
    ],
)
def test_load_refuses_what_is_not_plain_yaml(text: str, line: int, words: str) -> None:
    """One problem with its line; nothing is read."""
    with pytest.raises(InvalidDocument) as caught:
        load(text, file="x.yaml")

    (problem,) = caught.value.problems
    assert line == problem.line
    assert words in problem.message_en


def test_validate_refuses_tags_with_their_line() -> None:
    """A tag that would build an object is refused, never followed."""
    assert any(
        "x.yaml" not in line and "python/name:os.system" in line
        for line in problems("rules:\n  - name: !!python/name:os.system ''\n")
    )


def test_validate_lists_every_mistake_at_once() -> None:
    """Repeated key, unknown field, missing field and wrong value come together, by line."""
    text = (
        "rules:\n"
        "  - name: A\n"
        "    name: B\n"
        "  - severity: S5\n"
        "  - name: C\n"
        "    serverity: S2\n"
        "    limit: many\n"
    )

    assert problems(text) == [
        "rules.yaml:3: rules[0].name: the key 'name' is already given in line 2; keep one",
        "rules.yaml:4: rules[1].name: is missing; it is required",
        "rules.yaml:4: rules[1].severity: 'S5' given; allowed: 'S1' or 'S2'",
        (
            "rules.yaml:6: rules[2].serverity: 'serverity' is not a known field; "
            "allowed: limit, name, severity; did you mean 'severity'?"
        ),
        (
            "rules.yaml:7: rules[2].limit: 'many' given; input should be a valid integer, "
            "unable to parse string as an integer"
        ),
    ]


def test_validate_says_what_an_empty_file_lacks() -> None:
    """An empty file is a mapping without its required fields."""
    assert problems("") == ["rules.yaml:1: rules: is missing; it is required"]


def test_validate_returns_the_model_when_all_is_well() -> None:
    """A good file gives its values."""
    assert [Rule(name="A", limit=5)] == (
        validate(load("rules: [{name: A, limit: 5}]", file="x.yaml"), Rules).rules
    )
