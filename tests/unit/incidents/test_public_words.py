"""Words for public channels: what they say, and what they can never say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents import deadlines
from incidents.messages import REASON_WORDS
from incidents.paging import NotifyReason
from incidents.public_words import NOTHING_SAID, write_public, write_public_detail
from tests.builders import PROCEDURE, opened

if TYPE_CHECKING:
    from incidents.incident import Incident

SECRETS = {
    "an address": "10.42.7.19",
    "an IPv6 address": "fd00:1::19",
    "a host": "srv-van-ban-01",
    "a full host name": "srv.tinhuy.example.vn",
    "an account": "nguyenvana@example.vn",
    "a vulnerability": "CVE-2026-12345",
    "free text": "mật khẩu quản trị ghi trên bảng",
}
# As the inventory's name of a unit these are names like others.
NAMES = ("a host", "free text")


def said(state: Incident, reason: str = NotifyReason.FIRST) -> str:
    rows = deadlines.rows(state, PROCEDURE)
    page = write_public(state, reason, PROCEDURE, rows)
    detail = write_public_detail(state, PROCEDURE, rows)
    return "\n".join((page.subject, page.body, detail.subject, detail.body))


def test_a_page_says_code_unit_what_and_the_next_deadline() -> None:
    """Enough to know at night whether to get up, and how to answer."""
    page = write_public(
        opened(unit_name="Xã Đại Minh"), NotifyReason.FIRST, PROCEDURE,
        deadlines.rows(opened(), PROCEDURE),
    )  # fmt: skip

    assert page.subject.startswith("MỚI SC26-0001 ")
    assert "Xã Đại Minh" in page.body
    assert "Hạn " in page.body
    assert "1 SC26-0001" in page.body


@pytest.mark.parametrize(
    ("field", "what"),
    [
        *(
            (field, what)
            for field in ("host", "summary_vi", "summary_en", "value")
            for what in SECRETS
        ),
        *(("unit_name", what) for what in SECRETS if what not in NAMES),
    ],
)
def test_nothing_that_an_alert_says_leaves(field: str, what: str) -> None:
    """Wherever it stands; a unit's own name is only sent while it looks like a name."""
    assert SECRETS[what] not in said(opened(**{field: f"x {SECRETS[what]} y"}))


@pytest.mark.parametrize("nature", ["mat_ma"])
def test_of_a_cipher_incident_not_even_the_code_leaves(nature: str) -> None:
    """Whoever reads it learns only that somebody should look."""
    state = replace(opened(), nature=nature)

    assert set(said(state).splitlines()) == {NOTHING_SAID, ""}


def test_of_a_restricted_incident_not_even_the_code_leaves() -> None:
    """Nor its class, unit or severity."""
    state = opened()
    state = replace(state, work=replace(state.work, readers=("person:An",)))

    assert set(said(state).splitlines()) == {NOTHING_SAID, ""}


@given(
    st.sampled_from(["10.1.2.3", "fd00::1", "a@b.vn", "srv.tinh.vn", "http://x", "\\\\may"]),
    st.text(max_size=20),
    st.sampled_from(sorted(REASON_WORDS)),
)
def test_whatever_a_unit_is_called_no_address_leaves(secret: str, rest: str, reason: str) -> None:
    """A name with an address in it is left out, not sent."""
    assert secret not in said(opened(unit_name=f"{rest} {secret}"), reason)


@pytest.mark.parametrize(
    "name",
    ["P.Phan Thiết", "TX.La Gi", "UBND P.Phú Thủy", "Xã Ea H'leo", "TT. Ma Lâm", "Tổ 3, P.5"],
)
def test_units_are_named_as_people_write_them(name: str) -> None:
    """An abbreviation with its dot is no host name."""
    assert name in said(opened(unit_name=name))


@pytest.mark.parametrize("name", ["srv.noibo", "may-01.tinh.vn", "mail.tinhuy", "A.B.EXAMPLE"])
def test_host_names_are_found_with_one_dot_and_with_more(name: str) -> None:
    """Also among other words."""
    assert name not in said(opened(unit_name=f"Xã {name}"))
