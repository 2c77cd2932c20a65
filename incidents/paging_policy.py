"""Who is told over which channel, how often, and how hard delivery tries: `channels.yaml`."""

from __future__ import annotations

import hashlib
import json
from datetime import time, timedelta
from functools import cache, reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, PrivateAttr, SerializeAsAny, create_model

from incidents.channel import PUBLIC, ChannelSettings
from incidents.governor import StormPolicy
from incidents.policy_parts import Duration, Line, Severity, TimeOfDay
from incidents.procedure_parts import Part
from incidents.quiet import QuietHours
from incidents.yaml_lines import Document, InvalidDocument, load, validate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from incidents.channel import Reach
    from incidents.yaml_lines import Problem

# How messages travel is of today: an incident keeps whom they go to, and how often.
NOT_KEPT = frozenset({"channels", "delivery", "storm", "quiet", "daily_test"})
# Somebody must be woken for these, once a province names recipients at all.
MUST_BE_TOLD: tuple[Severity, ...] = ("S1", "S2")


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


class DailyTest(Part):
    """When every channel is tested, once a day: at an hour at which somebody can mend it."""

    at: TimeOfDay = time(8, 30)


def _default_repeat() -> dict[Severity, timedelta]:
    return {
        "S1": timedelta(minutes=5),
        "S2": timedelta(minutes=10),
        "S3": timedelta(minutes=30),
        "S4": timedelta(hours=4),
    }


class PagingPolicy(Part):
    """The whole of `channels.yaml`; the empty policy tells nobody."""

    channels: dict[str, SerializeAsAny[ChannelSettings]] = Field(default_factory=dict)
    recipients: tuple[Recipient, ...] = ()
    repeat: dict[Severity, Duration] = Field(default_factory=_default_repeat)
    acknowledgement_expires: dict[Severity, Duration] = Field(default_factory=dict)
    fired_again_after: Duration = timedelta(minutes=10)
    delivery: DeliveryPolicy = DeliveryPolicy()
    storm: StormPolicy = StormPolicy()
    quiet: QuietHours | None = QuietHours()
    daily_test: DailyTest | None = DailyTest()
    _content: str = PrivateAttr("{}")

    @property
    def content(self) -> str:
        """Who is told of what and how often, as one text; how channels are reached is not in it."""
        return self._content

    @property
    def digest(self) -> str:
        """SHA-256 of `content`: under it the policy is kept."""
        return hashlib.sha256(self._content.encode()).hexdigest()

    def reach_of(self, channel: str) -> Reach:
        """Say whether what a channel sends leaves the network; one that is unknown might."""
        settings = self.channels.get(channel)
        return PUBLIC if settings is None else settings.reach

    def wanting(self, severity: str) -> tuple[Recipient, ...]:
        """Return who is told of a severity."""
        return tuple(r for r in self.recipients if severity in r.severities)


def load_paging_policy(
    text: str,
    *,
    file: str,
    kinds: tuple[type[ChannelSettings], ...],
    roles: Collection[str] | None = None,
) -> PagingPolicy:
    """Read and check `channels.yaml`.

    Args:
        kinds: What may be said of a channel of each kind; at least two.
        roles: Those of the procedure; None: not checked.

    Raises:
        InvalidDocument: With every mistake, each with file, line and field.
    """
    document = load(text, file=file)
    policy = validate(document, _with_kinds(kinds))
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
        "storm": current.storm,
        "quiet": current.quiet,
        "daily_test": current.daily_test,
    }
    return _with_content(kept.model_copy(update=changes), kept.content)


def _with_content(policy: PagingPolicy, content: str) -> PagingPolicy:
    policy._content = content
    return policy


@cache
def _with_kinds(kinds: tuple[type[ChannelSettings], ...]) -> type[PagingPolicy]:
    """Return the policy as a model that reads channels of these kinds."""
    any_of: Any = reduce(or_, kinds)
    channels: Any = (dict[str, Annotated[any_of, Field(discriminator="kind")]], {})
    return create_model("PagingPolicy", __base__=PagingPolicy, channels=channels)


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
        elif (problem := channel.problem_of(recipient.address)) is not None:
            yield document.problem((*path, "address"), *problem)
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
