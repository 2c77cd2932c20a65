"""A document as PDF and as docx: tens of milliseconds of processor time, never in the loop."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from incidents.reports.document import Annex, Heading, Paragraph, Table, head_of
from incidents.reports.typst_source import (
    FONTS,
    INDENT_MM,
    LINE_PT,
    MARGINS,
    SIZE_PT,
    TABLE_SIZE_PT,
    source_of,
)

TABLE_LINE_PT = 13.5

if TYPE_CHECKING:
    from incidents.reports.document import Block, Document, Signer


def to_pdf(document: Document) -> bytes:
    """Return the PDF, with its text as NFC."""
    import typst

    made = typst.compile(source_of(document).encode())
    assert isinstance(made, bytes)
    return made


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
    _docx_head(made, document)
    for text in (document.kind, document.about):
        _centred(made.add_paragraph(), text, is_bold=True)
    main, annex = document.parts
    _docx_blocks(made, main)
    _docx_foot(made, document)
    _docx_blocks(made, annex)
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def pages(document: Document) -> int:
    """Return over how many pages a document goes, the annex among them."""
    import typst

    found: Any = typst.compile(source_of(document).encode(), format="png", ppi=10)
    return len(found) if isinstance(found, list) else 1


def _docx_blocks(made: Any, blocks: tuple[Block, ...]) -> None:
    from docx.shared import Mm

    for block in blocks:
        if isinstance(block, Heading):
            made.add_paragraph().add_run(block.text).bold = block.level < 3
        elif isinstance(block, Paragraph):
            paragraph = made.add_paragraph()
            paragraph.paragraph_format.first_line_indent = Mm(INDENT_MM)
            paragraph.add_run(block.text).italic = block.is_missing
        elif isinstance(block, Table):
            _docx_table(made, block)
        elif isinstance(block, Annex):
            made.add_page_break()
            _centred(made.add_paragraph(), block.title, is_bold=True)


def _centred(paragraph: Any, text: str, *, is_bold: bool = False, is_slanted: bool = False) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(text)
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
    from docx.shared import Mm, Pt

    table = made.add_table(rows=1, cols=len(block.head))
    table.style = "Table Grid"
    table.autofit = False
    for cell, text in zip(table.rows[0].cells, block.head, strict=True):
        cell.paragraphs[0].add_run(text).bold = True
    for number, row in enumerate(block.rows):
        cells = table.add_row().cells
        if number in block.spans:
            cells[0].merge(cells[-1]).paragraphs[0].add_run(row[0]).bold = True
            continue
        for cell, text in zip(cells, row, strict=True):
            cell.paragraphs[0].add_run(text)
    whole, width = sum(block.shares), 210 - MARGINS[2] - MARGINS[3]
    for column, share in zip(table.columns, block.shares, strict=True):
        column.width = Mm(width * share / whole)
    for row_of in table.rows:
        for cell, share in zip(row_of.cells, block.shares, strict=True):
            cell.width = Mm(width * share / whole)
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.line_spacing = Pt(TABLE_LINE_PT)
                for run in paragraph.runs:
                    run.font.size = Pt(TABLE_SIZE_PT)


def _docx_foot(made: Any, document: Document) -> None:
    columns = max(2, len(document.signers) + bool(document.recipients))
    table = made.add_table(rows=1, cols=columns)
    if document.recipients:
        left = table.cell(0, 0)
        left.paragraphs[0].add_run("Nơi nhận:").bold = True
        for one in document.recipients:
            left.add_paragraph(f"- {one}")
    first = columns - len(document.signers)
    for place, signer in enumerate(document.signers, first):
        _docx_signer(table.cell(0, place), signer)


def _docx_signer(cell: Any, signer: Signer) -> None:
    lines = [line for line in (signer.authority, signer.title) if line]
    for number, line in enumerate([*lines, "", "", "", signer.name or "…"]):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        _centred(paragraph, line, is_bold=True)
