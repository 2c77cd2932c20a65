"""Markdown becomes safe HTML; what a runbook says to look at becomes links."""

from __future__ import annotations

import pytest

from collector.console.markdown import to_html
from collector.console.runbook_views import Where, check_views, known_runbooks, section_views
from collector.console.texts import LANGUAGES, Texts
from collector.library import load_library
from runbooks.model import SECTIONS

LIBRARY = load_library(None)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a **b**", "<p>a <strong>b</strong></p>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("[x](data:text/html;base64,PHg+)", "<p>[x](data:text/html;base64,PHg+)</p>\n"),
        ("[x](memory-high.md)", '<p><a href="memory-high">x</a></p>\n'),
        ("![x](y.png)", '<p>!<a href="y.png">x</a></p>\n'),
        ("```sh\na < b\n```", '<pre><code class="language-sh">a &lt; b\n</code></pre>\n'),
    ],
)
def test_markdown_becomes_safe_html(text: str, html: str) -> None:
    """No script, no picture, no address that runs something."""
    assert str(to_html(text)) == html


def test_every_runbook_has_its_sections_and_words_in_both_languages() -> None:
    """No heading, no check without words."""
    for book in LIBRARY:
        for language in LANGUAGES:
            t = Texts(language)
            assert [view.name for view in section_views(book, t)] == list(SECTIONS)
            assert all(view.words for view in check_views(book, None, t))


def test_check_leads_to_the_host_that_the_reader_came_from() -> None:
    """With a host every line is a link; without one it is words."""
    book = LIBRARY.get("agent-silent")
    assert book is not None
    views = check_views(book, Where("a/1", "000.11.30"), Texts("vi"))
    assert [view.address for view in views] == [
        "/targets",
        "/targets",
        "/units/000.11.30",
        "/hosts/a%2F1#hour-title",
        "/alerts?agent=a%2F1",
        "/incidents?unit=000.11.30",
    ]
    assert {view.address for view in check_views(book, None, Texts("vi"))} == {None}


def test_incident_has_the_runbooks_of_its_alerts_and_of_its_class() -> None:
    """Each once; one that the library does not have is left out."""
    found = known_runbooks(LIBRARY, ["cpu-high", "none", "cpu-high"], "ma_doc")
    assert [book.name for book in found] == ["cpu-high", "malware-suspected"]
