"""A document as PDF and as docx: tens of milliseconds of processor time, never in the loop."""

from __future__ import annotations

import io
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

from incidents.reports.document import Heading, Paragraph, Table, head_of
from incidents.reports.typst_source import (
    COLOURS,
    FONT_SAID,
    FONTS,
    INDENT_MM,
    LEGEND,
    LINE_PT,
    MARGINS,
    SIZE_PT,
    source_of,
)

if TYPE_CHECKING:
    from incidents.reports.document import Document, Signer


@cache
def installed_font() -> str:
    """Return the first of `FONTS` that this machine has; the last one comes with typst."""
    import typst

    there = set(typst.Fonts().families())
    return next(font for font in FONTS if font in there)


def to_pdf(document: Document) -> bytes:
    """Return the PDF, with its text as NFC; it says in which font it is set."""
    import typst

    made = typst.compile(source_of(document, installed_font()).encode())
    assert isinstance(made, bytes)
    return made


def to_pages(document: Document, pixels_per_inch: int = 70) -> list[bytes]:
    """Return every page as a PNG."""
    import typst

    source = source_of(document, installed_font()).encode()
    made: Any = typst.compile(source, format="png", ppi=pixels_per_inch)
    return made if isinstance(made, list) else [made]


def to_docx(document: Document) -> bytes:
    """Return the docx; Word finds Times New Roman by itself, or what stands in for it."""
    import docx
    from docx.shared import Mm, Pt

    made = docx.Document()
    section = made.sections[0]
    top, bottom, left, right = MARGINS
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
    section.left_margin, section.right_margin = Mm(left), Mm(right)
    normal: Any = made.styles["Normal"]
    normal.font.name, normal.font.size = FONTS[0], Pt(SIZE_PT)
    normal.paragraph_format.line_spacing = Pt(LINE_PT)
    normal.paragraph_format.space_after = Pt(4)
    made.core_properties.title = f"{document.kind} {document.about}"
    made.core_properties.keywords = f"{FONT_SAID}: {FONTS[0]}"
    if document.is_draft:
        _docx_draft_mark(made)
    _docx_head(made, document)
    if document.urgency:
        made.add_paragraph().add_run(document.urgency).bold = True
    for text in (document.kind, document.about):
        _centred(made.add_paragraph(), text, is_bold=True)
    if document.note:
        _centred(made.add_paragraph(), document.note, is_slanted=True)
    if document.addressed:
        _centred(made.add_paragraph(), f"Kính gửi: {document.addressed}")
    for block in document.blocks:
        if isinstance(block, Heading):
            made.add_paragraph().add_run(_nfc(block.text)).bold = block.level < 3
        elif isinstance(block, Paragraph):
            _docx_paragraph(made, block, is_draft=document.is_draft)
        elif isinstance(block, Table):
            _docx_table(made, block)
    _docx_foot(made, document)
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def _docx_draft_mark(made: Any) -> None:
    made.add_paragraph().add_run("DỰ THẢO").bold = True
    for name, words in LEGEND.items():
        _coloured(made.add_paragraph().add_run(words), name)
    made.add_paragraph(f"{FONT_SAID}: {FONTS[0]}, hoặc phông thay thế của máy mở tệp.")


def _docx_paragraph(made: Any, block: Paragraph, *, is_draft: bool) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    paragraph = made.add_paragraph()
    paragraph.paragraph_format.first_line_indent = Mm(INDENT_MM)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    if block.label:
        paragraph.add_run(f"{block.label}: ").bold = True
    words = paragraph.add_run(_nfc(block.text))
    words.italic = block.is_missing
    # A line at the side is not Word's to draw simply: what a person wrote is underlined there.
    words.underline = is_draft and block.by == "person"
    _coloured(words, "missing" if block.is_missing else block.by if is_draft else "")


def _coloured(run: Any, name: str) -> None:
    from docx.shared import RGBColor

    if name in COLOURS:
        run.font.color.rgb = RGBColor.from_string(COLOURS[name].removeprefix("#"))


def _centred(paragraph: Any, text: str, *, is_bold: bool = False, is_slanted: bool = False) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(_nfc(text))
    run.bold, run.italic = is_bold, is_slanted


def _docx_head(made: Any, document: Document) -> None:
    head = head_of(document)
    table = made.add_table(rows=1, cols=2)
    for place, side in enumerate((head.left, head.right)):
        cell = table.cell(0, place)
        for number, text in enumerate(side):
            paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
            is_bold = number == 1 or (place == 1 and number == 0)
            is_last = place == 1 and number == len(side) - 1
            _centred(paragraph, text, is_bold=is_bold, is_slanted=is_last)


def _docx_table(made: Any, block: Table) -> None:
    table = made.add_table(rows=1, cols=len(block.head))
    table.style = "Table Grid"
    for cell, text in zip(table.rows[0].cells, block.head, strict=True):
        cell.paragraphs[0].add_run(_nfc(text)).bold = True
    for row in block.rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.paragraphs[0].add_run(_nfc(text))


def _docx_foot(made: Any, document: Document) -> None:
    columns = max(2, len(document.signers) + bool(document.recipients))
    table = made.add_table(rows=1, cols=columns)
    if document.recipients:
        left = table.cell(0, 0)
        left.paragraphs[0].add_run("Nơi nhận:").bold = True
        for line in document.listed:
            left.add_paragraph(_nfc(line))
    first = columns - len(document.signers)
    for place, signer in enumerate(document.signers, first):
        _docx_signer(table.cell(0, place), signer)


def _docx_signer(cell: Any, signer: Signer) -> None:
    lines = [line for line in (signer.authority, signer.title) if line]
    for number, line in enumerate([*lines, "", "", "", signer.name or "…"]):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        _centred(paragraph, line, is_bold=True)


def _nfc(text: str) -> str:
    """Return a text as it is copied out again; XML takes no control characters."""
    return "".join(c for c in unicodedata.normalize("NFC", text) if c.isprintable())
