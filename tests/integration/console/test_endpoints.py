"""Endpoints as people and programs see them: the worst first, no data as what it is, own units."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from collector.console import pages_endpoints
from tests.province import TARGET

if TYPE_CHECKING:
    import httpx


def rows(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<tr class="row-(\w+)" id="endpoint-([\w-]+)">', page)


async def test_the_worst_stands_first_and_no_data_before_good(person: httpx.AsyncClient) -> None:
    """A device that fell silent, and one that never was heard, are not shown as good."""
    page = (await person.get("/endpoints")).text
    assert rows(page) == [
        ("critical", "cx-bac-binh"), ("no_data", "cx-mui-ne"), ("no_data", "cx-phu-quy"),
        ("good", "cx-to-chuc"), ("good", "cx-ham-thuan"),
    ]  # fmt: skip
    assert "4,1 %" in page
    assert "42,0 ms" in page
    assert "chưa có số liệu" in page
    assert "Đang trong cuộc gọi" in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("kind=network", ["rt-bac-binh", TARGET]),
        ("kind=shared", []),
        ("kind=all", ["cx-bac-binh", "rt-bac-binh", TARGET, "cx-mui-ne", "cx-phu-quy",
                      "cx-to-chuc", "cx-ham-thuan"]),
        ("unit=000.12.30", ["cx-ham-thuan"]),
        ("region=Khu vực Bắc", ["cx-bac-binh", "cx-ham-thuan"]),
        ("standing=no_data", ["cx-mui-ne", "cx-phu-quy"]),
        ("standing=nonsense&unit=000.12.30", ["cx-ham-thuan"]),
    ],
)  # fmt: skip
async def test_they_are_chosen_by_kind_unit_region_and_standing(
    person: httpx.AsyncClient, query: str, names: list[str]
) -> None:
    """A filter that means nothing is none."""
    page = (await person.get(f"/endpoints?{query}")).text
    assert [name for _, name in rows(page)] == names


async def test_one_endpoint_shows_its_calls_parts_and_way(person: httpx.AsyncClient) -> None:
    """Loss for each direction, a picture that became smaller, what is broken, the line to it."""
    page = (await person.get("/endpoints/cx-bac-binh")).text
    for words in (
        "Cuộc gọi với Cầu truyền hình Tỉnh ủy", "chiều nhận", "chiều gửi", "4,1 %", "1,9 Mbit/s",
        "đã có 1.080", "mất đăng ký", "không hoạt động", "Cisco Webex Room Kit", "FOC2345X0Y9",
        "tự ký", "Bộ định tuyến Bắc Bình", "2,1 %", "10.42.1.20", "1 giờ 15 phút",
        "Cuộc gọi vừa kết thúc", "mất 1,5 %", "bận",
    ):  # fmt: skip
        assert words in page, words


async def test_a_silent_endpoint_shows_what_it_said_as_past(person: httpx.AsyncClient) -> None:
    """No figure of an hour ago is told as if it were of now."""
    page = (await person.get("/endpoints/cx-mui-ne")).text
    assert "Không có số liệu mới của thiết bị này" in page
    assert 'class="figure yes"' not in page
    assert "trước đó: đã đăng ký" in page


async def test_an_unknown_endpoint_is_not_found(person: httpx.AsyncClient) -> None:
    """In words."""
    answer = await person.get("/endpoints/nobody")
    assert answer.status_code == 404
    assert "nobody" in answer.text


async def test_programs_get_the_same_as_json(cli: httpx.AsyncClient) -> None:
    """What is not known is null; each figure has its instant and whether it is of the present."""
    found = (await cli.get("/api/v1/endpoints")).json()
    assert found[0]["name"] == "cx-bac-binh"
    first = found[0]
    (silent,) = [one for one in found if one["name"] == "cx-mui-ne"]
    assert first["is_reachable"] is True
    assert first["registered"] == {"sip": True, "h323": False}
    assert (first["calls"], first["activity"]) == (1, "in_call")
    assert first["worst_lost_ratio"] == 0.041
    assert (silent["is_reachable"], silent["activity"], silent["calls"]) == (None, None, None)
    assert silent["registered"] == {"sip": None}
    one = (await cli.get("/api/v1/endpoints/cx-bac-binh")).json()
    figure = one["state"]["calls"][0]["streams"][0]["figures"]["lost_ratio"]
    assert figure == {
        "value": 0.012, "at": "2026-11-23T19:12:28Z", "age_seconds": 12.0, "is_fresh": True,
    }  # fmt: skip
    assert [stage["name"] for stage in one["way"]] == ["rt-bac-binh"]
    assert (await cli.get("/api/v1/endpoints/nobody")).status_code == 404


async def test_regions_are_those_of_units(cli: httpx.AsyncClient) -> None:
    """For programs, too."""
    found = (await cli.get("/api/v1/endpoints", params={"region": "Hải đảo"})).json()
    assert [one["name"] for one in found] == ["cx-phu-quy"]


async def test_a_province_full_of_them_lists_the_worst(
    person: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as a page can bear, and how many there are more."""
    monkeypatch.setattr(pages_endpoints, "LIST_ROWS", 2)
    page = (await person.get("/endpoints")).text
    assert [standing for standing, _ in rows(page)] == ["critical", "no_data"]
    assert "Còn 3 thiết bị nữa" in page
