"""Asks a collector to let this machine's key report for a unit, with a token from its operator."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.report import SIGNATURE_HEADER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agents.delivery import Answer
    from agents.identity import Identity
    from agents.sender import Poster, Signer

ENROL_PATH = "/api/v1/enrol"


class NotEnrolled(Exception):
    """The collector did not let the key in; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the collector put this machine; until it is approved nobody is alarmed by it."""

    agent: str
    unit: str
    host: str
    kind: str
    is_approved: bool
    doubt: str


def enrol(identity: Identity, poster: Poster, *, token: str, host: str, language: str) -> Place:
    """Ask once and return the place; asking again with the same key changes nothing.

    Args:
        host: What this machine calls itself; the collector decides on the name.
        language: `vi` for the collector's reasons in Vietnamese.

    Raises:
        NotEnrolled: The collector did not answer, or refused.
    """
    said = {"v": 1, "token": token, "public_key": identity.public_key_text, "host": host}
    answer = poster.post(*signed(identity, said))
    if answer.status != 200 or answer.body is None:
        raise NotEnrolled(refusal(answer, language))
    try:
        return _place(answer.body)
    except (KeyError, TypeError) as error:
        raise NotEnrolled(f"the answer is not a collector's ({error}); is the URL right?") from None


def signed(identity: Signer, said: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of a request that this key signs."""
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    signature = base64.b64encode(identity.sign(body)).decode()
    return body, {"Content-Type": "application/json", SIGNATURE_HEADER: signature}


def refusal(answer: Answer, language: str) -> str:
    """Return what an answer that is not a yes says."""
    if answer.status is None:
        return f"{answer.reason}. Nothing was changed; try again when the collector is reachable"
    body = answer.body or {}
    names = ("reason_vi", "reason_en") if language == "vi" else ("reason_en", "reason_vi")
    reason = next((str(body[name]) for name in names if body.get(name)), "")
    return f"{answer.status}: {reason or 'not an answer of a collector; is the URL right?'}"


def _place(body: Mapping[str, Any]) -> Place:
    return Place(
        agent=str(body["agent"]),
        unit=str(body["unit"]),
        host=str(body["host"]),
        kind=str(body["kind"]),
        is_approved=body["approved"] is True,
        doubt=str(body["doubt"]),
    )
