"""How a report is put together of its fields: the same way in every kind; no input or output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from incidents.reports.document import Document, Heading, Paragraph, Signer, Table
from incidents.reports.kind import Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from incidents.reports.document import Align, Author, Block
    from incidents.reports.kind import Filling, ReportKind

# In every report; what stands before these is of the kind.
HEAD = (Field("kinh_gui", "Kính gửi", "To", is_required=True),)
FOOT = (
    Field("nguoi_lap", "Người lập", "Drafter", is_required=True),
    Field("noi_nhan", "Nơi nhận", "Recipients", is_long=True),
    Field("nguoi_ky", "Họ tên người ký", "Name of the signer"),
    Field("do_khan", "Độ khẩn (KHẨN, THƯỢNG KHẨN, HỎA TỐC)", "Urgency"),
)
# Among the facts: the codes of fields whose words people wrote elsewhere.
WRITTEN = "nguoi_viet"
# Among the facts: it is about a drill, and says so.
DRILL = "la_dien_tap"
NO_SECRETS = "Không ghi nội dung bí mật nhà nước trong {} này."
MISSING = "……"
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


def said(filling: Filling, code: str) -> str:
    """Return what stands in a field of one line: of a person, else of the machine."""
    machine = filling.facts.get(code)
    return filling.filled.get(code, "").strip() or (machine if isinstance(machine, str) else "")


def field_block(filling: Filling, field: Field, table: Columns | None = None) -> Iterator[Block]:
    """Yield a field as it stands: its words, its rows, or that it is missing.

    What a person wrote stands before what the machine filled in; below rows of the machine it is a
    remark. An empty field that nobody must fill is left out.
    """
    written, machine = filling.filled.get(field.code, "").strip(), filling.facts.get(field.code)
    label = field.vi.partition(" (")[0]  # what stands in brackets is for whoever fills it in
    by: Author = "person" if field.code in filling.facts.get(WRITTEN, ()) else "machine"
    if isinstance(machine, list) and machine and table is not None:
        yield Paragraph("", label=label, by="machine")
        yield _shown(table, machine)
        if written:
            yield from _lines(written, "person", "Ghi chú")
    elif written:
        yield from _lines(written, "person", label)
    elif isinstance(machine, str) and machine:
        yield from _lines(machine, by, label)
    elif field.is_required:
        yield Paragraph(MISSING + _fillers(filling, field), is_missing=True, label=label)


def _fillers(filling: Filling, field: Field) -> str:
    """Return who can fill an empty field, as a draft says it."""
    names = ", ".join(filling.roles.get(role, role) for role in field.by)
    return f" ({names} điền)" if names and filling.is_draft else ""


def _shown(table: Columns, rows: Sequence[Sequence[str]]) -> Table:
    """Return the rows without the columns that may be left out where nothing stands in them."""
    kept = [
        place
        for place, head in enumerate(table.head)
        if head not in table.optional or any(row[place] for row in rows)
    ]

    return Table(
        tuple(table.head[place] for place in kept),
        tuple(tuple(row[place] for place in kept) for row in rows),
        tuple(table.shares[place] for place in kept),
        tuple(table.aligned[place] for place in kept if table.aligned),
    )


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a field that is a table: head, how wide, how set, which may be left out."""

    head: tuple[str, ...]
    shares: tuple[float, ...]
    aligned: tuple[Align, ...] = ()
    optional: tuple[str, ...] = ()


class Section:
    """Some fields under one heading, by their codes in order."""

    def __init__(self, heading: str, *codes: str, **tables: Columns) -> None:
        self.heading, self.codes, self.tables = heading, codes, tables


def blocks_of(kind: ReportKind, filling: Filling, sections: Iterable[Section]) -> tuple[Block, ...]:
    """Return the body: each section that has something in it, numbered in order."""
    found: list[Block] = []
    count = 0
    for section in sections:
        fields = [one for code in section.codes if (one := kind.field(code)) is not None]
        blocks = [
            block
            for field in fields
            for block in field_block(filling, field, section.tables.get(field.code))
        ]
        if blocks:
            found += [Heading(f"{numeral(count, filling)} {section.heading.upper()}"), *blocks]
            count += 1
    return tuple(found)


def numeral(place: int, filling: Filling) -> str:
    """Return how a heading of the first level is numbered: `I-` (Party), `I.` (State)."""
    return _ROMAN[place] + ("-" if filling.letterhead.layout == "party" else ".")


def document_of(
    kind: ReportKind,
    filling: Filling,
    about: str,
    blocks: Sequence[Block],
    signers: tuple[Signer, ...] = (),
) -> Document:
    """Return the document around a body: head, foot and signers as the letterhead has them."""
    head, addressed = filling.letterhead, said(filling, HEAD[0].code)
    if filling.is_draft and not addressed and HEAD[0] in kind.fields:
        addressed = MISSING
    listed = tuple(line.strip(" -") for line in said(filling, "noi_nhan").splitlines())
    signer = head.signers.get(filling.audience) or Signer("…")
    name = said(filling, "nguoi_ky") or signer.name
    drafter = kind.field("nguoi_lap")
    last = [] if drafter is None else list(field_block(filling, drafter))
    if filling.facts.get(DRILL):
        about = f"(Diễn tập) {about}"
    return Document(
        layout=head.layout,
        superior=head.superior,
        issuer=head.issuer,
        symbol=head.symbols.get(kind.abbreviation, f"{kind.abbreviation}/…")
        if kind.is_numbered
        else "",
        place=head.place,
        day=filling.day,
        kind=kind.title,
        about=about,
        blocks=(*blocks, *last, Paragraph(NO_SECRETS.format(kind.title.lower()))),
        recipients=tuple(filter(None, listed)) or head.recipients,
        signers=signers or (Signer(signer.title, name, signer.authority),),
        number=filling.number,
        urgency=said(filling, "do_khan").upper(),
        addressed=addressed,
    )


def _lines(text: str, by: Author, label: str) -> Iterator[Block]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for number, line in enumerate(lines):
        yield Paragraph(line, by=by, label=label if number == 0 else "")
