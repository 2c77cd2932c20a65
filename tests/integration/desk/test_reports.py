"""Reports through the door: drafted, filled, signed, numbered, sent and corrected by people."""

from __future__ import annotations

import hashlib
import json
import subprocess
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from nacl.signing import SigningKey

from collector.export.dossier import write_dossier
from collector.export.gather import gather
from collector.storage.report_removal import empty_all
from collector.storage.reports import of_family
from collector.storage.sealer import ORIGIN
from incidents.conditions import Refused
from incidents.reports.letterheads import load_letterheads
from tests.integration.desk.office import AN, BINH, CHI, DUNG, KIEN, UNIT, Office
from tests.report_samples import LETTERHEADS

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

PATH = "/api/v1/documents"
WORDS = {
    "kinh_gui": "Trung tâm An ninh mạng quốc gia",
    "nguoi_lien_he": "Nguyễn Văn An, chuyên viên, 0912 000 111",
    "nguyen_nhan_so_bo": "Nguồn cấp điện của máy chủ hỏng",
}


@pytest.fixture
def desk(office: Office) -> Office:
    """An office that has letterheads."""
    reports = office.province.services.reports
    reports.adopt(load_letterheads(LETTERHEADS, file="reports.yaml"))
    return office


async def serious(office: Office) -> str:
    """Open an S2 that must be told outside within a day, and respond to it; return its code."""
    code = await office.open(BINH, impact="I3", scope="P2", summary="Máy chủ thư không bật được")
    await office.do(AN, code, "ack")
    await office.do(AN, code, "move", stage="xac_minh")
    await office.do(AN, code, "tell", role="chi_huy", who="Chi", how="phone")
    grounds = {"grounds": ["nghiem_trong"], "reason": "Dừng dịch vụ thư"}
    await office.do(CHI, code, "reportable", decision="yes", **grounds)
    await office.do(AN, code, "move", stage="ung_cuu_ban_dau")
    await office.do(BINH, code, "preserve", what="Ảnh màn hình, nhật ký", where="Tủ số 2")
    office.pass_time(minutes=20)
    await office.do(BINH, code, "contain", what="Rút dây mạng máy chủ")
    return code


async def act(office: Office, name: str, report: int, what: str, **body: Any) -> dict[str, Any]:
    """Let a person do something to a report."""
    answer = await office.post(name, f"{PATH}/{report}/{what}", body)
    assert answer.is_success, answer.text
    return dict(answer.json())


async def refused(
    office: Office, name: str, report: int, what: str, status: int = 409, **body: Any
) -> dict[str, Any]:
    """Let a person try what is refused."""
    answer: httpx.Response = await office.post(name, f"{PATH}/{report}/{what}", body)
    assert answer.status_code == status, answer.text
    said = dict(answer.json())
    assert said["reason_vi"]
    return said


async def made(office: Office, name: str, kind: str, subject: str, **body: Any) -> dict[str, Any]:
    """Let a person make a draft; return it as it is shown."""
    answer = await office.post(name, PATH, {"kind": kind, "subject": subject, **body})
    assert answer.status_code == 201, answer.text
    return dict(await office.get(name, f"{PATH}/{answer.json()['id']}"))


async def test_a_report_goes_from_draft_to_sent_and_meets_its_clock_of_law(desk: Office) -> None:
    """What is missing says who fills it; the leader signs; the sent mark meets the 24 hours."""
    code = await serious(desk)
    report = await made(desk, AN, "initial", code, audience="outside")
    number = report["id"]
    fields = {field["code"]: field for field in report["fields"]}
    assert (fields["mo_ta"]["filled_by"], fields["mo_ta"]["machine"]) == (
        "machine", "Máy chủ thư không bật được",
    )  # fmt: skip
    assert report["missing"] == ["kinh_gui", "nguoi_lien_he"]
    assert "Rút dây mạng máy chủ" in fields["bien_phap"]["machine"]

    said = await refused(desk, AN, number, "ask")
    who = "(Trực ca, Cán bộ CNTT đơn vị, Chỉ huy ứng phó điền)"
    assert f"thư điện tử) {who}" in said["reason_vi"]
    await refused(desk, DUNG, number, "fill", status=403, fields={"mo_ta": "x"})
    await refused(desk, KIEN, number, "fill", status=403, fields={"kinh_gui": "x"})
    await refused(desk, AN, number, "fill", fields={"khong_co": "x"})
    assert (await act(desk, AN, number, "fill", fields=WORDS))["missing"] == []
    first = await act(desk, AN, number, "ask")
    await refused(desk, AN, number, "fill", fields={"kinh_gui": "x"})

    # The leader's three ways.
    assert [one["id"] for one in await desk.get(DUNG, f"{PATH}/waiting")] == [number]
    await refused(desk, CHI, number, "sign", status=403)
    await refused(desk, DUNG, number, "return", reason=" ")
    await act(desk, DUNG, number, "return", reason="Ghi rõ nguyên nhân")
    await act(desk, AN, number, "fill", fields={"nguyen_nhan_so_bo": "Cháy bộ nguồn máy chủ"})
    second = await act(desk, AN, number, "ask")
    assert second["digest"] != first["digest"]
    later = desk.clock() + timedelta(hours=1)
    await refused(desk, DUNG, number, "later", until=desk.clock().isoformat())
    await act(desk, DUNG, number, "later", until=later.isoformat())
    assert await desk.get(DUNG, f"{PATH}/waiting") == []
    desk.pass_time(hours=1)
    assert [one["id"] for one in await desk.get(DUNG, f"{PATH}/waiting")] == [number]
    await refused(desk, DUNG, number, "sign", digest=first["digest"])
    await act(desk, DUNG, number, "sign", digest=second["digest"])

    # The number is typed in; a report without one is not marked as sent.
    await refused(desk, AN, number, "sent", recipient="Công an tỉnh", how="Công văn")
    await refused(desk, AN, number, "number", number=" ", on="2026-11-23")
    numbered = await act(desk, AN, number, "number", number="05", on="2026-11-23")
    assert numbered["numbered"] == "Số 05-BC/VPTU"
    assert (await desk.deadlines(code))["bca_24h"].met_at is None
    sent = await act(desk, DUNG, number, "sent", recipient="Công an tỉnh", how="Trục văn bản")
    assert sent["met"] == ["bca_24h"]
    row = (await desk.deadlines(code))["bca_24h"]
    assert (row.met_at, row.proof["document"], row.proof["told"]) == (
        desk.clock(), "Số 05-BC/VPTU", "Công an tỉnh",
    )  # fmt: skip
    assert (await desk.deadlines(code))["internal_initial"].met_at is None
    shown = await desk.get(AN, f"{PATH}/{number}")
    mark = next(one["id"] for one in shown["done"] if one["deed"] == "sent")
    await act(desk, AN, number, "receipt", sent=mark, receipt="Biên nhận 77/CAT")
    assert shown["document"]["number"] == "05"

    # A correction is another version; the first stays as it was signed.
    said = await act(desk, AN, number, "correct", changes="Sửa tên máy chủ")
    second_version = await desk.get(AN, f"{PATH}/{said['id']}")
    assert (second_version["version"], second_version["state"]) == (2, "draft")
    assert {f["code"]: f["text"] for f in second_version["fields"]}["kinh_gui"] == WORDS["kinh_gui"]
    assert [row["version"] for row in second_version["versions"]] == [1, 2]
    assert "Sửa tên máy chủ" in second_version["document"]["note"]
    await refused(desk, AN, number, "correct", changes="Nữa")
    kept = await desk.get(AN, f"{PATH}/{number}")
    assert (kept["digest"], kept["state"]) == (second["digest"], "sent")

    # Everything that counts stands in the incident's file, chained.
    entries = (await desk.file(AN, code))["entries"]
    deeds = [
        json.loads(entry["canonical"])["data"]["deed"]
        for entry in entries
        if entry["kind"] == "report"
    ]
    assert deeds == [
        "made", "asked", "returned", "asked", "signed", "numbered", "sent", "received",
        "corrected", "made",
    ]  # fmt: skip


async def test_progress_reports_are_counted_and_name_the_one_before(desk: Office) -> None:
    """The second follows the first; inside they meet the repeating duty and no clock of law."""
    code = await serious(desk)
    number = (await made(desk, CHI, "progress", code))["id"]
    words = {"kinh_gui": "Lãnh đạo Văn phòng", "so_bc_truoc": "Chưa có", "nguyen_nhan": "Đang xem"}
    await act(desk, CHI, number, "fill", fields=words)
    await act(desk, CHI, number, "ask")
    # An S2 needs another person than who wrote it or handled the incident.
    said = await refused(desk, CHI, number, "sign")
    assert said["needed"] == ["other_person"]
    await act(desk, DUNG, number, "sign")
    await act(desk, CHI, number, "number", number="6", on="2026-11-23")
    sent = await act(desk, CHI, number, "sent", recipient="Chánh Văn phòng", how="Trực tiếp")
    assert sent["met"] == ["update"]
    assert (await desk.deadlines(code))["bca_72h"].met_at is None
    following = await made(desk, CHI, "progress", code)
    found = {field["code"]: field["machine"] for field in following["fields"]}
    assert (found["lan_thu"], found["so_bc_truoc"]) == ("2", "Số 6-BC/VPTU, ngày 23/11/2026")


async def test_a_report_is_seen_with_its_incident_alone(desk: Office) -> None:
    """Who does not see the incident finds no report about it, and can make none."""
    code = await serious(desk)
    number = (await made(desk, BINH, "initial", code))["id"]
    await desk.do(CHI, code, "restrict", roles=["chi_huy"], reason="Chưa rõ")
    await desk.get(BINH, f"{PATH}/{number}", status=404)
    assert (await desk.get(BINH, PATH))["items"] == []
    answer = await desk.post(BINH, PATH, {"kind": "initial", "subject": code})
    assert answer.status_code == 404
    assert [one["id"] for one in (await desk.get(CHI, PATH))["items"]] == [number]
    assert UNIT


async def test_without_a_letterhead_nothing_goes_up_for_signature(office: Office) -> None:
    """A draft shows dots; the refusal names the file."""
    code = await office.open(CHI, impact="I1", scope="P1")
    report = await made(office, CHI, "final", code)
    fields = {one["code"]: "x" for one in report["fields"] if one["is_missing"]}
    await act(
        office,
        DUNG,
        report["id"],
        "fill",
        fields={"bai_hoc": "x", "phe_duyet": "x", "ket_thuc_luc": "x"},
    )
    for one in ("bai_hoc", "phe_duyet", "ket_thuc_luc"):
        fields.pop(one, None)
    await act(office, CHI, report["id"], "fill", fields=fields)
    said = await refused(office, CHI, report["id"], "ask")
    assert "reports.yaml" in said["reason_vi"]


async def test_an_export_holds_every_report_as_it_was_signed(desk: Office, tmp_path: Path) -> None:
    """PDF, docx, data and deeds, in a signed index; the signed JSON has the signed digest."""
    code = await serious(desk)
    number = await signed(desk, code)
    versions = desk.province.db.read_now(lambda c: of_family(c, number))
    target = tmp_path / "ho-so.zip"
    assert write_dossier(
        target, versions, key=SigningKey(bytes(range(32))), origin=ORIGIN,
        exported_at=desk.clock(), exported_by=AN,
    )  # fmt: skip
    with zipfile.ZipFile(target) as archive:
        index = json.loads(archive.read("index.json"))
        for one in index["files"]:
            assert hashlib.sha256(archive.read(one["path"])).hexdigest() == one["sha256"]
        folder = f"reports/{number}-initial-ban-1"
        text = archive.read(f"{folder}/van-ban.json")
        assert hashlib.sha256(text).hexdigest() == versions[0].digest
        assert archive.read(f"{folder}/van-ban.pdf").startswith(b"%PDF")
        assert "người ký: Dung" in archive.read("reports/muc-luc.txt").decode()
    done = subprocess.run(  # noqa: ASYNC221 - nothing else goes on
        ["python3", "-I", str(unpacked(target, tmp_path) / "verify.py")],
        capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    assert done.stdout.splitlines()[-1].startswith("KHỚP"), done.stdout

    reports, now = desk.province.services.reports, desk.clock()
    desk.province.db.write_now(lambda c: reports.pack(c, number, f"person:{KIEN}", now))
    assert (await desk.data(AN, code, "report"))["deed"] == "packed"

    # The incident's own export holds it as well; a draft is in neither.
    draft = await made(desk, AN, "progress", code)
    with pytest.raises(Refused):
        desk.province.db.write_now(lambda c: reports.pack(c, draft["id"], f"person:{KIEN}", now))
    found = desk.province.db.read_now(lambda c: gather(c, code))
    assert found is not None
    assert [report.kind for report in found.reports] == ["initial", "progress"]
    drafts = desk.province.db.read_now(lambda c: of_family(c, draft["id"]))
    assert not write_dossier(
        target, drafts, key=SigningKey(bytes(range(32))), origin=ORIGIN,
        exported_at=desk.clock(), exported_by=AN,
    )  # fmt: skip


async def signed(office: Office, code: str) -> int:
    """Let an initial report for outside be made and signed; return its number."""
    number = int((await made(office, AN, "initial", code, audience="outside"))["id"])
    await act(office, AN, number, "fill", fields=WORDS)
    await act(office, AN, number, "ask")
    await act(office, DUNG, number, "sign")
    return number


def unpacked(archive: Path, folder: Path) -> Path:
    """Unpack a zip beside it."""
    with zipfile.ZipFile(archive) as file:
        file.extractall(folder / "x")
    return folder / "x"


async def form(office: Office, name: str, path: str, **given: str) -> httpx.Response:
    """Let a person send a form."""
    return await (await office.client(name)).post(path, data=given)


async def test_the_pages_lead_from_an_incident_to_three_buttons(desk: Office) -> None:
    """Made on the incident's page, filled on its own, agreed to on the screen of who signs."""
    code = await serious(desk)
    assert 'id="make-report"' in await desk.get(AN, f"/incidents/{code}")
    answer = await form(desk, AN, "/reports", kind="initial", subject=code, audience="outside")
    assert answer.status_code == 303, answer.text
    path = answer.headers["location"].partition("?")[0]
    page = await desk.get(AN, path)
    assert "Mục bắt buộc còn trống." in page
    assert "Máy điền" in page
    assert "Trực ca, Cán bộ CNTT đơn vị, Chỉ huy ứng phó điền" in page
    answer = await form(desk, AN, f"{path}/do/ask")
    assert answer.status_code == 409
    assert "Còn thiếu mục bắt buộc: Kính gửi" in answer.text
    words = {f"f.{code}": text for code, text in WORDS.items()}
    assert (await form(desk, AN, f"{path}/do/fill", **words)).status_code == 303
    assert '<p class="by-person"><b>Nguyên nhân sơ bộ:</b>' in await desk.get(AN, path)
    assert (await form(desk, AN, f"{path}/do/ask")).status_code == 303
    assert f'id="report-{path.rpartition("/")[2]}"' in await desk.get(CHI, "/reports/waiting")
    assert "/answer/agree" not in await desk.get(CHI, "/reports/waiting")
    screen = await desk.get(DUNG, "/reports/waiting")
    for button in ("agree", "return", "later"):
        assert f"{path}/answer/{button}" in screen
    assert (await form(desk, DUNG, f"{path}/answer/return")).status_code == 409
    assert (await form(desk, DUNG, f"{path}/answer/later")).status_code == 409
    later = {"until": "2026-11-23T23:00"}
    assert (await form(desk, DUNG, f"{path}/answer/later", **later)).status_code == 303
    assert "Không có gì chờ ký." in await desk.get(DUNG, "/reports/waiting")
    assert (await form(desk, DUNG, f"{path}/answer/agree")).status_code == 303
    for deed, given in (
        ("number", {"number": "05", "on": "2026-11-23"}),
        ("sent", {"recipient": "Công an tỉnh", "how": "Trục văn bản"}),
    ):
        assert (await form(desk, AN, f"{path}/do/{deed}", **given)).status_code == 303
    assert (await form(desk, AN, f"{path}/do/correct", changes="Tên máy")).status_code == 303
    shown = await desk.get(KIEN, "/reports")
    assert "Tên máy" in shown
    assert "Số 05-BC/VPTU" in await desk.get(KIEN, path)
    assert (await form(desk, KIEN, f"{path}/do/gather")).status_code == 403


async def test_sealed_words_go_from_reports_as_well(desk: Office) -> None:
    """From facts, from what was signed and from what people wrote; who did what when stays."""
    code = await serious(desk)
    number = await signed(desk, code)
    secret = "Rút dây mạng máy chủ"
    assert secret in str(await desk.get(AN, f"{PATH}/{number}"))
    entries = (await desk.file(AN, code))["entries"]
    seq = next(entry["seq"] for entry in entries if entry["kind"] == "contained")
    await desk.do(AN, code, "ask_seal", entry=seq, reason="Ghi nhầm")
    await desk.do(CHI, code, "seal", entry=seq)
    shown = await desk.get(AN, f"{PATH}/{number}")
    assert secret not in str(shown)
    assert "(đã niêm phong)" in str(shown["document"])
    assert shown["state"] == "signed"
    assert [one["deed"] for one in shown["done"]] == ["made", "asked", "signed"]
    desk.province.db.write_now(lambda c: empty_all(c, 4))
    emptied = await desk.get(AN, f"{PATH}/{number}")
    assert "Máy chủ thư" not in str(emptied["document"])
    assert emptied["digest"] == shown["digest"]


async def test_where_a_state_secret_is_suspected_a_report_takes_pointers_alone(
    desk: Office,
) -> None:
    """A number and its custodian, or a name; no sentence of anybody's."""
    hidden = {"summary": "", "document": "15-BC/TU", "custodian": "Nguyễn Văn Bốn"}
    code = await desk.open(CHI, class_code="lo_bi_mat", **hidden)
    number = (await made(desk, CHI, "initial", code))["id"]
    await refused(desk, CHI, number, "fill", fields={"mo_ta": "Văn bản nói rằng"})
    pointers = {"mo_ta": "15-BC/TU; Nguyễn Văn An", "kinh_gui": "Trung tâm An ninh mạng"}
    await act(desk, CHI, number, "fill", fields=pointers)
