"""Links in messages inside the network, by which one person acknowledges one incident once.

The address names the message and proves with a keyed digest that it came out of this service:
`/ack/MESSAGE.PROOF`. Opening it shows a page; only that page's button acts, because mail scanners
open every link. Whose it is and what it is about stands with the message, not in the address.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from typing import TYPE_CHECKING

from incidents.channel import INSIDE
from incidents.outbox import OF_DUTIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidents.outbox import Message

PATH = "/ack/"
PROOF_CHARACTERS = 32  # 128 bits
_OFFERED_VI = "Tiếp nhận ngay, không cần đăng nhập (liên kết riêng của người nhận, dùng một lần):"


class AckLinks:
    """Makes and reads the addresses.

    Args:
        key: At least 32 secret bytes.
        url: Where the console is, without a slash at its end; empty: no links are made.
        may_answer: Name of a recipient, severity → whether their acknowledgement would count.
    """

    def __init__(self, key: bytes, url: str, may_answer: Callable[[str, str], bool]) -> None:
        self._key, self._url, self._may_answer = key, url, may_answer

    def proof(self, message_id: str) -> str:
        """Return what proves that a message came out of this service."""
        digest = hmac.digest(self._key, f"ack\n{message_id}".encode(), hashlib.sha256)
        return digest.hex()[:PROOF_CHARACTERS]

    def message_of(self, token: str) -> str | None:
        """Return the message that an address is about; None: it is not one of ours."""
        message_id, dot, proof = token.rpartition(".")
        if not dot or not hmac.compare_digest(proof.encode(), self.proof(message_id).encode()):
            return None
        return message_id

    def dress(self, message: Message) -> Message:
        """Return a message with its link, where it is a page that its recipient may answer."""
        wanted = message.kind == "page" and message.reason not in OF_DUTIES and message.incident
        if not wanted or not self._url or message.reach != INSIDE:
            return message
        if not self._may_answer(message.recipient, message.severity):
            return message
        token = f"{message.message_id}.{self.proof(message.message_id)}"
        body = f"{message.body.rstrip()}\n\n{_OFFERED_VI}\n{self._url}{PATH}{token}\n"
        return replace(message, body=body)
