"""The report of the day: one page at any load, and the annex behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from incidents.reports import measure
from incidents.reports.daily import (
    SHARES,
    SIZE_PT,
    Facts,
    annex_of,
    fitted,
    heads_pt,
    sections_of,
    sentence_of,
)
from incidents.reports.document import Annex, Document, Heading, Paragraph, Table
from incidents.reports.kind import Field, ReportKind
from incidents.reports.sections import FOOT, HEAD, document_of, said
from incidents.vietnamese import ZONE, local_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from incidents.reports.daily import Section
    from incidents.reports.document import Block
    from incidents.reports.kind import Filling

# Where the facts stand among those of a report.
UNDER = "daily"
HEADS = ("Nội dung", "Đơn vị", "Thời gian")
# What is said on the page in few lines; longer words stand in full in the annex.
WRITTEN = (
    ("ca_truc", "Ca trực"),
    ("canh_bao", "Cảnh báo của cơ quan chức năng"),
    ("kien_nghi", "Kiến nghị"),
)
MOST_LINES = 2
MOST_RECIPIENTS = 5
# What fonts and rounding may differ by; the legend of a draft.
SPARE_PT, DRAFT_PT = 12.0, 100.0


def facts_of(facts: Mapping[str, Any]) -> Facts:
    """Return the facts of a report as they were gathered."""
    return msgspec.convert(facts[UNDER], Facts)


def gathered(facts: Facts) -> dict[str, Any]:
    """Return facts as a report keeps them: text, whole numbers, lists and maps."""
    kept: dict[str, Any] = msgspec.to_builtins(facts)
    return kept


def compose(filling: Filling) -> Document:
    """Return the document; whatever the load, what stands before the annex is one page."""
    facts = facts_of(filling.facts)
    about = f"Tình hình mạng và hội nghị ngày {facts.at.astimezone(ZONE):%d/%m/%Y}"
    sections = sections_of(facts)
    document = document_of(DAILY, filling, about, ())
    recipients = document.recipients[:MOST_RECIPIENTS]
    document = replace(document, recipients=recipients, note=filling.note)
    room = measure.PAGE_HEIGHT_PT - _around_pt(document) - SPARE_PT
    room -= measure.row_pt(HEADS, SHARES, SIZE_PT) + (DRAFT_PT if filling.is_draft else 0.0)
    lead, room = _lead(filling, facts, room, least=heads_pt(sections))
    page = (*map(Paragraph, lead), _table(sections, fitted(sections, room)), *document.blocks)
    return replace(document, blocks=(*page, *_annex(facts, filling, about)))


def _lead(filling: Filling, facts: Facts, room: float, least: float) -> tuple[list[str], float]:
    """Return what stands above the lists, and the room that is left for these.

    Args:
        least: What their heads alone need; for it people's words are cut to fewer lines, or none.
    """
    for lines in range(MOST_LINES, -1, -1):
        lead = [sentence_of(facts), _events(facts), *_written(filling, lines)]
        left = room - sum(measure.paragraph_pt(text) for text in lead)
        if left >= least or lines == 0:
            break
    return lead, left


def _table(sections: list[Section], shown: list[int]) -> Table:
    rows: list[tuple[str, str, str]] = []
    spans = []
    for section, count in zip(sections, shown, strict=True):
        spans.append(len(rows))
        rows.append((section.head(count), "", ""))
        rows += section.rows[:count]
    return Table(HEADS, tuple(rows), SHARES, spans=tuple(spans), size_pt=SIZE_PT)


def _events(facts: Facts) -> str:
    return (
        f"Từ {local_time(facts.since)}: {facts.new} sự cố mới, {facts.recovered} đã khôi phục, "
        f"{facts.ended} đã kết thúc."
    )


def _written(filling: Filling, lines: int) -> list[str]:
    given = [(name, said(filling, code)) for code, name in WRITTEN if lines]
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
            blocks.append(Table(HEADS, section.rows, SHARES, size_pt=SIZE_PT))
    blocks += [Paragraph(text) for text in _written(filling, 1_000)]
    return blocks


def _around_pt(document: Document) -> float:
    """Return the height of the head, the title, what stands below the table, and the foot."""
    left, half = measure.PAGE_WIDTH_PT / 2.6 - 10, measure.PAGE_WIDTH_PT / 2
    heads = (document.superior, document.issuer, document.numbered)
    names = sum(measure.lines_of(text, 13, left) for text in heads)
    titles = (document.kind, document.about, document.urgency, document.addressed, document.note)
    title = sum(measure.lines_of(text, 15, measure.PAGE_WIDTH_PT) for text in titles if text)
    (signer,) = document.signers
    signs = sum(
        measure.lines_of(text, 14, half) for text in (signer.authority, signer.title) if text
    )
    receivers = sum(measure.lines_of(f"- {one}", 11, half) for one in document.recipients)
    foot = max(signs * 15 + 62 + 22, 18 + receivers * 15)
    below = sum(
        measure.paragraph_pt(one.text) for one in document.blocks if isinstance(one, Paragraph)
    )
    return (names + 1) * 19 + 20 + title * 19 + 14 + below + 17 + foot


DAILY = ReportKind(
    code="daily",
    vi="Báo cáo ngày",
    en="Daily report",
    about="day",
    serves=("bc_ngay",),
    compose=compose,
    fields=(
        *HEAD,
        Field("ca_truc", "Ca trực, người trực", "On duty", is_required=True),
        Field("canh_bao", "Cảnh báo của cơ quan chức năng, đã xử lý", "Warnings", is_long=True),
        Field("kien_nghi", "Kiến nghị", "Requests", is_long=True),
        *FOOT,
    ),
)
