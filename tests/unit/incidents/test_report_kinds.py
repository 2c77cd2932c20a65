"""Kinds of reports: what the machine fills, what is missing, both layouts of one data set."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from incidents import deadlines
from incidents.incident import fold
from incidents.reports.document import Document, Heading, Paragraph, Table
from incidents.reports.document_json import digest_of, dumped, loaded
from incidents.reports.found import scan, shipped_kinds
from incidents.reports.handover_facts import facts_of as handover_facts
from incidents.reports.incident_facts import About, Before, facts_of
from incidents.reports.kind import Filling
from incidents.reports.letterheads import load_letterheads
from incidents.reports.wording import length, moment
from incidents.timeline import canonical_json
from incidents.yaml_problems import InvalidDocument
from tests.province import procedure
from tests.report_samples import LETTERHEADS, handover_document, incident, signatures

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
HEADS = load_letterheads(LETTERHEADS, file="reports.yaml")
KINDS = shipped_kinds()
OURS = ("initial", "progress", "final", "handover")


def about(**more: Any) -> About:
    """Return the sample incident with its deadlines."""
    entries = incident().entries
    state = fold(entries)
    rows = deadlines.rows(state, procedure())
    return About(state, entries, procedure(), rows, {"000.02.30": "Ban Tổ chức Tỉnh ủy"}, **more)


def facts(kind: str, **more: Any) -> Mapping[str, Any]:
    """Return what is gathered for a kind, as it comes out of the table again."""
    if kind == "handover":
        found = handover_facts(
            "truc-tinh", handover_document(), {"tinh_trang": "Ổn định", "luu_y": "Theo dõi nguồn"},
            signatures(), procedure(), [("Phiên Giao ban tỉnh", "24/11/2026 08:00 – 10:00")],
        )  # fmt: skip
    else:
        found = facts_of(about(**more), NOW)
    return {**HEADS.standing, "nguoi_lap": "An", **json.loads(canonical_json(found))}


def composed(kind: str, layout: str, filled: Mapping[str, str] | None = None) -> Document:
    """Return the document of the sample data in a layout."""
    head = HEADS.of(layout)  # type: ignore[arg-type]
    filling = Filling(facts(kind), filled or {}, head, "outside", date(2026, 11, 26))
    return KINDS[kind].compose(filling)


def body(document: Document) -> str:
    """Return all words of a body but its headings, which are numbered otherwise."""
    found = []
    for block in document.blocks:
        if isinstance(block, Table):
            found += [cell for row in (block.head, *block.rows) for cell in row]
        elif isinstance(block, Paragraph):
            found += [block.label, block.text]
    return "\n".join(found)


def test_every_kind_is_found_and_serves_a_report_of_the_procedure() -> None:
    """A file that gives no kind is named; a kind serves what the ruleset knows."""
    found = scan()
    assert found.failures == {}
    known = {form.code for form in procedure().file.reports}
    for kind in found.kinds.values():
        assert set(kind.serves) <= known, kind.code
        codes = [field.code for field in kind.fields]
        assert len(codes) == len(set(codes)), kind.code
        roles = {role.code for role in procedure().file.roles}
        assert {role for field in kind.fields for role in field.by} <= roles


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("initial", ["kinh_gui", "nguoi_lien_he", "cach_phat_hien"]),
        ("progress", ["kinh_gui", "so_bc_truoc", "bc_tiep"]),
        ("final", ["kinh_gui", "so_bc_ban_dau", "thiet_hai", "ket_qua_xu_ly", "bai_hoc"]),
        ("handover", []),
    ],
)
def test_what_only_a_person_knows_is_missing(kind: str, missing: list[str]) -> None:
    """Everything else the timeline tells; words of a person fill it, spaces do not."""
    found = KINDS[kind].missing(facts(kind), {})
    assert [field.code for field in found] == missing
    if missing:
        left = KINDS[kind].missing(facts(kind), {missing[0]: "Có", missing[1]: " "})
        assert [field.code for field in left] == missing[1:]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("phat_hien_luc", "08 giờ 00 phút, ngày 23/11/2026"),
        ("khoi_phuc_luc", "11 giờ 32 phút, ngày 23/11/2026"),
        ("ket_thuc_luc", "08 giờ 32 phút, ngày 24/11/2026"),
        ("tong_gian_doan", "3 giờ 32 phút"),
        ("muc_do", "Nghiêm trọng (S2)"),
        ("nguyen_nhan_goc", "Lỗi con người"),
        ("phe_duyet", "Dung"),
        ("ky_bao_cao", "Từ 23/11/2026 08:00 đến 26/11/2026 10:00"),
        ("lan_thu", "1"),
    ],
)
def test_the_timeline_fills_the_fields(code: str, text: str) -> None:
    """In the words of the ruleset, in local time."""
    assert facts("final")[code] == text


def test_deadlines_say_how_they_were_kept() -> None:
    """Met in time, late by how much, or not yet due."""
    rows = {row[0]: row[1:] for row in facts("final")["thoi_han"]}
    assert rows["Tiếp nhận"] == ["23/11/2026 08:10", "23/11/2026 08:12", "Trễ 2 phút", ""]
    assert rows["Khôi phục tạm thời"][2] == "Đúng hạn"
    assert rows["Tổng kết, rút kinh nghiệm"][1:3] == ["", "Chưa đến hạn"]


def test_a_progress_report_follows_the_one_before() -> None:
    """It is the second, names the first, and tells of what came since."""
    before = Before("Số 5-BC/VPTU, ngày 24/11/2026", NOW - timedelta(hours=24))
    found = facts_of(about(progress=(before,)), NOW)
    assert (found["lan_thu"], found["so_bc_truoc"]) == ("2", before.numbered)
    assert found["ky_bao_cao"].startswith("Từ 25/11/2026 10:00")


@pytest.mark.parametrize("kind", OURS)
def test_one_data_set_makes_both_layouts_and_mixes_none(kind: str) -> None:
    """The same words in both; the head of the one is never on the other."""
    party, state = composed(kind, "party"), composed(kind, "state")
    heads = [
        [block.text for block in document.blocks if isinstance(block, Heading)]
        for document in (party, state)
    ]
    assert [one.partition("- ")[2] for one in heads[0]] == [
        one.partition(". ")[2] for one in heads[1]
    ]
    assert body(party) == body(state)
    assert (party.about, party.kind) == (state.about, state.kind)
    assert party.superior == "TỈNH ỦY LÂM ĐỒNG"
    assert state.superior == "ỦY BAN NHÂN DÂN TỈNH LÂM ĐỒNG"
    assert bool(party.symbol) == bool(state.symbol) == KINDS[kind].is_numbered


def test_a_signer_is_written_as_in_its_own_layout() -> None:
    """`TL.` above a signature of the Party, or `T/L` of the State, is refused with the reason."""
    for right, wrong in (("T/L CHÁNH", "TL. CHÁNH"), ("TL. CHÁNH", "T/L CHÁNH")):
        with pytest.raises(InvalidDocument, match="other layout"):
            load_letterheads(LETTERHEADS.replace(right, wrong), file="reports.yaml")


def test_a_draft_knows_who_wrote_what() -> None:
    """The machine, a person, nobody: each paragraph says it; a person's words stand first."""
    document = composed(
        "initial", "party", {"mo_ta": "Máy chủ thư hỏng", "kinh_gui": "Công an tỉnh"}
    )
    by = {
        block.label: (block.by, block.text, block.is_missing)
        for block in document.blocks
        if isinstance(block, Paragraph)
    }
    assert by["Mô tả sơ bộ"] == ("person", "Máy chủ thư hỏng", False)
    assert by["Mức độ"] == ("machine", "Nghiêm trọng (S2)", False)
    assert by["Người liên hệ"][2] is True
    assert document.addressed == "Công an tỉnh"
    handed_over = composed("handover", "state")
    written = [b.label for b in handed_over.blocks if isinstance(b, Paragraph) and b.by == "person"]
    assert written == ["Tình trạng hệ thống lúc giao", "Lưu ý"]
    assert [signer.name for signer in handed_over.signers] == ["Nguyễn Văn An", "Trần Thị Chi"]


@pytest.mark.parametrize("layout", ["party", "state"])
@pytest.mark.parametrize("kind", OURS)
def test_what_was_signed_is_printed_again_as_it_was(kind: str, layout: str) -> None:
    """A document comes out of its JSON the same, and so does the digest that was signed."""
    document = composed(kind, layout)
    text = dumped(document)
    assert loaded(text) == document
    assert digest_of(dumped(loaded(text))) == digest_of(text)


def test_who_signs_and_who_gets_it_can_be_said_in_the_report() -> None:
    """Instead of the letterhead's."""
    filled = {"noi_nhan": "Lưu: VT\n- Công an tỉnh", "nguoi_ky": "Lê Dung", "do_khan": "hỏa tốc"}
    document = composed("initial", "party", filled)
    assert document.listed == ("- Công an tỉnh;", "- Lưu: VT.")
    assert (document.signers[0].name, document.urgency) == ("Lê Dung", "HỎA TỐC")


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(seconds=-5), "0 giây"),
        (timedelta(minutes=60), "1 giờ"),
        (timedelta(hours=3, seconds=5), "3 giờ"),
        (timedelta(days=2, hours=2, minutes=1), "2 ngày 2 giờ"),
    ],
)
def test_lengths_are_told_in_two_units(span: timedelta, text: str) -> None:
    """The two largest that follow each other."""
    assert length(span) == text


def test_an_instant_is_written_in_words() -> None:
    """In local time."""
    assert moment(datetime(2026, 11, 24, 0, 30, tzinfo=UTC)) == "07 giờ 30 phút, ngày 24/11/2026"
