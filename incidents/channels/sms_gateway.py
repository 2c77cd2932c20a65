"""Short messages through somebody else's gateway that speaks HTTP, as its manual wants it asked."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import quote

from pydantic import AfterValidator, Field, model_validator

from incidents.channel import PUBLIC, ChannelKind, ChannelSettings, Means
from incidents.http_attempt import attempt, be_quiet, client_for, may_pass, read
from incidents.messages import REPEATED_VI, one_line
from incidents.modem import address as numbers
from incidents.modem import gsm7
from incidents.outbox import DeliveryError, Message
from incidents.phone_numbers import COUNTRY
from incidents.policy_parts import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx

LIMIT_SECONDS = 20.0
AT_ONCE = 4
_PLACE = re.compile(r"\{([^{}]*)\}")
_SAID = frozenset({"number", "text", "id"})
_SECRET = "secret."  # noqa: S105 - how a template names one


def _template(value: str) -> str:
    unknown = [n for n in _PLACE.findall(value) if n not in _SAID and not n.startswith(_SECRET)]
    if unknown:
        raise ValueError(
            f"{{{unknown[0]}}} is unknown; allowed are {{number}}, {{text}}, {{id}} and "
            "{secret.NAME}"
        )
    return value


Template = Annotated[Line, AfterValidator(_template)]


class SmsGatewayChannel(ChannelSettings):
    """How one gateway is asked; in every value {number}, {text}, {id} and {secret.NAME} are filled.

    Attributes:
        form, json: What the body holds: one of both, or neither where the address says it all.
        secrets: Files by the name under which values mention what they hold.
        number_as: `e164` +84912345678, `digits` 84912345678, `national` 0912345678.
        success_field: A field of the answer's JSON, a.b.c, that must be `success_value`.
    """

    kind: Literal["sms_gateway"]
    reach: Literal["public"] = "public"
    url: Template = Field(pattern=r"^https?://[^\s]+$")
    method: Literal["GET", "POST", "PUT"] = "POST"
    headers: dict[Line, Template] = Field(default_factory=dict)
    form: dict[Line, Template] = Field(default_factory=dict)
    body: dict[Line, Any] = Field(default_factory=dict, alias="json")
    secrets: dict[Line, Line] = Field(default_factory=dict)
    number_as: Literal["e164", "digits", "national"] = "e164"
    strip_marks: bool = False
    success_statuses: frozenset[int] = frozenset(range(200, 300))
    success_field: Line = ""
    success_value: Line = ""
    ca_file: Line = ""

    @property
    def waits_for_findings(self) -> bool:
        """Say that a first page waits for what is found out meanwhile."""
        return True

    @model_validator(mode="after")
    def _can_be_asked(self) -> SmsGatewayChannel:
        if self.form and self.body:
            raise ValueError("form and json exclude each other: keep one")
        if self.method == "GET" and (self.form or self.body):
            raise ValueError("a GET has no body: put {number} and {text} into url")
        if self.success_value and not self.success_field:
            raise ValueError("success_value needs success_field: whose value is it?")
        named = set(_names_in([self.url, self.headers, self.form, self.body]))
        if missing := sorted({"number", "text"} - named):
            raise ValueError(f"{{{missing[0]}}} stands nowhere in url, form or json")
        wanted = {n.removeprefix(_SECRET) for n in named if n.startswith(_SECRET)}
        if unknown := sorted(wanted - self.secrets.keys()):
            raise ValueError(f"{{secret.{unknown[0]}}}: no file of this name under secrets")
        for name in named - _SAID:
            _template(f"{{{name}}}")
        return self

    def problem_of(self, address: str) -> tuple[str, str] | None:
        """Refuse what cannot be called."""
        return numbers.problem_of(address)


class SmsGatewaySender:
    """Asks one gateway; error texts hold neither its address nor what it was asked."""

    at_once = AT_ONCE
    reach = PUBLIC

    def __init__(
        self,
        channel: SmsGatewayChannel,
        client: httpx.AsyncClient,
        *,
        secrets: Mapping[str, str],
        limit_seconds: float = LIMIT_SECONDS,
    ) -> None:
        self._channel, self._client = channel, client
        self._secrets = {_SECRET + name: value for name, value in secrets.items()}
        self.limit_seconds = limit_seconds
        be_quiet()

    async def send(self, message: Message) -> str:
        """Ask once; return the answer's status.

        Raises:
            DeliveryError: The answer is no success (5xx, 401, 403, 408, 425, 429 may pass later, a
                wrong field may, too), or none came.
        """
        channel = self._channel
        async with (
            attempt("sms_gateway", self.limit_seconds),
            client_for(self._client, channel.ca_file) as client,
            client.stream(
                channel.method,
                timeout=self.limit_seconds,
                follow_redirects=False,
                **request(channel, message, self._secrets),
            ) as response,
        ):
            status, body = response.status_code, await read(response)
        if status not in channel.success_statuses:
            raise DeliveryError(f"sms_gateway: HTTP {status}", retryable=may_pass(status))
        if channel.success_field and not is_success(channel, body):
            reason = f"sms_gateway: HTTP {status}, but {channel.success_field} is not as it must be"
            raise DeliveryError(reason, retryable=True)
        return f"HTTP {status}"


def request(
    channel: SmsGatewayChannel, message: Message, secrets: Mapping[str, str]
) -> dict[str, Any]:
    """Return what is asked: address, headers, and the form or JSON."""
    repeated = f"({REPEATED_VI}) " if message.repeated else ""
    text = repeated + one_line(message.body or message.subject)
    said = {
        "number": _number(channel, message.address),
        "text": gsm7.without_marks(text) if channel.strip_marks else text,
        "id": message.message_id,
        **secrets,
    }
    asked: dict[str, Any] = {
        "url": _filled(channel.url, said, lambda value: quote(value, safe="")),
        "headers": {name: _filled(value, said) for name, value in channel.headers.items()},
    }
    if channel.form:
        asked["data"] = {name: _filled(value, said) for name, value in channel.form.items()}
    if channel.body:
        asked["json"] = _filled_all(channel.body, said)
    return asked


def is_success(channel: SmsGatewayChannel, body: bytes) -> bool:
    """Say whether the field of an answer says that the message was taken."""
    try:
        value: Any = json.loads(body)
        for step in channel.success_field.split("."):
            value = value[int(step)] if isinstance(value, list) else value[step]
    except (ValueError, KeyError, TypeError, IndexError):
        return False
    said = json.dumps(value) if isinstance(value, bool | int | float) else str(value)
    return said == channel.success_value if channel.success_value else bool(value)


def _number(channel: SmsGatewayChannel, address: str) -> str:
    number = numbers.normal(address)
    if channel.number_as == "digits":
        return number.removeprefix("+")
    if channel.number_as == "national" and number.startswith(f"+{COUNTRY}"):
        return "0" + number.removeprefix(f"+{COUNTRY}")
    return number


def _filled(
    template: str, said: Mapping[str, str], written: Callable[[str], str] = lambda value: value
) -> str:
    return _PLACE.sub(lambda found: written(said[found[1]]), template)


def _filled_all(value: Any, said: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _filled(value, said)
    if isinstance(value, dict):
        return {name: _filled_all(inner, said) for name, inner in value.items()}
    return [_filled_all(inner, said) for inner in value] if isinstance(value, list) else value


def _names_in(value: Any) -> list[str]:
    if isinstance(value, str):
        return _PLACE.findall(value)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [name for part in inner for name in _names_in(part)]


def _build(channel: SmsGatewayChannel, means: Means) -> SmsGatewaySender:
    secrets = {name: means.secret(path) for name, path in channel.secrets.items()}
    return SmsGatewaySender(channel, means.client, secrets=secrets)


SMS_GATEWAY = ChannelKind(SmsGatewayChannel, _build)
