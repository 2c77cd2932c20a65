"""Documents that people sign: one structure, two layouts, and text that is never markup."""

from __future__ import annotations

import io
import unicodedata
from dataclasses import replace
from datetime import date

import docx
import pypdf
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.reports.document import Document, Heading, Paragraph, Signer, Table, head_of
from incidents.reports.render import covers, installed_font, to_docx, to_pages, to_pdf
from incidents.reports.typst_source import FONTS, quoted, source_of

LETTERS = "ăâđêôơư ÁÀẢÃẠ ẮẰẲẴẶ ẤẦẨẪẬ ỚỜỞỠỢ ỨỪỬỮỰ ýỳỷỹỵ"
REPORT = Document(
    layout="party",
    superior="TỈNH ỦY LÂM ĐỒNG",
    issuer="VĂN PHÒNG",
    symbol="BC/VPTU",
    place="Lâm Đồng",
    day=date(2026, 2, 5),
    kind="BÁO CÁO",
    about="Kết quả phiên hội nghị",
    blocks=(
        Heading("I- TÌNH HÌNH CHUNG"),
        Paragraph(LETTERS),
        Paragraph("Nguyên nhân gốc", is_missing=True),
        Table(("Điểm cầu", "Phút"), (("Hàm Thuận", "12,5"),), (3, 1), ("left", "right")),
    ),
    recipients=("Thường trực Tỉnh ủy", "Lưu Văn phòng"),
    signers=(Signer("CHÁNH VĂN PHÒNG", "Nguyễn Văn An", "T/L BAN THƯỜNG VỤ"),),
)


def test_the_two_layouts_share_the_data_and_nothing_else() -> None:
    """The Party's number has no colon, the State's has; neither is ever made up."""
    state = replace(REPORT, layout="state", number="07")
    assert head_of(REPORT).left == ("TỈNH ỦY LÂM ĐỒNG", "VĂN PHÒNG", "*", "Số …-BC/VPTU")
    assert head_of(REPORT).right[0] == "ĐẢNG CỘNG SẢN VIỆT NAM"
    assert head_of(state).left[3] == "Số: 07/BC/VPTU"
    assert head_of(state).right[:2] == (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 2, 5), "Lâm Đồng, ngày 05 tháng 02 năm 2026"),
        (date(2026, 3, 15), "Lâm Đồng, ngày 15 tháng 3 năm 2026"),
        (date(2026, 11, 26), "Lâm Đồng, ngày 26 tháng 11 năm 2026"),
    ],
)
def test_a_date_is_written_as_offices_write_it(day: date, text: str) -> None:
    """Days below ten and the first two months have a nought before them."""
    assert replace(REPORT, day=day).dated == text


def test_what_is_missing_is_known() -> None:
    """By its words, for whoever must fill it in."""
    assert REPORT.missing == ("Nguyên nhân gốc",)


@pytest.mark.parametrize("layout", ["party", "state"])
def test_both_layouts_print(layout: str) -> None:
    """As PDF, and as docx with every word in NFC."""
    document = replace(REPORT, layout=layout)  # type: ignore[arg-type]
    assert to_pdf(document).startswith(b"%PDF")
    read = docx.Document(io.BytesIO(to_docx(document)))
    words = [p.text for p in read.paragraphs]
    words += [c.text for t in read.tables for row in t.rows for c in row.cells]
    for text in (LETTERS, "Nguyên nhân gốc", "Hàm Thuận", "Nguyễn Văn An", "12,5"):
        assert any(text in one for one in words)
    assert all(unicodedata.is_normalized("NFC", one) for one in words)
    styles = read.styles.element.xml
    assert 'w:val="vi-VN"' in styles  # or Word marks every word as misspelt
    assert styles.count('w:cs="Times New Roman"') == 1
    assert "PAGE" in read.sections[0].header._element.xml
    assert all("w:tblHeader" in table._tbl.xml for table in read.tables[1:-1])


@settings(deadline=None, max_examples=40)
@given(text=st.text(max_size=40))
def test_no_text_is_ever_markup(text: str) -> None:
    """Whatever somebody typed is set as it stands, or left out where it cannot be printed."""
    document = replace(REPORT, about=text, blocks=(Paragraph(text), Heading(text)))
    assert to_pdf(document).startswith(b"%PDF")
    inside = quoted(text)[1:-1]
    assert '"' not in inside.replace('\\"', "").replace("\\\\", "")


def test_a_table_whose_rows_do_not_fit_is_refused() -> None:
    """Before anybody prints it."""
    with pytest.raises(ValueError, match="2 columns"):
        Table(("a", "b"), (("1",),), (1, 1))


def test_many_rows_go_over_several_pages_under_one_head() -> None:
    """A hundred and fifty points do not fall off the page."""
    rows = tuple((f"Xã số {n}", str(n)) for n in range(150))
    long = replace(REPORT, blocks=(Table(("Điểm cầu", "Phút"), rows, (3, 1)),))
    pages = typst.compile(source_of(long).encode(), format="png", ppi=20)
    assert isinstance(pages, list)
    assert len(pages) >= 3


BASES = "aăâeêioôơuưy"
TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")


def test_every_vietnamese_letter_is_in_the_font_and_copies_out_composed() -> None:
    """All of one font: none was borrowed for a letter that it lacks; what is copied is NFC."""
    small = [unicodedata.normalize("NFC", base + tone) for base in BASES for tone in TONES]
    letters = " ".join([*small, *(letter.upper() for letter in small), "đ", "Đ", "“”–…", "₫"])
    loose = unicodedata.normalize("NFD", letters)
    whole = replace(REPORT, blocks=(Paragraph(loose), Heading(loose), Paragraph(loose, label="x")))
    read = pypdf.PdfReader(io.BytesIO(to_pdf(whole)))
    text = "".join(page.extract_text() for page in read.pages)
    assert unicodedata.is_normalized("NFC", text)
    assert not set(letters) - set(text)
    fonts = set()
    for page in read.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            fonts.add(font["/BaseFont"].partition("+")[2].partition("-")[0])
    assert fonts == {installed_font().replace(" ", "")}


def test_a_document_says_in_which_font_it_is_set() -> None:
    """The first that the machine has of three; a draft shows it, every document holds it."""
    assert installed_font() in FONTS
    read = pypdf.PdfReader(io.BytesIO(to_pdf(REPORT)))
    assert read.metadata is not None
    assert read.metadata["/Keywords"] == f"Phông chữ: {installed_font()}"
    draft = pypdf.PdfReader(io.BytesIO(to_pdf(replace(REPORT, is_draft=True))))
    assert f"Phông chữ: {installed_font()}." in draft.pages[0].extract_text()
    assert "DỰ THẢO" in draft.pages[0].extract_text()
    assert "DỰ THẢO" not in read.pages[0].extract_text()


def test_a_draft_shows_who_wrote_what_in_word_as_well() -> None:
    """Words of a person are underlined; a signed document does not show who wrote them."""
    blocks = (Paragraph("Máy", by="machine"), Paragraph("Người", by="person"))
    for is_draft in (True, False):
        document = replace(REPORT, blocks=blocks, is_draft=is_draft)
        read = docx.Document(io.BytesIO(to_docx(document)))
        runs = {run.text: run for paragraph in read.paragraphs for run in paragraph.runs}
        assert bool(runs["Người"].underline) is is_draft
        assert not runs["Máy"].underline


def test_who_signs_never_stands_alone_on_a_page() -> None:
    """Whatever fills the page before, the last words of the text come along."""
    for count in (26, 27, 28, 29, 30, 31, 32):
        blocks = tuple(Paragraph(f"Dòng {n}") for n in range(count))
        read = pypdf.PdfReader(io.BytesIO(to_pdf(replace(REPORT, blocks=blocks))))
        last = read.pages[-1].extract_text()
        assert "Nguyễn Văn An" in last
        assert f"Dòng {count - 1}" in last
    assert len(to_pages(REPORT, 20)) == 1


def test_a_font_that_lacks_a_letter_is_not_chosen() -> None:
    """What another font has to lend is seen; the one that comes with the typesetter has it all."""
    assert covers(FONTS[-1])
    assert covers(installed_font())
    assert not covers("No such font")
