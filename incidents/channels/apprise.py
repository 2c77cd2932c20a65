"""Messages over whatever Apprise speaks; off until an administrator lists a destination.

Everything that leaves this way is public. A destination's address is a secret: it stands in a file
of its own. The library is optional: `pip install wanwatch[apprise]`.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Literal

from pydantic import Field

from incidents.channel import PUBLIC, ChannelKind, ChannelSettings, Means
from incidents.messages import repeated_subject
from incidents.outbox import DeliveryError, Message
from incidents.policy_parts import Line

LIMIT_SECONDS = 20.0
_KIND = {"S1": "failure", "S2": "failure", "S3": "warning", "S4": "warning"}


class AppriseChannel(ChannelSettings):
    """One destination; its address is in a file of its own."""

    kind: Literal["apprise"]
    reach: Literal["public"] = "public"
    url_file: Line = Field(min_length=1)


class AppriseSender:
    """Hands messages to one destination; what fails names neither it nor its secrets."""

    at_once = 1
    reach = PUBLIC

    def __init__(self, url: str, *, limit_seconds: float = LIMIT_SECONDS) -> None:
        """Open the destination.

        Raises:
            OSError: The library is missing, or does not know such an address.
        """
        # The library and what its plug-ins use log addresses with their secrets.
        for library in ("apprise", "urllib3", "requests"):
            logging.getLogger(library).setLevel(logging.CRITICAL)
        self.limit_seconds = limit_seconds
        self._notifier = _opened(url)

    async def send(self, message: Message) -> str:
        """Send once.

        Raises:
            DeliveryError: It was not accepted, or nobody knows.
        """
        subject = repeated_subject(message.subject) if message.repeated else message.subject
        kind = _KIND.get(message.severity, "info") if message.incident else "info"
        try:
            async with asyncio.timeout(self.limit_seconds):
                accepted = await self._notifier.async_notify(
                    body=message.body, title=subject, notify_type=kind
                )
        except TimeoutError:
            raise DeliveryError("apprise: TimeoutError", retryable=True, ambiguous=True) from None
        except Exception as error:  # noqa: BLE001 - whatever a plug-in raises may hold the address
            reason = f"apprise: {type(error).__name__}"
            raise DeliveryError(reason, retryable=True, ambiguous=True) from None
        if not accepted:
            raise DeliveryError("apprise: not accepted", retryable=True, ambiguous=True)
        return "accepted"


def _opened(url: str) -> Any:
    try:
        import apprise
    except ImportError as error:
        raise OSError("an apprise channel needs: pip install 'wanwatch[apprise]'") from error
    notifier = apprise.Apprise()
    if not url or not notifier.add(url):
        raise OSError("the url_file of an apprise channel holds no address that it knows")
    return notifier


def _build(channel: AppriseChannel, means: Means) -> AppriseSender:
    return AppriseSender(means.secret(channel.url_file))


APPRISE = ChannelKind(AppriseChannel, _build)
