"""One file per channel; each sends once and says whether again would help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.channels.email import EmailSender
from incidents.channels.webhook import WebhookSender

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from incidents.delivery import Channel
    from incidents.paging_policy import PagingPolicy


def build_channels(
    policy: PagingPolicy, *, read_secret: Callable[[str], str], client: httpx.AsyncClient
) -> dict[str, Channel]:
    """Build the channels of a policy by name.

    Args:
        read_secret: Returns what a secret's file holds; may raise to stop the start.
        client: Used by all webhooks; its owner closes it.
    """
    channels: dict[str, Channel] = {}
    for name, channel in policy.channels.items():
        if channel.kind == "email":
            password = read_secret(channel.password_file) if channel.password_file else ""
            channels[name] = EmailSender(channel, password=password)
        else:
            bearer = read_secret(channel.bearer_file) if channel.bearer_file else ""
            channels[name] = WebhookSender(channel.url, client, bearer=bearer)
    return channels
