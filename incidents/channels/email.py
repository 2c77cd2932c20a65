"""Messages by e-mail: one SMTP conversation each; mails of one incident form one thread."""

from __future__ import annotations

import asyncio
import contextlib
import re
from email.charset import BASE64, SHORTEST, Charset
from email.encoders import encode_base64
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime
from typing import Annotated, Literal

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPResponseException,
)
from pydantic import AfterValidator, Field

from incidents.channel import PUBLIC, ChannelKind, ChannelSettings, Means
from incidents.messages import one_line, repeated_subject
from incidents.outbox import DeliveryError, Message
from incidents.policy_parts import Line

LIMIT_SECONDS = 10.0
AT_ONCE = 4
_LEAVE_SECONDS = 1.0
# Of our own: the one in the library's table is anybody's to change, and some library does.
_UTF8 = Charset("utf-8")
_UTF8.header_encoding, _UTF8.body_encoding = SHORTEST, BASE64
# The older policy: the newer one loses spaces and letters when it folds a long subject with marks.
_POLICY = compat32.clone(linesep="\r\n")


_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.\[\]:-]{1,190}")


def _address(value: str) -> str:
    if _ADDRESS.fullmatch(value) is None:
        raise ValueError("allowed is one mail address, name@host")
    return value


class EmailChannel(ChannelSettings):
    """A mail server; the password is in a file of its own."""

    kind: Literal["email"]
    host: Line = Field(min_length=1)
    port: int = Field(default=25, ge=1, le=65535)
    sender: Annotated[str, AfterValidator(_address)] = Field(alias="from")
    starttls: bool = False
    user: Line = ""
    password_file: Line = ""

    def tested_at(self) -> str | None:
        """Return where the daily test goes: to the sender's own mailbox unless somebody says."""
        return self.test_to or self.sender

    def problem_of(self, address: str) -> tuple[str, str] | None:
        """Refuse what is no mail address."""
        if _ADDRESS.fullmatch(address) is not None:
            return None
        return (
            f"{address!r} given; an e-mail channel needs an address name@host",
            f"{address!r} không phải địa chỉ thư điện tử",
        )


class EmailSender:
    """Hands messages to one mail server."""

    at_once = AT_ONCE

    def __init__(
        self, channel: EmailChannel, *, password: str, limit_seconds: float = LIMIT_SECONDS
    ) -> None:
        self._channel = channel
        self._password = password
        self.limit_seconds = limit_seconds
        self.reach = channel.reach
        self._domain = channel.sender.rpartition("@")[2]

    async def send(self, message: Message) -> str:
        """Send once; return what the server answered to the text.

        Raises:
            DeliveryError: Not accepted (the server's number says whether again would help), or
                perhaps accepted: the connection was lost after the text had gone out.
        """
        text_sent = False
        client = SMTP(
            hostname=self._channel.host,
            port=self._channel.port,
            timeout=self.limit_seconds,
            start_tls=self._channel.starttls,
            local_hostname=self._domain,
        )
        try:
            async with asyncio.timeout(self.limit_seconds):
                await client.connect()
                if self._channel.user:
                    await client.login(self._channel.user, self._password)
                await client.mail(self._channel.sender)
                await client.rcpt(message.address)
                text_sent = True
                answer = await client.data(as_mail(message, self._channel.sender))
            await _leave(client)
            return one_line(f"{answer.code} {answer.message}")
        except SMTPResponseException as error:
            raise _refused(error) from error
        except (SMTPException, OSError, TimeoutError) as error:
            reason = f"SMTP: {type(error).__name__} after {'' if text_sent else 'no '}text was sent"
            raise DeliveryError(reason, retryable=True, ambiguous=text_sent) from error
        finally:
            client.close()


async def _leave(client: SMTP) -> None:
    """Say good-bye; the message is accepted whatever the server answers."""
    with contextlib.suppress(SMTPException, OSError, TimeoutError):
        async with asyncio.timeout(_LEAVE_SECONDS):
            await client.quit()


def as_mail(message: Message, sender: str) -> bytes:
    """Return the mail of a message; the same message always gives the same mail identifier.

    Source: RFC 5322 (header fields), RFC 2047 (the subject's encoding), RFC 3834 (Auto-Submitted).
    """
    domain = sender.rpartition("@")[2]
    subject = repeated_subject(message.subject) if message.repeated else message.subject
    thread = f"<incident-{message.incident}@{domain}>"
    mail = _content(message)
    mail["From"] = sender
    mail["To"] = message.address
    mail["Subject"] = Header(one_line(subject), _UTF8, header_name="Subject").encode()
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = f"<{message.message_id}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    if message.incident:
        mail["In-Reply-To"] = thread
        mail["References"] = thread
        mail["X-Wanwatch-Incident"] = message.incident
    if message.reach != PUBLIC:
        mail["X-Wanwatch-Severity"] = message.severity
        mail["X-Wanwatch-Reason"] = message.reason
    if message.repeated:
        mail["X-Wanwatch-Repeated"] = "yes"
    return mail.as_bytes(policy=_POLICY)


def _content(message: Message) -> MIMEBase:
    """Return the text, and the files behind it where there are any. Source: RFC 2046, RFC 2231."""
    text = MIMEText(message.body, "plain", _UTF8)  # type: ignore[arg-type]
    if not message.files:
        return text
    whole = MIMEMultipart("mixed")
    whole.attach(text)
    for file in message.files:
        kind, _, subtype = file.media_type.partition("/")
        part = MIMEBase(kind, subtype)
        part.set_payload(file.content)
        encode_base64(part)
        part.add_header("Content-Disposition", "attachment", filename=file.name)
        whole.attach(part)
    return whole


def _refused(error: SMTPResponseException) -> DeliveryError:
    """A 4xx may pass later; a 5xx will not, except a log-in that an operator can correct."""
    again = error.code < 500 or isinstance(error, SMTPAuthenticationError)
    reason = f"SMTP: {type(error).__name__} with code {error.code}"
    return DeliveryError(reason, retryable=again)


def _build(channel: EmailChannel, means: Means) -> EmailSender:
    return EmailSender(channel, password=means.secret(channel.password_file))


EMAIL = ChannelKind(EmailChannel, _build)
