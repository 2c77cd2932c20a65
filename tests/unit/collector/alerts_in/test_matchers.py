"""Matchers: read as they are written, anchored, and never slow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.alerts_in.matchers import OPERATORS, LabelMatcher, parse, parse_many

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


@pytest.mark.parametrize(
    ("text", "labels", "holds"),
    [
        ("a=b", {"a": "b"}, True),
        ("a=b", {}, False),
        ('a=""', {}, True),
        ("a!=b", {}, True),
        ('a=~"x.*"', {"a": "yx"}, False),
        ('a=~"x|y"', {"a": "y"}, True),
        ("a!~x", {"a": "xy"}, True),
        ('{a="b"}', {"a": "b"}, None),
        (' a = "b \\" c" ', {"a": 'b " c'}, True),
        ('"tên máy"="db 01"', {"tên máy": "db 01"}, True),
        ("a=~[0-9]+", {"a": "٣"}, False),
    ],
)
def test_matcher_means_what_alertmanager_means(
    text: str, labels: dict[str, str], holds: bool | None
) -> None:
    """Anchored; a missing label is an empty one."""
    if holds is None:
        with pytest.raises(ValueError, match="no matcher"):
            parse(text)
    else:
        assert parse(text).matches(labels) is holds


@given(name=texts.filter(bool), operator=st.sampled_from(OPERATORS[:2]), value=texts)
def test_what_is_written_is_read(name: str, operator: str, value: str) -> None:
    """Quotes, line breaks and letters of any alphabet survive."""
    matcher = LabelMatcher(name, operator, value)  # type: ignore[arg-type]
    assert parse(str(matcher)) == matcher


@pytest.mark.parametrize(
    "pattern", ["(a+)+", "(a|aa)*", "(.*)*", "(?=a)", "(a)\\1", "(", "x" * 2_000, "a*" * 9 + "b",
                "((a{1,50}){1,50}){1,50}"]
)  # fmt: skip
def test_expression_that_could_take_for_ever_is_refused(pattern: str) -> None:
    """And one that Alertmanager does not have."""
    with pytest.raises(ValueError, match=r"\w"):
        LabelMatcher("a", "=~", pattern)


@given(texts)
def test_anything_is_matchers_or_none(text: str) -> None:
    """Whatever comes is read or refused."""
    try:
        found = parse_many(text)
    except ValueError:
        return
    assert all(isinstance(one, LabelMatcher) for one in found)


def test_many_are_read_between_commas() -> None:
    """A comma within quotes is none."""
    found = parse_many('{a="b,c", d=~"x|y"}')
    assert [(m.name, m.value) for m in found] == [("a", "b,c"), ("d", "x|y")]
