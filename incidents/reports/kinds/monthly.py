"""The summary report of a month, a half-year or a year: every figure from the tables it keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from incidents.reports.document import Annex, Heading, Paragraph, Table
from incidents.reports.kind import Field, ReportKind
from incidents.reports.period import figures_of, period_of
from incidents.reports.period_tables import unpacked
from incidents.reports.sections import FOOT, HEAD, document_of, field_block, numeral
from incidents.vietnamese import local_time, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from incidents.reports.document import Align, Block, Document
    from incidents.reports.kind import Filling
    from incidents.reports.period import Figures, Mean, Period, Share, Tables


class Unit(NamedTuple):
    """How the amounts of a share are written: under which words, how many make one."""

    words: str
    size: int = 1


COUNTED, SLOTS = Unit("Đạt/tổng"), Unit("Lượt nửa giờ đạt/tổng")
HOURS = Unit("Giờ đạt/tổng", 3_600)
# Where the tables stand among the facts of a report, packed.
UNDER = "tables"
# So many of the worst stand in the report itself; all are in the annex.
WORST = 10
_RIGHT: tuple[Align, ...] = ("right",)
PLACES = (("before", "kỳ trước"), ("year_before", "cùng kỳ năm trước"))


def compose(filling: Filling) -> Document:
    """Return the document."""
    facts = filling.facts
    period = period_of(facts["period"])
    assert period is not None
    tables, at = unpacked(facts[UNDER]), datetime.fromisoformat(facts["at"])
    figures = figures_of(tables, at)
    span = f"{period.first:%d/%m/%Y} – {period.last:%d/%m/%Y}"
    blocks: list[Block] = [
        Paragraph(
            f"Kỳ báo cáo {span}; số liệu lấy lúc {local_time(at)}. {_summary(figures)}",
            by="machine",
        )
    ]
    sections = [
        ("Sự cố", _incidents(figures, facts, period)),
        ("Thực hiện thời hạn", _terms(figures)),
        ("Giám sát và mức sẵn sàng", _watching(figures)),
        ("Xác nhận ngày của đơn vị", _unit_days(figures)),
        ("Hội nghị truyền hình", _meetings(figures)),
        ("Nguyên nhân gốc", _causes(figures, facts)),
        ("Nhiệm vụ định kỳ và báo cáo đã gửi", _duties(figures, tables)),
        ("Đánh giá, kiến nghị, phương hướng", _written(filling)),
    ]
    for place, (heading, found) in enumerate(sections):
        blocks += [Heading(f"{numeral(place, filling)} {heading.upper()}"), *found]
    document = document_of(MONTHLY, filling, f"Tổng hợp tình hình {period.words}", blocks)
    return _with_annex(document, figures)


def _with_annex(document: Document, figures: Figures) -> Document:
    parts = [
        ("Tỷ lệ đúng hạn theo đơn vị", figures.on_time_units, COUNTED),
        ("Phủ giám sát theo đơn vị", figures.coverage_units, SLOTS),
        ("Mức sẵn sàng theo đơn vị", figures.availability, HOURS),
        ("Mức sẵn sàng theo đường truyền, thiết bị", figures.links, HOURS),
        ("Xác nhận ngày theo đơn vị", figures.unit_days_units, COUNTED),
    ]
    annex: list[Block] = []
    for place, (heading, shares, unit) in enumerate([one for one in parts if one[1]], 1):
        table = _shares("Đơn vị, đối tượng", shares, unit)
        annex += [Heading(f"{place}. {heading}", level=2), table]
    return (
        replace(document, blocks=(*document.blocks, Annex("PHỤ LỤC"), *annex))
        if annex
        else document
    )


def _summary(figures: Figures) -> str:
    compared = ", ".join(
        f"{words} {figures.before[which]}" for which, words in PLACES if which in figures.before
    )
    return (
        f"Có {figures.incidents} sự cố ({compared or 'chưa có kỳ để so sánh'}), đã kết thúc "
        f"{figures.closed}; {figures.meetings.held} phiên hội nghị, mất "
        f"{minutes(figures.meetings.lost_seconds)} phút."
    )


def _incidents(figures: Figures, facts: Mapping[str, Any], period: Period) -> Iterator[Block]:
    names = facts["severities"]
    if not figures.incidents:
        yield Paragraph("Không có sự cố trong kỳ.", by="machine")
    else:
        codes = list(names)
        rows = [
            (name, *(_or_dash(counts.get(code, 0)) for code in codes), str(sum(counts.values())))
            for name, counts in figures.by_class.items()
        ]
        whole = [str(figures.by_severity.get(code, 0)) for code in codes]
        rows.append(("Tổng", *whole, str(figures.incidents)))
        yield Paragraph("Số sự cố theo loại và mức độ:", by="machine")
        yield Table(
            ("Loại sự cố", *names.values(), "Tổng"),
            tuple(rows),
            (4, *(1.3 for _ in codes), 1),
            ("left", *_RIGHT * len(codes), "right"),
        )
    if not period.is_month:
        yield from _form_05(figures, facts)
    yield from _times("Thời gian trung bình tiếp nhận", figures.acknowledge, names)
    yield from _times("Thời gian trung bình khôi phục", figures.restore, names)


def _form_05(figures: Figures, facts: Mapping[str, Any]) -> Iterator[Block]:
    """Yield the rows of Mẫu 05; what nobody recorded is not filled in."""
    names = dict(facts["statistics"])  # in the order of the form
    rows = [(name, str(figures.by_statistics.get(code, 0))) for code, name in names.items()]
    rows.append(("Tổng", str(sum(figures.by_statistics.values()))))
    yield Paragraph("Sự cố an ninh mạng theo các mục của Mẫu 05:", by="machine")
    yield Table(("Loại", "Số lượng"), tuple(rows), (5, 1), ("left", "right"))


def _times(words: str, means: Sequence[Mean], names: Mapping[str, str]) -> Iterator[Block]:
    said = "; ".join(
        f"{names[one.name].lower()} {minutes(one.seconds)} phút ({one.count} sự cố)"
        for one in means
    )
    yield Paragraph(said or "chưa có số liệu", label=words, by="machine")


def _terms(figures: Figures) -> Iterator[Block]:
    if not figures.on_time:
        yield Paragraph("Không có thời hạn nào đến trong kỳ.", by="machine")
        return
    whole = sum(one.whole for one in figures.on_time)
    good = sum(one.good for one in figures.on_time)
    yield Paragraph(f"Đúng hạn {good}/{whole}, đạt {percent(good, whole)}.", by="machine")
    yield _shares("Thời hạn", figures.on_time)
    yield from _some_units("Đơn vị có tỷ lệ đúng hạn thấp nhất", figures.on_time_units)


def _watching(figures: Figures) -> Iterator[Block]:
    one = figures.coverage
    said = "chưa có số liệu" if one.value is None else percent(one.good, one.whole)
    yield Paragraph(said, label="Phủ giám sát chung", by="machine")
    yield from _some_units("Đơn vị có mức sẵn sàng thấp nhất", figures.availability, HOURS)
    words = "Đường truyền, thiết bị có mức sẵn sàng thấp nhất"
    yield from _some_units(words, figures.links, HOURS)


def _unit_days(figures: Figures) -> Iterator[Block]:
    one = figures.unit_days
    if not one.whole:
        yield Paragraph("Chưa có ngày nào phải xác nhận trong kỳ.", by="machine")
        return
    yield Paragraph(
        f"Đã xác nhận {number(one.good)}/{number(one.whole)} lượt, đạt "
        f"{percent(one.good, one.whole)}; {number(figures.happened)} lượt báo có sự việc.",
        by="machine",
    )
    yield from _some_units("Đơn vị xác nhận ít nhất", figures.unit_days_units)


def _meetings(figures: Figures) -> Iterator[Block]:
    one = figures.meetings
    yield Paragraph(
        f"Theo kế hoạch {one.planned} phiên, đã họp {one.held}, hủy {one.cancelled}; chạy thử "
        f"{one.rehearsals} phiên. Phiên có sự cố {one.with_faults}; tổng thời gian gián đoạn "
        f"{minutes(one.lost_seconds)} phút.",
        by="machine",
    )


def _causes(figures: Figures, facts: Mapping[str, Any]) -> Iterator[Block]:
    names = facts["causes"]
    if not figures.causes:
        yield Paragraph("Chưa có sự cố nào kết thúc với nguyên nhân được ghi.", by="machine")
        return
    whole = sum(figures.causes.values())
    rows = tuple(
        (names.get(code, code), str(count), percent(count, whole))
        for code, count in figures.causes.items()
    )
    yield Table(
        ("Nguyên nhân gốc", "Số sự cố", "Tỷ lệ"), rows, (4, 1, 1), ("left", "right", "right")
    )


def _duties(figures: Figures, tables: Tables) -> Iterator[Block]:
    one = figures.duties
    said = (
        f"đúng hạn {one.good}/{one.whole}, đạt {percent(one.good, one.whole)}"
        if one.whole
        else "không có việc nào đến hạn trong kỳ"
    )
    yield Paragraph(said, label="Việc định kỳ", by="machine")
    if figures.duties_late:
        late = "; ".join(figures.duties_late)
        yield Paragraph(late, label="Trễ hoặc chưa làm", by="machine")
    sent = tables["sent"]
    if sent:
        rows = tuple((row["report"], row["number"], row["day"]) for row in sent)
        yield Table(("Báo cáo đã gửi", "Số, ký hiệu", "Ngày"), rows, (3, 2, 1.2))
    else:
        yield Paragraph("không có", label="Báo cáo đã gửi trong kỳ", by="machine")


def _written(filling: Filling) -> Iterator[Block]:
    for field in WRITTEN:
        yield from field_block(filling, field)


def _some_units(words: str, shares: Sequence[Share], unit: Unit = COUNTED) -> Iterator[Block]:
    """Yield the worst of those that are not whole."""
    found = [one for one in shares if one.good < one.whole][:WORST]
    if found:
        yield Paragraph(f"{words}:", by="machine")
        yield _shares("Đơn vị, đối tượng", found, unit)


def _shares(head: str, shares: Iterable[Share], unit: Unit = COUNTED) -> Table:
    def amount(of: int) -> str:
        return number(of / unit.size, 1) if unit.size > 1 else number(of)

    rows = tuple(
        (one.name, f"{amount(one.good)}/{amount(one.whole)}", percent(one.good, one.whole))
        for one in shares
    )
    return Table((head, unit.words, "Tỷ lệ"), rows, (4, 1.8, 1), ("left", "right", "right"))


def _or_dash(count: int) -> str:
    return str(count) if count else "–"


def percent(good: float, whole: float) -> str:
    """Return a share in percent; what is not whole is never rounded up to all."""
    if good == whole:
        return "100 %"
    return f"{number(min(good / whole * 100, 99.99), 2)} %"


def minutes(seconds: float) -> str:
    """Return a length in minutes, with one decimal."""
    return number(seconds / 60, 1)


WRITTEN = (
    Field("dien_tap", "Diễn tập, kiểm tra danh bạ, sao lưu", "Drills, checks", is_long=True),
    Field("ton_dong", "Tồn đọng, rủi ro", "Open matters, risks", is_long=True),
    Field("kien_nghi", "Kiến nghị", "Requests", is_long=True),
    Field("phuong_huong", "Phương hướng kỳ tới", "Next period", is_required=True, is_long=True),
)
MONTHLY = ReportKind(
    code="monthly",
    vi="Báo cáo tổng hợp tháng, 6 tháng, năm",
    en="Monthly, half-year and yearly report",
    about="month",
    serves=("bc_thang",),
    compose=compose,
    fields=(*HEAD, *WRITTEN, *FOOT),
)
