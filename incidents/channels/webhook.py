"""Messages by HTTP: one JSON POST each, with the message's identifier as Idempotency-Key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from incidents.channel import INSIDE, PUBLIC, ChannelKind, ChannelSettings, Means, Reach
from incidents.http_attempt import attempt, be_quiet, may_pass
from incidents.messages import repeated_subject
from incidents.outbox import DeliveryError, Message
from incidents.policy_parts import Line

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

LIMIT_SECONDS = 10.0
AT_ONCE = 4


class WebhookChannel(ChannelSettings):
    """An HTTP receiver; the bearer token is in a file of its own."""

    kind: Literal["webhook"]
    url: Line = Field(pattern=r"^https?://[^\s]+$")
    bearer_file: Line = ""


class WebhookSender:
    """Posts to one receiver; error texts never hold its address: that is a secret."""

    at_once = AT_ONCE

    def __init__(
        self,
        url: str,
        client: httpx.AsyncClient,
        *,
        bearer: str,
        reach: Reach = INSIDE,
        limit_seconds: float = LIMIT_SECONDS,
    ) -> None:
        self._url = url
        self._client = client
        self._bearer = bearer
        self.reach = reach
        self.limit_seconds = limit_seconds
        be_quiet()

    async def send(self, message: Message) -> str:
        """Post once; return the answer's status.

        Raises:
            DeliveryError: The answer was no 2xx (5xx, 408, 425, 429 may pass later, and a
                credential may be put right), or none came.
        """
        async with attempt("webhook", self.limit_seconds):
            status = await self._post(message)
        if not 200 <= status < 300:
            raise DeliveryError(f"webhook: HTTP {status}", retryable=may_pass(status))
        return f"HTTP {status}"

    async def _post(self, message: Message) -> int:
        """Return the answer's status; its body is not read."""
        headers = {"Idempotency-Key": message.message_id}
        if self._bearer:
            headers["Authorization"] = f"Bearer {self._bearer}"
        request = self._client.stream(
            "POST",
            self._url,
            json=payload(message),
            headers=headers,
            timeout=self.limit_seconds,
            follow_redirects=False,
        )
        async with request as response:
            return response.status_code


def payload(message: Message) -> Mapping[str, Any]:
    """Return the body of the POST; on a public channel its words alone, nothing beside them."""
    subject = repeated_subject(message.subject) if message.repeated else message.subject
    if message.reach == PUBLIC:
        return {
            "id": message.message_id,
            "subject": subject,
            "text": message.body,
            "created_at": message.created_at.isoformat(),
            "repeated": message.repeated,
        }
    return {
        "id": message.message_id,
        "kind": message.kind,
        "reason": message.reason,
        "incident": message.incident,
        "severity": message.severity,
        "recipient": message.recipient,
        "subject": subject,
        "text": message.body,
        "created_at": message.created_at.isoformat(),
        "repeated": message.repeated,
    }


def _build(channel: WebhookChannel, means: Means) -> WebhookSender:
    return WebhookSender(
        channel.url, means.client, bearer=means.secret(channel.bearer_file), reach=channel.reach
    )


WEBHOOK = ChannelKind(WebhookChannel, _build)
