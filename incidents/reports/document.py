"""What a document consists of, whichever layout it is printed in; no input or output.

The number stays empty until the records office (*văn thư*) has given one: it is never made up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date

# The Party's documents and those of the State are never mixed.
Layout = Literal["party", "state"]
Align = Literal["left", "center", "right"]
# Words of every document, whichever language a page is read in.
ADDRESSED, RECIPIENTS = "Kính gửi", "Nơi nhận:"
Author = Literal["", "machine", "person"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is `I-`, 2 is `1.`, 3 is `a)`: the number is the writer's."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph.

    Attributes:
        is_missing: Somebody must still fill this in.
        by: Who wrote it, as a draft shows it; empty: words that are the same in every report.
        label: What stands before it in bold: `Nguyên nhân: …`.
    """

    text: str
    is_missing: bool = False
    by: Author = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head, all equally long.

    Attributes:
        shares: How wide the columns are, relative to one another.
        aligned: How each column is set; empty: all to the left.
        spans: Which rows are one line over all columns, in bold: the words of their first cell.
        size_pt: Of the letters.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[float, ...]
    aligned: tuple[Align, ...] = ()
    spans: tuple[int, ...] = ()
    size_pt: int = 12

    def __post_init__(self) -> None:
        """Hold the rows to the head.

        Raises:
            ValueError: A row, the shares or the alignment are of another length.
        """
        width = len(self.head)
        lengths = {len(row) for row in self.rows} | {len(self.shares)}
        lengths |= {len(self.aligned)} if self.aligned else set()
        if lengths != {width}:
            raise ValueError(f"a table with {width} columns has {sorted(lengths)} elsewhere")


@dataclass(frozen=True, slots=True)
class Annex:
    """What follows stands behind the signature, on pages of its own, under this title."""

    title: str


Block = Heading | Paragraph | Table | Annex


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs, and in which place: `authority` is such as `T/L CHÁNH VĂN PHÒNG`."""

    title: str
    name: str = ""
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One document.

    Attributes:
        superior: The body above the one that issues it.
        symbol: Behind the number: `BC/VPTU`.
        kind: `BÁO CÁO`, `BIÊN BẢN`: in capitals above `about`, what it is about.
        recipients: Where it goes (*Nơi nhận*); `Lưu …` is the last.
        signers: From left to right; one who signs alone stands on the right.
        urgency: `KHẨN`, `THƯỢNG KHẨN`, `HỎA TỐC`, or nothing.
        addressed: *Kính gửi*, below what it is about.
        note: Below the title in small: which version this is, what it corrects.
        is_draft: It says so, and shows who wrote what and in which font it is set.
    """

    layout: Layout
    superior: str
    issuer: str
    symbol: str
    place: str
    day: date
    kind: str
    about: str
    blocks: tuple[Block, ...]
    recipients: tuple[str, ...] = ()
    signers: tuple[Signer, ...] = ()
    number: str = ""
    urgency: str = ""
    addressed: str = ""
    note: str = ""
    is_draft: bool = False

    @property
    def numbered(self) -> str:
        """Return number and symbol as the layout writes them; dots where none is given yet.

        A document without a symbol has no number and never gets one.
        """
        if not self.symbol:
            return ""
        number = self.number or "…"
        if self.layout == "party":
            return f"Số {number}-{self.symbol}"
        return f"Số: {number}/{self.symbol}"

    @property
    def listed(self) -> tuple[str, ...]:
        """Return the recipients as they are written: a dash before, a point behind the last.

        Where it is kept (`Lưu …`) stands last.
        """
        ordered = sorted(self.recipients, key=lambda one: one.startswith("Lưu"))
        last = len(ordered) - 1
        return tuple(f"- {one}{'.' if place == last else ';'}" for place, one in enumerate(ordered))

    @property
    def dated(self) -> str:
        """Return place and day: `Lâm Đồng, ngày 05 tháng 3 năm 2026`."""
        month = f"{self.day.month:02d}" if self.day.month < 3 else str(self.day.month)
        return f"{self.place}, ngày {self.day.day:02d} tháng {month} năm {self.day.year}"

    @property
    def parts(self) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
        """Return what stands before the signature, and the annex with its title first."""
        first = next((n for n, one in enumerate(self.blocks) if isinstance(one, Annex)), None)
        return self.blocks[:first], () if first is None else self.blocks[first:]

    @property
    def missing(self) -> tuple[str, ...]:
        """Return what somebody must still fill in."""
        return tuple(
            block.text for block in self.blocks if isinstance(block, Paragraph) and block.is_missing
        )


@dataclass(frozen=True, slots=True)
class Head:
    """What stands at the top: on the left who issues it, on the right under which name."""

    left: tuple[str, ...]
    right: tuple[str, ...]


def head_of(document: Document) -> Head:
    """Return the top of a document. Sources: QĐ 399-QĐ/TW (Party), NĐ 30/2020/NĐ-CP (State)."""
    if document.layout == "party":
        return Head(
            (document.superior, document.issuer, "*", document.numbered),
            ("ĐẢNG CỘNG SẢN VIỆT NAM", "", "", document.dated),
        )
    return Head(
        (document.superior, document.issuer, "", document.numbered),
        (
            "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
            "Độc lập - Tự do - Hạnh phúc",
            "",
            document.dated,
        ),
    )
