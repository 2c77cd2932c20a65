"""A document as PDF and as docx: tens of milliseconds of processor time, never in the loop."""

from __future__ import annotations

import io
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

from incidents.reports.document import (
    ADDRESSED,
    RECIPIENTS,
    Annex,
    Heading,
    Paragraph,
    Table,
)
from incidents.reports.docx_parts import (
    add_head,
    keep_whole,
    number_pages,
    repeat_head,
    set_language,
)
from incidents.reports.typst_source import (
    COLOURS,
    FONT_SAID,
    FONTS,
    INDENT_MM,
    LEGEND,
    LINE_PT,
    MARGINS,
    SIZE_PT,
    quoted,
    source_of,
    with_next,
)

_TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
_SMALL = "đ" + "".join(
    unicodedata.normalize("NFC", letter + tone) for letter in "aăâeêioôơuưy" for tone in _TONES
)
EVERY_LETTER = _SMALL + _SMALL.upper()

if TYPE_CHECKING:
    from collections.abc import Sequence

    from incidents.reports.document import Block, Document, Signer


@cache
def installed_font() -> str:
    """Return the first of `FONTS` that this machine has whole; the last one comes with typst."""
    import typst

    there = set(typst.Fonts().families())
    return next(font for font in FONTS if font in there and covers(font))


def covers(font: str, folders: Sequence[str] = ()) -> bool:
    """Say whether a font has every letter of Vietnamese: old free twins lack most of them.

    Every letter is set in it, with the font that comes with typst behind it: what that one had to
    lend, its name in the PDF tells.

    Args:
        folders: Where else fonts are looked for.
    """
    import typst

    behind = FONTS[-1] if font != FONTS[-1] else FONTS[0]
    names = f"({quoted(font)}, {quoted(behind)})"
    source = f"#text(font: {names}, {quoted(EVERY_LETTER)})"
    compiled: Any = typst.compile
    made: bytes = compiled(source.encode(), font_paths=list(folders))
    return behind.replace(" ", "").encode() not in made


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
    normal.font.size = Pt(SIZE_PT)
    set_language(made)
    number_pages(section)
    normal.paragraph_format.line_spacing = Pt(LINE_PT)
    normal.paragraph_format.space_after = Pt(4)
    made.core_properties.title = f"{document.kind} {document.about}"
    made.core_properties.keywords = f"{FONT_SAID}: {FONTS[0]}"
    if document.is_draft:
        _docx_draft_mark(made)
    add_head(made, document)
    if document.urgency:
        made.add_paragraph().add_run(document.urgency).bold = True
    for text in (document.kind, document.about):
        _centred(made.add_paragraph(), text, is_bold=True)
    if document.note:
        _centred(made.add_paragraph(), document.note, is_slanted=True)
    if document.addressed:
        _centred(made.add_paragraph(), f"{ADDRESSED}: {document.addressed}")
    main, annex = document.parts
    _docx_blocks(made, main, is_draft=document.is_draft, is_last_kept=True)
    _docx_foot(made, document)
    _docx_blocks(made, annex, is_draft=document.is_draft)
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def _docx_blocks(
    made: Any, blocks: tuple[Block, ...], *, is_draft: bool, is_last_kept: bool = False
) -> None:
    for block, is_kept in with_next(blocks, is_last_kept=is_last_kept):
        if isinstance(block, Heading):
            heading = made.add_paragraph()
            heading.paragraph_format.keep_with_next = True
            heading.add_run(_nfc(block.text)).bold = block.level < 3
        elif isinstance(block, Paragraph):
            made_of = _docx_paragraph(made, block, is_draft=is_draft)
            made_of.paragraph_format.keep_with_next = is_kept
        elif isinstance(block, Table):
            _docx_table(made, block)
        elif isinstance(block, Annex):
            made.add_page_break()
            _centred(made.add_paragraph(), block.title, is_bold=True)


def _docx_draft_mark(made: Any) -> None:
    made.add_paragraph().add_run("DỰ THẢO").bold = True
    for name, words in LEGEND.items():
        _coloured(made.add_paragraph().add_run(words), name)
    made.add_paragraph(f"{FONT_SAID}: {FONTS[0]}, hoặc phông thay thế của máy mở tệp.")


def _docx_paragraph(made: Any, block: Paragraph, *, is_draft: bool) -> Any:
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
    return paragraph


def _coloured(run: Any, name: str) -> None:
    from docx.shared import RGBColor

    if name in COLOURS:
        run.font.color.rgb = RGBColor.from_string(COLOURS[name].removeprefix("#"))


def _centred(paragraph: Any, text: str, *, is_bold: bool = False, is_slanted: bool = False) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(_nfc(text))
    run.bold, run.italic = is_bold, is_slanted


def _docx_table(made: Any, block: Table) -> None:
    from docx.shared import Mm, Pt

    table = made.add_table(rows=1, cols=len(block.head))
    table.style, table.autofit = "Table Grid", False
    for cell, text in zip(table.rows[0].cells, block.head, strict=True):
        cell.paragraphs[0].add_run(_nfc(text)).bold = True
    for number, row in enumerate(block.rows):
        cells = table.add_row().cells
        if number in block.spans:
            cells[0].merge(cells[-1]).paragraphs[0].add_run(_nfc(row[0])).bold = True
            continue
        for cell, text in zip(cells, row, strict=True):
            cell.paragraphs[0].add_run(_nfc(text))
    repeat_head(table.rows[0])
    whole, width = sum(block.shares), 210 - MARGINS[2] - MARGINS[3]
    for row_of in table.rows:
        keep_whole(row_of)
        for cell, share in zip(row_of.cells, block.shares, strict=True):
            cell.width = Mm(width * share / whole)
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.line_spacing = Pt(block.size_pt + 3)
                paragraph.paragraph_format.space_after = Pt(0)
                for run in paragraph.runs:
                    run.font.size = Pt(block.size_pt)


def _docx_foot(made: Any, document: Document) -> None:
    from docx.shared import Pt

    columns = max(2, len(document.signers) + bool(document.recipients))
    table = made.add_table(rows=1, cols=columns)
    if document.recipients:
        left = table.cell(0, 0)
        left.paragraphs[0].add_run(RECIPIENTS).bold = True
        for line in document.listed:
            one = left.add_paragraph()
            one.paragraph_format.line_spacing, one.paragraph_format.space_after = Pt(15), Pt(0)
            one.add_run(_nfc(line)).font.size = Pt(11)
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
