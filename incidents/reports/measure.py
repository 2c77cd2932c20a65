"""How much room text takes on a printed page, a little more than it does: no input or output.

Widths are those of Times New Roman and its metric twins, by class of letter and rounded up; a mark
above or below a letter takes no width of its own.
"""

from __future__ import annotations

import unicodedata

from incidents.reports.typst_source import (
    INDENT_MM,
    LINE_PT,
    MARGINS,
    SIZE_PT,
    TABLE_INSET_PT,
    inset_pt,
)

POINTS_PER_MM = 72 / 25.4
PAGE_HEIGHT_PT = (297 - MARGINS[0] - MARGINS[1]) * POINTS_PER_MM
PAGE_WIDTH_PT = (210 - MARGINS[2] - MARGINS[3]) * POINTS_PER_MM
# Widths in parts of the size of the letters. Source: the advance widths of Times New Roman.
_NARROW, _THIN, _USUAL, _WIDE, _CAPITAL, _WIDEST = 0.28, 0.40, 0.50, 0.62, 0.73, 0.95
_CLASSES = (
    (_NARROW, "ijlt,.;:'!|/\\()[]- "),
    (_THIN, 'fr"`'),
    (_WIDE, "ơưLPSEFIZTJ"),
    (_WIDEST, "mwMW@%—…"),
)
_WIDTHS = {letter: width for width, letters in _CLASSES for letter in letters}
# Between the lines of a cell. Source: `typst_source`.
_TABLE_LEADING_PT = 3.0
_STROKE_PT = 0.5
_PARAGRAPH_GAP_PT = 5.0


def width_of(text: str, size_pt: float) -> float:
    """Return how wide a text is on one line."""
    return sum(map(_width, text)) * size_pt


def lines_of(text: str, size_pt: float, width_pt: float) -> int:
    """Return over how many lines a text goes; a word that is wider than a line is broken."""
    lines, used, space = 1, 0.0, _NARROW * size_pt
    for word in text.split():
        wide = width_of(word, size_pt)
        if used and used + space + wide > width_pt:
            lines, used = lines + 1, 0.0
        elif used:
            used += space
        used += wide
        while used > width_pt:
            lines, used = lines + 1, used - width_pt
    return lines


def paragraph_pt(text: str) -> float:
    """Return the height of a paragraph and of the gap below it."""
    indent = " " * round(INDENT_MM * POINTS_PER_MM / SIZE_PT / _NARROW)
    lines = lines_of(text, SIZE_PT, PAGE_WIDTH_PT - len(indent) * _NARROW * SIZE_PT / 4)
    return lines * LINE_PT + _PARAGRAPH_GAP_PT


def row_pt(cells: tuple[str, ...], shares: tuple[float, ...], size_pt: int) -> float:
    """Return the height of a row of a table as wide as the page, set in letters of a size."""
    whole = sum(shares)
    most = max(
        lines_of(text, size_pt, PAGE_WIDTH_PT * share / whole - 2 * TABLE_INSET_PT)
        for text, share in zip(cells, shares, strict=True)
    )
    lines = most * size_pt + (most - 1) * _TABLE_LEADING_PT
    return lines + 2 * inset_pt(size_pt) + _STROKE_PT


def cut(text: str, lines: int, size_pt: float = SIZE_PT, width_pt: float = PAGE_WIDTH_PT) -> str:
    """Return a text that goes over at most so many lines; what is left out is three dots."""
    words = text.split()
    if lines_of(text, size_pt, width_pt) <= lines:
        return " ".join(words)
    while words and lines_of(" ".join([*words, "…"]), size_pt, width_pt) > lines:
        words.pop()
    return " ".join([*words, "…"])


def _width(letter: str) -> float:
    base = unicodedata.normalize("NFD", letter)[0]
    known = _WIDTHS.get(letter) or _WIDTHS.get(base)
    if known is not None:
        return known
    return _CAPITAL if base.isupper() or base == "Đ" else _USUAL
