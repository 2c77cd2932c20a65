"""What the parts of a procedure file have in common: names, marks, terms."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from incidents.terms import Term, parse_term

Mark = Literal["rule", "proposed"]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


def _due(value: object) -> object:
    return value if value in (None, "daily", "monthly") else parse_term(value)


def _same_day(value: object) -> object:
    return value if value == "same_day" else parse_term(value)


def _term(value: object) -> object:
    return None if value is None else parse_term(value)


Due = Annotated[Term | Literal["daily", "monthly"] | None, BeforeValidator(_due)]
OptionalTerm = Annotated[Term | None, BeforeValidator(_term)]
SameDayOrTerm = Annotated[Term | Literal["same_day"], BeforeValidator(_same_day)]
RequiredTerm = Annotated[Term, BeforeValidator(parse_term)]


class Part(BaseModel):
    """What all parts of the file share: no unknown fields, no changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Names(Part):
    """A name in both languages."""

    vi: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Marked(Part):
    """A number: of law or our proposal, on which basis, and whether somebody confirmed it."""

    mark: Mark
    basis: str = ""
    confirmed: bool = False
