"""Who is told over which channel, how often, and how hard delivery tries: `channels.yaml`."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr

from incidents.terms import parse_duration
from incidents.yaml_lines import Document, InvalidDocument, load, validate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from incidents.yaml_lines import Problem

Severity = Literal["S1", "S2", "S3", "S4"]
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.\[\]:-]{1,190}")
# How messages travel is of today: an incident keeps whom they go to, and how often.
NOT_KEPT = frozenset({"channels", "delivery"})
# Somebody must be woken for these, once a province names recipients at all.
MUST_BE_TOLD: tuple[Severity, ...] = ("S1", "S2")


def _duration(value: object) -> timedelta:
    return value if isinstance(value, timedelta) else parse_duration(value)


def _one_line(value: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise ValueError("it must be one line without control characters")
    return value


def _is_address(value: str) -> bool:
    return _ADDRESS.fullmatch(value) is not None


def mail_address(value: str) -> str:
    """Return one mail address as it is.

    Raises:
        ValueError: It is none.
    """
    if not _is_address(value):
        raise ValueError("allowed is one mail address, name@host")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Line = Annotated[str, AfterValidator(_one_line)]


class Part(BaseModel):
    """What all parts of the file share: no unknown fields, no changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class EmailChannel(Part):
    """A mail server; the password is in a file of its own."""

    kind: Literal["email"]
    host: Line = Field(min_length=1)
    port: int = Field(default=25, ge=1, le=65535)
    sender: Annotated[str, AfterValidator(mail_address)] = Field(alias="from")
    starttls: bool = False
    user: Line = ""
    password_file: Line = ""


class WebhookChannel(Part):
    """An HTTP receiver; the bearer token is in a file of its own."""

    kind: Literal["webhook"]
    url: Line = Field(pattern=r"^https?://[^\s]+$")
    bearer_file: Line = ""


Channel = Annotated[EmailChannel | WebhookChannel, Field(discriminator="kind")]


class Recipient(Part):
    """Who is told, over one channel, of which severities.

    `role` is the one of the procedure in which deadlines are told to them; `backup`: they stand in
    for whoever holds it.
    """

    name: Line = Field(min_length=1, max_length=100)
    channel: str
    address: Line = ""
    severities: frozenset[Severity] = Field(min_length=1)
    role: Line = ""
    backup: bool = False


class DeliveryPolicy(Part):
    """How hard the outbox tries: pauses double from the first to the longest."""

    attempts: int = Field(default=12, ge=1, le=100)
    first_pause: Duration = timedelta(seconds=5)
    longest_pause: Duration = timedelta(minutes=10)


def _default_repeat() -> dict[Severity, timedelta]:
    return {
        "S1": timedelta(minutes=5),
        "S2": timedelta(minutes=10),
        "S3": timedelta(minutes=30),
        "S4": timedelta(hours=4),
    }


class PagingPolicy(Part):
    """The whole of `channels.yaml`; the empty policy tells nobody."""

    channels: dict[str, Channel] = {}
    recipients: tuple[Recipient, ...] = ()
    repeat: dict[Severity, Duration] = Field(default_factory=_default_repeat)
    acknowledgement_expires: dict[Severity, Duration] = {}
    fired_again_after: Duration = timedelta(minutes=10)
    delivery: DeliveryPolicy = DeliveryPolicy()
    _content: str = PrivateAttr("{}")

    @property
    def content(self) -> str:
        """Who is told of what and how often, as one text; how channels are reached is not in it."""
        return self._content

    @property
    def digest(self) -> str:
        """SHA-256 of `content`: under it the policy is kept."""
        return hashlib.sha256(self._content.encode()).hexdigest()

    def wanting(self, severity: str) -> tuple[Recipient, ...]:
        """Return who is told of a severity."""
        return tuple(r for r in self.recipients if severity in r.severities)


def load_paging_policy(
    text: str, *, file: str, roles: Collection[str] | None = None
) -> PagingPolicy:
    """Read and check `channels.yaml`; `roles` are those of the procedure, None: not checked.

    Raises:
        InvalidDocument: With every mistake, each with file, line and field.
    """
    document = load(text, file=file)
    policy = validate(document, PagingPolicy)
    if problems := [*_contradictions(document, policy), *_unknown_roles(document, policy, roles)]:
        raise InvalidDocument(problems)
    kept = {key: value for key, value in (document.value or {}).items() if key not in NOT_KEPT}
    return _with_content(policy, json.dumps(kept, ensure_ascii=False))


def kept_policy(content: str) -> PagingPolicy:
    """Return a policy from the content that was kept when it came into force.

    Raises:
        InvalidDocument: This program does not understand it any more.
    """
    policy = validate(Document("kept policy", json.loads(content), {}), PagingPolicy)
    return _with_content(policy, content)


def still_usable(kept: PagingPolicy, current: PagingPolicy) -> PagingPolicy:
    """Return a kept policy over the channels of today.

    Who it names over a channel that is gone cannot be told any more; for a severity that nobody is
    left for, those of today are told.
    """
    left = [r for r in kept.recipients if r.channel in current.channels]
    told = {severity for r in left for severity in r.severities}
    new = [r for r in current.recipients if r not in left and r.severities - told]
    changes = {
        "channels": current.channels,
        "recipients": (*left, *new),
        "delivery": current.delivery,
    }
    return _with_content(kept.model_copy(update=changes), kept.content)


def _with_content(policy: PagingPolicy, content: str) -> PagingPolicy:
    policy._content = content
    return policy


def _unknown_roles(
    document: Document, policy: PagingPolicy, roles: Collection[str] | None
) -> Iterator[Problem]:
    for i, recipient in enumerate(policy.recipients):
        if roles is not None and recipient.role and recipient.role not in roles:
            listed = ", ".join(roles)
            yield document.problem(
                ("recipients", i, "role"),
                f"{recipient.role!r} is not a role of the procedure; allowed: {listed}",
                f"{recipient.role!r} không phải vai trò của quy trình; cho phép: {listed}",
            )
        if recipient.backup and not recipient.role:
            yield document.problem(
                ("recipients", i, "backup"),
                "a backup needs the role it stands in for; add `role`",
                "người dự phòng cần có vai trò",
            )


def _contradictions(document: Document, policy: PagingPolicy) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for i, recipient in enumerate(policy.recipients):
        path = ("recipients", i)
        channel = policy.channels.get(recipient.channel)
        if channel is None:
            listed = ", ".join(policy.channels) or "none is defined"
            yield document.problem(
                (*path, "channel"),
                f"{recipient.channel!r} is not defined under channels; allowed: {listed}",
                f"chưa khai báo kênh {recipient.channel!r}; cho phép: {listed}",
            )
        elif channel.kind == "email" and not _is_address(recipient.address):
            yield document.problem(
                (*path, "address"),
                f"{recipient.address!r} given; an e-mail channel needs an address name@host",
                f"{recipient.address!r} không phải địa chỉ thư điện tử",
            )
        if (recipient.name, recipient.channel) in seen:
            yield document.problem(
                (*path, "name"),
                f"{recipient.name!r} is named twice for the channel {recipient.channel!r}",
                f"{recipient.name!r} bị trùng cho kênh {recipient.channel!r}",
            )
        seen.add((recipient.name, recipient.channel))
    yield from _nobody_told(document, policy)
    if policy.delivery.first_pause > policy.delivery.longest_pause:
        yield document.problem(
            ("delivery", "first_pause"), "it must not be longer than longest_pause"
        )


def _nobody_told(document: Document, policy: PagingPolicy) -> Iterator[Problem]:
    for severity in MUST_BE_TOLD if policy.recipients else ():
        if not policy.wanting(severity):
            yield document.problem(
                ("recipients",),
                f"nobody is told of {severity}; add it to the severities of a recipient",
                f"không ai nhận {severity}; cần thêm mức này cho một người nhận",
            )
    for severity in policy.repeat.keys() ^ _default_repeat().keys():
        yield document.problem(
            ("repeat",), f"{severity} is missing; say how often it repeats", f"thiếu {severity}"
        )
