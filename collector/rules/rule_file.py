"""The form of `rules/*.yaml`: which fields a rule has and what each may hold."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from collector.rules.expression import parse_duration, parse_value
from collector.rules.rules import Cause, HostKind, Outcome
from collector.wording import placeholders
from incidents.public_words import is_sayable


def _value(text: str) -> str:
    parse_value(text)
    return text


def _duration(text: str) -> str:
    parse_duration(text)
    return text


def _template(text: str) -> str:
    placeholders(text)
    return text


def _sayable(text: str) -> str:
    if not is_sayable(text):
        raise ValueError("it leaves the network: no address, host or account")
    return text


Duration = Annotated[str, AfterValidator(_duration)]
Template = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_template)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class Part(BaseModel):
    """A part of the file: unknown fields are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Limit(Part):
    """One of `above` and `below`; a value equal to it has reached it."""

    above: Number | None = None
    below: Number | None = None


class Outcomes(Part):
    """What an alert becomes, by severity."""

    warning: Outcome | None = None
    critical: Outcome | None = None


class Summary(Part):
    """The sentence of an alert in both languages, with `{name}` placeholders."""

    vi: Template
    en: Template


class FlappingPart(Part):
    """When an alert counts as flapping, and how long it must be quiet to end."""

    changes: Annotated[int, Field(ge=3, le=100)] = 5
    within: Duration = "30m"
    quiet_for: Duration = "10m"


class TightPart(Part):
    """What of a rule is another while what it is about lies in the path of a live session.

    A threshold that is left out is the rule's own; with a tighter `critical` a `warning` that does
    not lie before it any more is none.
    """

    for_: Duration = Field("0s", alias="for")
    warning: Limit | None = None
    critical: Limit | None = None


class RulePart(Part):
    """One rule."""

    name: Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9]{2,79}$")]
    value: Annotated[str, AfterValidator(_value)]
    where: dict[str, str] = {}
    kinds: list[HostKind] = []
    warning: Limit | None = None
    critical: Limit | None = None
    for_: Duration = Field("0s", alias="for")
    clear: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    keep_firing_for: Duration = "0s"
    outcome: Outcomes = Outcomes()
    class_: Annotated[str, Field(alias="class", pattern=r"^[a-z][a-z0-9_]*$")]
    impact: Literal["I1", "I2", "I3", "I4"] | None = None
    scope: Literal["P1", "P2", "P3", "P4"] | None = None
    cause: Cause = "host"
    runbook: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    summary: Summary
    checked: Annotated[str, Field(max_length=60), AfterValidator(_sayable)] = ""
    flapping: FlappingPart = FlappingPart()
    in_session: TightPart | None = None


class RulesFile(Part):
    """A whole file: rules, and the names of shipped rules that are switched off."""

    rules: list[RulePart] = []
    off: list[str] = []
