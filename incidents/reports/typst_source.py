"""A document as the source that typst sets; all text is quoted, so that none of it is markup."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from incidents.reports.document import (
    ADDRESSED,
    RECIPIENTS,
    Annex,
    Heading,
    Paragraph,
    Table,
    head_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from incidents.reports.document import Block, Document, Signer

# The first that is installed; the last comes with typst.
FONTS = ("Times New Roman", "Liberation Serif", "Tinos", "Libertinus Serif")
# Millimetres: top, bottom, left, right. Source: QĐ 399-QĐ/TW.
MARGINS = (20, 20, 30, 15)
SIZE_PT, LINE_PT, INDENT_MM = 14, 19, 10
TABLE_INSET_PT = 4
FONT_SAID = "Phông chữ"
# How a draft shows who wrote what; never by colour alone.
COLOURS = {"machine": "#000000", "person": "#0b3d91", "missing": "#a00000"}
LEGEND = {
    "machine": "Chữ đen: máy điền từ số liệu, hoặc lời chung của mẫu.",
    "person": "Chữ xanh có vạch ở lề hoặc gạch chân: người viết.",
    "missing": "Chữ đỏ nghiêng (……): mục bắt buộc còn trống.",
}


def inset_pt(size_pt: int) -> int:
    """Return the room above and below the words of a cell, in letters of a size."""
    return 2 if size_pt <= 10 else TABLE_INSET_PT


def quoted(text: str) -> str:
    """Return a text as a typst string, in NFC, without control characters."""
    plain = "".join(c for c in unicodedata.normalize("NFC", text) if c.isprintable())
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def source_of(document: Document, font: str = FONTS[-1]) -> str:
    """Return the whole source.

    Args:
        font: The one that is installed of `FONTS`: the document says it, a draft where it is read.
    """
    return "\n".join(_lines(document, font)) + "\n"


def _lines(document: Document, font: str) -> Iterator[str]:
    top, bottom, left, right = MARGINS
    fonts = ", ".join(quoted(name) for name in dict.fromkeys((font, *FONTS)))
    yield (
        f'#set page(paper: "a4", margin: (top: {top}mm, bottom: {bottom}mm, left: {left}mm, '
        f"right: {right}mm), header: context if counter(page).get().first() > 1 "
        "[#align(center)[#counter(page).display()]])"
    )
    title, words = quoted(f"{document.kind} {document.about}"), quoted(f"{FONT_SAID}: {font}")
    yield f"#set document(title: {title}, keywords: ({words},))"
    # A line is as high as its letters are: the leading is what is missing to the line of the rule.
    yield (
        f'#set text(font: ({fonts}), size: {SIZE_PT}pt, lang: "vi", top-edge: 0.8em, '
        "bottom-edge: -0.2em)"
    )
    leading = LINE_PT - SIZE_PT
    yield f"#set par(leading: {leading}pt, spacing: {leading + 4}pt, justify: true)"
    if document.is_draft:
        yield from _draft_mark(font)
    yield from _head(document)
    yield from _title(document)
    main, annex = document.parts
    # Who signs never stands alone on a page.
    for block, is_kept in with_next(main or (Paragraph(""),), is_last_kept=True):
        if is_kept:
            yield f"#block(sticky: true, width: 100%, above: {leading + 4}pt)["
        yield from _block(block, is_draft=document.is_draft)
        if is_kept:
            yield "]"
    yield from _foot(document)
    for block in annex:
        yield from _block(block, is_draft=document.is_draft)


def with_next(
    blocks: Sequence[Block], *, is_last_kept: bool = False
) -> Iterator[tuple[Block, bool]]:
    """Yield each block, and whether it stands on the same page as what follows it.

    The line above a table does, and what stands before the signature: its last two paragraphs.
    """
    for place, block in enumerate(blocks):
        left = len(blocks) - place - 1
        is_caption = left > 0 and isinstance(blocks[place + 1], Table)
        is_end = is_last_kept and left < 2
        yield block, isinstance(block, Paragraph) and (is_caption or is_end)


def _draft_mark(font: str) -> Iterator[str]:
    machine, person, missing = (_coloured(words, name) for name, words in LEGEND.items())
    yield (
        "#block(width: 100%, stroke: 0.5pt, inset: 5pt, below: 5mm, { set text(size: 10pt); "
        'set par(justify: false, leading: 3pt); strong("DỰ THẢO"); linebreak(); '
        f"{machine}; linebreak(); {person}; linebreak(); {missing}; linebreak(); "
        f"text({quoted(f'{FONT_SAID}: {font}.')}) }})"
    )


def _coloured(words: str, name: str) -> str:
    return f"text(fill: rgb({quoted(COLOURS[name])}), {quoted(words)})"


def _head(document: Document) -> Iterator[str]:
    """Yield both sides line by line, so that number and date stand on one line."""
    head = head_of(document)
    is_party = document.layout == "party"
    cells, size = [], 13 if is_party else 12
    for number, (left, right) in enumerate(zip(head.left, head.right, strict=True)):
        is_last = number == len(head.left) - 1
        rule_left = number == 1 and not is_party
        rule_right = number == (0 if is_party else 1)
        cells.append(_set(left, size, is_bold=number == 1, has_rule=rule_left))
        cells.append(
            _set(
                right,
                size + rule_right * (not is_party),
                is_bold=not is_last,
                is_slanted=is_last,
                has_rule=rule_right,
                is_wide=True,
            )
        )
    yield (
        f"#grid(columns: (1fr, {1.5 if is_party else 1.25}fr), column-gutter: 3mm, "
        "row-gutter: 5pt, "
        f"align: center, {', '.join(cells)})"
    )
    if document.urgency:
        yield f'#text(weight: "bold", {quoted(document.urgency)})'
    yield "#v(4mm)"


def _set(
    text: str,
    size: int,
    *,
    is_bold: bool = False,
    is_slanted: bool = False,
    has_rule: bool = False,
    is_wide: bool = False,
) -> str:
    if not text:
        return "[]"
    weight, style = "bold" if is_bold else "regular", "italic" if is_slanted else "normal"
    shown = f'text(size: {size}pt, weight: "{weight}", style: "{style}", {quoted(text)})'
    if not has_rule:
        return shown
    # On the right as long as the words, on the left shorter. Source: NĐ 30/2020/NĐ-CP, phụ lục I.
    if is_wide:
        return f"box(stroke: (bottom: 0.6pt), outset: (bottom: 2pt), {shown})"
    return f"stack(spacing: 4pt, {shown}, line(length: 45%, stroke: 0.6pt))"


def _title(document: Document) -> Iterator[str]:
    yield (
        "#align(center, { set par(justify: false); "
        f'text(weight: "bold", size: 15pt, {quoted(document.kind)}); linebreak(); '
        f'text(weight: "bold", {quoted(document.about)}) }})'
    )
    yield "#align(center, line(length: 18%, stroke: 0.6pt))"
    if document.note:
        yield f'#align(center, text(size: 12pt, style: "italic", {quoted(document.note)}))'
    if document.addressed:
        yield f"#align(center, text({quoted(f'{ADDRESSED}: {document.addressed}')}))"
    yield "#v(3mm)"


def _block(block: Block, *, is_draft: bool) -> Iterator[str]:
    if isinstance(block, Heading):
        weight = "bold" if block.level < 3 else "regular"
        yield (
            "#block(above: 10pt, below: 7pt, sticky: true, "
            f'text(weight: "{weight}", {quoted(block.text)}))'
        )
    elif isinstance(block, Paragraph):
        yield from _paragraph(block, is_draft=is_draft)
    elif isinstance(block, Table):
        yield from _table(block)
    elif isinstance(block, Annex):
        yield "#pagebreak()"
        yield f'#align(center, text(weight: "bold", {quoted(block.title)}))'


def _paragraph(block: Paragraph, *, is_draft: bool) -> Iterator[str]:
    """Yield a paragraph; of a draft, what a person wrote has a line at its side and a colour."""
    name = "missing" if block.is_missing else block.by if is_draft else ""
    fill = f"fill: rgb({quoted(COLOURS[name])}), " if name in COLOURS else ""
    style = 'style: "italic", ' if block.is_missing else ""
    words = f"text({fill}{style}{quoted(block.text)})"
    if block.label:
        words = f"strong({quoted(block.label + ': ')}) + {words}"
    indent = f"first-line-indent: (amount: {INDENT_MM}mm, all: true)"
    made = f"par({indent}, {words})"
    if is_draft and block.by == "person":
        made = (
            f"block(stroke: (left: 1.5pt + rgb({quoted(COLOURS['person'])})), inset: (left: 2mm), "
            f"outset: (left: 1mm), {made})"
        )
    yield f"#{made}"


def _table(block: Table) -> Iterator[str]:
    columns = ", ".join(f"{share:g}fr" for share in block.shares)
    aligned = ", ".join(block.aligned or ("left",) * len(block.head))
    yield (
        f"#block(above: 8pt, below: 10pt, {{ set text(size: {block.size_pt}pt); "
        "set par(justify: false, leading: 3pt)"
    )
    yield (
        f"table(columns: ({columns},), align: ({aligned},), inset: (x: {TABLE_INSET_PT}pt, "
        f"y: {inset_pt(block.size_pt)}pt), stroke: 0.5pt, "
        f"table.header({', '.join(f'strong({quoted(text)})' for text in block.head)}),"
    )
    for number, row in enumerate(block.rows):
        if number in block.spans:
            yield f"  table.cell(colspan: {len(row)}, align: left, strong({quoted(row[0])})),"
        else:
            yield "  " + ", ".join(f"text({quoted(text)})" for text in row) + ","
    yield ") })"


def _foot(document: Document) -> Iterator[str]:
    places = [quoted(line) for line in document.listed]
    left = ", ".join(f"text(size: 11pt, {place})" for place in places)
    head = (
        'text(size: 12pt, weight: "bold", style: "italic", ' + quoted(RECIPIENTS) + ")"
        if places
        else ""
    )
    receivers = ", ".join(filter(None, (head, left)))
    cells = [f"stack(spacing: 5pt, {receivers})"] if receivers else []
    if not cells and len(document.signers) == 1:
        cells.append("[]")
    cells += [_signer(signer) for signer in document.signers]
    if cells:
        columns = f"columns: (1fr,) * {len(cells)}"
        yield f"#block(breakable: false, above: 8mm, grid({columns}, {', '.join(cells)}))"


def _signer(signer: Signer) -> str:
    lines = [line for line in (signer.authority, signer.title) if line]
    shown = [f'text(weight: "bold", {quoted(line)})' for line in lines]
    shown += ["v(22mm)", f'text(weight: "bold", {quoted(signer.name or "…")})']
    return f"align(center, {{ set par(justify: false); stack(spacing: 6pt, {', '.join(shown)}) }})"
