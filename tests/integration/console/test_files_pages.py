"""Files on the pages, as a browser without any script sends and gets them."""

from __future__ import annotations

import asyncio
import io
import re
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING

from collector.storage.mutes import NewMute, add_mute

if TYPE_CHECKING:
    import httpx

    from tests.province import Province

CODE = "SC26-0003"
PAGE = f"/incidents/{CODE}"
AN_HOUR = timedelta(hours=1)
LOG = "đăng nhập sai\n".encode() * 10_000


async def hand_in(person: httpx.AsyncClient, name: str = "auth.log") -> httpx.Response:
    fields = {"kind": "nhat_ky", "holder": "An", "place": "Tủ 2", "note": "9 giờ", "key": "k"}
    return await person.post(f"{PAGE}/evidence", data=fields, files={"file": (name, LOG)})


async def test_evidence_is_handed_in_and_a_copy_taken_by_forms(person: httpx.AsyncClient) -> None:
    """The page lists the piece with its digest; what is missing is named until it is not."""
    before = (await person.get(PAGE)).text
    assert "Còn thiếu trước khi kết thúc" in before
    assert "Trích nhật ký" in before
    answer = await hand_in(person)
    assert answer.status_code == 303
    after = (await person.get(answer.headers["location"])).text
    assert "Đã nhận chứng cứ." in after
    assert "auth.log" in after
    (number,) = re.findall(r'id="evidence-(\d+)"', after)
    copy = await person.post(f"{PAGE}/evidence/{number}/copy")
    assert copy.content == LOG
    assert "Lấy bản sao chứng cứ" in (await person.get(PAGE)).text


async def test_a_refused_file_is_explained_on_a_page(person: httpx.AsyncClient) -> None:
    """In words, not as a blank error."""
    answer = await hand_in(person, "anh.png")
    assert answer.status_code == 409
    assert "Tên tệp nói là image" in answer.text
    nothing = await person.post(f"{PAGE}/evidence", data={"kind": "nhat_ky"})
    assert nothing.status_code == 422


async def test_the_button_hands_out_the_whole_file(person: httpx.AsyncClient) -> None:
    """A zip with its verify.py; the page then says who exported it."""
    answer = await person.post(f"{PAGE}/export")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as opened:
        assert "verify.py" in opened.namelist()
    assert "Xuất hồ sơ" in (await person.get(PAGE)).text


async def test_two_persons_seal_by_forms(province: Province, person: httpx.AsyncClient) -> None:
    """One asks, the page offers the approval with who asked, another approves: a hole remains."""
    await person.post(f"{PAGE}/note", data={"text": "nội dung không được ghi", "key": "n"})
    number = re.findall(r'id="entry-(\d+)"', (await person.get(PAGE)).text)[-1]
    asked = await person.post(
        f"{PAGE}/ask_seal", data={"entry": number, "reason": "ghi nhầm", "key": "a"}
    )
    assert asked.status_code == 303
    page = (await person.get(PAGE)).text
    assert f"Mục {number}, Nguyễn Văn An đề nghị" in page
    same = await person.post(f"{PAGE}/seal", data={"entry": number, "key": "b"})
    assert same.status_code == 409
    assert "cần người thứ hai phê duyệt" in same.text
    link = await province.access.make_link("Trần Thị Bình")
    assert (await person.post("/login", data={"secret": link.secret})).status_code == 303
    done = await person.post(f"{PAGE}/seal", data={"entry": number, "key": "c"})
    page = (await person.get(done.headers["location"])).text
    assert "nội dung không được ghi" not in page
    assert "Nội dung đã được niêm phong." in page


async def test_the_record_page_shows_entries_checkpoint_and_the_audit(
    province: Province, person: httpx.AsyncClient
) -> None:
    """The audit runs in the background; its verdict stands there afterwards."""
    page = (await person.get("/record")).text
    assert "Hồ sơ cấu hình" in page
    assert "Chưa ký dấu kiểm nào." in page
    await province.services.files.seal()
    page = (await person.get("/record?kind=mute")).text
    assert "Tạm tắt báo, bảo trì" in page
    assert "— wanwatch " in page
    started = await person.post("/record/verify")
    assert started.status_code == 303
    job = province.services.files.jobs.newest("audit")
    assert job is not None
    await asyncio.wait_for(province.services.files.jobs.wait(job), 60)
    assert "KHỚP lúc" in (await person.get("/record")).text
    assert "Verifies at" in (await person.get("/record?lang=en")).text


async def test_a_printed_page_carries_the_checkpoint(
    province: Province, person: httpx.AsyncClient
) -> None:
    """On paper it is out of everybody's reach."""
    await province.services.files.seal()
    page = (await person.get(PAGE)).text
    printed = page[page.index('class="printed"') :]
    assert province.services.files.carrier.note.splitlines()[2] in printed


async def test_two_persons_seal_an_entry_of_the_record(
    province: Province, person: httpx.AsyncClient
) -> None:
    """Asked for and approved on the page; a refusal is a page with words."""
    now = province.services.now()
    new = NewMute("silence", "", "000.01.30", "", "không ghi ở đây", "", now, now + AN_HOUR)
    province.db.write_now(lambda c: add_mute(c, new, "person:an", now))
    page = (await person.get("/record?kind=mute")).text
    assert "không ghi ở đây" in page
    number = re.findall(r'id="record-(\d+)"', page)[0]
    asked = await person.post("/record/seal", data={"entry": number, "reason": "nhầm"})
    assert asked.status_code == 303
    assert f"Nguyễn Văn An đề nghị niêm phong mục {number}" in (await person.get("/record")).text
    same = await person.post("/record/seal", data={"entry": number})
    assert same.status_code == 409
    assert "cần người thứ hai phê duyệt" in same.text
    link = await province.access.make_link("Trần Thị Bình")
    assert (await person.post("/login", data={"secret": link.secret})).status_code == 303
    assert (await person.post("/record/seal", data={"entry": number})).status_code == 303
    page = (await person.get("/record?kind=mute")).text
    assert "Nội dung đã được niêm phong." in page
    assert "không ghi ở đây" not in page
