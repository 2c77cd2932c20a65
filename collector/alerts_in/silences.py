"""Our silences as Alertmanager's and back: the same thing, whoever made it and with what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from collector.alerts_in.matchers import MAX_MATCHERS, LabelMatcher
from collector.alerts_in.views import instant_text
from collector.alerts_in.wire import BadBody
from collector.storage.mutes import NewMute, read_matchers

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.storage.queries.mutes import MuteRow

# "wanwatch" with the marks of a random UUID: clients want one, and we have numbers.
_PREFIX = "77616e77-6174-4368-8000-"
MAX_CHARACTERS = 500
_LAST_YEAR = 9_000


class Asked(NamedTuple):
    """A silence that somebody asks for; `replaced`: the number of the one it changes."""

    mute: NewMute
    replaced: int | None
    created_by: str


class _Matcher(msgspec.Struct):
    name: str
    value: str
    isRegex: bool  # noqa: N815 - the wire's names
    isEqual: bool = True  # noqa: N815


class _Silence(msgspec.Struct):
    matchers: list[_Matcher]
    startsAt: datetime  # noqa: N815
    endsAt: datetime  # noqa: N815
    createdBy: str  # noqa: N815
    comment: str
    id: str | None = None


_decoder = msgspec.json.Decoder(_Silence)


def id_of(number: int) -> str:
    """Return the id of a silence."""
    return f"{_PREFIX}{number:012x}"


def number_of(silence_id: str) -> int | None:
    """Return the number of a silence; None for an id that is none of ours."""
    digits = silence_id.lower().removeprefix(_PREFIX)
    if digits == silence_id.lower() or len(digits) != 12:
        return None
    try:
        return int(digits, 16)
    except ValueError:
        return None


def read(body: bytes, now: datetime, *, has_unit: Callable[[str], bool], source: str) -> Asked:
    """Return what a body asks for; a start that is past is now.

    Args:
        has_unit: Says whether there is a unit of a code.
        source: Who asks, where it is an outside source: it silences its own alerts alone.

    Raises:
        BadBody: It is no silence.
    """
    try:
        said = _decoder.decode(body)
        if len(said.matchers) > MAX_MATCHERS:
            raise ValueError(f"at most {MAX_MATCHERS} matchers")
        matchers = tuple(_matcher(one) for one in said.matchers)
        starts_at, ends_at = _instant(said.startsAt), _instant(said.endsAt)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise BadBody(f"the body is no silence: {error}") from None
    if all(matcher.matches({}) for matcher in matchers):
        raise BadBody("at least one matcher must not match the empty string")
    rule, unit, rest = _scope(matchers, has_unit)
    created_by = " ".join(said.createdBy.split())[:MAX_CHARACTERS]
    new = NewMute(
        "silence", "", unit, rule, said.comment, created_by if source else "",
        max(starts_at, now), ends_at, "", rest, source,
    )  # fmt: skip
    return Asked(new, number_of(said.id) if said.id else None, created_by)


def shown(row: MuteRow, now: datetime) -> dict[str, Any]:
    """Return a silence as Alertmanager shows it."""
    over_at = row.over_at
    state = "expired" if over_at <= now else "pending" if row.starts_at > now else "active"
    return {
        "id": id_of(row.id),
        "status": {"state": state},
        "updatedAt": instant_text(row.ended_at or row.created_at),
        "comment": row.reason,
        "createdBy": row.owner or row.created_by.removeprefix("person:"),
        "startsAt": instant_text(min(row.starts_at, over_at)),
        "endsAt": instant_text(over_at),
        "matchers": [
            {
                "name": one.name,
                "value": one.value,
                "isRegex": one.operator.endswith("~"),
                "isEqual": not one.operator.startswith("!"),
            }
            for one in matchers_of(row)
        ],
    }


def matchers_of(row: MuteRow) -> tuple[LabelMatcher, ...]:
    """Return what a silence covers, as matchers."""
    named = {"alertname": row.rule, "unit": row.unit, "agent": row.agent}
    scope = (LabelMatcher(name, "=", value) for name, value in named.items() if value)
    return (*scope, *read_matchers(row.matchers))


def _scope(
    matchers: tuple[LabelMatcher, ...], has_unit: Callable[[str], bool]
) -> tuple[str, str, tuple[LabelMatcher, ...]]:
    """Return the rule and the unit that are meant, and the rest: so it reads like one of ours."""
    rule, unit = "", ""
    rest = []
    for one in matchers:
        if one.operator == "=" and one.value and one.name == "alertname" and not rule:
            rule = one.value
        elif one.operator == "=" and one.name == "unit" and not unit and has_unit(one.value):
            unit = one.value
        else:
            rest.append(one)
    return rule, unit, tuple(rest)


def _matcher(said: _Matcher) -> LabelMatcher:
    if not said.name:
        raise ValueError("a matcher has a name")
    equal, regex = ("=", "=~") if said.isEqual else ("!=", "!~")
    return LabelMatcher(said.name, regex if said.isRegex else equal, said.value)  # type: ignore[arg-type]


def _instant(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time has no zone")
    if at.year > _LAST_YEAR or at.year <= 1:
        raise ValueError(f"the year {at.year}")
    return at.astimezone(UTC)
