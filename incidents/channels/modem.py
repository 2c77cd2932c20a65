"""Messages by the public telephone network: a short message, and a call that wakes.

The modem itself is driven by a relay (`wanwatch relay`), here or on another machine.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field

from incidents.channel import PUBLIC, ChannelKind, ChannelSettings, Means
from incidents.http_attempt import attempt, be_quiet, client_for, may_pass, read
from incidents.messages import REPEATED_VI, one_line
from incidents.modem import address as numbers
from incidents.outbox import DeliveryError, Message
from incidents.policy_parts import Line, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

# A call that rings, and then this message in four parts at 5 s each; asked again it goes on.
LIMIT_SECONDS = 45.0
AT_ONCE = 4
PATH = "/v1/messages"
MAX_REASON_CHARACTERS = 160
# Notices, digests and answers ring nobody.
_RINGING = frozenset({"page", "test"})


def _number(value: str) -> str:
    if value and (problem := numbers.problem_of(value)) is not None:
        raise ValueError(problem[0])
    return value


class ModemChannel(ChannelSettings):
    """A relay beside a modem; its token is in a file of its own.

    Attributes:
        voice: Pages of these severities ring as well.
        own_number: Of the card in the modem: the daily test goes to it and must come in again.
        ca_file: The only authority that is trusted for the relay.
    """

    kind: Literal["modem"]
    reach: Literal["public"] = "public"
    url: Line = Field(pattern=r"^https?://[^\s/]+/?$")
    token_file: Line = Field(min_length=1)
    ca_file: Line = ""
    voice: frozenset[Severity] = frozenset({"S1", "S2"})
    own_number: Annotated[Line, AfterValidator(_number)] = ""

    @property
    def waits_for_findings(self) -> bool:
        """Say that a first page waits for what is found out meanwhile."""
        return True

    @property
    def test_comes_back(self) -> bool:
        """Say that the daily test makes the whole way: out, through the network, and in."""
        return bool(self.own_number)

    def tested_at(self) -> str | None:
        """Return where the daily test goes: to the modem itself, where its number is known."""
        return self.own_number or super().tested_at()

    def problem_of(self, address: str) -> tuple[str, str] | None:
        """Refuse what cannot be called."""
        return numbers.problem_of(address)


class ModemSender:
    """Hands messages to one relay, which sends none twice."""

    at_once = AT_ONCE
    reach = PUBLIC

    def __init__(
        self,
        channel: ModemChannel,
        client: httpx.AsyncClient,
        *,
        token: str,
        limit_seconds: float = LIMIT_SECONDS,
    ) -> None:
        self._channel, self._client, self._token = channel, client, token
        self.limit_seconds = limit_seconds
        be_quiet()

    async def send(self, message: Message) -> str:
        """Hand over once; return how many parts left and how strong the signal is.

        Raises:
            DeliveryError: The relay, the modem or the network did not take it, or may have.
        """
        async with (
            attempt("modem", self.limit_seconds),
            client_for(self._client, self._channel.ca_file) as client,
            client.stream(
                "POST",
                self._channel.url.rstrip("/") + PATH,
                json=payload(message, self._channel.voice),
                headers={"Authorization": f"Bearer {self._token}"},
                timeout=self.limit_seconds,
                follow_redirects=False,
            ) as response,
        ):
            status, body = response.status_code, _as_object(await read(response))
        if not 200 <= status < 300:
            raise _refused(status, body)
        return receipt_of(body)


def payload(message: Message, voice: frozenset[Severity]) -> Mapping[str, Any]:
    """Return what the relay is asked: the words, and whether it rings."""
    repeated = f"({REPEATED_VI}) " if message.repeated else ""
    return {
        "id": message.message_id,
        "number": message.address,
        "text": repeated + one_line(message.body or message.subject),
        "voice": message.kind in _RINGING and message.severity in voice,
        "severity": message.severity,
    }


def receipt_of(body: Mapping[str, Any]) -> str:
    """Return what a relay says of a message, in one line: parts, signal, telephone, call."""
    modem, parts = body.get("modem"), body.get("parts", "?")
    dbm = modem.get("signal_dbm") if isinstance(modem, dict) else None
    said = [f"{body.get('sent', '?')}/{parts} parts"]
    said += [f"{dbm} dBm"] if isinstance(dbm, int) else []
    said += [f"delivered {body['delivered']}/{parts}"] if body.get("delivered") else []
    if voice := str(body.get("voice") or ""):
        seconds = body.get("voice_seconds") or 0
        said.append(f"call {voice}" + (f" after {seconds:g} s" if seconds else ""))
    return ", ".join(said)


def _as_object(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _refused(status: int, body: Mapping[str, Any]) -> DeliveryError:
    """The relay knows best whether again helps; who stands before it says it by the status."""
    why = one_line(str(body.get("reason", "")))[:MAX_REASON_CHARACTERS]
    retryable = body.get("retryable")
    return DeliveryError(
        f"modem: HTTP {status}{': ' if why else ''}{why}",
        retryable=retryable if isinstance(retryable, bool) else may_pass(status),
        ambiguous=body.get("ambiguous") is True,
    )


def _build(channel: ModemChannel, means: Means) -> ModemSender:
    return ModemSender(channel, means.client, token=means.secret(channel.token_file))


MODEM = ChannelKind(ModemChannel, _build)
