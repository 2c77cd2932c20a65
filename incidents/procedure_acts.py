"""The parts of a procedure file that say who may do what at the desk, and by which numbers."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from incidents.procedure_parts import Marked, Names, RequiredTerm

# What the table `may` speaks of; one that it leaves out is open to every role that does not only
# read.
Act = Literal[
    "ack",
    "agents",
    "approve_end",
    "audit",
    "classify",
    "contain",
    "custody",
    "dismiss",
    "drill",
    "duty",
    "evidence",
    "export",
    "extend",
    "hours",
    "link",
    "log_ins",
    "lower",
    "maintenance",
    "meet",
    "move",
    "note",
    "oncall",
    "open",
    "pass_on",
    "pause",
    "preserve",
    "quick_close",
    "raise",
    "reload",
    "reopen",
    "report",
    "report_no",
    "report_sign",
    "report_sign_out",
    "report_yes",
    "restrict",
    "retention",
    "return_end",
    "seal",
    "seal_ask",
    "session",
    "session_run",
    "share",
    "silence",
    "task",
    "tell",
    "unit_day",
    "waive",
    "watch",
]
ACTS: tuple[str, ...] = get_args(Act)
# The roles of an act, or the roles by severity.
May = tuple[str, ...] | dict[str, tuple[str, ...]]


class Nature(Names):
    """What kind of thing an incident is.

    Attributes:
        only: The one role that sees and writes incidents of this nature.
        prefix: Of the codes of incidents that open with it: a series of its own shows no gap.
        stays_inside: Nothing of it leaves the desk for a host's own page.
    """

    only: str | None = None
    stays_inside: bool = False
    prefix: str = Field(default="SC", pattern=r"^[A-Z]{2}$")


class Containment(Marked):
    """How long after an emergency isolation its reason may follow."""

    reason_within: RequiredTerm
