"""The report of the day: its first line, when it may say *Tốt*, and that it is one page."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.reports.daily import (
    Facts,
    Standing,
    Thing,
    annex_of,
    plain,
    sections_of,
    sentence_of,
    standing_of,
)
from incidents.reports.document import Annex, Document, Signer, Table
from incidents.reports.document_json import dumped, loaded
from incidents.reports.kind import Filling, Letterhead
from incidents.reports.kinds.daily import DAILY, compose, facts_of, gathered
from incidents.reports.measure import cut, lines_of
from incidents.reports.render import to_docx, to_pdf
from incidents.timeline import canonical_json

AT = datetime(2026, 11, 26, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
GOOD = Facts(at=AT, since=AT - 24 * HOUR, units=150, is_fresh=True)
LONG = (
    "Đảng ủy phường Nguyễn Thị Minh Khai – Hoàng Hoa Thám, thành phố Phan Rang – Tháp Chàm mở rộng "
)


def things(
    count: int, what: str = "Mất liên lạc toàn bộ đơn vị", unit: str = "Xã", **more: object
) -> tuple[Thing, ...]:
    """Return so many lines, each of another unit."""
    return tuple(
        Thing(f"{what} {n}", f"{unit} {n}", at=AT - HOUR, **more)  # type: ignore[arg-type]
        for n in range(count)
    )


def loaded_day(units: int, incidents: int, name: str) -> Facts:
    """Return a day on which everything is as full as it can be."""
    many = things(incidents, "Mất liên lạc toàn bộ, đường chính và dự phòng, nghi đứt cáp", name)
    people = "Nguyễn Hoàng Phương Thảo Uyên 0912 345 678, Trần Văn Bình 0912 345 679"
    return replace(
        GOOD,
        units=units,
        opened=tuple(replace(one, rank=1 + n % 4) for n, one in enumerate(many)),
        decisions=things(incidents, "Phân loại và quyết định báo cáo", name, who="Chỉ huy ứng phó"),
        overdue=things(incidents, "Báo cáo diễn biến", name, who="Chỉ huy ứng phó"),
        meetings=things(
            12, "Hội nghị trực tuyến toàn quốc quán triệt Nghị quyết, 150 điểm cầu", name
        ),
        lacking=things(units, "Không có số liệu", name),
        coming=things(incidents, "Khôi phục tạm thời", name),
        availability=things(units, "99,95 %", name),
        asked_on=date(2026, 11, 25),
        asked=units,
        unconfirmed=tuple(Thing(people, f"{name} {n}") for n in range(units)),
        happened=things(40, "Mất điện từ 9h đến 10h", name),
    )


def filling(
    facts: Facts, layout: str = "party", issuer: str = "VĂN PHÒNG", **words: str
) -> Filling:
    """Return what the report is composed of."""
    head = Letterhead(
        layout=layout,  # type: ignore[arg-type]
        superior="TỈNH ỦY LÂM ĐỒNG" if layout == "party" else "ỦY BAN NHÂN DÂN TỈNH LÂM ĐỒNG",
        issuer=issuer,
        place="Lâm Đồng",
        symbols={"BC": "BC/VPTU"},
        recipients=(
            *("Thường trực Tỉnh ủy", "Chánh Văn phòng Tỉnh ủy", "Các phó chánh văn phòng"),
            *("Trung tâm An ninh mạng tỉnh, Công an tỉnh", "Lưu Văn phòng"),
        ),
        signers={"inside": Signer("CHÁNH VĂN PHÒNG", "Nguyễn Văn An", "T/L BAN THƯỜNG VỤ")},
    )
    kept = {"daily": gathered(facts), "ca_truc": "Trực ca tỉnh: Nguyễn Văn An"}
    return Filling(kept, words, head, "inside", date(2026, 11, 26))


def pages_before_annex(document: Document) -> int:
    """Return how many pages of the PDF stand before the one on which the annex begins."""
    main, annex = document.parts
    read = pypdf.PdfReader(io.BytesIO(to_pdf(replace(document, blocks=(*main, *annex[:2])))))
    texts = [page.extract_text() for page in read.pages]
    return next(n for n, text in enumerate(texts) if "PHỤ LỤC" in text)


@pytest.mark.parametrize(
    ("facts", "standing", "begins"),
    [
        (GOOD, Standing.GOOD, "Tốt: đủ số liệu của 150/150 đơn vị; không có sự cố đang xử lý"),
        (
            replace(GOOD, lacking=things(3)),
            Standing.LACKING,
            "Chưa đủ số liệu: thiếu 3 đơn vị; không có sự cố đang xử lý",
        ),
        (replace(GOOD, is_fresh=False), Standing.LACKING, "Chưa đủ số liệu: thiếu 150 đơn vị"),
        (replace(GOOD, units=0), Standing.LACKING, "Chưa đủ số liệu: thiếu 0 đơn vị"),
        (
            replace(GOOD, opened=things(2, rank=3), lacking=things(1)),
            Standing.TROUBLED,
            "Có sự cố: 2 sự cố đang xử lý; chưa đủ số liệu: thiếu 1 đơn vị",
        ),
        (
            replace(GOOD, opened=(*things(2, rank=2), *things(1, rank=4))),
            Standing.SERIOUS,
            "Nghiêm trọng: 2 sự cố từ mức nghiêm trọng trong 3 đang xử lý",
        ),
        (
            replace(GOOD, opened=things(1, rank=1, until=AT)),  # recovered, not ended
            Standing.TROUBLED,
            "Có sự cố: 1 sự cố đang xử lý",
        ),
    ],
)
def test_the_first_line_is_computed(facts: Facts, standing: Standing, begins: str) -> None:
    """One sentence, with the instant of its figures."""
    assert standing_of(facts) is standing
    sentence = sentence_of(facts)
    assert sentence.startswith(begins)
    assert sentence.endswith("(số liệu đến 26/11/2026 07:00).")
    assert sentence.count(". ") == 0


@given(
    units=st.integers(0, 200), lacking=st.integers(0, 200), opened=st.integers(0, 5),
    is_fresh=st.booleans(), rank=st.integers(1, 4),
)  # fmt: skip
def test_good_is_never_said_without_all_the_data(
    units: int, lacking: int, opened: int, is_fresh: bool, rank: int
) -> None:
    """And what is lacking is always said, with how many units."""
    facts = replace(
        GOOD, units=units, lacking=things(lacking), opened=things(opened, rank=rank),
        is_fresh=is_fresh,
    )  # fmt: skip
    sentence, is_whole = sentence_of(facts), is_fresh and not lacking and units > 0
    assert sentence.startswith("Tốt") == (is_whole and not opened)
    if not is_whole and (units or not is_fresh or lacking):
        assert f"thiếu {facts.missing_units} đơn vị" in sentence.lower() or units == 0
    assert standing_of(facts) is Standing(sentence.partition(":")[0])


@pytest.mark.parametrize("layout", ["party", "state"])
@pytest.mark.parametrize(
    ("units", "incidents", "name"),
    [
        (150, 60, LONG),
        (150, 60, LONG * 3),
        (150, 60, "Xã"),
        (150, 3, "Đảng ủy xã Hàm Thuận"),
        (0, 0, ""),
    ],
)
def test_it_is_one_page_at_any_load(layout: str, units: int, incidents: int, name: str) -> None:
    """150 units, 60 incidents, the longest names, and none; with long words of people as well."""
    facts = loaded_day(units, incidents, name) if units else GOOD
    usual = compose(filling(facts, layout))
    issuer = "VĂN PHÒNG, TRUNG TÂM CHUYỂN ĐỔI SỐ VÀ CƠ YẾU, BỘ PHẬN TRỰC GIÁM SÁT MẠNG"
    words = {
        "kien_nghi": "đề nghị bổ sung đường truyền dự phòng " * 60,
        "canh_bao": "CẢNH BÁO " * 90,
    }
    words |= {"kinh_gui": "Thường trực Tỉnh ủy, Chánh Văn phòng Tỉnh ủy", "do_khan": "KHẨN"}
    full = compose(filling(facts, layout, issuer, **words))
    assert pages_before_annex(usual) == pages_before_annex(full) == 1
    given = replace(
        filling(facts, layout, kien_nghi=words["kien_nghi"]), is_draft=True, note="Đính chính. " * 9
    )
    draft = replace(compose(given), is_draft=True, note=given.note)
    assert pages_before_annex(draft) == 1
    assert isinstance(usual.parts[1][0], Annex)


def test_the_page_is_used_and_the_rest_is_counted() -> None:
    """With usual names it names many; what it leaves out is said, and is in the annex in full."""
    facts = loaded_day(150, 60, "Đảng ủy xã Hàm Thuận")
    document = compose(filling(facts))
    [table] = [one for one in document.parts[0] if isinstance(one, Table)]
    heads = [table.rows[place][0] for place in table.spans]
    assert len(table.rows) - len(heads) >= 8
    assert heads[1].startswith("2. Sự cố, hỏng hóc đang xử lý: 60; ")
    left_out = sum(int(n) for n in re.findall(r"; (\d+) việc nữa ở Phụ lục", " ".join(heads)))
    sections = sections_of(facts)
    whole = zip(sections, heads, strict=True)
    left_out += sum(len(one.rows) for one, head in whole if head.endswith("; xem Phụ lục"))
    everything = sum(len(one.rows) for one in sections)
    assert left_out + len(table.rows) - len(heads) == everything
    annex = [one for one in document.parts[1] if isinstance(one, Table)]
    assert sum(len(one.rows) for one in annex) == sum(len(one.rows) for one in annex_of(facts))


def test_two_who_have_not_confirmed_stand_on_the_page_with_their_telephones() -> None:
    """148/150, and two names."""
    silent = (Thing("Nguyễn Văn An 0912 345 678", "Xã A"), Thing("Lê Thị Bé 0912 345 679", "Xã B"))
    facts = replace(GOOD, asked_on=date(2026, 11, 25), asked=150, confirmed=148, unconfirmed=silent)
    assert "148/150 đơn vị đã xác nhận ngày 25/11" in sentence_of(facts)
    [table] = [one for one in compose(filling(facts)).parts[0] if isinstance(one, Table)]
    assert ("Nguyễn Văn An 0912 345 678", "Xã A", "chưa xác nhận") in table.rows


@settings(max_examples=30)
@given(st.text(max_size=80), st.integers(0, 4))
def test_facts_are_kept_as_json_without_loss(text: str, count: int) -> None:
    """What was gathered comes back, and the document as it was signed."""
    facts = replace(GOOD, opened=things(count, text, until=AT), asked_on=date(2026, 11, 25))
    kept = gathered(facts)
    canonical_json(kept)  # no floats, nothing that JSON does not have
    assert facts_of({"daily": kept}) == facts
    document = compose(filling(facts))
    assert dumped(loaded(dumped(document))) == dumped(document)


def test_both_forms_are_made_of_it() -> None:
    """The annex is in both."""
    document = compose(filling(loaded_day(5, 3, "Xã")))
    assert to_pdf(document).startswith(b"%PDF")
    assert to_docx(document).startswith(b"PK")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SC26-0003: Mất liên lạc 000.12.30", "Mất liên lạc Đảng ủy xã Hàm Thuận"),
        ("Đóng sự cố SC26-0003 (đã khôi phục)", "Đóng sự cố (đã khôi phục)"),
        ("Ổ đĩa /var còn 3,5 %, IP 10.42.1.20", "Ổ đĩa /var còn 3,5 %, IP 10.42.1.20"),
    ],
)
def test_codes_are_said_in_words(text: str, said: str) -> None:
    """A unit by its full name, an incident by what it is about."""
    assert plain(text, {"000.12.30": "Đảng ủy xã Hàm Thuận"}) == said


@given(st.text(alphabet="abc ĐđƯ…W1", max_size=400), st.integers(1, 4))
def test_what_is_cut_fits(text: str, lines: int) -> None:
    """And what fits is not cut."""
    short = cut(text, lines)
    assert lines_of(short, 14, 460) <= max(lines, 1) or " " not in short.strip()
    if lines_of(text, 14, 467.7) <= lines:
        assert short == " ".join(text.split())


def test_the_kind_is_the_procedure_s_daily_report() -> None:
    """By the code that the duties name."""
    assert (DAILY.code, DAILY.about, DAILY.serves) == ("daily", "day", ("bc_ngay",))
