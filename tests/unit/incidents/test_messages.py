"""The words of pages and notices."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.channels.email import as_mail
from incidents.messages import MAX_SUBJECT_CHARACTERS, REASON_WORDS, write
from incidents.outbox import Message
from incidents.paging import NotifyReason
from tests.builders import PROCEDURE, T0, cause, desk
from tests.fakes import MemoryStore

STORE = MemoryStore()
desk().alert_fired(STORE, cause(), T0)
INCIDENT = STORE.rows[0].incident
URL = "http://127.0.0.1:8440"


@pytest.mark.parametrize("reason", list(NotifyReason))
def test_a_message_begins_with_its_reason(reason: NotifyReason) -> None:
    """Subject and text; Vietnamese first, one English line at the end."""
    words = write(INCIDENT, reason, PROCEDURE, URL)
    vi, en = REASON_WORDS[reason]

    assert words.subject.startswith(f"{vi} · SC26-0001 · S1 ")
    assert words.body.startswith(f"{vi}: ")
    assert words.body.rstrip().splitlines()[-1].startswith(f"{en}: SC26-0001 S1 Critical")


def test_a_page_says_what_where_since_when_until_when_and_how() -> None:
    """Everything a duty officer needs on a telephone."""
    body = write(INCIDENT, NotifyReason.FIRST, PROCEDURE, URL).body

    for part in (
        "Ổ đĩa /var chỉ còn 3 % trống",
        "Mức độ: S1 Đặc biệt nghiêm trọng",
        "Loại: Quá tải, suy giảm hiệu năng",
        "Đơn vị, thiết bị: Văn phòng Tỉnh ủy · may-chu-1",
        "Từ: 23/11/2026 09:00",
        "Hạn tiếp nhận: 23/11/2026 09:05",
        "wanwatch incident ack SC26-0001",
        f"{URL}/incidents/SC26-0001",
        f"Hướng dẫn xử lý: {URL}/runbooks/filesystem-almost-full",
    ):
        assert part in body


def test_a_page_names_no_address_where_none_is_known() -> None:
    """Without a console's address, or without a runbook, there is no half link."""
    assert "runbooks" not in write(INCIDENT, NotifyReason.FIRST, PROCEDURE, "").body
    bare = replace(INCIDENT, runbook="")
    assert "runbooks" not in write(bare, NotifyReason.FIRST, PROCEDURE, URL).body


def test_a_notice_of_recovery_says_that_it_is_not_closed() -> None:
    """Only a person closes."""
    recovered = replace(INCIDENT, recovered_at=T0, acknowledged_at=T0)
    body = write(recovered, NotifyReason.RECOVERED, PROCEDURE, URL).body

    assert "chưa kết thúc" in body
    assert "Hạn tiếp nhận" not in body


@given(st.text(), st.text())
def test_nothing_from_outside_can_add_a_header(summary: str, host: str) -> None:
    """No line break or control character reaches a header, however long the text is."""
    words = write(
        replace(INCIDENT, summary_vi=summary + "\r\nBcc: x@y", host=host),
        NotifyReason.FIRST,
        PROCEDURE,
        URL,
    )
    message = Message(
        1, "mail", "a", "a@b.vn", "page", "first", "S1", "SC26-0001", "id-1", words.subject,
        words.body, T0, 1, True,
    )  # fmt: skip
    head = as_mail(message, "wanwatch@example.vn").split(b"\r\n\r\n", 1)[0]

    assert words.subject.isprintable()
    assert len(words.subject) <= MAX_SUBJECT_CHARACTERS
    assert b"\nBcc" not in head
