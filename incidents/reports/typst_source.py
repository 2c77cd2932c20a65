"""A document as the source that typst sets; all text is quoted, so that none of it is markup."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from incidents.reports.document import Annex, Heading, Paragraph, Table, head_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from incidents.reports.document import Block, Document, Signer

# The first that is installed; the last comes with typst.
FONTS = ("Times New Roman", "Liberation Serif", "Tinos", "Libertinus Serif")
# Millimetres: top, bottom, left, right. Source: QĐ 399-QĐ/TW.
MARGINS = (20, 20, 30, 15)
SIZE_PT, LINE_PT, INDENT_MM = 14, 19, 10
TABLE_SIZE_PT = 11


def quoted(text: str) -> str:
    """Return a text as a typst string, in NFC, without control characters."""
    plain = "".join(c for c in unicodedata.normalize("NFC", text) if c.isprintable())
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def source_of(document: Document) -> str:
    """Return the whole source."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Document) -> Iterator[str]:
    top, bottom, left, right = MARGINS
    fonts = ", ".join(quoted(font) for font in FONTS)
    yield (
        f'#set page(paper: "a4", margin: (top: {top}mm, bottom: {bottom}mm, left: {left}mm, '
        f"right: {right}mm), header: context if counter(page).get().first() > 1 "
        "[#align(center)[#counter(page).display()]])"
    )
    yield f"#set document(title: {quoted(f'{document.kind} {document.about}')})"
    yield f'#set text(font: ({fonts}), size: {SIZE_PT}pt, lang: "vi")'
    yield f"#set par(leading: {LINE_PT - SIZE_PT + 2}pt, justify: true)"
    yield from _head(document)
    yield from _title(document)
    main, annex = document.parts
    for block in main:
        yield from _block(block)
    yield from _foot(document)
    for block in annex:
        yield from _block(block)


def _head(document: Document) -> Iterator[str]:
    """Yield both sides line by line, so that number and date stand on one line."""
    head = head_of(document)
    cells = []
    for number, (left, right) in enumerate(zip(head.left, head.right, strict=True)):
        is_last = number == len(head.left) - 1
        cells.append(_set(left, is_bold=number == 1))
        cells.append(_set(right, is_bold=not is_last, is_slanted=is_last))
    yield (
        "#grid(columns: (1fr, 1.6fr), column-gutter: 3mm, row-gutter: 6pt, "
        f"align: center, {', '.join(cells)})"
    )
    if document.urgency:
        yield f'#text(weight: "bold", {quoted(document.urgency)})'
    yield "#v(6mm)"


def _set(text: str, *, is_bold: bool = False, is_slanted: bool = False) -> str:
    if not text:
        return "[]"
    weight, style = "bold" if is_bold else "regular", "italic" if is_slanted else "normal"
    return f'text(size: 13pt, weight: "{weight}", style: "{style}", {quoted(text)})'


def _title(document: Document) -> Iterator[str]:
    yield (
        f'#align(center)[#text(weight: "bold", size: 15pt, {quoted(document.kind)}) \\ '
        f'#text(weight: "bold", {quoted(document.about)})]'
    )
    yield "#v(4mm)"


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        weight = "bold" if block.level < 3 else "regular"
        yield f'#block(above: 10pt, below: 6pt, text(weight: "{weight}", {quoted(block.text)}))'
    elif isinstance(block, Paragraph):
        style = 'fill: rgb("#a00000"), style: "italic", ' if block.is_missing else ""
        indent = f"first-line-indent: (amount: {INDENT_MM}mm, all: true)"
        yield f"#par({indent}, text({style}{quoted(block.text)}))"
    elif isinstance(block, Table):
        yield from _table(block)
    elif isinstance(block, Annex):
        yield "#pagebreak()"
        yield f'#align(center, text(weight: "bold", {quoted(block.title)}))'


def _table(block: Table) -> Iterator[str]:
    columns = ", ".join(f"{share:g}fr" for share in block.shares)
    aligned = ", ".join(block.aligned or ("left",) * len(block.head))
    yield f"#block(above: 8pt, below: 10pt, {{ set text(size: {TABLE_SIZE_PT}pt)"
    yield "set par(justify: false, leading: 5pt)"
    yield (
        f"table(columns: ({columns},), align: ({aligned},), inset: 4pt, stroke: 0.5pt, "
        f"table.header({', '.join(f'strong({quoted(text)})' for text in block.head)}),"
    )
    for number, row in enumerate(block.rows):
        if number in block.spans:
            yield f"  table.cell(colspan: {len(row)}, align: left, strong({quoted(row[0])})),"
        else:
            yield "  " + ", ".join(f"text({quoted(text)})" for text in row) + ","
    yield ") })"


def _foot(document: Document) -> Iterator[str]:
    yield "#v(6mm)"
    places = [quoted(f"- {one}") for one in document.recipients]
    left = ", ".join(f"text(size: 11pt, {place})" for place in places)
    head = 'text(size: 12pt, weight: "bold", style: "italic", "Nơi nhận:")' if places else ""
    receivers = ", ".join(filter(None, (head, left)))
    cells = [f"stack(spacing: 5pt, {receivers})"] if receivers else []
    if not cells and len(document.signers) == 1:
        cells.append("[]")
    cells += [_signer(signer) for signer in document.signers]
    if cells:
        yield f"#block(breakable: false, grid(columns: (1fr,) * {len(cells)}, {', '.join(cells)}))"


def _signer(signer: Signer) -> str:
    lines = [line for line in (signer.authority, signer.title) if line]
    shown = [f'text(weight: "bold", {quoted(line)})' for line in lines]
    shown += ["v(22mm)", f'text(weight: "bold", {quoted(signer.name or "…")})']
    return f"align(center, stack(spacing: 6pt, {', '.join(shown)}))"
