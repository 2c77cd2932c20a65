"""The parts of a procedure file that say who may do what at the desk, and by which numbers."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from incidents.terms import Term, parse_term

# What the table `may` speaks of; one that it leaves out is open to every role.
Act = Literal[
    "ack",
    "approve_end",
    "classify",
    "contain",
    "dismiss",
    "drill",
    "link",
    "lower",
    "move",
    "note",
    "open",
    "pause",
    "preserve",
    "quick_close",
    "raise",
    "reopen",
    "report_no",
    "report_yes",
    "restrict",
    "return_end",
    "share",
    "task",
    "tell",
]
ACTS: tuple[str, ...] = get_args(Act)
# The roles of an act, or the roles by severity.
May = tuple[str, ...] | dict[str, tuple[str, ...]]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Nature(_Part):
    """What kind of thing an incident is.

    Attributes:
        only: The one role that sees and writes incidents of this nature.
        prefix: Of the codes of incidents that open with it: a series of its own shows no gap.
    """

    vi: str = Field(min_length=1)
    en: str = Field(min_length=1)
    only: str | None = None
    prefix: str = Field(default="SC", pattern=r"^[A-Z]{2}$")


class Reporting(_Part):
    """What counts while nobody has decided on reporting: severity → grounds.

    Attributes:
        decide_by: The deadline at which an open decision counts as yes.
    """

    mark: Literal["rule", "proposed"]
    decide_by: str
    undecided: dict[str, tuple[str, ...]] = {}


class Containment(_Part):
    """How long after an emergency isolation its reason may follow."""

    mark: Literal["rule", "proposed"]
    reason_within: Annotated[Term, BeforeValidator(parse_term)]
