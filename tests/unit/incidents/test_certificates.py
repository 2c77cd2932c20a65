"""Which certificates are told of when, and the words of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.certificate_messages import write
from incidents.certificates import EXPIRED, Certificate, in_force, news

TODAY = date(2026, 11, 26)


def one(
    days: int, serial: str = "01", name: str = "Nguyễn Văn An", unit: str = "H1"
) -> Certificate:
    return Certificate(unit, "ca_nhan", name, serial, TODAY + timedelta(days=days), token="T-7")


@pytest.mark.parametrize(
    ("days", "step"),
    [(61, None), (60, 60), (31, 60), (30, 30), (15, 30), (14, 14), (8, 14), (7, 7), (0, 7),
     (-1, EXPIRED)],
)  # fmt: skip
def test_a_certificate_stands_on_one_list(days: int, step: int | None) -> None:
    """The day itself is still a good one."""
    assert one(days).step(TODAY) == step


def test_nothing_is_told_twice() -> None:
    """Each list once, a restart or not; one that is seen late is not told of lists it is beyond."""
    told: set[tuple[str, int]] = set()
    said = []
    for day in range(70, -3, -1):
        today = TODAY + timedelta(days=61) - timedelta(days=day)
        for item in news([one(61)], today, told):
            told.add((item.certificate.told_as, item.step))
            said.append((item.certificate.days_left(today), item.step))

    assert said == [(60, 60), (30, 30), (14, 14), (7, 7), (-1, EXPIRED)]
    assert [item.step for item in news([one(10, "02")], TODAY, set())] == [14]


def test_a_renewal_takes_the_place_of_what_it_renews() -> None:
    """Nobody hears of the old one any more, whatever its number and however the name is typed."""
    old, new = one(5), one(700, "02", "nguyễn  văn an")

    assert in_force([old, new]) == [new]
    assert news([new, old], TODAY, set()) == []
    assert [item.certificate for item in news([old, one(700, "02", unit="H2")], TODAY, set())] == [
        old
    ]


@given(st.lists(st.integers(-400, 400), max_size=12), st.integers(0, 100))
def test_a_second_look_on_a_day_has_nothing_to_say(days: list[int], later: int) -> None:
    """Whatever was told before."""
    register = [one(left, f"{place:02}", f"Người {place}") for place, left in enumerate(days)]
    today = TODAY + timedelta(days=later)
    told = {(item.certificate.told_as, item.step) for item in news(register, today, set())}

    assert news(register, today, told) == []


def test_one_message_says_what_ends_first() -> None:
    """By list, Vietnamese first; days as people write them."""
    register = [one(40), one(6, "02", "Văn thư"), one(-2, "03", "Trần Bình")]
    notice = write(news(register, TODAY, set()), {"H1": "Xã Hòa Bình"}, TODAY, "http://c")

    assert notice.subject == "CHỨNG THƯ HẾT HẠN · Trần Bình 24/11/2026 và 2 chứng thư nữa"
    assert notice.body.splitlines()[:8] == [
        "ĐÃ HẾT HẠN:",
        "- Trần Bình (cá nhân), Xã Hòa Bình, số 03, thiết bị T-7: hết hạn 24/11/2026, quá 2 ngày",
        "CÒN KHÔNG QUÁ 7 NGÀY:",
        "- Văn thư (cá nhân), Xã Hòa Bình, số 02, thiết bị T-7: hết hạn 02/12/2026, còn 6 ngày",
        "CÒN KHÔNG QUÁ 60 NGÀY:",
        (
            "- Nguyễn Văn An (cá nhân), Xã Hòa Bình, số 01, thiết bị T-7: hết hạn 05/01/2027, "
            "còn 40 ngày"
        ),
        "http://c/certificates",
        "",
    ]  # fmt: skip
    assert "AT MOST 60 DAYS LEFT:" in notice.body
