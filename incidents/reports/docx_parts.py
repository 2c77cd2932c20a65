"""What python-docx has no words for: language, page numbers, heads that are repeated, rules."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from incidents.reports.document import head_of
from incidents.reports.measure import PAGE_WIDTH_PT, width_of
from incidents.reports.typst_source import FONTS

if TYPE_CHECKING:
    from incidents.reports.document import Document

LANGUAGE = "vi-VN"
# What Word leaves free at either side of a cell.
_CELL_PT = 5.4


def set_language(made: Any) -> None:
    """Say that it is Vietnamese in one font, or Word marks every word as misspelt."""
    from docx.oxml.ns import qn

    normal = made.styles["Normal"].element.get_or_add_rPr()
    for name in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        normal.get_or_add_rFonts().set(qn(name), FONTS[0])
    for language in made.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), LANGUAGE)
        language.set(qn("w:eastAsia"), LANGUAGE)


def number_pages(section: Any) -> None:
    """Put the number of each page but the first in the middle of its head."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    section.different_first_page_header_footer = True
    paragraph = section.header.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph._p.append(_element("w:fldSimple", instr="PAGE"))


def repeat_head(row: Any) -> None:
    """Let the first row of a table stand on every page of it."""
    row._tr.get_or_add_trPr().append(_element("w:tblHeader"))


def keep_whole(row: Any) -> None:
    """Let no page break go through a row."""
    row._tr.get_or_add_trPr().append(_element("w:cantSplit"))


def add_head(made: Any, document: Document) -> None:
    """Put the head of a document line by line, so that number and date stand on one line."""
    from docx.shared import Pt

    is_party, head = document.layout == "party", head_of(document)
    share = 1.5 if is_party else 1.25
    widths = (PAGE_WIDTH_PT / (1 + share), PAGE_WIDTH_PT * share / (1 + share))
    table = made.add_table(rows=len(head.left), cols=2)
    table.autofit = False
    for number, row in enumerate(table.rows):
        is_last = number == len(head.left) - 1
        for place, text in enumerate((head.left[number], head.right[number])):
            cell = row.cells[place]
            cell.width = Pt(widths[place])
            size = 13 if is_party or (place and number == 1) else 12
            run = _line(cell.paragraphs[0], text, size)
            run.bold = number == 1 or (place == 1 and not is_last)
            run.italic = place == 1 and is_last
            if (place, number) in ({(1, 0)} if is_party else {(0, 1), (1, 1)}):
                wide = width_of(text, size) * (1.0 if place else 0.5)
                _rule(cell.add_paragraph(), widths[place], wide)


def _line(paragraph: Any, text: str, size_pt: int) -> Any:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.line_spacing = Pt(size_pt + 3)
    paragraph.paragraph_format.space_after = Pt(1)
    run = paragraph.add_run(unicodedata.normalize("NFC", text))
    run.font.size = Pt(size_pt)
    return run


def _rule(paragraph: Any, room_pt: float, width_pt: float) -> None:
    """Draw a line, so wide: the border of an empty paragraph that is set in from both sides."""
    from docx.shared import Pt

    aside = max((room_pt - 2 * _CELL_PT - width_pt) / 2, 0.0)
    _line(paragraph, "", 1)
    paragraph.paragraph_format.left_indent = Pt(aside)
    paragraph.paragraph_format.right_indent = Pt(aside)
    border = _element("w:pBdr")
    border.append(_element("w:top", val="single", sz="6", space="1", color="auto"))
    form = paragraph._p.get_or_add_pPr()
    form.insert_element_before(border, "w:spacing", "w:ind", "w:jc", "w:rPr")


def _element(name: str, **values: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(name)
    for key, value in values.items():
        made.set(qn(f"w:{key}"), value)
    return made
