"""Markdown of a runbook → HTML that holds nothing but text, lists, code, emphasis and links."""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt
from markupsafe import Markup


@cache
def _renderer() -> MarkdownIt:
    """HTML in the text is shown as text; pictures do not exist; a dangerous link is no link."""
    return MarkdownIt("commonmark", {"html": False}).disable(["image", "html_inline", "html_block"])


def to_html(text: str) -> Markup:
    """Return safe HTML; a link to another runbook's file leads to its page."""
    renderer = _renderer()
    tokens = renderer.parse(text)
    for token in tokens:
        for child in token.children or ():
            href = child.attrGet("href") if child.type == "link_open" else None
            if isinstance(href, str) and "/" not in href:
                child.attrSet("href", href.removesuffix(".md"))
    return Markup(renderer.renderer.render(tokens, renderer.options, {}))  # noqa: S704 - escaped
