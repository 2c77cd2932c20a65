"""The mail of a message: what a person reads is what was written, however long and accented."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from incidents.channels.email import as_mail
from incidents.outbox import Message

LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạếềểễệốồổỗộứừửữựĐ0123456789/·-()"
WORDS = st.lists(st.text(LETTERS, min_size=1, max_size=40), min_size=1, max_size=30)


def mail_of(subject: str, *, repeated: bool = False) -> email.message.EmailMessage:
    """Return the mail as its receiver reads it."""
    message = Message(
        id=1,
        channel="mail",
        recipient="Trực ca",
        address="truc@example.vn",
        kind="page",
        reason="first",
        severity="S2",
        incident="SC26-0001",
        message_id="m1",
        subject=subject,
        body="Ổ đĩa gần đầy\nThe disk is nearly full\n",
        created_at=datetime(2026, 11, 23, tzinfo=UTC),
        attempts=1,
        repeated=repeated,
    )
    content = as_mail(message, "wanwatch@example.vn")
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))
    return email.message_from_bytes(content, policy=email.policy.default)  # type: ignore[return-value]


@given(WORDS)
def test_mail_keeps_every_letter_and_space_of_its_subject(words: list[str]) -> None:
    """A long subject with marks is folded and comes out as it went in."""
    subject = " ".join(words)

    assert str(mail_of(subject)["Subject"]) == subject


def test_mail_is_ascii_on_the_wire_and_readable_at_its_end() -> None:
    """The text arrives with its marks, through any mail server."""
    mail = mail_of("MỚI · SC26-0001", repeated=True)

    assert mail.get_content() == "Ổ đĩa gần đầy\nThe disk is nearly full\n"
    assert "lặp lại" in str(mail["Subject"])
    assert mail["X-Wanwatch-Repeated"] == "yes"
    assert mail["Message-ID"] == "<m1@example.vn>"


def test_mail_header_cannot_be_injected() -> None:
    """A line break in a host's name starts no header."""
    mail = mail_of("MỚI\r\nBcc: x@example.vn")

    assert mail["Bcc"] is None
