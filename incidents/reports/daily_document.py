"""The report of the day as a document: the page, and the annex behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from incidents.reports import measure
from incidents.reports.daily import SHARES, Facts, annex_of, fitted, sections_of, sentence_of
from incidents.reports.document import Annex, Document, Heading, Paragraph, Signer, Table
from incidents.vietnamese import ZONE, local_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from incidents.reports.daily import Section
    from incidents.reports.document import Block
    from incidents.reports.kind import Filling, Letterhead

# Where the facts stand among those of a report.
UNDER = "daily"
HEAD = ("Nội dung", "Đơn vị", "Thời gian")
# What people write for the page; longer words stand in full in the annex.
WRITTEN = (("canh_bao", "Cảnh báo của cơ quan chức năng"), ("kien_nghi", "Kiến nghị"))
MOST_LINES = 2
MOST_RECIPIENTS = 5
# What the sizes of letters and the rounding of lines may differ by, and what a draft adds.
SPARE_PT = 36.0


def facts_of(facts: Mapping[str, Any]) -> Facts:
    """Return the facts of a report as they were gathered."""
    return msgspec.convert(facts[UNDER], Facts)


def gathered(facts: Facts) -> dict[str, Any]:
    """Return facts as a report keeps them: text, whole numbers, lists and maps."""
    kept: dict[str, Any] = msgspec.to_builtins(facts)
    return kept


def compose(filling: Filling) -> Document:
    """Return the document; whatever the load, what stands before the annex is one page."""
    facts, head = facts_of(filling.facts), filling.letterhead
    day = facts.at.astimezone(ZONE).date()
    about = f"Tình hình mạng và hội nghị ngày {day:%d/%m/%Y}"
    lead = [sentence_of(facts), _events(facts), *_on_duty(filling), *_written(filling, MOST_LINES)]
    signer = head.signers.get(filling.audience) or Signer("…")
    document = Document(
        layout=head.layout,
        superior=head.superior,
        issuer=head.issuer,
        symbol=head.symbols.get("BC", "BC/…"),
        place=head.place,
        day=filling.day,
        kind="BÁO CÁO NGÀY",
        about=about,
        blocks=(),
        recipients=head.recipients[:MOST_RECIPIENTS],
        signers=(signer,),
        number=filling.number,
    )
    sections = sections_of(facts)
    room = measure.PAGE_HEIGHT_PT - _around_pt(head, about, signer) - SPARE_PT
    room -= sum(measure.paragraph_pt(text) for text in lead)
    room -= measure.row_pt(HEAD, SHARES)
    page = (*map(Paragraph, lead), _table(sections, fitted(sections, room)))
    return _with(document, (*page, *_annex(facts, filling, about)))


def _with(document: Document, blocks: tuple[Block, ...]) -> Document:
    from dataclasses import replace

    return replace(document, blocks=blocks)


def _table(sections: list[Section], shown: list[int]) -> Table:
    rows: list[tuple[str, str, str]] = []
    spans = []
    for section, count in zip(sections, shown, strict=True):
        spans.append(len(rows))
        rows.append((section.head(count), "", ""))
        rows += section.rows[:count]
    return Table(HEAD, tuple(rows), SHARES, spans=tuple(spans))


def _events(facts: Facts) -> str:
    return (
        f"Từ {local_time(facts.since)} đến {local_time(facts.at)}: {facts.new} sự cố mới, "
        f"{facts.recovered} đã khôi phục, {facts.ended} đã kết thúc."
    )


def _on_duty(filling: Filling) -> list[str]:
    text = filling.filled.get("ca_truc") or filling.facts.get("ca_truc", "")
    return [measure.cut(f"Ca trực: {text}", MOST_LINES)] if text else []


def _written(filling: Filling, lines: int) -> list[str]:
    given = [(name, filling.filled.get(code, "").strip()) for code, name in WRITTEN]
    return [measure.cut(f"{name}: {text}", lines) for name, text in given if text]


def _annex(facts: Facts, filling: Filling, about: str) -> list[Block]:
    blocks: list[Block] = [
        Annex("PHỤ LỤC"),
        Paragraph(
            f"(Kèm theo Báo cáo {about[0].lower()}{about[1:]}; số liệu đến {local_time(facts.at)})"
        ),
    ]
    for section in annex_of(facts):
        blocks.append(Heading(f"{section.title}: {section.counted}", level=2))
        if section.rows:
            blocks.append(Table(HEAD, section.rows, SHARES))
    blocks += [Paragraph(text) for text in _written(filling, 1_000)]
    return blocks


def _around_pt(head: Letterhead, about: str, signer: Signer) -> float:
    """Return the height of the head, the title and the foot."""
    left = measure.PAGE_WIDTH_PT / 2.6 - 10
    names = sum(measure.lines_of(text, 13, left) for text in (head.superior, head.issuer))
    number = measure.lines_of("Số ……-" + head.symbols.get("BC", ""), 13, left)
    title = 1 + measure.lines_of(about, 14, measure.PAGE_WIDTH_PT)
    half = measure.PAGE_WIDTH_PT / 2
    signs = sum(
        measure.lines_of(text, 14, half) for text in (signer.authority, signer.title) if text
    )
    receivers = sum(
        measure.lines_of(f"- {one}", 11, half) for one in head.recipients[:MOST_RECIPIENTS]
    )
    foot = max(signs * 17 + 62 + 26, 20 + receivers * 15)
    return (names + number + 1) * 19 + 17 + title * 17 + 11 + 17 + foot
