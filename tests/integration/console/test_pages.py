"""The pages as a browser without any script gets them: complete, translated, escaped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from collector.console import assets, pages_incidents
from collector.storage import schema

if TYPE_CHECKING:
    import httpx

    from tests.province import Province

PAGES = [
    "/",
    "/?q=phan+thiet",
    "/units/000.11.30",
    "/hosts/agent-may-chu-05-00",
    "/hosts/agent-may-tram-07-01",
    "/alerts",
    "/alerts?state=firing&severity=&unit=",
    "/worklist",
    "/directory",
    "/endpoints",
    "/endpoints?kind=all&region=Khu+v%E1%BB%B1c+B%E1%BA%AFc&standing=critical",
    "/endpoints/cx-bac-binh",
    "/endpoints/cx-ham-thuan",
    "/endpoints/cx-mui-ne",
    "/endpoints/cx-phu-quy",
    "/endpoints/rt-bac-binh",
    "/directory?done=3",
    "/incidents",
    "/incidents?q=o+dia",
    "/incidents/SC26-0001",
    "/incidents/SC26-0002",
    "/incidents/SC26-0003",
    "/record",
    "/record?kind=policy",
    "/runbooks",
    "/runbooks/agent-silent",
    "/runbooks/filesystem-almost-full?agent=agent-may-chu-05-00",
]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["vi", "en"])
async def test_page_opens_in_both_languages(
    person: httpx.AsyncClient, path: str, language: str
) -> None:
    """No name is undefined, no word is missing; the choice is remembered."""
    sign = "&" if "?" in path else "?"
    page = await person.get(f"{path}{sign}lang={language}")
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    again = await person.get(path)
    assert f'<html lang="{language}">' in again.text


@pytest.mark.parametrize("path", PAGES)
async def test_page_asks_for_news_of_its_own_part(person: httpx.AsyncClient, path: str) -> None:
    """A refresh brings the living part alone, as one element that replaces itself."""
    part = await person.get(path, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert part.text.strip().startswith("<main")
    assert part.text.strip().endswith("</main>")
    assert "<html" not in part.text


async def test_first_page_shows_the_worst_unit_first(person: httpx.AsyncClient) -> None:
    """The unit with the grave incident leads; the unit without hosts has no data."""
    page = (await person.get("/")).text
    rows = re.findall(r'<tr class="row-(\w+)" id="unit-([\d.]+)">', page)
    assert rows[0] == ("critical", "000.11.30")
    assert ("no_data", "000.16.30") in rows
    assert [standing for standing, _ in rows[-4:]] == ["good"] * 4


async def test_silent_host_shows_no_value_as_present(person: httpx.AsyncClient) -> None:
    """Every indicator says that it has no data, no check is shown as good."""
    page = (await person.get("/hosts/agent-may-tram-07-01")).text
    assert page.count("indicator-none") == 7
    assert "Mất liên lạc" in page
    assert "phép kiểm tra chạy tốt" not in page


async def test_unknown_page_is_a_page(person: httpx.AsyncClient) -> None:
    """An error is readable and leads back."""
    for path in ("/units/none", "/hosts/none", "/incidents/none", "/nothing"):
        page = await person.get(path)
        assert page.status_code == 404
        assert 'href="/"' in page.text


async def test_person_acknowledges_by_a_plain_form(
    province: Province, person: httpx.AsyncClient
) -> None:
    """The button's form is enough: no script takes part; twice is once."""
    page = (await person.get("/incidents/SC26-0003")).text
    form = re.search(r'action="(/incidents/SC26-0003/ack)"><input [^>]*value="([^"]+)"', page)
    assert form is not None
    for _ in range(2):
        answer = await person.post(form[1], data={"key": form[2]})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/incidents/SC26-0003?done=ack"
    after = (await person.get("/incidents/SC26-0003?done=ack")).text
    assert "Đã tiếp nhận sự cố." in after
    assert 'id="acknowledge"' not in after
    assert ("incident", "SC26-0003") in province.changes.published


async def test_refused_form_says_why_on_the_same_page(person: httpx.AsyncClient) -> None:
    """The reason and what is needed, in the page's language, status 409."""
    page = await person.post("/incidents/SC26-0003/move", data={"stage": "khong_phai_su_co"})
    assert page.status_code == 409
    assert "Cần ghi lý do." in page.text
    assert "Không thực hiện được." in page.text
    english = await person.post(
        "/incidents/SC26-0003/move?lang=en", data={"stage": "khong_phai_su_co"}
    )
    assert "A reason is needed." in english.text


async def test_closing_form_offers_the_root_causes_of_the_procedure(
    person: httpx.AsyncClient,
) -> None:
    """Choices come from the procedure's data, and the whole way can be walked by forms."""
    page = (await person.get("/incidents/SC26-0002")).text
    assert 'value="tiep_nhan"' not in page
    for stage in ("xac_minh", "ung_cuu_ban_dau", "khoi_phuc"):
        answer = await person.post("/incidents/SC26-0002/move", data={"stage": stage})
        assert answer.status_code == 303, answer.text
    note = await person.post("/incidents/SC26-0002/note", data={"text": "Đã có điện lại"})
    assert note.status_code == 303
    after = (await person.get("/incidents/SC26-0002")).text
    assert "Đã có điện lại" in after
    assert "Khôi phục, theo dõi" in after


async def test_worklist_line_is_promoted_by_one_click(person: httpx.AsyncClient) -> None:
    """The click leads to the new incident."""
    page = (await person.get("/worklist")).text
    action = re.search(r'action="(/worklist/\d+/promote)"', page)
    assert action is not None
    answer = await person.post(action[1], data={"key": "once"})
    assert answer.headers["location"] == "/incidents/SC26-0004?done=promote"
    again = await person.post(action[1], data={"key": "once"})
    assert again.headers["location"] == answer.headers["location"]


async def test_what_hosts_and_people_say_is_escaped(
    province: Province, person: httpx.AsyncClient
) -> None:
    """A name that looks like HTML is shown, never obeyed."""
    evil = "<script>alert(1)</script>\"'"
    province.db.write_now(
        lambda c: c.execute(update(schema.alerts).values(summary_vi=evil, value=evil))
    )
    province.db.write_now(lambda c: c.execute(update(schema.units).values(name=evil)))
    await person.post("/incidents/SC26-0003/note", data={"text": evil})
    for path in PAGES:
        page = (await person.get(path, params={"q": evil} if "q=" in path else None)).text
        assert "<script>alert" not in page, path


async def test_pages_work_without_the_browser_library(
    person: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the wheel is not installed the pages leave its scripts out and still open."""
    own = {name: file for name, file in assets.assets().items() if name in assets.OWN}
    monkeypatch.setattr(assets, "assets", lambda: own)
    page = await person.get("/")
    assert page.status_code == 200
    assert "htmx.js" not in page.text
    assert (await person.get("/static/htmx.js")).status_code == 404


async def test_assets_may_be_kept_only_under_their_own_version(
    person: httpx.AsyncClient,
) -> None:
    """An update changes the address; an address without version is asked for again."""
    page = (await person.get("/")).text
    scripts = re.findall(r'src="(/static/[^"]+)"', page)
    assert len(scripts) == 3
    for address in scripts:
        assert "immutable" in (await person.get(address)).headers["cache-control"]
    bare = await person.get("/static/console.js")
    assert bare.headers["cache-control"] == "no-cache"


async def test_long_timeline_shows_its_end_and_the_way_back(
    person: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest entries are on the page; the earlier ones are one link away."""
    monkeypatch.setattr(pages_incidents, "SHOWN_ENTRIES", 3)
    page = (await person.get("/incidents/SC26-0002")).text
    shown = [int(seq) for seq in re.findall(r'id="entry-(\d+)"', page)]
    assert shown == [5, 6, 7]
    earlier = re.search(r'href="([^"]*before=5)"', page)
    assert earlier is not None
    before = (await person.get(earlier[1])).text
    assert [int(seq) for seq in re.findall(r'id="entry-(\d+)"', before)] == [2, 3, 4]


@pytest.mark.parametrize(
    "path", ["/alerts", "/worklist", "/hosts/agent-may-chu-05-00", "/incidents/SC26-0003"]
)
async def test_alert_leads_to_its_runbook(person: httpx.AsyncClient, path: str) -> None:
    """Wherever an alert is shown, what to do about it is one click away, for that host."""
    name, agent = "filesystem-almost-full", "agent-may-chu-05-00"
    if path == "/worklist":
        name, agent = "memory-high", "agent-may-tram-02-01"
    link = f"/runbooks/{name}?agent={agent}"
    assert f'href="{link}"' in (await person.get(path)).text
    runbook = (await person.get(link)).text
    assert f'href="/hosts/{agent}#hour-title"' in runbook
    assert "Cán bộ CNTT đơn vị" in runbook


async def test_runbook_of_a_host_that_is_gone_still_opens(person: httpx.AsyncClient) -> None:
    """The words matter more than the links; an unknown runbook is a page that says so."""
    assert (await person.get("/runbooks/cpu-high?agent=nobody")).status_code == 200
    missing = await person.get("/runbooks/nothing")
    assert missing.status_code == 404
    assert "hướng dẫn xử lý" in missing.text
