"""Reading a runbook: what is right comes out whole, every mistake names line and field."""

from __future__ import annotations

import pytest

from runbooks.front_matter import InvalidRunbook
from runbooks.loader import read_runbook
from runbooks.model import HEADINGS, LANGUAGE_HEADINGS, LANGUAGES, SECTIONS, HostValues

HEAD = """---
name: disk-hot
title: {vi: Ổ nóng, en: Hot disk}
rules: [DiskHot]
class: kt_thiet_bi
tlp: GREEN
checks:
  - {kind: host_values, metric: node_hwmon_temp_celsius}
tell: [truc_ca]
reviewed: 2026-11-23
---
"""
BODY = "\n".join(
    f"# {LANGUAGE_HEADINGS[language]}\n"
    + "\n".join(f"## {HEADINGS[language][section]}\n\nText.\n" for section in SECTIONS)
    for language in LANGUAGES
)


def mistakes(text: str) -> list[tuple[int, str]]:
    """Return line and field of every mistake."""
    with pytest.raises(InvalidRunbook) as caught:
        read_runbook(text, file="runbooks/disk-hot.md", name="disk-hot")
    assert all(m.file == "runbooks/disk-hot.md" and m.message for m in caught.value.mistakes)
    return [(m.line, m.field) for m in caught.value.mistakes]


def test_runbook_comes_out_whole() -> None:
    """Head and sections of both languages."""
    book = read_runbook(HEAD + BODY, file="disk-hot.md", name="disk-hot")
    assert (book.name, book.title["vi"], book.rules) == ("disk-hot", "Ổ nóng", ("DiskHot",))
    assert book.checks == (HostValues(kind="host_values", metric="node_hwmon_temp_celsius"),)
    assert [list(book.sections[language]) for language in LANGUAGES] == [list(SECTIONS)] * 2
    assert book.sections["en"]["tell"].strip() == "Text."
    assert book.line_of("tell") == 9


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("name: disk-hot", "name: disk-cold"), (2, "name")),
        (("name: disk-hot", "name: ../etc"), (2, "name")),
        (("class: kt_thiet_bi\n", ""), (2, "class")),
        (("vi: Ổ nóng, ", ""), (3, "title.vi")),
        (("tlp: GREEN", "tlp: WHITE"), (6, "tlp")),
        (("tlp: GREEN", "colour: GREEN"), (6, "colour")),
        (("kind: host_values", "kind: run_command"), (8, "checks[0]")),
        ((", metric: node_hwmon_temp_celsius", ""), (8, "checks[0].metric")),
        (("[truc_ca]", "[]"), (9, "tell")),
        (("2026-11-23", "hôm qua"), (10, "reviewed")),
        (("rules: [DiskHot]", "rules: [DiskHot]\nrules: []"), (5, "rules")),
        (("tell: [truc_ca]", "tell: [truc_ca"), (10, "")),
        (("---\nname", "name"), (1, "")),
    ],
)
def test_mistake_in_the_head_is_named(change: tuple[str, str], expected: tuple[int, str]) -> None:
    """Each names its line and its field."""
    assert expected in mistakes(HEAD.replace(*change, 1) + BODY)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("## Ý nghĩa", "## Nghĩa"), (13, "## Nghĩa")),
        (("# English", "# Anglais"), (33, "# Anglais")),
        (("## What to do", "## What to check"), (42, "## What to check")),
        (("Text.", "[x](https://example.vn/a)"), (15, "https://example.vn/a")),
        (("Text.", "[x](/etc/passwd)"), (15, "/etc/passwd")),
        (("Text.", "<https://example.vn>"), (15, "https://example.vn")),
        (("Text.", "<script>alert(1)</script>"), (15, "")),
    ],
)
def test_mistake_in_the_body_is_named(change: tuple[str, str], expected: tuple[int, str]) -> None:
    """Headings are fixed, links stay inside, HTML stays out."""
    assert expected in mistakes(HEAD + BODY.replace(*change, 1))


def test_section_without_text_is_a_mistake() -> None:
    """Both languages say everything."""
    found = mistakes(HEAD + BODY.replace("Text.", "", 1))
    assert found[0][1] == "Tiếng Việt / Ý nghĩa"


def test_code_may_hold_what_text_may_not() -> None:
    """Angle brackets and comments of a shell are no HTML and no heading."""
    code = "```sh\n# x\ncat <a> ](https://example.vn)\n```"
    book = read_runbook(HEAD + BODY.replace("Text.", code, 1), file="x", name="disk-hot")
    assert "# x" in book.sections["vi"]["meaning"]


def test_too_long_text_is_refused() -> None:
    """A file of megabytes is no runbook."""
    assert mistakes(HEAD + BODY + "x" * 70_000) == [(1, "")]
