"""The page and the list of shared systems: for each what they may see, in both languages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import httpx

from collector.catalogue.board import ServiceBoard
from collector.fleet import Fleet
from collector.web import build
from tests.integration.console.conftest import BASE
from tests.province import TOKEN

if TYPE_CHECKING:
    from tests.province import Province


async def test_the_list_says_how_each_is_and_why(cli: httpx.AsyncClient) -> None:
    """What explains it, the answer that is the reason, and what nobody can see from here."""
    rows = {row["name"]: row for row in (await cli.get("/api/v1/services")).json()}
    assert {name: row["state"] for name, row in rows.items()} == {
        "van-ban": "down", "csdl": "down", "thu": "good", "kpi": "outside_hours",
        "so-tay": "not_measured",
    }  # fmt: skip
    assert rows["van-ban"]["because"] == ["csdl"]
    check, _ = rows["van-ban"]["checks"]
    assert (check["probe"], check["answer"]) == ("http", "out_of_service")
    assert rows["kpi"]["measured"] == "down"
    assert rows["so-tay"]["not_measured"] == "Chạy trên điện thoại riêng"


async def test_the_page_says_it_in_both_languages(cli: httpx.AsyncClient) -> None:
    """A service that this network cannot see is neither red nor green."""
    vi = (await cli.get("/services", headers={"Accept": "text/html"})).text
    en = (await cli.get("/services?lang=en", headers={"Accept": "text/html"})).text
    for words in ("Không hoạt động", "Không đo được từ mạng này", "Chạy trên điện thoại riêng",
                  "Vì hỏng:", "Máy chủ văn bản", "báo không phục vụ được"):  # fmt: skip
        assert words in vi
    for words in ("Document management", "Not measured from this network", "Document server",
                  "Runs on people&#39;s own phones", "Because of:"):  # fmt: skip
        assert words in en
    row = vi.partition('id="service-so-tay"')[2].partition("</tr>")[0]
    assert "standing-muted" in row
    assert "standing-good" not in row
    assert "standing-critical" not in row


async def test_an_empty_catalogue_says_how_to_fill_it(province: Province) -> None:
    """Nothing listed is no error."""
    board = ServiceBoard(Fleet(started_at=province.clock(), monotonic=lambda: 0.0))
    transport = httpx.ASGITransport(app=build(replace(province.services, board=board)))
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "text/html"}
    async with httpx.AsyncClient(transport=transport, base_url=BASE, headers=headers) as client:
        assert "services.yaml" in (await client.get("/services")).text
